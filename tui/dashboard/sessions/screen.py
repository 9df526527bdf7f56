"""All sessions of this machine: open, hold side by side, rename, export, delete, run again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Footer, Input, Static
from textual.worker import get_current_worker

from profiles.errors import SessionError
from profiles.profile import Profile
from profiles.session import Session
from profiles.sessions import DAMAGED, RUNNING, UNFINISHED, SessionEntry, read_entry
from tui.dashboard.background import BackgroundScreen
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.sessions.columns import Column
from tui.dashboard.sessions.comparison import Side
from tui.dashboard.sessions.filter_input import FilterInput
from tui.dashboard.sessions.line_table import LineList, LineTable
from tui.dashboard.sessions.listing import SessionListing
from tui.dashboard.sessions.reading import Batch, SessionReader
from tui.dashboard.sessions.texts import entry_lines, headline_text, local_minute, status_text
from tui.text import counted, printable

if TYPE_CHECKING:
    from profiles.own_sessions import DeletedSession

_NO_SESSION = "No session yet: b goes back, and what is measured there is kept here without asking."


class SessionsScreen(BackgroundScreen):
    """Lists them, newest first, and fills in while they are read.

    Args:
        ascii_only: do without other characters of ours.
    """

    CSS_PATH = ["line_table.tcss", "screen.tcss"]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="sessions.open", tooltip="Its table and its plots"),
        Binding("space", "mark", "Mark", id="sessions.mark", tooltip="A and B, to hold side by side"),
        Binding("c", "compare", "Compare", id="sessions.compare", tooltip="The marked two side by side"),
        Binding("r", "rename", "Rename", id="sessions.rename", show=False, tooltip="Give it another name"),
        Binding("d", "delete", "Delete", id="sessions.delete", show=False,
                tooltip="With its timings, after a question"),
        Binding("e", "export", "Export", id="sessions.export", tooltip="As JSON, CSV, Markdown or a picture"),
        Binding("g", "run_again", "Again", id="sessions.run-again", tooltip="Measure the same once more"),
        Binding("slash", "filter", "Filter", id="sessions.filter", show=False,
                tooltip="Show those that hold a text"),
        Binding("ctrl+r", "read_again", "Read again", id="sessions.again", show=False,
                tooltip="Look again at what there is"),
        Binding("b,escape", "back", "Back", id="sessions.back", key_display="b", tooltip="Open nothing"),
    ]  # fmt: skip

    class Opened(Message):
        """A person wants to read this session, which was loaded."""

        def __init__(self, session: Session, folder: Path) -> None:
            super().__init__()
            self.session = session
            self.folder = folder

    class Compared(Message):
        """A person wants these two held side by side, which were loaded."""

        def __init__(self, first: Side, second: Side) -> None:
            super().__init__()
            self.first, self.second = first, second

    class RunAgain(Message):
        """A person wants the same measured once more."""

        def __init__(self, profile: Profile, name: str) -> None:
            super().__init__()
            self.profile = profile
            self.name = name
            """What the session says that was asked for."""

    class Renamed(Message):
        """A session lies in another folder now."""

        def __init__(self, old: Path, new: Path) -> None:
            super().__init__()
            self.old, self.new = old, new

    class Deleted(Message):
        """A session is gone."""

        def __init__(self, folder: Path) -> None:
            super().__init__()
            self.folder = folder

    class Left(Message):
        """A person goes back."""

    class Read(Message):
        """Some of the sessions were read, or could not be."""

        def __init__(self, turn: int, batch: Batch, error: str = "") -> None:
            super().__init__()
            self.turn = turn
            """Tells one reading from another that was begun since."""
            self.batch = batch
            self.error = error

    def __init__(self, ascii_only: bool = False) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._ascii_only = ascii_only
        self._listing = SessionListing()
        self._reader = SessionReader()
        self._turn = 0
        self._left: int | None = None
        """Sessions still to be read, None before their number is known."""
        self._error = ""

    def compose(self) -> ComposeResult:
        listing = self._listing
        columns: tuple[Column[SessionEntry], ...] = (
            Column("", lambda entry: listing.mark(entry.name) or " "),
            Column("started", lambda entry: local_minute(entry.started_at)),
            Column("session", lambda entry: printable(entry.name), longest=64, gives=True, keeps_end=True),
            Column("machine", lambda entry: printable(entry.machine), rank=2, longest=24),
            Column("status", lambda entry: status_text(entry.status, self._ascii_only)),
            Column("cases", lambda entry: str(entry.cases or ""), number=True, rank=3),
            Column("fastest", lambda entry: headline_text(entry, self._ascii_only)),
        )
        yield Static(id="title", markup=False)
        yield LineTable(columns, lambda entry: entry.name, self._ascii_only, id="table")
        yield Static(id="sentence", markup=False)
        yield FilterInput(id="filter", compact=True)
        yield Static(id="details", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to read; the screen can be used meanwhile."""
        self.query_one("#filter").display = False
        self._table.focus_lines()
        self._show()
        self.action_read_again()

    @property
    def _table(self) -> LineTable[SessionEntry]:
        return self.query_one("#table", LineTable)

    # Reading

    def action_read_again(self) -> None:
        """Look again at what there is."""
        self._turn += 1
        self._left, self._error = None, ""
        self._show()
        self._read(self._turn)

    def on_screen_resume(self) -> None:
        """What was measured meanwhile belongs into the list."""
        if self._turn:
            self.action_read_again()

    @work(thread=True, exclusive=True, group="reading", exit_on_error=False)
    def _read(self, turn: int) -> None:
        worker = get_current_worker()
        try:
            for batch in self._reader.read(self._listing, lambda: worker.is_cancelled):
                self.post_message(self.Read(turn, batch))
        except SessionError as error:
            self.post_message(self.Read(turn, Batch((), (), 0), str(error)))

    @on(Read)
    def take(self, message: Read) -> None:
        """Show what was read, with the cursor where it was."""
        if message.turn != self._turn:
            return
        self._left, self._error = message.batch.left, message.error
        if not message.error:
            self._listing.keep(message.batch.names)
            self._listing.put(message.batch.entries)
        self._show()

    def _show(self, name: str = "") -> None:
        """Draw the list, with the cursor on the session of this name or where it was."""
        shown = self._listing.shown()
        self._table.show(shown, name)
        self.query_one("#title", Static).update(printable(self._title(len(shown))))
        sentence = self.query_one("#sentence", Static)
        sentence.update(printable(self._sentence(len(shown))))
        sentence.display = bool(self._error) or not shown
        self._table.display = bool(shown)
        self._describe()

    def _title(self, shown: int) -> str:
        parts = [counted(len(self._listing), "session")]
        if self._error:
            parts = ["Sessions", "! could not be read"]
        elif self._left is None:
            parts.append("reading...")
        elif self._left:
            parts.append(f"reading, {self._left} to go")
        if self._listing.wanted:
            parts.append(f"{shown} with {self._listing.wanted!r}")
        # The footer has no room for these.
        parts.append(self.busy_with or "/ filter  r rename  d delete")
        return "   ".join(parts)

    def _sentence(self, shown: int) -> str:
        if self._error:
            return f"! {self._error}; ctrl+r tries again."
        if shown or self._left:
            return ""
        if self._left is None:
            return "Reading the sessions of this machine..."
        if len(self._listing):
            return f"No session holds {self._listing.wanted!r}: escape shows all."
        return _NO_SESSION

    @on(LineList.Moved)
    def _describe(self) -> None:
        entry = self._table.chosen
        lines = entry_lines(entry, self._ascii_only) if entry is not None else []
        self.query_one("#details", Static).update("\n".join(lines))
        self.refresh_bindings()

    # Looking for some

    def action_filter(self) -> None:
        """Ask for a text."""
        box = self.query_one("#filter")
        box.display = True
        box.focus()

    @on(Input.Changed, "#filter")
    def look_for(self, event: Input.Changed) -> None:
        """Show what holds the text, as it is typed."""
        self._listing.wanted = event.value.strip()
        self._show()

    @on(FilterInput.Left)
    def leave_filter(self) -> None:
        """Go on with what was found."""
        self.query_one("#filter").display = bool(self._listing.wanted)
        self._table.focus_lines()

    def _clear_filter(self) -> None:
        box = self.query_one("#filter", FilterInput)
        box.value = ""
        box.display = False
        self._table.focus_lines()

    # What is done with sessions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the session under the cursor."""
        if not self.is_mounted or action in ("back", "filter", "read_again"):
            return True
        entry = self._table.chosen
        if action == "compare":
            return self._listing.pair(entry) is not None
        if entry is None:
            return False
        if entry.status == RUNNING:
            return action == "open"
        readable = entry.status not in (DAMAGED, UNFINISHED)
        return readable or action in ("open", "rename", "delete", "run_again")

    @on(LineList.Chosen)
    def action_open(self) -> None:
        """Load a session and hand it up; one that was killed is completed first, after a question."""
        if (entry := self._table.chosen) is None:
            return
        if entry.status in (RUNNING, DAMAGED):
            said = entry.error or f"{entry.name} is being measured now: it can be opened when it is over"
            self.say(said, failed=True)
        elif entry.status == UNFINISHED:
            question = f"The run of {entry.name} was killed before it was saved."
            yes = "complete it from its journal, and open it"
            self.app.push_screen(ConfirmDialog(question, yes), partial(self._recover, entry))
        else:
            self.do(f"opening {entry.name}", partial(_load, entry), self._opened)

    def _recover(self, entry: SessionEntry, yes: bool | None) -> None:
        def then(side: Side) -> None:
            self.action_read_again()
            self._opened(side)

        if yes:
            self.do(f"completing {entry.name}", partial(_load_recovered, entry), then)

    def _opened(self, side: Side) -> None:
        self.post_message(self.Opened(side.session, side.folder))

    def action_mark(self) -> None:
        """Mark a session, or take its mark away."""
        if (entry := self._table.chosen) is None:
            return
        if not self._listing.toggle(entry.name):
            self.say("Two sessions are marked already: space on one of them takes its mark away.")
        self._table.refresh_rows()
        self.refresh_bindings()

    def action_compare(self) -> None:
        """Load the two and hand them up."""
        pair = self._listing.pair(self._table.chosen)
        if pair is None:
            return
        unreadable = [entry for entry in pair if entry.status in (RUNNING, UNFINISHED, DAMAGED)]
        if unreadable:
            self.say(f"{unreadable[0].name} is {unreadable[0].status} and cannot be compared.", failed=True)
            return

        def then(sides: list[Side]) -> None:
            self.post_message(self.Compared(*sides))

        self.do("opening two sessions", lambda: [_load(entry) for entry in pair], then)

    def action_rename(self) -> None:
        """Give a session a name that is asked for."""
        if (entry := self._table.chosen) is None:
            return

        def problem(text: str) -> str:
            from profiles.own_sessions import check_free_session_name

            try:
                if text != entry.name:
                    check_free_session_name(text)
            except SessionError as error:
                return str(error)
            return ""

        question = f"Another name for the session {entry.name}:"
        ask = AskDialog(question, printable(entry.name), problem)
        self.app.push_screen(ask, partial(self._rename, entry))

    def _rename(self, entry: SessionEntry, new: str | None) -> None:
        def rename() -> SessionEntry:
            from profiles.own_sessions import rename_session

            return read_entry(rename_session(entry, new or ""))

        def then(renamed: SessionEntry) -> None:
            self._listing.rename(entry.name, renamed)
            self._show(renamed.name)
            self.action_read_again()
            self.post_message(self.Renamed(entry.folder, renamed.folder))

        if new and new != entry.name:
            self.do(f"renaming {entry.name}", rename, then)

    def action_delete(self) -> None:
        """Delete a session after a question."""
        if (entry := self._table.chosen) is None:
            return
        question = f"Delete the session {entry.name} with its timings and pictures?"
        dialog = ConfirmDialog(question, f"delete {entry.folder}", "keep it")
        self.app.push_screen(dialog, partial(self._delete, entry))

    def _delete(self, entry: SessionEntry, yes: bool | None) -> None:
        def delete() -> DeletedSession:
            from profiles.own_sessions import delete_session

            return delete_session(entry)

        def then(deleted: DeletedSession) -> None:
            self._listing.drop(entry.name)
            self._show()
            self.action_read_again()
            if deleted.note:
                self.say(deleted.note)
            self.post_message(self.Deleted(deleted.folder))

        if yes:
            self.do(f"deleting {entry.name}", delete, then)

    def action_export(self) -> None:
        """Write a session in another form."""
        if (entry := self._table.chosen) is None:
            return

        def then(side: Side) -> None:
            from tui.dashboard.sessions.export_dialog import ExportDialog

            self.app.push_screen(ExportDialog(side.session, side.folder, self._ascii_only))

        self.do(f"opening {entry.name}", partial(_load, entry), then)

    def action_run_again(self) -> None:
        """Hand up what the session measured, where its scenes and backends exist here."""
        if (entry := self._table.chosen) is None:
            return
        if entry.status == UNFINISHED:
            self.say(f"{entry.name} is not finished: enter completes it first.", failed=True)
            return

        def load() -> tuple[Profile, str]:
            from profiles.store import load_profile

            profile = load_profile(entry.folder)
            try:
                return profile, _load(entry).session.session.profile_name
            except SessionError:
                return profile, entry.name

        def then(found: tuple[Profile, str]) -> None:
            self.post_message(self.RunAgain(*found))

        self.do(f"opening {entry.name}", load, then)

    def action_back(self) -> None:
        """Show all again where a text is looked for, else go back."""
        if self._listing.wanted or self.query_one("#filter").display:
            self._clear_filter()
        else:
            self.post_message(self.Left())

    def show_busy(self) -> None:
        """Say in the title what goes on aside from the screen."""
        self.query_one("#title", Static).update(printable(self._title(len(self._listing.shown()))))


def _load(entry: SessionEntry) -> Side:
    from profiles.sessions import load_session

    return Side(load_session(entry.folder), entry.folder)


def _load_recovered(entry: SessionEntry) -> Side:
    from profiles.writer import recover

    return Side(recover(entry.folder), entry.folder)
