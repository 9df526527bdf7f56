"""A list of things to choose, whose marks can be told apart without colour."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import SelectionList

_BUTTON_SEGMENTS = 3
"""Textual's own mark: two sides and an X that is there whether the line is chosen or not."""


class CheckList(SelectionList[str]):
    """`[x]` is chosen, `[ ]` can be, ` - ` cannot."""

    def render_line(self, y: int) -> Strip:
        """Draw one line with a mark of ours in the place of Textual's."""
        segments = list(super().render_line(y))
        index = round(self.scroll_y) + y
        if index >= self.option_count or len(segments) <= _BUTTON_SEGMENTS:
            return Strip(segments)
        option = self.get_option_at_index(index)
        mark = " - " if option.disabled else "[x]" if option.value in self.selected else "[ ]"
        rest = segments[_BUTTON_SEGMENTS:]
        # The style of the text carries what a click needs; the button's own has its colours alone.
        style = segments[1].style if option.value in self.selected else rest[0].style
        return Strip([Segment(mark, style), *rest])
