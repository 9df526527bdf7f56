"""What backends are called beside bars and in narrow tables, and trials where some were run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.dashboard.sessions.columns import cut
from tui.output.tables import backend_title, counts_text
from tui.text import cell_width, counted, printable

if TYPE_CHECKING:
    from profiles.session import CaseRecord, TrialRecord


@dataclass(frozen=True)
class Labels:
    """A name for each of some cases."""

    names: Mapping[str, str]
    """By `backend_title`, fit for a screen."""
    legend: str
    """What a short name means; "" where all names are whole."""

    @property
    def widest(self) -> int:
        """Columns of the longest."""
        return max(map(cell_width, self.names.values()), default=0)


def backend_labels(cases: Iterable[CaseRecord], room: int, ascii_only: bool = False) -> Labels:
    """Name cases by backend, workers and worlds; where a name is longer than `room`, all of them are short.

    `egl 2 workers, 64 worlds` is then `egl 2x64`.
    """
    cases = list(cases)
    titles = {backend_title(case): case for case in cases}
    names = {title: printable(title) for title in titles}
    if max(map(cell_width, names.values()), default=0) <= room:
        return Labels(names, "")
    several = [case for case in cases if counts_text(case)]
    names = {title: _short(case, room, ascii_only) for title, case in titles.items()}
    if not several:
        return Labels(names, "")
    example = max(several, key=lambda case: (case.workers > 1) + (case.worlds > 1))
    what = f"{counted(example.workers, 'worker')}, {counted(example.worlds, 'world')} each"
    return Labels(names, f"{_counts(example)}: {what}.")


def _short(case: CaseRecord, room: int, ascii_only: bool) -> str:
    name = printable(f"{case.backend} {case.change}".rstrip())
    counts = f" {_counts(case)}" if counts_text(case) else ""
    return cut(name, max(1, room - len(counts)), ascii_only=ascii_only) + counts


def _counts(case: CaseRecord) -> str:
    return f"{case.workers}x{case.worlds}"


def attempt_name(case: CaseRecord, trial: TrialRecord) -> str:
    """The number of a trial with what has to be known of it; "" where the number alone tells all.

    `2 (spoiled, run again)` is in no figure, `2 (attempt 3)` is what counts in its place.
    """
    counts = any(trial is one for one in case.counted)
    said = [f"attempt {trial.attempt}"] if trial.attempt > 1 else []
    said += ["spoiled"] if trial.is_spoiled else []
    said += [] if counts else ["run again"]
    return f"{trial.trial} ({', '.join(said)})" if said else ""
