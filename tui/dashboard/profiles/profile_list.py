"""The list of profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class ProfileList(OptionList):
    """One line a profile, never folded; what a line says is text and no markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select",
            "Load",
            id="profiles.load",
            key_display="enter",
            tooltip="Choose from this profile",
        ),
    ]

    def show(self, lines: Sequence[str], highlighted: int) -> None:
        """Put other lines into the list, and the cursor onto one of them."""
        self.clear_options()
        self.add_options([Option(Content(line)) for line in lines])
        self.highlighted = max(0, min(highlighted, len(lines) - 1)) if lines else None

    def on_click(self, event: events.Click) -> None:
        """Go to the line that is clicked on; only a second click loads it."""
        line = event.style.meta.get("option")
        if event.chain == 1 and line is not None:
            self.highlighted = line
            event.prevent_default()
