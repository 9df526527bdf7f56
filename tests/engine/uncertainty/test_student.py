"""Quantiles as tables have them."""

import math

import numpy as np
import pytest

from engine.uncertainty.student import expected_deviation, t_probability, t_quantile


@pytest.mark.parametrize(
    ("probability", "degrees", "quantile"),
    [(0.975, 1, 12.7062), (0.975, 4, 2.7764), (0.975, 29, 2.0452), (0.8, 4, 0.9410), (0.975, math.inf, 1.96)],
)
def test_quantiles_of_the_printed_tables(probability: float, degrees: float, quantile: float) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(quantile, abs=1e-4)
    assert t_probability(quantile, degrees) == pytest.approx(probability, abs=1e-5)


@pytest.mark.parametrize(("size", "c4"), [(2, 0.7979), (3, 0.8862), (5, 0.9400), (10, 0.9727)])
def test_the_deviation_of_few_values_is_too_small_on_average(size: int, c4: float) -> None:
    assert expected_deviation(size - 1) == pytest.approx(c4, abs=1e-4)
    values = np.random.default_rng(size).standard_normal((40_000, size))
    assert values.std(axis=1, ddof=1).mean() == pytest.approx(c4, abs=0.01)
