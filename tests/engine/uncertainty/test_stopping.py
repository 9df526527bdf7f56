"""Measuring stops when the intervals are narrow, or at a limit, and says what was not reached."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from engine.uncertainty.intervals import trials_interval
from engine.uncertainty.stopping import Decision, Until, relative_error, standing

UNTIL = Until(relative_error=0.01, min_trials=5, max_trials=30, max_duration_s=600)


def spread_by(error: float, trials: int = 5) -> list[float]:
    """Trials of a case whose relative error is this."""
    pattern = np.resize([1.0, -1.0], trials)
    unit = relative_error(np.exp(1e-3 * pattern).tolist())
    assert unit is not None
    return (100 * np.exp(1e-3 * pattern * math.log1p(error) / math.log1p(unit))).tolist()


def test_goes_on_until_every_case_is_known() -> None:
    for trials in (0, 1, 4):
        narrow = standing(UNTIL, {"a": [100.0] * trials}, 1)
        assert narrow.decision is Decision.GO_ON
    one = standing(UNTIL, {"apartment egl": spread_by(0.023), "apartment osmesa": spread_by(0.005)}, 10)
    assert one.decision is Decision.GO_ON
    assert one.unmet == ("apartment egl: 2.3% > 1%",)
    assert one.limit is None
    both = standing(UNTIL, {"apartment egl": spread_by(0.0099), "apartment osmesa": spread_by(0.005)}, 10)
    assert both.decision is Decision.DONE
    assert both.unmet == ()


def test_a_limit_names_what_was_not_reached() -> None:
    cases = {"apartment egl": spread_by(0.023, 30), "workbench egl": spread_by(0.004, 30)}
    trials = standing(UNTIL, cases, 10)
    assert (trials.decision, trials.limit) == (Decision.LIMIT, "30 trials")
    assert trials.unmet == ("apartment egl: 2.3% > 1%",)
    cases = {"apartment egl": spread_by(0.023, 6), "workbench egl": [100.0, 101.0]}
    late = standing(UNTIL, cases, 600)
    assert (late.decision, late.limit) == (Decision.LIMIT, "600 s")
    assert late.unmet == ("apartment egl: 2.3% > 1%", "workbench egl: 2 trials < 5")
    assert standing(UNTIL, cases, 599).decision is Decision.GO_ON
    assert standing(UNTIL, {"a": spread_by(0.005, 30)}, 1000).decision is Decision.DONE


def test_both_numbers_show_which_is_larger() -> None:
    for error, text in ((0.01004, "1.004% > 1%"), (0.0145, "1.4% > 1%"), (3.2, "320% > 1%")):
        assert standing(UNTIL, {"a": spread_by(error)}, 1).unmet == (f"a: {text}",)
    fine = Until(relative_error=0.00025, min_trials=5)
    assert standing(fine, {"a": spread_by(0.0004)}, 1).unmet == ("a: 0.040% > 0.025%",)


def test_a_case_that_always_fails_keeps_nobody_waiting() -> None:
    cases: dict[str, Sequence[float]] = {"a": spread_by(0.005), "broken": []}
    assert standing(UNTIL, {"a": [100.0], "broken": []}, 1).decision is Decision.GO_ON
    done = standing(UNTIL, cases, 10)
    assert done.decision is Decision.DONE
    assert done.unmet == ("broken: no trial has a result",)
    assert standing(UNTIL, {"broken": []}, 10, rounds=5).decision is Decision.DONE
    assert standing(UNTIL, {"broken": []}, 10, rounds=4).decision is Decision.GO_ON
    often = standing(UNTIL, {"a": spread_by(0.005), "sometimes": [100.0] * 3}, 10)
    assert often.unmet == ("sometimes: 3 trials < 5",)
    assert often.decision is Decision.GO_ON
    assert standing(UNTIL, {"a": [100.0, 0.0, 100.0, 100.0, 100.0]}, 10).unmet == ("a: a trial has no rate",)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"relative_error": 0}, "relative_error"),
        ({"relative_error": -0.01}, "relative_error"),
        ({"relative_error": 1.0}, "relative_error"),
        ({"relative_error": math.nan}, "relative_error"),
        ({"relative_error": 0.01, "min_trials": 2}, "min_trials"),
        ({"relative_error": 0.01, "min_trials": 10, "max_trials": 9}, "max_trials"),
        ({"relative_error": 0.01, "max_duration_s": 0}, "max_duration_s"),
        ({"relative_error": 0.01, "max_duration_s": math.inf}, "max_duration_s"),
    ],
)
def test_settings_that_cannot_be_meant(settings: dict[str, float], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        Until(**settings)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.005, 0.012])
def test_intervals_stay_honest_where_their_width_decides_when_to_stop(noise: float) -> None:
    generator = np.random.default_rng(5)
    sessions = 1000
    covered = 0
    for _ in range(sessions):
        rates = (60 * np.exp(noise * generator.standard_normal(30))).tolist()
        trials = 1
        while standing(UNTIL, {"a": rates[:trials]}, 0).decision is Decision.GO_ON:
            trials += 1
        interval = trials_interval(rates[:trials])
        assert interval is not None
        covered += interval.low <= 60 <= interval.high
    assert 0.91 <= covered / sessions <= 0.97
