"""A trial that was measured again: every attempt is kept, one of them counts."""

import json
from pathlib import Path

import pytest

from engine.interference.records import Finding, FindingKind
from engine.results import TrialResult
from profiles.errors import ProfileError
from profiles.profile import Profile
from profiles.session import Session
from profiles.sessions import load_session
from profiles.timings_file import read_timings
from profiles.writer import recover
from tests.profiles.session_builders import (
    CASES,
    PROFILE,
    failed_trial,
    metrics,
    new_writer,
    sentence_of,
    trial,
)

SPOILED = Finding(
    kind=FindingKind.OTHER_PROCESSES,
    size=0.5,
    unit="cores",
    what="other processes took 50% of one core for 1.0 s",
    fix="end other programs and measure again",
    spoils=True,
)


def attempt(number: int, attempt: int, fps: float, **changes: object) -> TrialResult:
    """A trial of the first case whose timings tell its attempt."""
    given = {"findings": (SPOILED,) if fps < 100 else (), "seed": 10 * number + attempt} | changes
    return trial(CASES[0], number, attempt=attempt, metrics=metrics(fps), **given)


def written(folder: Path, *results: TrialResult, trials: int = 2) -> Session:
    writer = new_writer(folder, profile=PROFILE.override({"measure.trials": trials}), cases=CASES[:1])
    for result in results:
        writer.append(result)
    writer.close("complete")
    return load_session(folder)


def test_every_attempt_is_kept_and_the_last_one_counts(tmp_path: Path) -> None:
    results = [attempt(1, 1, 60), attempt(1, 2, 50), attempt(1, 3, 120), attempt(2, 1, 110)]
    session = written(tmp_path / "s", *results)
    (case,) = session.cases
    assert case.state == "done"
    assert [(one.trial, one.attempt, one.metrics.fps) for one in case.trials] == [
        *((1, 1, 60), (1, 2, 50), (1, 3, 120)),
        (2, 1, 110),
    ]
    assert [(one.trial, one.attempt) for one in case.counted] == [(1, 3), (2, 1)]
    name = CASES[0].id
    assert session.session.order == (f"{name}.1", f"{name}.1.2", f"{name}.1.3", f"{name}.2")
    for one, result in zip(case.trials, results, strict=True):
        kept = read_timings(tmp_path / "s", one.timings)
        assert (kept.timed["render"] == result.timings.timed["render"]).all()


def test_attempts_do_not_make_up_for_trials_that_are_missing(tmp_path: Path) -> None:
    session = written(tmp_path / "s", attempt(1, 1, 60), attempt(1, 2, 120))
    assert session.cases[0].state == "interrupted"


@pytest.mark.parametrize("status", ["interrupted", "failed"])
def test_an_attempt_that_did_not_end_well_leaves_the_one_before(tmp_path: Path, status: str) -> None:
    last = attempt(1, 2, 20, status="interrupted")
    if status == "failed":
        last = failed_trial(CASES[0], attempt=2)
    session = written(tmp_path / "s", attempt(1, 1, 60), last, trials=1)
    assert [(one.attempt, one.metrics.fps) for one in session.cases[0].counted] == [(1, 60)]


def test_the_file_for_programs_says_which_attempt_counts(tmp_path: Path) -> None:
    written(tmp_path / "s", attempt(1, 1, 60), attempt(1, 2, 120), trials=1)
    told = json.loads((tmp_path / "s" / "metrics.json").read_text())["trials"]
    assert [(one["trial"], one["attempt"], one["spoiled"], one["counts"]) for one in told] == [
        (1, 1, True, False),
        (1, 2, False, True),
    ]


def test_attempts_survive_a_run_that_was_killed(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "s", cases=CASES[:1])
    for result in (attempt(1, 1, 60), attempt(1, 2, 120)):
        writer.append(result)
    with pytest.raises(ValueError, match="kept before"):
        writer.append(attempt(1, 2, 120))
    writer.release()
    (case,) = recover(tmp_path / "s").cases
    assert [one.attempt for one in case.trials] == [1, 2]
    assert case.trials[0].findings == (SPOILED,)


def test_how_often_is_a_key_of_the_profile() -> None:
    assert Profile().settings().rerun_spoiled == 0
    assert Profile().override({"measure.rerun_spoiled": "3"}).settings().rerun_spoiled == 3
    sentence = sentence_of(lambda: Profile().override({"measure.rerun_spoiled": 11}), ProfileError)
    assert "expected a whole number from 0 to 10" in sentence
