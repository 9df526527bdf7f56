"""All profiles: load, duplicate, rename, delete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static

from profiles.errors import ProfileError, is_utf8
from profiles.own_profiles import (
    delete_profile,
    duplicate_profile,
    free_name,
    rename_profile,
)
from profiles.profile import Profile
from profiles.store import ProfileEntry, list_builtin_profiles, list_profiles
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.profiles.keeping import ProfileKeeper
from tui.dashboard.profiles.lines import description_lines, list_lines, setting_facts
from tui.dashboard.profiles.names import name_problem
from tui.dashboard.profiles.profile_list import ProfileList
from tui.text import printable


class ProfilesScreen(Screen[None]):
    """Lists them, and tells what is in the one under the cursor.

    Args:
        current_name: the profile that is loaded, or "".
        ascii_only: do without characters beyond ASCII.
    """

    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (118, "-wide")]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "duplicate", "Duplicate", id="profiles.duplicate", tooltip="Copy it with its comments"),
        Binding("r", "rename", "Rename", id="profiles.rename", tooltip="Give it another name"),
        Binding("d", "delete", "Delete", id="profiles.delete", tooltip="Delete its file, after a question"),
        Binding("e", "path", "File", id="profiles.path", tooltip="Where to edit it by hand"),
        Binding("ctrl+r", "read_again", "Read again", id="profiles.again", show=False,
                tooltip="After a file was edited by hand"),
        Binding("b,escape", "back", "Back", id="profiles.back", key_display="b", tooltip="Load nothing"),
    ]  # fmt: skip

    class Loaded(Message):
        """A person wants this profile loaded."""

        def __init__(self, keeper: ProfileKeeper) -> None:
            super().__init__()
            self.keeper = keeper
            """Knows where it is saved."""
            self.name = keeper.name
            self.profile: Profile = keeper.saved

    class Renamed(Message):
        """A profile has another name now."""

        def __init__(self, old: str, new: str) -> None:
            super().__init__()
            self.old, self.new = old, new

    class Deleted(Message):
        """A profile is gone."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Left(Message):
        """A person goes back without loading one."""

    def __init__(self, current_name: str, ascii_only: bool = False) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._loaded = current_name
        self._ascii_only = ascii_only
        self._entries: tuple[ProfileEntry, ...] = ()

    def compose(self) -> ComposeResult:
        with Container(id="panes"):
            yield ProfileList(id="profiles")
            with VerticalScroll(id="about"):
                yield Static(id="details", markup=False)
        yield Static(id="problem", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the profiles, with the cursor on the one that is loaded."""
        self.query_one("#profiles").border_title = "Profiles"
        self._read(self._loaded)
        self.query_one("#profiles").focus()

    def _read(self, name: str) -> None:
        """Look again at what there is, and put the cursor onto `name`, or leave it where it is."""
        problem = ""
        try:
            self._entries = list_profiles()
        except ProfileError as error:
            self._entries, problem = list_builtin_profiles(), f"! {error}"
        shown = self.query_one("#problem", Static)
        shown.update(printable(problem))
        shown.display = bool(problem)
        names = [entry.name for entry in self._entries]
        listed = self.query_one(ProfileList)
        row = names.index(name) if name in names else listed.highlighted or 0
        listed.show(list_lines(self._entries, self._loaded, self._ascii_only), row)
        self._describe()

    @property
    def _entry(self) -> ProfileEntry | None:
        """The profile under the cursor."""
        row = self.query_one(ProfileList).highlighted
        return self._entries[row] if row is not None and row < len(self._entries) else None

    @on(OptionList.OptionHighlighted)
    def _describe(self) -> None:
        entry = self._entry
        about = self.query_one("#about")
        if entry is not None and self.is_mounted:
            about.border_title = Content(printable(entry.name))
            own = entry.origin == "own"
            about.border_subtitle = "your own" if own else "comes with the instrument, read-only: c copies it"
            self.query_one("#details", Static).update(self._details(entry))
            about.scroll_home(animate=False)
        self.refresh_bindings()

    def _details(self, entry: ProfileEntry) -> Group:
        text = Text()
        facts: list[tuple[str, str]] = []
        if entry.profile is None:
            text.append(f"! cannot be used: {printable(entry.error)}\n")
        else:
            if entry.title:
                text.append(f"{printable(entry.title)}\n", "bold")
            text.append("".join(f"{line}\n" for line in description_lines(entry.profile)))
            facts += setting_facts(entry.profile)
        if entry.origin == "own":
            facts.append(("file", str(entry.path)))
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for label, words in facts:
            table.add_row(Text(label, "dim"), Text(printable(words)))
        return Group(*([text] if text else []), table)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the profile under the cursor."""
        if action in ("rename", "delete", "duplicate", "path") and self.is_mounted:
            entry = self._entry
            return entry is not None and (action in ("duplicate", "path") or entry.origin == "own")
        return True

    @on(OptionList.OptionSelected)
    def load(self) -> None:
        """Hand the profile up as its file is now."""
        if (entry := self._entry) is None:
            return
        try:
            self.post_message(self.Loaded(ProfileKeeper.load(entry.path)))
        except ProfileError as error:
            self._say(str(error), failed=True)

    def action_duplicate(self) -> None:
        """Copy a profile under a name that is asked for."""
        if (entry := self._entry) is None:
            return

        def copy(new: str | None) -> None:
            if new:
                self._change(lambda: duplicate_profile(entry.name, new), new)

        question = f"A copy of the profile {entry.name!r}, under which name?"
        self.app.push_screen(AskDialog(question, free_name(entry.name), name_problem), copy)

    def action_rename(self) -> None:
        """Give a profile a name that is asked for."""
        if (entry := self._entry) is None:
            return

        def rename(new: str | None) -> None:
            if new and new != entry.name and self._change(lambda: rename_profile(entry.name, new), new):
                if self._loaded == entry.name:
                    self._loaded = new
                    self._read(new)
                self.post_message(self.Renamed(entry.name, new))

        def problem(text: str) -> str:
            return "" if text == entry.name else name_problem(text)

        question = f"Another name for the profile {entry.name!r}:"
        self.app.push_screen(AskDialog(question, entry.name, problem), rename)

    def action_delete(self) -> None:
        """Delete a profile after a question."""
        if (entry := self._entry) is None:
            return

        def delete(yes: bool | None) -> None:
            if yes and self._change(lambda: delete_profile(entry.name), ""):
                self.post_message(self.Deleted(entry.name))

        question = ConfirmDialog(f"Delete the profile {entry.name!r}?", f"delete {entry.path}", "keep it")
        self.app.push_screen(question, delete)

    def action_path(self) -> None:
        """Tell where the file is, and copy its path where the terminal allows it."""
        if (entry := self._entry) is None:
            return
        if is_utf8(str(entry.path)):
            self.app.copy_to_clipboard(str(entry.path))
        next_step = "ctrl+r reads it again" if entry.origin == "own" else "it is read-only, edit a copy (c)"
        self._say(f"{entry.path}: {next_step}")

    def action_read_again(self) -> None:
        """Look again at all files."""
        self._read(self._entry.name if self._entry else "")

    def action_back(self) -> None:
        """Load nothing."""
        self.post_message(self.Left())

    def _change(self, change: Callable[[], Path], name: str) -> bool:
        """Change files, then show what there is with the cursor on `name`; False where it failed."""
        try:
            change()
        except ProfileError as error:
            self._say(str(error), failed=True)
            return False
        finally:
            self._read(name)
        return True

    def _say(self, sentence: str, failed: bool = False) -> None:
        self.notify(printable(sentence), markup=False, severity="error" if failed else "information")
