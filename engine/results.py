"""What a trial leaves: its metrics, its timings, or the reason why there are none."""

from dataclasses import dataclass
from typing import Literal

from engine.case import Case
from engine.floor import Floor
from engine.interference.records import Finding, is_spoiled
from engine.messages import (
    DeviceTime,
    Drawn,
    FailureKind,
    MemoryUse,
    RendererIdentity,
    Stage,
    StartUp,
)
from engine.metrics import BenchmarkMetrics
from engine.pictures.records import PictureReport
from engine.record import Record
from engine.timings import TrialTimings

TrialStatus = Literal["done", "failed", "interrupted", "skipped"]


class Failure(Record, frozen=True):
    """Why a trial failed, and what a person can do about it."""

    kind: FailureKind
    stage: Stage
    reason: str
    """One sentence."""
    fix: str = ""
    """What to install or set; empty where nothing is known to help."""
    log: str = ""
    """The last lines that the engine process printed."""


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """One run of a case in an engine process of its own."""

    case: Case
    trial: int
    """Counted from 1."""
    attempt: int = 1
    """Above 1 where the attempts before were spoiled."""
    status: TrialStatus
    started_at: str
    """ISO 8601 with the offset from UTC."""
    ended_at: str
    metrics: BenchmarkMetrics | None = None
    failure: Failure | None = None
    renderer: RendererIdentity | None = None
    drawn: Drawn | None = None
    camera: str = ""
    steps_per_frame: int = 0
    rasterizer_threads: int = 0
    """Threads that a software rasterizer was given in each of several workers; 0 where nothing was set."""
    start_up: StartUp | None = None
    device: DeviceTime | None = None
    floor: Floor | None = None
    """Of several workers the mean."""
    memory: MemoryUse | None = None
    """Of one worker; of several, the largest of each figure."""
    pictures: PictureReport | None = None
    """What came of looking at the pictures of the first worker; None where nobody could."""
    saved_frames: tuple[str, ...] = ()
    """PNG files, relative to the session's folder."""
    findings: tuple[Finding, ...] = ()
    """What was noticed that disturbs a measurement, what spoils it first."""
    timings: TrialTimings | None = None

    @property
    def is_spoiled(self) -> bool:
        """Whether something was noticed that makes the figures doubtful."""
        return is_spoiled(self.findings)
