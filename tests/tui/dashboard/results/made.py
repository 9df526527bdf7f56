"""Cases with figures that are made up, for sessions that are written as a run writes them."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from engine.case import Case, Effects, Resolution
from engine.messages import DeviceTime, MemoryUse, RendererIdentity
from engine.statistics import benchmark_metrics
from engine.timings import PHASES, TrialTimings, WorkerSpan
from profiles.profile import Measure, Profile
from profiles.session import Session
from profiles.sessions import load_session
from tests.profiles.session_builders import DRAWN, RENDERER, failed_trial, new_writer, trial

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
    effects: str = "scene"
    workers: int = 1
    worlds: int = 1
    renderer: RendererIdentity = RENDERER
    memory: MemoryUse | None = None
    device_ms: float | None = None
    not_drawn: tuple[str, ...] = ()
    threads: int = 0
    frames: int = FRAMES

    @property
    def case(self) -> Case:
        """What was asked for."""
        size, effects = Resolution.parse(self.size), Effects(self.effects)
        return Case(self.scene, self.backend, size, effects, self.workers, self.worlds)


def made_timings(made: Made, seed: int) -> TrialTimings:
    """Frames with noise, and one that is twenty times as slow; each worker draws as many."""
    random = np.random.default_rng(seed)
    means = {"step": 0.3, "update": 0.05, "render": made.render_ms, "readback": made.readback_ms}
    number = made.frames * made.workers
    timed = {
        phase: np.abs(random.normal(1, made.spread, number) * means.get(phase, 0.01) * 1e6).astype(np.int64)
        for phase in PHASES
    }
    timed["render"][made.frames // 2] *= 20
    spans = (WorkerSpan(made.frames, 10, 0),) * made.workers if made.workers > 1 else ()
    warmup = {phase: np.full(10 * made.workers, 10**6) for phase in PHASES}
    return TrialTimings(warmup=warmup, timed=timed, workers=spans)


def write_session(folder: Path, *cases: Made, reached: int | None = None) -> Session:
    """Write a session of these cases, and read it back; `reached` of them were measured before it ended."""
    known = [one.case for one in cases]
    profile = Profile(measure=Measure(frames=FRAMES, trials=max(one.trials for one in cases)))
    writer = new_writer(folder, profile=profile, profile_name=folder.name, cases=known)
    for number, (one, case) in enumerate(zip(cases[:reached], known[:reached], strict=True)):
        for turn in range(1, one.trials + 1):
            if one.render_ms is None:
                writer.append(failed_trial(case, turn))
                continue
            timings = made_timings(one, 100 * number + turn)
            metrics = benchmark_metrics(timings, case.resolution.pixels, case.worlds)
            device = DeviceTime("GL_TIME_ELAPSED", 60, one.device_ms) if one.device_ms else None
            result = trial(
                case,
                turn,
                timings=timings,
                metrics=metrics,
                status=one.status,
                renderer=one.renderer,
                drawn=msgspec.structs.replace(DRAWN, not_drawn=one.not_drawn),
                memory=one.memory,
                device=device,
                rasterizer_threads=one.threads,
            )
            writer.append(result)
    writer.close("complete" if reached is None else "interrupted")
    return load_session(folder)
