"""Cases with figures that are made up, for sessions that are written as a run writes them."""

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from engine.case import Case, Effects, Resolution
from engine.interference.records import Finding, FindingKind
from engine.messages import DeviceTime, MemoryUse, RendererIdentity
from engine.results import TrialResult
from engine.statistics import benchmark_metrics
from engine.timings import PHASES, TrialTimings, WorkerSpan
from profiles.profile import Measure, Profile
from profiles.session import Session
from profiles.sessions import load_session
from tests.profiles.session_builders import DRAWN, RENDERER, failed_trial, new_writer, trial

FRAMES = 3000
SPOILED = Finding(
    kind=FindingKind.OTHER_PROCESSES,
    size=0.5,
    unit="cores",
    what="other processes took 50% of one core for 1.0 s",
    fix="end other programs and measure again",
    spoils=True,
)


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
    change: str = ""
    spoiled: tuple[int, ...] = ()
    """The trials whose first attempt was spoiled and took twice as long, so that they were run again."""
    drift: float = 0.0
    """Each further trial takes this part longer than the one before."""

    @property
    def case(self) -> Case:
        """What was asked for."""
        size, effects = Resolution.parse(self.size), Effects(self.effects)
        return Case(self.scene, self.backend, size, effects, self.workers, self.worlds, self.change)


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


def _trial(made: Made, turn: int, attempt: int, seed: int) -> TrialResult:
    disturbed = turn in made.spoiled and attempt == 1
    slower = (1 + made.drift * (turn - 1)) * (2 if disturbed else 1)
    timings = made_timings(replace(made, render_ms=(made.render_ms or 0) * slower), seed)
    return trial(
        made.case,
        turn,
        attempt=attempt,
        timings=timings,
        metrics=benchmark_metrics(timings, made.case.resolution.pixels, made.worlds),
        status=made.status,
        renderer=made.renderer,
        drawn=msgspec.structs.replace(DRAWN, not_drawn=made.not_drawn),
        memory=made.memory,
        device=DeviceTime("GL_TIME_ELAPSED", 60, made.device_ms) if made.device_ms else None,
        rasterizer_threads=made.threads,
        findings=(SPOILED,) if disturbed else (),
    )


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
            for attempt in (1, 2) if turn in one.spoiled else (1,):
                writer.append(_trial(one, turn, attempt, 100 * number + turn))
    writer.close("complete" if reached is None else "interrupted")
    return load_session(folder)
