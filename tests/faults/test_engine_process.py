"""Whatever a driver does to its engine process, at whatever stage: its case fails with a reason, in time.

By default every fault at one stage and every stage with some faults; MJBENCH_FAULTS=all tries each with each.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from engine.backends.hostile import LEFT_FILE, PICKLE_FILE
from engine.events import TrialEnded, Waiting
from engine.messages import FailureKind, Stage
from engine.process import log as process_log
from engine.results import TrialResult
from tests.engine.conftest import Bench, TwinLauncher, _no_engine_process_left  # noqa: F401
from tests.tui.conftest import BOX

pytestmark = pytest.mark.timeout(600)

LIMIT_S = 5.0
SPARE_S = 5.0
COMPILE_FACTOR = 10
STAGES = {
    "import": (Stage.IMPORT, "while it imported the renderer"),
    "scene": (Stage.SCENE, "while it loaded the scene"),
    "open": (Stage.OPEN, "while it opened the renderer"),
    "compile": (Stage.COMPILE, "while it compiled the renderer's kernels"),
    "1": (Stage.WARM_UP, "during warm-up"),
    "10": (Stage.RUN, "in the timed loop"),
    "readback": (Stage.RUN, "in the timed loop"),
    "finish": (Stage.FINISH, "after the last frame"),
}
NO_MESSAGE = r"the engine process sent bytes that are no message \(.+\) {when}"
HUNG = "no progress for {limit} s {when}, so the engine process was ended"
KILLED = r"the engine process was killed by SIGKILL \(the kernel does this when memory runs out\) {when}"
EXITED = "the engine process exited with code 0 too early {when}"
REASONS = {
    "raise": "RuntimeError: the driver is in a bad mood",
    "abort": "the engine process was killed by SIGABRT {when}",
    "segfault": "the engine process was killed by SIGSEGV {when}",
    "kill": KILLED,
    "exit": EXITED,
    "hang": HUNG,
    "hang_held": HUNG,
    "hang_deaf": HUNG,
    "freeze": HUNG,
    "flood": "the engine process sent more messages than anybody could read {when}",
    "no_message": NO_MESSAGE,
    "cut_message": NO_MESSAGE,
    "wrong_type": NO_MESSAGE,
    "pickle": NO_MESSAGE,
    "write_into_pipe": NO_MESSAGE,
    "claim_gigabytes": NO_MESSAGE,
    "wrong_kind": "the engine process answered a question that nobody asked {when}",
    "close_pipe": "the engine process closed the pipe by which it is heard, and went on {when}",
    "die_in_message": KILLED,
    "die_with_lock": KILLED,
    "hang_in_message": HUNG,
    "keep_lock": HUNG,
    "leave_fork": EXITED,
    "print_endlessly": HUNG,
    "allocate": "main memory ran out",
    "allocate_native": "the engine process was killed by SIGABRT {when}, as memory ran out",
}
"""What a person is told, where `{when}` stands for the stage."""
KINDS = {
    "raise": FailureKind.ERROR,
    "allocate": FailureKind.MEMORY,
    "allocate_native": FailureKind.MEMORY,
}
ENDS_ITSELF = {
    "abort",
    "segfault",
    "kill",
    "exit",
    "die_in_message",
    "die_with_lock",
    "leave_fork",
    "close_pipe",
}
Plan = tuple[str, str]


def some_plans() -> list[Plan]:
    """Every fault at one stage, the stages in turn, and at every stage a few faults."""
    places = [at for at in STAGES if at != "compile"]
    found = {(fault, places[number % len(places)]): None for number, fault in enumerate(REASONS)}
    return [*found, *((fault, at) for fault in ("raise", "segfault", "exit") for at in STAGES)]


def all_plans() -> list[Plan]:
    return [(fault, at) for fault in REASONS for at in STAGES]


PLANS = list(dict.fromkeys(all_plans() if os.environ.get("MJBENCH_FAULTS") == "all" else some_plans()))


@dataclass(frozen=True)
class Outcome:
    """How one trial ended."""

    result: TrialResult
    limit_s: float
    silent_s: float
    """From its last sign of life to its end."""
    folder: Path


def limit_s(fault: str, at: str) -> float:
    return LIMIT_S * COMPILE_FACTOR if at == "compile" else LIMIT_S


def measure(plan: Plan, folder: Path) -> Outcome:
    fault, at = plan
    folder.mkdir()
    scene = folder / "box.xml"
    scene.write_text(BOX)
    bench = Bench(folder / "session")
    backend, name = ("misbehaving-scene", str(scene)) if at == "scene" else ("misbehaving", "none")
    case, settings = bench.case(backend, scene=name), bench.settings(hang_timeout_s=LIMIT_S)
    seen_s = time.monotonic()
    result = None
    for event in bench.stream([case], settings, launcher=TwinLauncher(fault=fault, at=at)):
        if isinstance(event, TrialEnded):
            result = event.result
        elif not isinstance(event, Waiting):
            seen_s = time.monotonic()
    assert result is not None
    return Outcome(result, limit_s(fault, at), time.monotonic() - seen_s, folder / "session")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[Plan, Outcome], bytes]]:
    """What came of every plan, measured side by side, and what was printed on our own streams meanwhile."""
    folder = tmp_path_factory.mktemp("faults")
    # What takes longest first; more at once would be too slow to start within the limit.
    waiting = sorted(PLANS, key=lambda plan: -limit_s(*plan) * (REASONS[plan[0]] == HUNG))
    with tempfile.TemporaryFile() as screen, ThreadPoolExecutor(8) as pool:
        streams = [os.dup(number) for number in (1, 2)]
        for number in (1, 2):
            os.dup2(screen.fileno(), number)
        try:
            found = pool.map(lambda plan: measure(plan, folder / "-".join(plan)), waiting)
            results = dict(zip(waiting, found, strict=True))
        finally:
            for number, stream in zip((1, 2), streams, strict=True):
                os.dup2(stream, number)
                os.close(stream)
        screen.seek(0)
        yield results, screen.read()


@pytest.mark.parametrize(("fault", "at"), PLANS)
def test_it_fails_with_a_reason_within_its_limit(outcomes, fault: str, at: str) -> None:
    outcome = outcomes[0][fault, at]
    result, (stage, when) = outcome.result, STAGES[at]
    assert result.status == "failed"
    assert (result.metrics, result.timings) == (None, None)
    failure = result.failure
    reason = REASONS[fault].format(when=re.escape(when), limit=f"{outcome.limit_s:g}")
    assert re.fullmatch(reason, failure.reason)
    assert failure.stage is stage
    assert failure.kind is expected_kind(fault, at)
    assert failure.fix or fault == "raise"
    assert f"about to misbehave: {fault}" in failure.log or fault == "print_endlessly"
    assert outcome.silent_s <= outcome.limit_s + SPARE_S


def expected_kind(fault: str, at: str) -> FailureKind:
    if REASONS[fault] == HUNG:
        return FailureKind.HUNG
    # A driver that brings its process down while it opens does not work here.
    brings_down = FailureKind.BACKEND if at == "open" and fault in ENDS_ITSELF else FailureKind.CRASHED
    return KINDS.get(fault, brings_down)


def test_nothing_of_it_is_printed_over_the_screen(outcomes) -> None:
    assert outcomes[1] == b""


def test_nothing_that_was_sent_is_unpickled(outcomes) -> None:
    found = [outcome for (fault, _), outcome in outcomes[0].items() if fault == "pickle"]
    assert found
    assert not any(list(outcome.folder.rglob(PICKLE_FILE)) for outcome in found)


def test_a_log_without_end_keeps_its_beginning_and_its_end(outcomes) -> None:
    found = [outcome for (fault, _), outcome in outcomes[0].items() if fault == "print_endlessly"]
    assert found
    for outcome in found:
        (log,) = (outcome.folder / "logs").glob("*.log")
        text = log.read_text()
        assert len(text) <= process_log.MOST_BYTES
        lines = text.splitlines()
        assert "about to misbehave: print_endlessly" in lines
        assert lines.index("0: the driver has something to say") < 10
        assert sum("left out" in line for line in lines) == 1
        last = int(lines[-1].partition(":")[0])
        assert 1000 * last * len("1000: the driver has something to say") > process_log.MOST_BYTES


def test_what_it_has_started_ends_with_it(outcomes, wait_until) -> None:
    found = [outcome for (fault, _), outcome in outcomes[0].items() if fault == "leave_fork"]
    assert found
    for outcome in found:
        left = int((outcome.folder / "logs" / LEFT_FILE).read_text())
        wait_until(lambda pid=left: not is_alive(pid), "its end", limit_s=5)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
