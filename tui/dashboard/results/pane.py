"""One plot with a line above it and some lines below; in the plot's place, a sentence where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.dashboard.results.columns import plain_ascii
from tui.text import printable

if TYPE_CHECKING:
    from tui.dashboard.results.paper import Paper


class PlotPane(Vertical):
    """Shows what it is given; it knows no session."""

    def __init__(self, name: str, ascii_only: bool = False) -> None:
        super().__init__(id=name)
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        from tui.dashboard.results.plot import Plot

        yield Static(classes="heading", markup=False)
        yield Plot(self._ascii_only)
        yield Static(classes="sentence", markup=False)
        yield Static(classes="note", markup=False)

    def show(self, heading: str, draw: Callable[[Paper], None], note: str) -> None:
        """Show a plot.

        Args:
            heading: what it is of, in one line.
            draw: draws it on a figure of any size.
            note: lines below it.
        """
        from tui.dashboard.results.plot import Plot

        self._write("heading", heading)
        self._write("sentence", "")
        self._write("note", note)
        self.set_class(False, "-sentence")
        self.query_one(Plot).show(draw)

    def say(self, heading: str, sentence: str) -> None:
        """Show a sentence in the plot's place."""
        self._write("heading", heading)
        self._write("sentence", sentence)
        self._write("note", "")
        self.set_class(True, "-sentence")

    def _write(self, place: str, text: str) -> None:
        lines = [printable(line) for line in text.splitlines()]
        shown = "\n".join(map(plain_ascii, lines) if self._ascii_only else lines)
        static = self.query_one(f".{place}", Static)
        static.display = bool(shown)
        static.update(shown)
