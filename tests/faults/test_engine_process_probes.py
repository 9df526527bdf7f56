"""What looks before a run holds against whatever the process that looks does, and says so in one sentence."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.case import Case, Effects, Resolution, Settings
from engine.changes.registry import all_changes
from engine.changes.survey import SurveyError, survey_changes
from engine.doctor.ask import list_devices
from engine.doctor.devices import Library, NvidiaDevice
from engine.jobs.requests import Job
from engine.messages import (
    ChangesMessage,
    ChangeStatus,
    DevicesMessage,
    FinishedMessage,
    Message,
    SceneMessage,
    Stage,
    StageMessage,
)
from engine.preflight import BackendStatus, check_scenes, probe_backends
from engine.process.launcher import EngineProcess
from tests.engine.conftest import TwinLauncher, _no_engine_process_left  # noqa: F401
from tests.faults.test_engine_process_order import READY, Told

LIMIT_S = 5.0
SPARE_S = 5.0
FINISHED = FinishedMessage(drawn=None)
REASONS = {
    "raise": "RuntimeError: the driver is in a bad mood",
    "kill": "was killed by SIGKILL",
    "exit": "exited with code 0 too early",
    "flood": "sent more messages than anybody could read",
    "no_message": "sent bytes that are no message",
    "wrong_type": "sent bytes that are no message",
    "pickle": "sent bytes that are no message",
    "claim_gigabytes": "sent bytes that are no message",
    "close_pipe": "closed the pipe by which it is heard",
    "leave_fork": "exited with code 0 too early",
    "allocate": "main memory ran out",
    "hang_deaf": "it did not answer within 5 s while it opened the renderer",
    "hang_in_message": "it did not answer within 5 s while it opened the renderer",
    "print_endlessly": "it did not answer within 5 s while it opened the renderer",
}


@pytest.fixture(scope="module")
def statuses() -> dict[str, tuple[BackendStatus, float]]:
    """What is said of each twin that misbehaves while it opens, and how long that took."""

    def probe(fault: str) -> tuple[BackendStatus, float]:
        began = time.monotonic()
        found = probe_backends(["misbehaving"], TwinLauncher(fault=fault, at="open"), LIMIT_S)
        return found["misbehaving"], time.monotonic() - began

    with ThreadPoolExecutor(6) as pool:
        return dict(zip(REASONS, pool.map(probe, REASONS), strict=True))


@pytest.mark.parametrize("fault", REASONS)
def test_a_probe_says_what_happened_within_its_limit(statuses, fault: str) -> None:
    status, took_s = statuses[fault]
    assert not status.works
    assert REASONS[fault] in status.reason
    assert "\n" not in status.reason
    assert took_s <= LIMIT_S + SPARE_S


class Says:
    """Launches processes that say what they are given to say, one after the other."""

    def __init__(self, *said: Sequence[Message]) -> None:
        self._said = iter(said)
        self.launched = 0

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        self.launched += 1
        return Told(next(self._said))


def test_a_probe_that_does_not_say_who_draws_has_not_worked() -> None:
    status = probe_backends(["egl"], Says([FINISHED]))["egl"]
    assert not status.works
    assert status.reason
    assert probe_backends(["egl"], Says([READY, FINISHED]))["egl"].works


class Endless(Told):
    """Says the same for ever."""

    def __init__(self, message: Message) -> None:
        super().__init__([])
        self._message = message

    def receive(self, timeout_s: float) -> Message:
        time.sleep(0.01)
        return self._message


class Repeats:
    """Launches such processes."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        return Endless(self._message)


def test_the_time_for_kernels_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.preflight.KERNELS_LIMIT_S", 0.5)
    began = time.monotonic()
    status = probe_backends(["egl"], Repeats(StageMessage(stage=Stage.COMPILE)), limit_s=0.5)["egl"]
    assert time.monotonic() - began < 1 + SPARE_S
    assert not status.works


@pytest.mark.parametrize("message", [StageMessage(stage=Stage.SCENE), SceneMessage(scene="another")])
def test_scenes_that_are_never_told_of_take_no_longer_than_their_limit(message: Message) -> None:
    began = time.monotonic()
    found = check_scenes(["one", "two"], None, Repeats(message), limit_s=0.5)
    assert time.monotonic() - began < 1 + SPARE_S
    assert set(found) == {"one", "two"}
    assert all(one.reason for one in found.values())


def test_scenes_that_nobody_asked_about_and_an_end_too_early() -> None:
    says = Says(
        [SceneMessage(scene="another", camera="c"), FINISHED],
        [SceneMessage(scene="two", camera="c"), SceneMessage(scene="two", reason="no"), FINISHED],
    )
    found = check_scenes(["one", "two"], None, says)
    assert set(found) == {"one", "two"}
    assert "finished too early" in found["one"].reason
    assert found["two"] == SceneMessage(scene="two", camera="c")


def test_changes_that_are_not_ours_are_no_answer() -> None:
    size = Resolution(width=8, height=8)
    case = Case(scene="apartment", backend="egl", resolution=size, effects=Effects.SCENE)
    ours = tuple(ChangeStatus(id=info.id, reason="", line="") for info in all_changes())
    for answer in (ours[1:], (*ours, ours[0]), (ChangeStatus(id="x", reason="", line=""),)):
        with pytest.raises(SurveyError):
            survey_changes(case, Settings(), Says([ChangesMessage(changes=answer), FINISHED]))
    assert survey_changes(case, Settings(), Says([ChangesMessage(changes=ours), FINISHED])) == ours


def test_devices_that_are_listed_again_and_again_are_one() -> None:
    devices = DevicesMessage(nvidia=(NvidiaDevice(index=0, name="x"),))
    listed = list_devices(Library.NVML, Says([*[devices] * 100, FINISHED]))
    assert len(listed.nvidia) == 1
