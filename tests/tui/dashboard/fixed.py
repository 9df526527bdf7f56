"""What stands still for pictures of the screens: backends, a run and a session, the same on every machine."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from engine.case import Case, Effects, Resolution
from engine.events import (
    Event,
    FramesMeasured,
    PreviewDrawn,
    StageEntered,
    TrialEnded,
    TrialReady,
    TrialStarted,
    UsageMeasured,
)
from engine.messages import FailureKind, ReadyMessage, RendererIdentity, Stage
from engine.preflight import BackendStatus
from engine.results import Failure, TrialResult
from engine.statistics import benchmark_metrics
from engine.timings import TrialTimings, frame_times_ns
from engine.usage import Usage
from profiles.profile import Measure, Profile
from profiles.session import Session
from tests.profiles.session_builders import BEGUN, ENDED, START_UP, new_writer, trial
from tui.dashboard.session_run import RunPhase, SessionRun
from tui.dashboard.watch.run_clock import RunClock
from tui.dashboard.watch.state import RunState

GPU = RendererIdentity(
    vendor="NVIDIA Corporation", renderer="NVIDIA L4/PCIe/SSE2", version="4.6.0 NVIDIA 570.86", software=False
)
MESA = RendererIdentity(
    vendor="Mesa", renderer="llvmpipe (LLVM 15.0.6, 256 bits)", version="4.5 Mesa 22.3.6", software=True
)
NO_DISPLAY = "glfw needs a display and there is none: neither DISPLAY nor WAYLAND_DISPLAY is set"
FIX = "use egl or osmesa, or run it in a virtual display: xvfb-run -a"
STATUSES = {
    "egl": BackendStatus(backend="egl", works=True, renderer=GPU),
    "osmesa": BackendStatus(backend="osmesa", works=True, renderer=MESA),
    "glfw": BackendStatus(backend="glfw", works=False, reason=NO_DISPLAY, fix=FIX),
    "null": BackendStatus(backend="null", works=True),
}
RENDERERS = {"egl": GPU, "osmesa": MESA}
RENDER_NS = {"egl": 1_400_000, "osmesa": 14_000_000}
"""How long the render phase takes at 640x480."""
CASES = tuple(
    Case(scene="apartment", backend=backend, resolution=Resolution.parse(size), effects=Effects.SCENE)
    for size in ("640x480", "320x240")
    for backend in RENDERERS | {"glfw": None}
)
PROFILE = Profile(
    backends=("egl", "osmesa", "glfw"),
    resolutions=("640x480", "320x240"),
    measure=Measure(frames=1000, trials=3),
)
_REMAINDERS = ((7919, 997), (104_729, 991), (1_299_709, 983), (15_485_863, 977))
STARTED = datetime(2025, 1, 31, 12, tzinfo=UTC)


def status_of(name: str) -> BackendStatus:
    """What a backend says of itself on the machine that the pictures show."""
    return STATUSES.get(name, BackendStatus(backend=name, works=False, reason=f"{name} is not installed"))


def probe_fixed(names: Sequence[str], launcher: object) -> dict[str, BackendStatus]:
    """Stands in for `engine.preflight.probe_backends`."""
    return {name: status_of(name) for name in names}


def phases_of(case: Case, frames: int, turn: int = 0, slower: int = 1) -> dict[str, np.ndarray]:
    """Frame times of whole numbers alone, so that no processor rounds them otherwise.

    Args:
        case: decides how long a frame takes.
        frames: how many.
        turn: other figures for every other number.
        slower: the render phase takes this many times as long.
    """
    number = np.arange(frames, dtype=np.int64) + 1009 * turn
    # A sum of remainders looks like noise, and is none.
    noise = sum(number * prime % around for prime, around in _REMAINDERS) - 1972 + 800 * (turn % 4)
    share = 3 if case.resolution.width < 640 else 1
    means = {
        "step": 310_000,
        "update": 42_000,
        "render": RENDER_NS[case.backend] // share * slower,
        "readback": 260_000 // share,
        "overhead": 9_000,
    }
    return {phase: mean + mean * noise // 40_000 for phase, mean in means.items()}


def timings_of(case: Case, turn: int) -> TrialTimings:
    """A trial with one frame that takes six times as long as the others."""
    timed = phases_of(case, 1000, turn)
    timed["render"][400 + 100 * turn] *= 6
    return TrialTimings(warmup=phases_of(case, 10), timed=timed)


def done(case: Case, turn: int) -> TrialResult:
    """A trial with figures."""
    timings = timings_of(case, turn)
    metrics = benchmark_metrics(timings, case.resolution.pixels)
    return trial(case, turn, timings=timings, metrics=metrics, renderer=RENDERERS[case.backend])


def failed(case: Case, turn: int) -> TrialResult:
    """A trial on the backend that has no display."""
    failure = Failure(kind=FailureKind.BACKEND, stage=Stage.OPEN, reason=NO_DISPLAY, fix=FIX)
    return TrialResult(
        case=case, trial=turn, status="failed", started_at=BEGUN, ended_at=ENDED, failure=failure
    )


def fixed_session(folder: Path) -> Session:
    """A session of three trials, written as a run writes it."""
    writer = new_writer(folder, profile=PROFILE, profile_name="resolutions", cases=CASES, now=STARTED)
    for turn in (1, 2, 3):
        for case in CASES:
            writer.append(done(case, turn) if case.backend in RENDERERS else failed(case, turn))
    return writer.close("complete", now=STARTED + timedelta(minutes=2))


class FixedRun(SessionRun):
    """A run in the middle of its fifth trial, where it stays."""

    def __init__(self) -> None:
        super().__init__(PROFILE, "resolutions")
        self.time_s = 0.0
        settings = PROFILE.settings()
        self.state = RunState(CASES, settings)
        self.state.clock = RunClock(settings, len(CASES) * settings.trials, lambda: self.time_s)
        for event, seconds in self._events():
            self.time_s += seconds
            self.state.fold(event)
        self.phase = RunPhase.RUNNING

    def log_tail(self, case_id: str) -> str:
        """What a driver prints."""
        return "MESA: warning: no hardware driver was found\n"

    def _events(self) -> Iterator[tuple[Event, float]]:
        """What happened, each with the seconds that it took."""
        total = len(CASES) * PROFILE.measure.trials
        for position, case in enumerate(CASES[:5], 1):
            yield TrialStarted(case, 1, position, total), 0.0
            if case.backend not in RENDERERS:
                yield TrialEnded(failed(case, 1), position, total), 0.4
                continue
            ready = ReadyMessage(RENDERERS[case.backend], "overview", 8, START_UP)
            yield TrialReady(case, 1, ready), 1.5
            yield StageEntered(case, 1, Stage.RUN), 0.0
            if position < 5:
                yield from self._blocks(case, 24)
                yield TrialEnded(done(case, 1), position, total), 0.3
        yield from self._blocks(case, 57)
        yield UsageMeasured(case, 1, Usage(0.98, 241.0, None)), 0.0
        yield PreviewDrawn(case, 1, 64, 48, _picture()), 0.0

    @staticmethod
    def _blocks(case: Case, count: int) -> Iterator[tuple[Event, float]]:
        """Blocks of about half a second, with a dip in the middle."""
        frames = wall_ns = 0
        for number in range(count):
            phases = phases_of(case, 95, number, slower=2 if number in (30, 31) else 1)
            block_ns = int(frame_times_ns(phases).sum())
            frames, wall_ns = frames + 95, wall_ns + block_ns
            yield FramesMeasured(case, 1, False, phases, frames, wall_ns), block_ns / 1e9


def _picture() -> bytes:
    """A box before a wall, 64x48, in colours that differ from row to row."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :, 0] = np.arange(48, dtype=np.uint8)[:, None] * 4
    pixels[:, :, 2] = 120
    pixels[18:40, 22:44] = (208, 120, 40)
    return pixels.tobytes()
