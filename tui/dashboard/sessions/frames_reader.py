"""The frame times of whole cases: of all trials that count together, read once each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui.dashboard.results.trial_reader import TrialReader

if TYPE_CHECKING:
    from profiles.session import CaseRecord
    from tui.dashboard.results.reduction import FineHistogram

_KEPT = 32
_MS = 1e-6


@dataclass(frozen=True)
class CaseFrames:
    """All timed frames of one case."""

    histogram: FineHistogram
    frames: int
    trials: int
    slowest_ms: float

    @property
    def p50_ms(self) -> float:
        """The time that half of the frames do not exceed, to a fine bin."""
        return self.histogram.quantile_ns(0.5) * _MS

    @property
    def p99_ms(self) -> float:
        """The time that 99 of 100 frames do not exceed, to a fine bin."""
        return self.histogram.quantile_ns(0.99) * _MS


class FramesReader:
    """Reads the cases of one session; `read` may be called from any thread.

    Args:
        folder: the session's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._trials = TrialReader(folder)
        self._known: OrderedDict[str, CaseFrames] = OrderedDict()

    def known(self, case: CaseRecord) -> CaseFrames | None:
        """What was read of a case before."""
        return self._known.get(case.id)

    def read(self, case: CaseRecord, wanted: Callable[[], bool] = lambda: True) -> CaseFrames:
        """Read the timed frames of all trials of a case that count.

        Args:
            case: it has a trial with timings.
            wanted: asked now and then; the reading ends where it says no.

        Raises:
            SessionError: the timings cannot be read, or there are none.
            Unwanted: `wanted` said no.
        """
        from tui.dashboard.results.reduction import merged

        if (found := self._known.get(case.id)) is not None:
            return found
        parts = [self._trials.read(key, wanted) for key in timings_of(case)]
        found = CaseFrames(
            merged([part.histogram for part in parts]),
            sum(part.frames for part in parts),
            len(parts),
            max(part.slowest[0] for part in parts),
        )
        self._known[case.id] = found
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found


def timings_of(case: CaseRecord) -> list[str]:
    """The keys of the timings of all trials that count."""
    return [trial.timings for trial in case.counted if trial.timings is not None]
