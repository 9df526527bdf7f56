"""A picture as characters: two pixels a cell, the upper as the foreground of a half block."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

MOST_CELLS = 560
"""What a picture a second may cost over a slow line bounds its size, whatever room there is."""
_LEVELS_KEPT = 0xF8
"""Neighbours whose colours differ by less are sent as one run."""
_RAMP = " .:-=+*#%@"


class Run(NamedTuple):
    """Neighbouring cells that look the same."""

    length: int
    upper: tuple[int, int, int]
    """Red, green, blue from 0 to 255."""
    lower: tuple[int, int, int]


def fit_cells(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    """The columns and rows that a picture of `width` x `height` pixels takes of a room, its shape kept.

    A cell is taken to be twice as high as wide.
    """
    if min(width, height, columns, rows) <= 0:
        return 0, 0
    scale = min(columns / width, 2 * rows / height)
    scale = min(scale, (2 * MOST_CELLS / (width * height)) ** 0.5)
    return max(1, int(width * scale)), max(1, int(height * scale / 2))


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Average a picture, shape (rows, columns, 3), down to shape (height, width, 3)."""
    import numpy as np

    rows = np.arange(height) * pixels.shape[0] // height
    columns = np.arange(width) * pixels.shape[1] // width
    sums = np.add.reduceat(np.add.reduceat(pixels.astype(np.uint32), rows, axis=0), columns, axis=1)
    heights = np.maximum(1, np.diff(np.append(rows, pixels.shape[0])))
    widths = np.maximum(1, np.diff(np.append(columns, pixels.shape[1])))
    averages: Pixels = (sums // (heights[:, None, None] * widths[None, :, None])).astype(np.uint8)
    return averages


def half_block_rows(pixels: Pixels, columns: int, rows: int) -> list[list[Run]]:
    """Turn a picture, shape (height, width, 3), top row first, into runs of cells."""
    small = resize(pixels, columns, 2 * rows) & _LEVELS_KEPT
    lines = []
    for row in range(rows):
        runs: list[Run] = []
        upper, lower = small[2 * row].tolist(), small[2 * row + 1].tolist()
        for above, below in zip(map(tuple, upper), map(tuple, lower), strict=True):
            if runs and runs[-1].upper == above and runs[-1].lower == below:
                runs[-1] = Run(runs[-1].length + 1, above, below)
            else:
                runs.append(Run(1, above, below))
        lines.append(runs)
    return lines


def ascii_rows(pixels: Pixels, columns: int, rows: int) -> list[str]:
    """Turn a picture into characters that are the denser the brighter it is (luma of Rec. 601)."""
    small = resize(pixels, columns, rows)
    luma = (small @ [0.299, 0.587, 0.114]) / 256
    return ["".join(_RAMP[int(value * len(_RAMP))] for value in line) for line in luma]
