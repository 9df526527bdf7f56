"""The list of cases, on Textual's line API: a line is drawn again when its text changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.dashboard.watch.lines import Layout, case_head, case_line, fit_columns
from tui.dashboard.watch.looks import LOOKS
from tui.dashboard.watch.state import CaseView
from tui.dashboard.watch.titles import ShortTitle, differing_counts, short_titles


class CaseList(ScrollView, can_focus=False):
    """One line a case below a head that stays."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "case-list--head",
        *(f"case-list--{look.kind}" for look in LOOKS.values()),
    }

    class Pointed(Message):
        """A case was clicked on."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self._views: Sequence[CaseView] = ()
        self._chosen = -1
        self._titles: list[ShortTitle] = []
        self._counts: tuple[str, ...] = ()
        self._layout = Layout(0, 0, ())
        self._lines: list[str] = []

    def show(self, views: Sequence[CaseView], chosen: int) -> None:
        """Take new views and draw the lines that differ.

        Args:
            views: of all cases, in the order of listing.
            chosen: the index of the one that is looked at.
        """
        if len(views) != len(self._views):
            cases = [view.case for view in views]
            self._titles, _ = short_titles(cases)
            self._counts = differing_counts(cases)
            self._layout = Layout(0, 0, ())
        before_chosen, self._chosen = self._chosen, chosen
        self._views = views
        self._draw()
        if chosen != before_chosen:
            self._keep_in_sight(chosen)

    def _draw(self) -> None:
        width = max(1, self.size.width)
        if width != self._layout.width:
            longest = max((cell_len(str(title)) for title in self._titles), default=0)
            self._layout = fit_columns(width, longest, self._counts)
            self._lines = []
        lines = [
            case_line(view, title, self._layout, index == self._chosen, self._ascii_only)
            for index, (view, title) in enumerate(zip(self._views, self._titles, strict=True))
        ]
        if len(lines) != len(self._lines):
            self.virtual_size = Size(width, len(lines) + 1)
            self.refresh()
        else:
            top = 1 - round(self.scroll_y)
            changed = [y for y, line in enumerate(lines) if line != self._lines[y]]
            if changed:
                self.refresh(*(Region(0, top + y, width, 1) for y in changed))
        self._lines = lines

    def _keep_in_sight(self, index: int) -> None:
        room = self.size.height - 1
        if room > 0 and not self.scroll_y <= index < self.scroll_y + room:
            self.scroll_to(y=index if index < self.scroll_y else index - room + 1, animate=False)

    def on_resize(self) -> None:
        """Make the lines anew for another width."""
        self._draw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw all lines at their new places."""
        super().watch_scroll_y(old_value, new_value)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Hand the case below the mouse up."""
        row = event.y - 1 + round(self.scroll_y)
        if event.y > 0 and 0 <= row < len(self._lines):
            self.post_message(self.Pointed(row))

    def render_line(self, y: int) -> Strip:
        """Draw one line: one segment, in the colour of its state."""
        width = self.size.width
        if y == 0:
            return Strip([Segment(case_head(self._layout), self._style("head"))], width)
        row = y + round(self.scroll_y) - 1
        if row >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        style = self._style(LOOKS[self._views[row].status].kind)
        if row == self._chosen:
            style += Style(bold=True)
        return Strip([Segment(self._lines[row], style)], width)

    def _style(self, kind: str) -> Style:
        return self.get_component_rich_style(f"case-list--{kind}")
