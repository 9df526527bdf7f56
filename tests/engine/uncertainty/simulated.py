"""Made-up measurements of which the truth is known."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Nanoseconds = NDArray[np.int64]


def autocorrelated(generator: np.random.Generator, sessions: int, frames: int, correlation: float) -> Floats:
    """Standard normal values that depend on the one before, AR(1); shape (sessions, frames)."""
    values = generator.standard_normal((frames, sessions))
    rest = (1 - correlation**2) ** 0.5
    for i in range(1, frames):
        values[i] = correlation * values[i - 1] + rest * values[i]
    return np.ascontiguousarray(values.T)


def frame_times(
    generator: np.random.Generator,
    sessions: int,
    frames: int,
    *,
    correlation: float = 0.0,
    noise: float = 0.05,
    spikes: float = 0.0,
) -> Floats:
    """Frame times around 10 ms in nanoseconds, some of them eight times as long; (sessions, frames)."""
    times = 1e7 * (1 + noise * autocorrelated(generator, sessions, frames, correlation))
    return np.where(generator.random(times.shape) < spikes, 8 * times, times)


def share(sessions: int, of: Callable[[int], bool]) -> float:
    """The part of the sessions of which something is true."""
    return sum(of(i) for i in range(sessions)) / sessions
