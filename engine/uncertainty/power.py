"""What a comparison could have seen, and how much more measuring would settle it."""

import math
from collections.abc import Callable

from engine.uncertainty.records import LEVEL
from engine.uncertainty.student import expected_deviation, t_probability, t_quantile

POWER = 0.8
"""Probability with which a difference is found that is told to be the smallest."""

MOST_FURTHER_ROUNDS = 1000


def smallest_difference(
    standard_error: float, degrees_of_freedom: float, threshold: float = 0.0
) -> float | None:
    """The smallest difference of speed that is found in four of five such comparisons.

    exp(ln(1 + threshold) + (t(0.975, f) + t(0.8, f)) * SE / c4(f)) - 1: H. S. Bloom, 1995, Minimum detectable
    effects, Evaluation Review 19. The standard error is divided by c4 since that of few rounds is too small
    on average.

    Args:
        standard_error: of the logarithm of the ratio.
        degrees_of_freedom: of the standard error.
        threshold: what the interval must leave out: 0 for no difference, 0.02 for all up to 2%.

    Returns:
        A part: 0.011 where the faster one is 1.1% faster. None where it would be more than a factor of 1000.
    """
    quantiles = t_quantile((1 + LEVEL) / 2, degrees_of_freedom) + t_quantile(POWER, degrees_of_freedom)
    seen = math.log1p(threshold) + quantiles * standard_error / expected_deviation(degrees_of_freedom)
    return math.expm1(seen) if seen < math.log(1000) else None


def further_rounds(
    log_ratio: float, threshold: float, error_after: Callable[[int], tuple[float, float]]
) -> int | None:
    """How many more rounds would settle a verdict in four of five cases, if the ratio is as measured.

    Settled is an interval that lies wholly outside or wholly inside the threshold.

    Args:
        log_ratio: the logarithm of the ratio as measured.
        threshold: as a part, 0.02 for 2%.
        error_after: gives, for a number of further rounds, the standard error of the logarithm that is then
            expected, and its degrees of freedom.

    Returns:
        At least 1; None where 1000 would not do: the ratio lies at the threshold.
    """
    if _chance_to_settle(log_ratio, threshold, *error_after(MOST_FURTHER_ROUNDS)) < POWER:
        return None
    few, enough = 0, MOST_FURTHER_ROUNDS
    while enough - few > 1:
        middle = (few + enough) // 2
        if _chance_to_settle(log_ratio, threshold, *error_after(middle)) < POWER:
            few = middle
        else:
            enough = middle
    return enough


def _chance_to_settle(
    log_ratio: float, threshold: float, standard_error: float, degrees_of_freedom: float
) -> float:
    """The probability that the next interval leaves the edges of the threshold outside, 0 to 1."""
    edge = math.log1p(threshold)
    distance = abs(log_ratio)
    if standard_error == 0:
        return float(distance != edge)
    half = t_quantile((1 + LEVEL) / 2, degrees_of_freedom) * standard_error

    def likely(margin: float) -> float:
        return t_probability(margin / standard_error, degrees_of_freedom)

    outside = likely(distance - edge - half)
    inside = likely(edge - distance - half) + likely(edge + distance - half) - 1
    return max(outside, inside)
