"""A case's figures over its trials: one mean, an interval that says what it is of, two kinds of noise."""

import math
from pathlib import Path

import msgspec
import pytest

from engine.metrics import WITH_INTERVALS
from engine.uncertainty.intervals import trials_interval
from engine.uncertainty.records import Interval, IntervalKind, SteadyState
from profiles.case_figures import case_figures
from profiles.relative_speed import over_scenes, relative_speeds
from profiles.session import CaseRecord
from profiles.sessions import load_session
from tests.profiles.session_builders import CASES, metrics, new_writer, trial


def case_of(folder: Path, *rates: float, **changes: object) -> CaseRecord:
    """A case with these FPS in its trials, written and read back."""
    writer = new_writer(folder)
    for number, fps in enumerate(rates, 1):
        figures = msgspec.structs.replace(metrics(fps), **changes)
        writer.append(trial(CASES[0], number, seed=number, metrics=figures))
    writer.close("complete")
    return load_session(folder).cases[0]


def test_from_three_trials_on_the_interval_is_theirs(tmp_path: Path) -> None:
    found = case_figures(case_of(tmp_path / "s", 90.0, 100.0, 110.0))
    assert (found.trials, set(found.figures)) == (3, set(WITH_INTERVALS))
    fps = found.figures["fps"]
    assert fps.value == pytest.approx((90 * 100 * 110) ** (1 / 3))
    assert fps.interval == trials_interval([90.0, 100.0, 110.0])
    assert fps.interval.kind is IntervalKind.TRIALS
    assert math.sqrt(fps.interval.low * fps.interval.high) == pytest.approx(fps.value)
    assert found.noise.trial == pytest.approx(0.1)
    assert found.noise.frame == pytest.approx(0.1)  # std_ms 1 of mean_ms 10, in every trial.


def test_from_one_trial_it_is_what_that_trial_bears_out_and_says_so(tmp_path: Path) -> None:
    within = Interval(95.0, 105.0, IntervalKind.WITHIN_TRIAL)
    found = case_figures(case_of(tmp_path / "s", 100.0, intervals={"fps": within}))
    assert found.figures["fps"].interval == within
    assert found.figures["p99_ms"].interval is None
    assert found.noise.trial is None


def test_what_was_left_out_and_what_never_settled_is_counted(tmp_path: Path) -> None:
    steady = SteadyState(first_frame=30, settled=True, change=0.2)
    found = case_figures(case_of(tmp_path / "s", 100.0, 100.0, steady=steady, frames_left_out=30))
    assert (found.left_out, found.unsettled) == (60, ())
    adrift = SteadyState(first_frame=0, settled=False, change=-0.2, change_frame=9)
    assert case_figures(case_of(tmp_path / "t", 100.0, steady=adrift)).unsettled == (1,)


def test_a_case_without_a_trial_has_no_figure(tmp_path: Path) -> None:
    found = case_figures(case_of(tmp_path / "s"))
    assert (found.trials, found.figures, found.noise.frame, found.noise.trial) == (0, {}, None, None)


def session_of(folder: Path, rates: dict[int, list[float | None]]) -> list[CaseRecord]:
    """Cases with these FPS by round, by number in `CASES`; None where a round's trial has none."""
    writer = new_writer(folder)
    for index, values in rates.items():
        for number, fps in enumerate(values, 1):
            if fps is not None:
                writer.append(trial(CASES[index], number, seed=number, metrics=metrics(fps)))
    writer.close("complete")
    return list(load_session(folder).cases)


def test_speeds_are_held_against_the_fastest_of_the_picture_by_rounds(tmp_path: Path) -> None:
    # The machine slows down by half, both alike: by rounds the ratio is known exactly.
    cases = session_of(tmp_path / "s", {0: [100.0, 70.0, 50.0], 1: [90.0, 63.0, 45.0], 3: [10.0]})
    fast, slow, other, alone = relative_speeds(cases)
    assert (fast.speed, fast.comparison, fast.base) == (1.0, None, cases[0])
    assert slow.base is cases[0]
    assert slow.speed == pytest.approx(0.9)
    assert slow.comparison is not None
    assert slow.comparison.interval is not None
    assert slow.comparison.interval.high < 0.901
    assert slow.comparison.verdict == "slower"
    assert (other.speed, other.base) == (None, None) or other.base is alone.case  # Never measured.
    assert alone.speed == 1.0  # Nothing else drew this picture.


def test_rounds_in_which_one_failed_are_left_out(tmp_path: Path) -> None:
    cases = session_of(tmp_path / "s", {0: [100.0, None, 100.0, 100.0], 1: [50.0, 999.0, 50.0, 50.0]})
    told = {each.case.backend: each for each in relative_speeds(cases[:2])}
    base = next(each for each in told.values() if each.comparison is None)
    (held,) = (each for each in told.values() if each.comparison is not None)
    assert held.base is base.case
    assert held.comparison is not None
    assert held.comparison.rounds == 3


def test_over_scenes_backends_are_compared_by_the_geometric_mean(tmp_path: Path) -> None:
    cases = session_of(tmp_path / "s", {0: [100.0] * 3, 1: [50.0] * 3})[:2]
    elsewhere = [msgspec.structs.replace(case, scene="workbench") for case in cases]
    assert over_scenes(cases) == []
    (told,) = over_scenes([*cases, *elsewhere])
    assert (told.base_backend, told.case.backend, told.scenes) == (
        "egl",
        "osmesa",
        ("apartment", "workbench"),
    )
    assert told.comparison.ratio == pytest.approx(0.5)
    assert told.comparison.verdict == "slower"
