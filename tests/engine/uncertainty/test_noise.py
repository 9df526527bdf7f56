"""Noise within a trial and between trials are two numbers."""

import numpy as np
import pytest

from engine.uncertainty.noise import frame_noise, pooled_noise, trial_noise

MS = 1_000_000


def test_both_noises_by_hand() -> None:
    # Deviations of 1, -1, 1, -1 around 10: the sample standard deviation is sqrt(4 / 3).
    assert frame_noise(np.array([11, 9, 11, 9]) * MS) == pytest.approx((4 / 3) ** 0.5 / 10)
    assert trial_noise([101, 99, 101, 99]) == pytest.approx((4 / 3) ** 0.5 / 100)
    assert pooled_noise([0.03, None, 0.04]) == pytest.approx((0.0025 / 2) ** 0.5)


def test_one_value_has_no_noise() -> None:
    assert frame_noise(np.array([10 * MS])) is None
    assert frame_noise(np.zeros(0, np.int64)) is None
    assert frame_noise(np.zeros(5, np.int64)) is None
    assert trial_noise([100]) is None
    assert trial_noise([]) is None
    assert trial_noise([0, 0]) is None
    assert pooled_noise([None]) is None
    assert pooled_noise([]) is None


def test_a_noisy_frame_is_no_noisy_trial() -> None:
    generator = np.random.default_rng(1)
    trials = (1e7 * (1 + 0.1 * generator.standard_normal((8, 4000)))).astype(np.int64)
    frame = pooled_noise([frame_noise(trial) for trial in trials])
    trial = trial_noise([4000 * 1e9 / each.sum() for each in trials])
    assert frame == pytest.approx(0.1, rel=0.05)
    assert trial is not None
    assert trial < 0.005
