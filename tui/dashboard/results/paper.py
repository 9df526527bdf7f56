"""What a plot is drawn on: plotext's figure, its size, and the pens of the theme."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual_plotext import Plot

Colour = tuple[int, int, int]
_LINES_BELOW = 3
"""The axis, its numbers and its name."""


@dataclass(frozen=True)
class Pens:
    """The colours of the theme by what they are for, and whether only ASCII may be drawn."""

    colours: Mapping[str, Colour]
    ascii_only: bool = False

    def colour(self, name: str) -> Colour:
        """A colour by its name in the theme: primary, secondary, accent, success, warning, error, text."""
        return self.colours.get(name, (128, 128, 128))

    def series(self, index: int) -> Colour:
        """The colour of one of several series; the marker has to tell them apart too."""
        names = ("primary", "warning", "success", "error", "secondary", "accent")
        return self.colour(names[index % len(names)])


@dataclass(frozen=True)
class Paper:
    """A figure with nothing on it."""

    plt: Plot
    width: int
    height: int
    pens: Pens

    def canvas(self, labels: Sequence[str] = ()) -> tuple[int, int]:
        """Columns and rows inside of the axes, where these labels stand left of them."""
        widest = max((len(label) for label in labels), default=0)
        return max(1, self.width - widest - 1), max(1, self.height - _LINES_BELOW)

    def left_and_lower_axis(self, x_label: str) -> None:
        """Two axes, the lower one with its name; the others would only take room."""
        self.plt.xaxes(True, False)
        self.plt.yaxes(True, False)
        self.plt.xlabel(x_label)


WIDE = "\ue000"
"""Stands behind a wide character until the plot is drawn: plotext takes every character for one cell."""


def in_cells(text: str) -> str:
    """A printable text in as many characters as it takes cells; `Plot` takes away what is added."""
    if text.isascii():
        return text
    from rich.cells import cell_len

    # An accent that is no part of a letter has no cell of its own, and is left out.
    letters = unicodedata.normalize("NFC", text)
    return "".join(letter + WIDE * (cell_len(letter) - 1) for letter in letters if cell_len(letter))


def from_zero(value: float, top: float, cells: int) -> int:
    """In which of `cells` a value lies on an axis from 0 to `top`, as plotext rounds it."""
    return int(0.5 + (cells - 1) * min(1.0, max(0.0, value / top))) if top > 0 else 0
