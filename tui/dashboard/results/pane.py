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

Note = Callable[[int, int], str]
"""Makes the lines below a plot for so many columns and lines."""


class PlotPane(Vertical):
    """Shows what it is given; it knows no session."""

    def __init__(self, name: str, ascii_only: bool = False) -> None:
        super().__init__(id=name)
        self._ascii_only = ascii_only
        self._note: Note | None = None

    def compose(self) -> ComposeResult:
        from tui.dashboard.results.plot import Plot

        yield Static(classes="heading", markup=False)
        yield Plot(self._ascii_only)
        yield Static(classes="sentence", markup=False)
        yield Static(classes="note", markup=False)

    def show(self, heading: str, draw: Callable[[Paper], None], note: str | Note) -> None:
        """Show a plot.

        Args:
            heading: what it is of, in one line.
            draw: draws it on a figure of any size.
            note: lines below it, or what makes them for the room that there is.
        """
        from tui.dashboard.results.plot import Plot

        self._write("heading", heading)
        self._write("sentence", "")
        self._note = None if isinstance(note, str) else note
        if isinstance(note, str):
            self._write("note", note)
        else:
            self._fit_note()
        self.set_class(False, "-sentence")
        self.query_one(Plot).show(draw)

    def say(self, heading: str, sentence: str) -> None:
        """Show a sentence in the plot's place."""
        self._write("heading", heading)
        self._write("sentence", sentence)
        self._note = None
        self._write("note", "")
        self.set_class(True, "-sentence")

    def on_resize(self) -> None:
        """Make the note anew for another size."""
        self._fit_note()

    def _fit_note(self) -> None:
        width, height = self.content_size
        if self._note is not None and width and height:
            # The plot keeps half of the height, as the style sheet has it.
            self._write("note", self._note(width, height // 2))

    def _write(self, place: str, text: str) -> None:
        lines = [printable(line) for line in text.splitlines()]
        shown = "\n".join(map(plain_ascii, lines) if self._ascii_only else lines)
        static = self.query_one(f".{place}", Static)
        static.display = bool(shown)
        static.update(shown)
