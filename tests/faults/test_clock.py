"""The clock on the wall jumps while a run goes on: figures, limits, names and order do not."""

import json
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.moments import DateClock
from profiles.sessions import list_sessions, sessions_folder
from tests.faults.commands import NULL, Answer, mjbench, running, wait_for_line
from tests.faults.jumping_clock import JumpingClock

HOUR_S, DAY_S = 3600.0, 86400.0
JUMPS = {
    "back an hour": (-HOUR_S,),
    "forward a day": (DAY_S,),
    "to 1970": (-time.time() + 60,),
    "forth and back": (DAY_S, -DAY_S, 0.0),
}
TWIN = "frame_ms=1"
RUN = (
    "run", "--backend", "misbehaving", "--effects", "scene", "--warmup-frames", "2", "--duration", "0.3",
    "--trials", "3",
)  # fmt: skip


@pytest.fixture
def clock(tmp_path: Path) -> JumpingClock:
    return JumpingClock(tmp_path / "clock")


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a table."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, dict | list):
            yield from numbers(inner, f"{path}.{key}")
        elif isinstance(inner, int | float) and not isinstance(inner, bool):
            yield f"{path}.{key}", inner


def assert_sane(folder: Path) -> None:
    """Nothing in a session's file ended before it began, and nothing took less than no time."""
    table = tomllib.loads((folder / "session.toml").read_text())
    session, (case,) = table["session"], table["cases"]
    assert (session["status"], case["state"]) == ("complete", "done")
    began, finished = (datetime.fromisoformat(session[key]) for key in ("started_at", "finished_at"))
    at = began
    for trial in case["trials"]:
        for key in ("started_at", "ended_at"):
            moment = datetime.fromisoformat(trial[key])
            assert at <= moment <= finished, (key, trial)
            at = moment
        took_s = (at - datetime.fromisoformat(trial["started_at"])).total_seconds()
        assert 0.3 <= took_s < 60
        metrics = trial["metrics"]
        # A frame of the twin takes a millisecond of work.
        assert 5 < metrics["fps"] <= 1001 and 0.2 < metrics["wall_time_s"] < 10
        assert metrics["fps"] == pytest.approx(metrics["frames"] / metrics["wall_time_s"])
    assert (finished - began).total_seconds() < 120
    negative = [(path, number) for path, number in numbers(table) if number < 0]
    assert not negative


def run_with_jumps(folder: Path, jumps: tuple[float, ...]) -> str:
    """Let the clock jump in the middle of one trial after the other; what was said."""
    folder.mkdir()
    clock, profile = JumpingClock(folder / "clock"), folder / "mine.toml"
    profile.write_text("[measure]\nhang_timeout = 20\n")
    variables = {**clock.variables, "MJBENCH_MISBEHAVIOUR": TWIN}
    with running(*RUN, "--profile", profile, "--output", folder / "out", **variables) as run:
        said = ""
        for offset_s in jumps:
            said += wait_for_line(run, "/3] apartment misbehaving")
            clock.jump(offset_s)
        said += run.communicate(timeout=90)[1]
    assert run.returncode == 0, said
    return said


def test_a_run_does_not_mind_a_clock_that_jumps(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        all_said = list(pool.map(lambda name: run_with_jumps(tmp_path / name, JUMPS[name]), JUMPS))
    for name, said in zip(JUMPS, all_said, strict=True):
        assert "Traceback" not in said and "no progress" not in said and "hung" not in said, name
        assert_sane(tmp_path / name / "out")
    one, other = tmp_path / "to 1970" / "out", tmp_path / "forth and back" / "out"
    for command in (("sessions", "show", one), ("compare", one, other)):
        answer = mjbench(*command)
        assert answer.code == 0 and "Traceback" not in answer.err, answer.err


def test_max_duration_is_time_that_has_passed(tmp_path: Path) -> None:
    """A clock that jumps a day neither ends a run at once nor lets it go on without end."""
    command = (
        *NULL, "--duration", "0.1", "--min-trials", "3", "--until", "0.0001%", "--max-duration", "3",
        "--max-trials", "200", "--json",
    )  # fmt: skip
    began = time.monotonic()

    def measure(offset_s: float) -> Answer:
        own = JumpingClock(tmp_path / f"clock{offset_s}")
        with running(*command, "--output", tmp_path / f"out{offset_s}", **own.variables) as run:
            wait_for_line(run, "FPS")
            own.jump(offset_s)
            out, err = run.communicate(timeout=90)
        return Answer(run.returncode, out, err)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(measure, (DAY_S, -DAY_S)))
    assert time.monotonic() - began >= 3
    for answer in answers:
        assert answer.code == 0, answer.err
        document = json.loads(answer.out)
        assert document["session"]["standing"]["decision"] == "limit reached"
        assert 3 <= len(document["trials"]) < 200


def test_sessions_of_a_clock_that_stands_still_or_goes_back_have_names_of_their_own(
    clock: JumpingClock, tmp_path: Path
) -> None:
    command = (*NULL, "--frames", "5", "--quiet")
    for offset_s in (0.0, -HOUR_S, DAY_S):
        clock.jump(offset_s)
        assert mjbench(*command, **clock.variables).code == 0
    entries = list_sessions()
    assert len({entry.id for entry in entries}) == len({entry.name for entry in entries}) == 3
    assert [entry.status for entry in entries] == ["complete"] * 3
    # Newest first, as each says itself.
    begun = [entry.started_at for entry in entries]
    assert begun == sorted(begun, reverse=True)
    told = mjbench("sessions", "list", "--json", **clock.variables)
    assert [one["name"] for one in json.loads(told.out)] == [entry.name for entry in entries]
    assert len(list(sessions_folder().iterdir())) == 3


def test_a_run_that_was_killed_is_recovered_whatever_the_clock_says(clock: JumpingClock) -> None:
    with running(*NULL, "--duration", "0.3", "--trials", "50", **clock.variables) as run:
        wait_for_line(run, "FPS")
        clock.jump(-DAY_S)
        wait_for_line(run, "FPS")
        run.kill()
    (entry,) = list_sessions()
    assert entry.status == "unfinished"
    assert mjbench("sessions", "recover", **clock.variables).code == 0
    table = tomllib.loads((entry.folder / "session.toml").read_text())
    session = table["session"]
    trials = [trial for case in table["cases"] for trial in case["trials"]]
    assert len(trials) >= 2
    assert (
        session["started_at"] <= trials[0]["started_at"] <= trials[-1]["ended_at"] == session["finished_at"]
    )


def test_the_clock_of_a_run_begins_with_the_machines() -> None:
    before = datetime.now(UTC)
    clock = DateClock()
    assert before <= clock.now() <= clock.now() <= datetime.now(UTC) + timedelta(seconds=1)
    given = DateClock(datetime.fromisoformat("2025-01-31T13:00:00+01:00"))
    assert given.text().startswith("2025-01-31T12:00:0") and given.text().endswith("+00:00")
