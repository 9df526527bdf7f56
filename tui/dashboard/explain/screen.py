"""What makes a case slow: each change with its saving, the best together, and what cannot be changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from engine.changes.limits import line_of
from engine.changes.registry import all_changes
from engine.messages import ChangeStatus
from profiles.session import CaseRecord, Session
from tui.dashboard.explain.asking import survey_in_background
from tui.dashboard.explain.entries import Entry, explanation_entries
from tui.dashboard.explain.entry_list import EntryList
from tui.dashboard.explain.lines import fit
from tui.dashboard.explain.wanted import Wanted
from tui.dashboard.results.columns import plain_ascii
from tui.dashboard.sessions.line_table import LineList
from tui.explanation import explain_session
from tui.output.explanation_output import heading
from tui.text import printable

if TYPE_CHECKING:
    from tui.output.rows import Row


_BRACES = re.compile(r"\{\w+\}")
"""What is the scene's to fill in."""


class ExplanationScreen(Screen[None]):
    """Shows what each change saves; it measures nothing.

    Args:
        session: holds the case, unchanged and changed.
        folder: where it lies.
        records: of `tui.explanation.explained_records`.
        changes: every change, as the scene was asked; without any, it is asked now.
        ascii_only: do without other characters of ours.
    """

    CSS_PATH = "screen.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012 (Textual's own has no ClassVar)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,escape", "leave", "Back", id="explanation.back", key_display="b", tooltip="Go back"),
        Binding(
            "tab", "other_pane", "Scroll text", id="explanation.text", tooltip="Below the list, and back"
        ),
        Binding("r", "results", "Results", id="explanation.results", tooltip="All figures of the session"),
        Binding("g", "again", "Explain again", id="explanation.again", tooltip="Measure it once more"),
    ]

    class Left(Message):
        """A person goes back."""

    class ResultsWanted(Message):
        """A person wants to read the whole session."""

        def __init__(self, session: Session, folder: Path) -> None:
            super().__init__()
            self.session = session
            self.folder = folder

    class AgainWanted(Message):
        """A person wants the case explained once more."""

        def __init__(self, wanted: Wanted) -> None:
            super().__init__()
            self.wanted = wanted

    class Surveyed(Message):
        """What can be changed of the scene is known, or why it is not."""

        def __init__(self, answer: tuple[ChangeStatus, ...] | str) -> None:
            super().__init__()
            self.answer = answer

    def __init__(
        self,
        session: Session,
        folder: Path,
        records: Sequence[CaseRecord],
        changes: Sequence[ChangeStatus] = (),
        ascii_only: bool = False,
    ) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._session, self._folder, self._records = session, folder, records
        self._ascii_only = ascii_only
        self._changes = tuple(changes) or _unasked(records[0].backend)
        self._survey_error: str | None = "" if changes else None
        self.entries: list[Entry] = []
        """Every line, as it is now."""

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="incomplete", markup=False)
        yield Static(id="head", markup=False)
        yield EntryList(self._line, id="entries")
        with VerticalScroll(id="about"):
            yield Static(markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show what was measured, and look at the scene where nobody has."""
        self._show()
        self._list.focus()
        if self._survey_error is None:
            case, settings = self._records[0].case, self._session.profile.settings()
            survey_in_background(case, settings, lambda answer: self.post_message(self.Surveyed(answer)))

    def shows(self, session: Session, records: Sequence[CaseRecord]) -> bool:
        """Whether it is the explanation of this case of this session."""
        return self._session is session and self._records[0].id == records[0].id

    @on(Surveyed)
    def take_survey(self, message: Surveyed) -> None:
        """Fill in the lines of the scene and what cannot be changed."""
        if isinstance(message.answer, str):
            self._survey_error = message.answer
        else:
            self._changes, self._survey_error = message.answer, ""
        self._show()

    @property
    def _list(self) -> EntryList:
        return self.query_one(EntryList)

    def _show(self) -> None:
        explanation = explain_session(self._session, self._changes, self._records)
        self.entries = explanation_entries(explanation, self._survey_error)
        self._say("title", heading(explanation))
        self._say("incomplete", explanation.incomplete)
        self.query_one("#incomplete").display = bool(explanation.incomplete)
        self._fit()
        self._list.show_entries(self.entries)
        self._describe()

    def _line(self, index: int) -> str:
        return self._text(self._layout.line(self.entries[index]))

    @on(events.Resize)
    def _fit_again(self) -> None:
        self._fit()
        self._list.refresh()

    def _fit(self) -> None:
        # A space before the line, and one where the scroll bar may stand.
        room = max(1, self.app.size.width - 2)
        self._layout = fit(self.entries, room, self._ascii_only)
        self.query_one("#head", Static).update(f" {self._layout.head}")

    @on(LineList.Moved)
    def _describe(self) -> None:
        entry = self._list.chosen
        box = self.query_one("#about")
        box.query_one(Static).update(self._text("\n".join(entry.about)) if entry is not None else "")
        box.scroll_home(animate=False)

    def _say(self, name: str, text: str) -> None:
        self.query_one(f"#{name}", Static).update(self._text(printable(text)))

    def _text(self, text: str) -> str:
        return plain_ascii(text) if self._ascii_only else text

    def action_other_pane(self) -> None:
        """Let the arrow keys scroll the text, or move in the list again."""
        box = self.query_one("#about")
        if box.has_focus:
            self._list.focus()
        else:
            box.focus()

    def action_leave(self) -> None:
        """Go back."""
        self.post_message(self.Left())

    def action_results(self) -> None:
        """Ask for the session's results."""
        self.post_message(self.ResultsWanted(self._session, self._folder))

    def action_again(self) -> None:
        """Ask for another explanation of the case."""
        self.post_message(self.AgainWanted(Wanted.measured(self._session.profile, self._row)))

    @property
    def _row(self) -> Row:
        from tui.output.rows import make_rows

        rows = make_rows(self._session)
        return next(row for row in rows if row.case.id == self._records[0].id)


def _unasked(backend: str) -> tuple[ChangeStatus, ...]:
    """Every change with its line in general, before its scene was asked."""
    return tuple(
        ChangeStatus(id=info.id, reason="", line=_BRACES.sub("...", line_of(info.id, backend)))
        for info in all_changes()
    )
