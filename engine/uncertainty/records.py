"""What is told of a figure's uncertainty. Nothing heavy is imported here: who only shows it needs this."""

import math
from enum import StrEnum

from engine.record import Record

LEVEL = 0.95
"""Probability with which an interval's recipe covers the true value."""


class IntervalKind(StrEnum):
    """What an interval's trials could have differed in."""

    TRIALS = "trials"
    """From trial to trial: another process, another moment. What a repetition would show."""
    WITHIN_TRIAL = "within trial"
    """From frame to frame of the same process only: a further trial may well lie outside."""


class Interval(Record, frozen=True, kw_only=False):
    """A confidence interval, in the unit of its figure."""

    low: float
    high: float
    kind: IntervalKind
    level: float = LEVEL

    @property
    def half_width(self) -> float:
        """Half the distance between the ends, in the unit of the figure."""
        return (self.high - self.low) / 2

    @property
    def relative_error(self) -> float:
        """How far the upper end lies above the geometric middle, as a part of it: 0.01 for 1%.

        The intervals here are symmetric on logarithms, so their middle is the figure itself.
        """
        return math.sqrt(self.high / self.low) - 1


class SteadyState(Record, frozen=True):
    """Where a trial's frames became alike."""

    first_frame: int
    """Frames before it are left out of the statistics: so it is also how many those are."""
    settled: bool | None
    """False where no part of the trial was steady to its end: then nothing is left out. None where the
    frames are too few to tell."""
    change: float | None = None
    """Frame time before the change divided by that after it, less 1: 0.2 where the frames left out took 20%
    longer than the steady ones. Of a trial that never settled, its largest lasting change."""
    change_frame: int | None = None
    """Where in a trial that never settled that change was."""


class Noise(Record, frozen=True):
    """The two noises of a case, as parts of the mean: 0.05 for 5%."""

    frame: float | None
    """Standard deviation of the frame time within a trial by its mean; None where a trial has one frame."""
    trial: float | None
    """Standard deviation of FPS from trial to trial by its mean; None for one trial."""
