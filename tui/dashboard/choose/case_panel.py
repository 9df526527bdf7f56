"""The cases that are chosen, as many as there is room for."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from profiles.profile import Profile
from tui.dashboard.choose.about import case_lines
from tui.dashboard.choose.state import ChooseState
from tui.text import printable


class CasePanel(Widget):
    """What F5 measures, case by case."""

    def __init__(self, state: ChooseState, id: str, ascii_only: bool = False) -> None:
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self.border_title = "What is measured"
        self._state = state
        self._profile: Profile | None = None

    def show(self, profile: Profile | None) -> None:
        """Show the cases of a profile, or that there are none."""
        self._profile = profile
        self.refresh()

    def render(self) -> Content:
        """Draw the cases that fit."""
        if self._profile is None:
            return Content.styled("  nothing yet", "dim")
        width, height = self.content_size
        lines = case_lines(self._state, self._profile, max(1, height), width, self._ascii_only)
        return Content("\n".join(printable(line) for line in lines))
