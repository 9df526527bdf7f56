"""Cases with figures that are made up, for sessions that are written as a run writes them."""

from dataclasses import dataclass

import numpy as np

from engine.timings import PHASES, TrialTimings

FRAMES = 3000


@dataclass(frozen=True)
class Made:
    """One case of a session that is to be made."""

    backend: str
    render_ms: float | None
    """Mean of the render phase; None for a backend that does not work."""
    size: str = "640x480"
    readback_ms: float = 0.1
    trials: int = 1
    status: str = "done"
    scene: str = "apartment"
    spread: float = 0.05


def made_timings(made: Made, seed: int) -> TrialTimings:
    """Frames with noise, and one that is twenty times as slow."""
    random = np.random.default_rng(seed)
    means = {"step": 0.3, "update": 0.05, "render": made.render_ms, "readback": made.readback_ms}
    timed = {
        phase: np.abs(random.normal(1, made.spread, FRAMES) * means.get(phase, 0.01) * 1e6).astype(np.int64)
        for phase in PHASES
    }
    timed["render"][FRAMES // 2] *= 20
    return TrialTimings(warmup={phase: np.full(10, 10**6) for phase in PHASES}, timed=timed)
