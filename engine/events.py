"""What happens in a session, in order: the one stream that every face consumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.case import Case
from engine.messages import ReadyMessage, Stage
from engine.results import Failure, TrialResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.interference.records import Finding
    from engine.uncertainty.stopping import Standing, Until
    from engine.usage import Usage


@dataclass(frozen=True)
class TrialStarted:
    """An engine process was started; a second time where the trial was given up for a while."""

    case: Case
    trial: int
    position: int
    """Which trial of the session this is, counted from 1."""
    total: int
    """All trials of the session; where rounds are added until enough is known, those that are certain yet."""
    attempt: int = 1
    """Above 1 where the attempts before were spoiled."""
    most: int | None = None
    """The most that `total` may become, where rounds may be added."""


@dataclass(frozen=True)
class StageEntered:
    """The running trial came to another stage."""

    case: Case
    trial: int
    stage: Stage


@dataclass(frozen=True)
class TrialReady:
    """The running trial has its backend open; `ready` tells which driver draws."""

    case: Case
    trial: int
    ready: ReadyMessage


@dataclass(frozen=True)
class FramesMeasured:
    """Frames were drawn; with several worlds each of them is a whole batch."""

    case: Case
    trial: int
    warm_up: bool
    phases: dict[str, NDArray[np.int64]]
    """Each phase of these frames, shape (frames,), nanoseconds."""
    frames: int
    """Frames of the warm-up or of the timed loop so far."""
    wall_ns: int
    """Wall time of these."""
    worker: int = 1
    """Which of the case's workers drew them; `frames` and `wall_ns` are its own."""


@dataclass(frozen=True)
class PreviewDrawn:
    """A picture of the running trial, made smaller; comes only where `Control.request_preview` asked."""

    case: Case
    trial: int
    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel, top row first."""


@dataclass(frozen=True)
class UsageMeasured:
    """What the running trial takes of the machine; comes about once a second where the plan asks for it."""

    case: Case
    trial: int
    usage: Usage


@dataclass(frozen=True)
class Disturbed:
    """What disturbs the running trial now; comes as often as `UsageMeasured` while there is anything."""

    case: Case
    trial: int
    findings: tuple[Finding, ...]
    """Empty where it is over."""


@dataclass(frozen=True)
class Waiting:
    """Nothing new from the running trial; comes a few times a second, so that a face can tell the time."""

    case: Case
    trial: int


@dataclass(frozen=True)
class TrialEnded:
    """A trial is over, well or not."""

    result: TrialResult
    position: int
    total: int
    is_repeated: bool = False
    """True where it was spoiled and comes again: another attempt follows."""
    most: int | None = None
    """As `TrialStarted.most`."""


@dataclass(frozen=True)
class PictureJudged:
    """The picture of a case differs from the other backends'; told after its trial, as it takes theirs."""

    case: Case
    failure: Failure | None
    """Why all trials of the case have failed by that."""
    finding: Finding | None
    """What is only to be known: which picture is right cannot be told."""
    saved_frames: tuple[str, ...] = ()
    """PNG files, relative to the session's folder."""


@dataclass(frozen=True)
class RoundEnded:
    """Every case was measured once more; comes only where rounds are added until enough is known."""

    standing: Standing
    """What is known by now, and whether another round follows."""
    until: Until
    """What is asked for."""


Event = (
    TrialStarted
    | StageEntered
    | TrialReady
    | FramesMeasured
    | PreviewDrawn
    | UsageMeasured
    | Disturbed
    | Waiting
    | TrialEnded
    | PictureJudged
    | RoundEnded
)
