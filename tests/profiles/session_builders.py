"""Sessions made up for tests: a machine, cases, and trials with timings."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.case import Case, Effects, Resolution
from engine.machine.records import Container, Cpu, Gpu, Machine, Memory, Virtualization
from engine.messages import Drawn, FailureKind, RendererIdentity, Stage, StartUp
from engine.metrics import BenchmarkMetrics, PhaseMetrics
from engine.results import Failure, TrialResult
from engine.timings import PHASES, TrialTimings
from profiles.profile import Measure, Profile
from profiles.writer import SessionWriter

MACHINE = Machine(
    hostname="bench",
    architecture="x86_64",
    os="Debian 12",
    kernel="6.1",
    uptime_s=12.5,
    load_average=(0.1, 0.2, 0.3),
    cpu=Cpu(model="A CPU", physical=1, logical=2, usable=2, governors=(), max_frequency_mhz=0),
    memory=Memory(total_mib=4000, available_mib=3000),
    virtualization=Virtualization(hypervisor=True, vendor="QEMU", product=""),
    container=Container(kind="docker", cpus=1.5),
    gpus=(Gpu(name="A GPU", driver="i915", memory_mib=0, pci="0000:01:00.0"),),
    versions={"mujoco": "4.0.0", "a.dotted key": "1"},
    environment={},
)
RENDERER = RendererIdentity(vendor="Mesa", renderer="llvmpipe", version="4.5", software=True)
DRAWN = Drawn(geoms=10, lights=2, shadow_casters=1, samples=4, shadow_size=2048)
START_UP = StartUp(process_s=0.1, import_s=0.2, scene_s=0.3, compile_s=0.4, open_s=0.5)
BEGUN = "2025-01-31T12:00:00.000+00:00"
ENDED = "2025-01-31T12:00:03.000+00:00"
CASES = tuple(
    Case(scene="apartment", backend=backend, resolution=Resolution(width=64, height=48), effects=effects)
    for effects in (Effects.SCENE, Effects.BARE)
    for backend in ("egl", "osmesa")
)
PROFILE = Profile(
    title="Two backends", effects=(Effects.SCENE, Effects.BARE), measure=Measure(frames=4, trials=1)
)


def metrics(fps: float = 100.0) -> BenchmarkMetrics:
    """Figures of a trial too short for its 0.1% low."""
    phase = PhaseMetrics(mean_ms=2.0, p50_ms=2.0, p95_ms=3.0, share=0.2)
    return BenchmarkMetrics(
        frames=4, warmup_frames=2, wall_time_s=0.04, fps=fps, mean_ms=10.0, std_ms=1.0, p50_ms=10.0,
        p90_ms=11.0, p95_ms=11.5, p99_ms=12.0, p999_ms=12.0, max_ms=12.0, low1_fps=None, low01_fps=None,
        absent={"low1_fps": "fewer than 10 frames"}, stutter_share=0.0, pixels_per_s=3072.0 * fps,
        first_frame_ms=50.0, warmup_mean_ms=20.0, phases=dict.fromkeys(PHASES, phase),
    )  # fmt: skip


def timings(frames: int = 4, warmup: int = 2, seed: int = 0) -> TrialTimings:
    """Arrays that differ from phase to phase, warm-up to timed, and seed to seed."""
    random = np.random.default_rng(seed)
    return TrialTimings(
        warmup={phase: random.integers(0, 10**9, warmup) for phase in PHASES},
        timed={phase: random.integers(0, 10**9, frames) for phase in PHASES},
    )


def trial(case: Case = CASES[0], number: int = 1, seed: int = 0, **changes: Any) -> TrialResult:
    """A trial that was done."""
    result = TrialResult(
        case=case, trial=number, status="done", started_at=BEGUN, ended_at=ENDED, metrics=metrics(),
        renderer=RENDERER, drawn=DRAWN, camera="overview", steps_per_frame=8, start_up=START_UP,
        saved_frames=(f"frames/{case.id}-60.png",), timings=timings(seed=seed),
    )  # fmt: skip
    return replace(result, **changes)


def failed_trial(case: Case, number: int = 1, attempt: int = 1) -> TrialResult:
    """A trial whose backend does not work."""
    failure = Failure(
        kind=FailureKind.BACKEND,
        stage=Stage.OPEN,
        reason="no EGL",
        fix="install it",
        log="one\r\ntwo \x1b[31m\n",
    )
    return TrialResult(
        case=case,
        trial=number,
        attempt=attempt,
        status="failed",
        started_at=BEGUN,
        ended_at=ENDED,
        failure=failure,
    )


def new_writer(folder: Path | None = None, **changes: Any) -> SessionWriter:
    """A writer of a session with `CASES`, in `folder` or among the sessions."""
    given: dict[str, Any] = {"profile": PROFILE, "profile_name": "two", "machine": MACHINE, "cases": CASES}
    return SessionWriter.create(**(given | {"output": folder} | changes))


def sentence_of(call: Callable[[], object], error: type[Exception]) -> str:
    """The error's message, which must be one printable line."""
    try:
        call()
    except error as caught:
        message = str(caught)
        assert message.isprintable() and message.strip() == message and message, repr(message)
        return message
    raise AssertionError(f"no {error.__name__} was raised")
