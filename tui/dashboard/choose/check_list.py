"""A list of things to choose; the cursor reaches every line, also one that cannot be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from tui.dashboard.choose.more import title_with_more
from tui.text import printable


class Mark(StrEnum):
    """What stands before a line, told apart without colour."""

    CHOSEN = "[x]"
    FREE = "[ ]"
    CLOSED = " - "
    """Cannot be chosen: the description says why."""
    FAILS = "[!]"
    """Chosen, and known to fail here."""

    @classmethod
    def of(cls, chosen: bool, works: bool) -> Mark:
        """The mark of a line."""
        if works:
            return cls.CHOSEN if chosen else cls.FREE
        return cls.FAILS if chosen else cls.CLOSED


# No colours: on the ground of the cursor's line they could not be read.
_STYLES = {Mark.CHOSEN: "bold", Mark.FREE: "", Mark.CLOSED: "", Mark.FAILS: "bold"}


@dataclass(frozen=True)
class Line:
    """One thing to choose."""

    value: str
    name: str
    note: str
    mark: Mark
    keeps: str = ""
    """What stands behind the note, and is seen however little room there is."""

    @property
    def text(self) -> str:
        """The line as it stands there, without what the width cuts off."""
        return printable(f"{self.mark} {self.name}  {self.note} {self.keeps}".rstrip())

    def content(self, width: int = 0, end: str = "…") -> Content:
        """The line with its styles; what it says is never markup.

        Args:
            width: characters that there is room for; 0 while nobody knows.
            end: what a note that is cut ends with.
        """
        closed = self.mark is Mark.CLOSED
        start, note, keeps = f"{self.mark} ", printable(self.note), printable(self.keeps)
        name = printable(self.name) + ("  " if note or keeps else "")
        room = width - cell_len(start + name) - cell_len(keeps) - 1
        if width and keeps and cell_len(note) > room:
            note = set_cell_size(note, max(0, room - 1)).rstrip() + end if room > 1 else ""
        behind = " ".join(filter(None, (note, keeps)))
        return Content.assemble(
            Content.styled(start, _STYLES[self.mark]),
            Content.styled(name, "dim" if closed else ""),
            Content.styled(behind, "dim"),
        )


class CheckList(OptionList):
    """Shows lines; says which one a person wants toggled, and leaves it to others what comes of that."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "Choose", id="choose.toggle", tooltip="Choose the line, or no longer"),
        Binding("left", "go_left", "To the left", show=False),
        Binding("right", "app.focus_next", "To the right", show=False),
    ]

    class Toggled(Message):
        """A person wants a line chosen, or no longer."""

        def __init__(self, check_list: CheckList, value: str) -> None:
            super().__init__()
            self.check_list = check_list
            self.value = value

        @property
        def control(self) -> CheckList:
            """The list that it came from."""
            return self.check_list

    def __init__(self, title: str, keys: str, id: str, ascii_only: bool = False) -> None:
        super().__init__(markup=False, id=id)
        self.border_title = self._title = title
        self.border_subtitle = keys
        self.lines: tuple[Line, ...] = ()
        self._end = "~" if ascii_only else "…"
        self._room = 0

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; the cursor stays on the value that it is on."""
        if [line.value for line in lines] == [line.value for line in self.lines]:
            for index, line in enumerate(lines):
                if line != self.lines[index]:
                    self.replace_option_prompt_at_index(index, self._prompt(line))
            self.lines = tuple(lines)
            return
        current = self.current
        self.lines = tuple(lines)
        self.set_options([self._prompt(line) for line in lines])
        self.call_after_refresh(self._say_more)
        values = [line.value for line in lines]
        self.highlighted = values.index(current) if current in values else 0 if lines else None

    def _prompt(self, line: Line) -> Content:
        return line.content(self._room, self._end)

    def on_resize(self, event: events.Resize) -> None:
        """Cut the notes anew, and keep the cursor in sight."""
        room = self.scrollable_content_region.width
        if room != self._room:
            self._room = room
            for index, line in enumerate(self.lines):
                self.replace_option_prompt_at_index(index, self._prompt(line))
        self.call_after_refresh(self.scroll_to_highlight)
        self.call_after_refresh(self._say_more)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say where there is more."""
        super().watch_scroll_y(old_value, new_value)
        self._say_more()

    def _say_more(self) -> None:
        title = title_with_more(self._title, self)
        if title != self.border_title:
            self.border_title = title

    @property
    def current(self) -> str | None:
        """The value under the cursor."""
        index = self.highlighted
        return None if index is None or index >= len(self.lines) else self.lines[index].value

    def go_to(self, value: str) -> None:
        """Put the cursor on a value."""
        self.highlighted = next(index for index, line in enumerate(self.lines) if line.value == value)

    def action_go_left(self) -> None:
        """Go to what is on the left, if anything is."""
        if self.screen.focus_chain[0] is not self:
            self.screen.focus_previous()

    def action_cursor_up(self) -> None:
        """Go up, and stay on the first line."""
        self.highlighted = max(0, (self.highlighted or 0) - 1)

    def action_cursor_down(self) -> None:
        """Go down, and stay on the last line."""
        self.highlighted = 0 if self.highlighted is None else self.highlighted + 1

    @on(OptionList.OptionSelected)
    def _toggle(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self.lines):
            self.post_message(self.Toggled(self, self.lines[event.option_index].value))
