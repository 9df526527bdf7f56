"""Student's t distribution, from scipy.special: scipy.stats takes more than half a second to import."""

import functools
import math


@functools.lru_cache(maxsize=4096)
def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """The value below which a variable with Student's t distribution lies with this probability.

    Args:
        probability: above 0 and below 1.
        degrees_of_freedom: above 0; need not be whole.
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees_of_freedom, probability))


def t_probability(value: float, degrees_of_freedom: float) -> float:
    """The probability with which a variable with Student's t distribution lies below `value`."""
    from scipy.special import stdtr

    return float(stdtr(degrees_of_freedom, value))


def expected_deviation(degrees_of_freedom: float) -> float:
    """The mean of a sample standard deviation of normal values, where the true one is 1: below 1.

    c4 = sqrt(2 / f) * gamma((f + 1) / 2) / gamma(f / 2) of f degrees of freedom (W. A. Shewhart, 1931,
    Economic Control of Quality of Manufactured Product; N. L. Johnson and B. L. Welch, 1939, On the
    calculation of the cumulants of the chi-distribution, Biometrika 31).
    """
    half = degrees_of_freedom / 2
    return math.exp(math.lgamma(half + 0.5) - math.lgamma(half)) / math.sqrt(half)
