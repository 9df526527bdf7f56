"""Which changes to make together, once it is known what each saves by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from engine.changes.registry import ChangeInfo, Kind, change_ids, find_change, join_changes
from engine.changes.savings import Saving


class Purpose(StrEnum):
    """What a combination is looked for."""

    KEEPS_SHADOWS = "keeps-shadows"
    """Shadows stay, and so do size, physics and readback."""
    SAME_REQUEST = "same-request"
    """The same things at the same size, with the same physics and readback."""
    FASTEST = "fastest"
    """The fastest of all that still shows every geom."""


_TAKES: dict[Purpose, Callable[[ChangeInfo], bool]] = {
    Purpose.KEEPS_SHADOWS: lambda info: info.kind is Kind.LOOK and info.keeps_shadows,
    Purpose.SAME_REQUEST: lambda info: info.kind is Kind.LOOK,
    Purpose.FASTEST: lambda info: info.kind is not Kind.CONTENT,
}


def wanted_combinations(savings: Sequence[Saving]) -> tuple[str, ...]:
    """The combinations worth measuring, as cases have them; each once, and none of one change alone."""
    joined = (combine(purpose, savings) for purpose in Purpose)
    return tuple(dict.fromkeys(change for change in joined if len(change_ids(change)) > 1))


def combine(purpose: Purpose, savings: Sequence[Saving]) -> str:
    """All single changes that fit a purpose and surely save time, "" without any.

    Of two of which one has nothing left to change beside the other, the one that saves more is taken.
    """
    chosen: list[ChangeInfo] = []
    for saving in sorted(savings, key=lambda saving: -saving.ms):
        if len(change_ids(saving.change)) > 1 or not saving.is_sure:
            continue
        info = find_change(saving.change)
        is_idle = any(info.id in other.replaces or other.id in info.replaces for other in chosen)
        if _TAKES[purpose](info) and not is_idle:
            chosen.append(info)
    return join_changes(tuple(info.id for info in chosen))


def best_for(purpose: Purpose, savings: Sequence[Saving]) -> Saving | None:
    """The change or combination that was measured to save the most and fits a purpose; None without any."""
    fitting = (
        saving
        for saving in savings
        if saving.is_sure and all(_TAKES[purpose](find_change(name)) for name in change_ids(saving.change))
    )
    return max(fitting, key=lambda saving: saving.ms, default=None)
