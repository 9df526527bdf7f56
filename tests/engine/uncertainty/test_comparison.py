"""Comparisons call noise no difference, and a difference that they could not have seen no sameness."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.uncertainty.comparison import (
    Comparison,
    Verdict,
    compare_over_scenes,
    compare_rounds,
    compare_sessions,
    verdict_of,
)
from engine.uncertainty.records import Interval, IntervalKind

RATES = st.lists(st.tuples(st.floats(1, 1000), st.floats(1, 1000)), min_size=3, max_size=12)


def told(comparison: Comparison | None) -> Comparison:
    assert comparison is not None
    return comparison


def limits(comparison: Comparison) -> tuple[float, float]:
    assert comparison.interval is not None
    return comparison.interval.low, comparison.interval.high


def test_rounds_by_hand() -> None:
    base = [100.0, 200.0, 50.0]
    # ln(other / base) is 0.1, 0.2, 0.3: mean 0.2, standard deviation 0.1; t(0.975, 2) = 4.30265.
    other = [rate * math.exp(step) for rate, step in zip(base, (0.1, 0.2, 0.3), strict=True)]
    comparison = told(compare_rounds(base, other))
    half = 4.30265 * 0.1 / math.sqrt(3)
    assert comparison.ratio == pytest.approx(math.exp(0.2))
    assert limits(comparison) == pytest.approx((math.exp(0.2 - half), math.exp(0.2 + half)), rel=1e-5)
    assert comparison.verdict is Verdict.UNCLEAR
    assert comparison.rounds == 3
    # (t(0.975, 2) + t(0.8, 2)) * SE / c4(3)
    quantiles = (4.30265 + 1.06066) * 0.1 / math.sqrt(3) / 0.886227
    assert comparison.smallest_seen == pytest.approx(math.exp(quantiles) - 1, rel=1e-4)
    assert comparison.smallest_called == pytest.approx(1.02 * math.exp(quantiles) - 1, rel=1e-4)


def test_independent_sessions_by_hand() -> None:
    base = [math.exp(value) for value in (1.0, 1.1, 1.2)]
    other = [math.exp(value) for value in (2.0, 2.1, 2.2, 2.3)]
    comparison = told(compare_sessions(base, other))
    below, above = 0.01 / 3, (0.05 / 3) / 4
    degrees = (below + above) ** 2 / (below**2 / 2 + above**2 / 3)
    assert degrees == pytest.approx(4.959, abs=0.001)
    # t(0.975, 4.959) = 2.577, between those of 4 (2.776) and 5 (2.571) degrees.
    half = 2.577 * math.sqrt(below + above)
    assert limits(comparison) == pytest.approx((math.exp(1.05 - half), math.exp(1.05 + half)), rel=1e-3)
    assert comparison.verdict is Verdict.FASTER
    assert comparison.rounds == 3


@given(RATES, st.floats(0, 0.2), st.booleans())
def test_the_other_way_round_the_verdict_turns_round(
    rates: list[tuple[float, float]], threshold: float, paired: bool
) -> None:
    compare = compare_rounds if paired else compare_sessions
    base, other = [a for a, _ in rates], [b for _, b in rates]
    one, back = told(compare(base, other, threshold)), told(compare(other, base, threshold))
    turned = {Verdict.FASTER: Verdict.SLOWER, Verdict.SLOWER: Verdict.FASTER}
    assert one.ratio * back.ratio == pytest.approx(1)
    low, high = limits(one)
    assert limits(back) == pytest.approx((1 / high, 1 / low))
    edges = (1 + threshold, 1 / (1 + threshold))
    if not any(math.isclose(end, edge) for end in (low, high) for edge in edges):
        assert one.verdict is not None
        assert back.verdict is turned.get(one.verdict, one.verdict)
    scaled = told(compare([3 * rate for rate in base], [3 * rate for rate in other], threshold))
    assert scaled.ratio == pytest.approx(one.ratio)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.03, 1.05, Verdict.FASTER),
        (0.9, 0.97, Verdict.SLOWER),
        (0.9, 0.9803, Verdict.SLOWER),
        (0.9, 0.9804, Verdict.UNCLEAR),
        (0.99, 1.01, Verdict.SAME),
        (1.005, 1.015, Verdict.SAME),
        (1.01, 1.05, Verdict.UNCLEAR),
        (0.95, 1.0, Verdict.UNCLEAR),
        (0.9, 1.1, Verdict.UNCLEAR),
    ],
)
def test_where_the_interval_lies_by_the_threshold(low: float, high: float, verdict: Verdict) -> None:
    assert verdict_of(Interval(low, high, IntervalKind.TRIALS), 0.02) is verdict


def test_without_an_interval_nothing_is_known() -> None:
    for comparison in (
        compare_rounds([100, 100], [200, 200]),
        compare_sessions([100, 100, 100, 100], [200, 200]),
        compare_over_scenes([told(compare_rounds([100, 100], [200, 200]))]),
    ):
        assert told(comparison).verdict is Verdict.UNCLEAR
        assert told(comparison).interval is None
        assert told(comparison).ratio == pytest.approx(2)
        assert told(comparison).further_rounds is None


def test_failed_trials_take_their_round_with_them() -> None:
    whole = compare_rounds([100, 101, 99], [110, 112, 108])
    assert compare_rounds([100, None, 101, 99, 0.0], [110, 90, 112, 108, 50]) == whole
    assert compare_rounds([None, 100], [100, None]) is None
    assert compare_sessions([None], [100.0]) is None
    trials = compare_sessions([100, 101, 99], [110, 112, 108])
    assert compare_sessions([100, None, 101, 99], [110, 112, 0, 108]) == trials


@pytest.mark.parametrize("metric", ["low1_fps", "low01_fps"])
def test_lows_never_decide(metric: str) -> None:
    base, other = [100.0, 101.0, 99.0], [200.0, 202.0, 198.0]
    assert told(compare_rounds(base, other)).verdict is Verdict.FASTER
    for low in (
        compare_rounds(base, other, metric=metric),
        compare_sessions(base, other, metric=metric),
        compare_over_scenes([told(compare_rounds(base, other))], metric=metric),
        compare_rounds(base[:1], other[:1], metric=metric),
    ):
        assert told(low).verdict is None
        assert told(low).ratio == pytest.approx(2, rel=0.01)


def test_what_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="2 rounds cannot be paired with 1"):
        compare_rounds([1, 2], [1])
    with pytest.raises(ValueError, match="threshold"):
        compare_rounds([1, 2, 3], [1, 2, 3], threshold=-0.1)
    with pytest.raises(ValueError, match="no comparison"):
        compare_over_scenes([])


def test_rates_without_any_noise_are_known_exactly() -> None:
    same, faster = told(compare_rounds([100] * 3, [100] * 3)), told(compare_sessions([100] * 3, [110] * 3))
    assert same.verdict is Verdict.SAME
    assert faster.verdict is Verdict.FASTER
    assert limits(faster) == pytest.approx((1.1, 1.1))
    assert same.smallest_seen == 0


def test_scenes_are_summarized_by_the_geometric_mean() -> None:
    base = [100.0, 101.0, 99.0]
    twice = told(compare_rounds(base, [200, 204, 196]))
    half = told(compare_rounds(base, [50, 50.6, 49.4]))
    summary = compare_over_scenes([twice, half])
    assert summary.ratio == pytest.approx(math.sqrt(twice.ratio * half.ratio))
    assert twice.log_error is not None
    assert half.log_error is not None
    assert summary.log_error == pytest.approx(math.hypot(twice.log_error, half.log_error) / 2)
    alone = compare_over_scenes([twice])
    assert limits(alone) == pytest.approx(limits(twice))
    assert alone.verdict is twice.verdict


def test_further_rounds_are_told_where_they_help() -> None:
    base = [100.0, 100.0, 100.0, 100.0]
    unclear = told(compare_rounds(base, [101, 105, 99, 107]))
    assert unclear.verdict is Verdict.UNCLEAR
    assert unclear.further_rounds is not None
    assert unclear.further_rounds > 4
    nearer = told(compare_rounds(base, [101, 103, 104, 107]))
    assert nearer.verdict is Verdict.UNCLEAR
    assert nearer.further_rounds is not None
    assert nearer.further_rounds < unclear.further_rounds
    at_the_edge = told(compare_rounds(base, [100, 104, 100, 104.04]))
    assert at_the_edge.verdict is Verdict.UNCLEAR
    assert at_the_edge.further_rounds is None
    assert told(compare_rounds(base, [110, 111, 110, 111])).further_rounds is None


def test_a_comparison_survives_a_file() -> None:
    comparison = told(compare_rounds([100, 101, 99], [110, 112, 108]))
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison) == comparison


def heated(
    generator: np.random.Generator,
    rounds: int,
    *,
    noise: float,
    heat: float = 0.0,
    ratio: float = 1.0,
    alternating: bool = True,
) -> tuple[list[float], list[float]]:
    """FPS of two cases in rounds A B, B A, ..., on a machine that gets slower by `heat` over the session."""
    slots = np.arange(2 * rounds).reshape(rounds, 2)
    if alternating:
        slots[1::2] = slots[1::2, ::-1]
    slowing = 1 - heat * slots / max(1, 2 * rounds - 1)
    rates = 60 * slowing * np.exp(noise * generator.standard_normal((rounds, 2))) * [1.0, ratio]
    return rates[:, 0].tolist(), rates[:, 1].tolist()


def verdicts(comparisons: Sequence[Comparison | None]) -> dict[Verdict | None, float]:
    """The part of the comparisons that has each verdict."""
    shares: dict[Verdict | None, float] = dict.fromkeys(Verdict, 0.0)
    for comparison in comparisons:
        shares[told(comparison).verdict] += 1 / len(comparisons)
    return shares


@pytest.mark.slow
@pytest.mark.parametrize("heat", [0.0, 0.03])
@pytest.mark.parametrize("noise", [0.003, 0.01, 0.05])
@pytest.mark.parametrize("rounds", [3, 5, 8])
@pytest.mark.parametrize("threshold", [0.0, 0.02])
def test_equal_cases_are_called_different_in_at_most_5_of_100_sessions(
    heat: float, noise: float, rounds: int, threshold: float
) -> None:
    generator = np.random.default_rng(7)
    sessions = [heated(generator, rounds, noise=noise, heat=heat) for _ in range(1000)]
    shares = verdicts([compare_rounds(*session, threshold=threshold) for session in sessions])
    # Two and a half standard deviations of a share of 0.05 in a thousand.
    allowed = 0.05 + 2.5 * math.sqrt(0.05 * 0.95 / 1000)
    assert shares[Verdict.FASTER] + shares[Verdict.SLOWER] <= (allowed if threshold == 0 else 0.05)


@pytest.mark.slow
def test_a_machine_that_heats_up_is_unfair_where_the_order_does_not_alternate() -> None:
    generator = np.random.default_rng(8)
    options = {"noise": 0.001, "heat": 0.03}
    fair = [heated(generator, 6, **options) for _ in range(1000)]
    unfair = [heated(generator, 6, **options, alternating=False) for _ in range(1000)]
    wrong = []
    for sessions in (fair, unfair):
        shares = verdicts([compare_rounds(*session, threshold=0) for session in sessions])
        wrong.append(shares[Verdict.FASTER] + shares[Verdict.SLOWER])
    assert wrong[0] <= 0.05
    assert wrong[1] > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.005, 0.05])
def test_independent_sessions_raise_no_more_false_alarms(noise: float) -> None:
    generator = np.random.default_rng(9)
    rates = 60 * np.exp(noise * generator.standard_normal((2000, 10)))
    shares = verdicts([compare_sessions(row[:4].tolist(), row[4:].tolist(), threshold=0) for row in rates])
    assert shares[Verdict.FASTER] + shares[Verdict.SLOWER] <= 0.06


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [3, 5, 10])
@pytest.mark.parametrize("difference", [0.02, 0.05])
@pytest.mark.parametrize("threshold", [0.0, 0.02])
def test_the_smallest_difference_is_found_in_four_of_five_sessions(
    rounds: int, difference: float, threshold: float
) -> None:
    generator = np.random.default_rng(10)
    called = 1.02 * (1 + difference) - 1 if threshold else difference

    def session(noise: float) -> Comparison:
        return told(
            compare_rounds(
                *heated(generator, rounds, noise=noise, ratio=1 + called), threshold=threshold, metric="fps"
            )
        )

    def printed(noise: float) -> float:
        sessions = [session(noise) for _ in range(400)]
        told_by = [each.smallest_called if threshold else each.smallest_seen for each in sessions]
        return float(np.mean([math.log1p(each) for each in told_by if each is not None]))

    # The noise with which the tool prints, on average, just the difference that there is.
    noise = 0.01
    edge = math.log1p(threshold)
    noise *= (math.log1p(called) - edge) / (printed(noise) - edge)
    shares = verdicts([session(noise) for _ in range(1500)])
    assert shares[Verdict.FASTER] == pytest.approx(0.8, abs=0.07)
    assert shares[Verdict.SLOWER] == 0


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [1.0, 1.005, 1.05])
def test_the_further_rounds_settle_it_in_four_of_five_sessions(ratio: float) -> None:
    generator = np.random.default_rng(11)
    # A session whose noise and ratio are as they truly are.
    noise = 0.02
    rounds = 4
    pattern = np.array([1.0, -1.0, 1.0, -1.0])
    pattern *= noise * math.sqrt(2) * 0.92132 / pattern.std(ddof=1)
    first = told(compare_rounds([60.0] * rounds, (60 * ratio * np.exp(pattern)).tolist()))
    assert first.verdict is Verdict.UNCLEAR
    assert first.further_rounds is not None
    after = rounds + first.further_rounds
    shares = verdicts(
        [compare_rounds(*heated(generator, after, noise=noise, ratio=ratio)) for _ in range(1500)]
    )
    settled = 1 - shares[Verdict.UNCLEAR]
    assert 0.74 <= settled <= 0.92
    fewer = verdicts(
        [compare_rounds(*heated(generator, after // 2, noise=noise, ratio=ratio)) for _ in range(500)]
    )
    assert 1 - fewer[Verdict.UNCLEAR] < settled - 0.1
