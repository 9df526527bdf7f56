"""What the screen of an explanation says, line by line: without Textual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.changes.combinations import Purpose
from engine.changes.registry import Kind, change_ids, find_change
from tui.output.explanation_output import (
    BUNDLE,
    GEOMETRY,
    NONE_SAVES,
    PURPOSES,
    UNSURE,
    best_savings,
    best_text,
    explanation_notes,
    frame_time_text,
    saving_cells,
)
from tui.text import counted, printable

if TYPE_CHECKING:
    from engine.changes.savings import Saving
    from engine.messages import ChangeStatus
    from tui.explanation import Explanation

_SHORT = {
    PURPOSES[Purpose.KEEPS_SHADOWS]: "best with shadows",
    PURPOSES[Purpose.SAME_REQUEST]: "best at this size",
    PURPOSES[Purpose.FASTEST]: "fastest of all",
    BUNDLE: "bare",
}
"""Names no longer than those of changes."""
_NOT_MEASURED = "Nothing of it was measured beside the unchanged case."
_OTHER_GEOMETRY = "What takes things away or draws others in their place: the picture is another."
_TOGETHER = "What surely saves time by itself was put together and measured together: savings do not add up."
_REFUSED = "What cannot be changed of this case, and why."
_LOOKING = "the scene is being looked at ..."
_NOTES = "What has to be known to read the figures."


@dataclass(frozen=True)
class Entry:
    """One line, and what is told of it where the cursor is on it."""

    key: str
    """Stays the same while the line says something else."""
    name: str
    """What stands at its beginning; of the head of a part, its title."""
    cells: tuple[str, ...] = ()
    """The figures of a saving, else nothing."""
    text: str = ""
    """What stands behind the figures, or in their place."""
    about: tuple[str, ...] = ()
    """All of it, in lines of any length."""
    is_head: bool = False
    is_faint: bool = False
    """Whether it says less than others: a saving that may be none, or no saving at all."""


def explanation_entries(explanation: Explanation, survey_error: str | None = "") -> list[Entry]:
    """Everything in its order: each change, the best together, what cannot be changed, notes.

    Args:
        explanation: what was measured.
        survey_error: why what cannot be changed is not known; None where the scene is still looked at.
    """
    entries = [_single(saving, explanation) for saving in explanation.settings]
    others = [_single(saving, explanation) for saving in explanation.geometry]
    entries += [_head(GEOMETRY, _OTHER_GEOMETRY), *others] if others else []
    if not entries:
        entries.append(Entry("nothing", "", text=_NOT_MEASURED, about=(_NOT_MEASURED,)))
    best = [_best(title, saving, explanation) for title, saving in best_savings(explanation)]
    entries += [_head("together", _TOGETHER), *best]
    refused = list(_refused(explanation.refused, survey_error))
    if refused:
        entries += [_head("not applicable", _REFUSED), *refused]
    notes = [
        Entry(f"note {number}", "", text=printable(note), about=(printable(note),))
        for number, note in enumerate(explanation_notes(explanation))
    ]
    return [*entries, *([_head("notes", _NOTES), *notes] if notes else [])]


def _head(title: str, about: str) -> Entry:
    return Entry(title, title, about=(about,), is_head=True)


def _single(saving: Saving, explanation: Explanation) -> Entry:
    info = find_change(saving.change)
    line = printable(explanation.line(saving.change))
    about = [f"{info.id}: {info.title}", _figures(saving, explanation)]
    about += [f"made by: {line}"] if line else []
    if not saving.is_sure:
        about.append(_why_unsure(saving))
    if info.kind is Kind.CONTENT:
        about.append("It stands in no combination: without these geoms the picture is another.")
    return Entry(
        saving.change,
        saving.change,
        saving_cells(saving),
        line,
        tuple(about),
        is_faint=not saving.is_sure,
    )


def _best(title: str, saving: Saving | None, explanation: Explanation) -> Entry:
    what = printable(best_text(title, saving, explanation))
    key, name = f"best: {title}", _SHORT[title]
    if saving is None:
        return Entry(key, name, text=NONE_SAVES, about=(f"{title}: {NONE_SAVES}.",), is_faint=True)
    about = [title if title == BUNDLE else f"{title}: {what}", _figures(saving, explanation)]
    about += [
        f"{name}: {line}" for name in change_ids(saving.change) if (line := printable(explanation.line(name)))
    ]
    cells = saving_cells(saving)
    return Entry(key, name, cells, what, tuple(about), is_faint=not saving.is_sure)


def _figures(saving: Saving, explanation: Explanation) -> str:
    """One saving in words."""
    ms, ms_interval, speed_up, interval = saving_cells(saving)
    of = f" of {frame_time_text(explanation.unchanged)}" if explanation.unchanged is not None else ""
    known = saving.interval is not None
    words = f"saves {ms.removesuffix(UNSURE).strip()} ms{of}" + (f" (95%: {ms_interval})" if known else "")
    words += f"; {speed_up} the speed" + (f" (95%: {interval})" if known else "")
    return f"{words}; {counted(saving.speed_up.rounds, 'round')}"


def _why_unsure(saving: Saving) -> str:
    if saving.interval is None:
        return "With fewer than 3 rounds there is no interval: this may save nothing."
    if saving.interval.high < 0:
        return "The interval is below 0: this costs time."
    return "The interval holds 0: this may save nothing. More rounds make it narrower."


def _refused(changes: Sequence[ChangeStatus], survey_error: str | None) -> Iterator[Entry]:
    if survey_error is None:
        yield Entry("looking", "", text=_LOOKING, about=(_LOOKING,), is_faint=True)
    elif survey_error:
        text = printable(f"not known, as the scene cannot be looked at: {survey_error}")
        yield Entry("looking", "", text=text, about=(text,), is_faint=True)
    for status in changes:
        reason = printable(status.reason)
        about = (f"{status.id}: {find_change(status.id).title}", f"not applicable: {reason}")
        yield Entry(f"refused {status.id}", status.id, text=reason, about=about, is_faint=True)
