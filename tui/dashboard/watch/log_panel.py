"""What the engine processes of a case printed last."""

from __future__ import annotations

from tui.dashboard.watch.text_panel import TextPanel
from tui.text import printable


class LogPanel(TextPanel):
    """Stays at the end while more is printed, unless a person scrolled up."""

    def show_log(self, text: str) -> None:
        """Take the log's last lines, as they are in the file."""
        at_end = self.scroll_offset.y >= self.max_scroll_y
        lines = [printable(line.expandtabs()) for line in text.splitlines()]
        self.show(lines or ["nothing was printed"])
        if at_end:
            self.scroll_end(animate=False)
