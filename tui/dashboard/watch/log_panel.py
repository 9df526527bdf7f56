"""What the engine processes of a case printed last."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.text import printable


class LogPanel(VerticalScroll):
    """Stays at the end while more is printed, unless a person scrolled up."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text: str | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="log-text", markup=False)

    def show(self, text: str) -> None:
        """Take the log's last lines, as they are in the file."""
        if text == self._text:
            return
        at_end = self.scroll_offset.y >= self.max_scroll_y
        self._text = text
        lines = [printable(line.expandtabs()) for line in text.splitlines()]
        self.query_one("#log-text", Static).update("\n".join(lines) or "nothing was printed")
        if at_end:
            self.scroll_end(animate=False)
