"""Reductions of trials, read once each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from profiles.errors import SessionError

if TYPE_CHECKING:
    from tui.dashboard.results.reduction import Reduction

_KEPT = 16


class TrialReader:
    """Reads the trials of one session; `read` may be called from any thread.

    Args:
        folder: the session's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: OrderedDict[str, Reduction] = OrderedDict()

    def known(self, key: str) -> Reduction | None:
        """What was read of a trial before."""
        return self._known.get(key)

    def read(self, key: str, wanted: Callable[[], bool] = lambda: True) -> Reduction:
        """Read and reduce the timed frames of a trial.

        Args:
            key: `timings` of the trial's record.
            wanted: asked now and then; the reading ends where it says no.

        Raises:
            SessionError: the timings cannot be read, or there are none.
            Unwanted: `wanted` said no.
        """
        from profiles.timings_file import open_timed_frames
        from tui.dashboard.results.reduction import reduce_frames

        if (found := self._known.get(key)) is not None:
            return found
        with open_timed_frames(self._folder, key) as timed:
            if not timed.frames:
                raise SessionError("this trial holds no timed frame")
            reduction = reduce_frames(timed.frame_times(), timed.frames, wanted)
        self._known[key] = reduction
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return reduction
