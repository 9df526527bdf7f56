"""The line in which a person types what is looked for."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.dashboard.plain_input import PlainInput


class FilterInput(PlainInput):
    """One line; enter and down go on with what was found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "leave", "Go to the list", id="sessions.filter-leave", tooltip="Keep the text")
    ]

    class Left(Message):
        """A person goes on with what was found."""

    def action_leave(self) -> None:
        """Give the keys back to the list."""
        self.post_message(self.Left())
