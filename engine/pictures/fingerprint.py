"""A picture made small, and how much alike two of these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.pictures.records import Fingerprint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Cells = NDArray[np.float64]

MOST_CELLS = 80
"""Cells of a fingerprint's longer side, at most."""
LEAST_CELLS = 24
"""Of both sides: in a picture with fewer, what is alike is chance."""
_SMALLEST_CELL = 2
"""Pixels a side: edges that two renderers round differently are averaged away."""
_WINDOW = 7
"""Cells a side of what is compared at a time."""
_FAINT = 1.0
"""Standard deviation, in levels of brightness, below which a picture or a window is taken for even."""
_BRIGHTNESS = (0.299, 0.587, 0.114)
"""Of red, green and blue: ITU-R BT.601."""


def take_fingerprint(pixels: NDArray[np.uint8]) -> Fingerprint | None:
    """Average squares of pixels, shape (height, width, 3).

    None where that tells nothing: the picture is too small, or almost even.
    """
    import numpy as np

    height, width = pixels.shape[:2]
    cell = max(_SMALLEST_CELL, -(-max(height, width) // MOST_CELLS))
    rows, columns = height // cell, width // cell
    if min(rows, columns) < LEAST_CELLS:
        return None
    squares = pixels[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell, 3)
    means = np.rint(squares.mean(axis=(1, 3))).astype(np.uint8)
    taken = Fingerprint(width=columns, height=rows, pixels=means.tobytes())
    return taken if _brightness(taken).std() >= _FAINT else None


def likeness(one: Fingerprint, other: Fingerprint) -> float:
    """How far the same things stand in the same places in two pictures of one size, from 0 to 1.

    The structure term of SSIM (Wang et al. 2004, doi:10.1109/TIP.2003.819861) without its sign: in each
    window of 7 x 7 cells, how far the brightness of both is correlated, averaged with the windows' contrast
    as weight. It does not mind how bright a renderer makes things.

    Raises:
        ValueError: the pictures differ in size.
    """
    import numpy as np

    if (one.width, one.height) != (other.width, other.height):
        raise ValueError("pictures of two sizes cannot be compared")
    first, second = _brightness(one), _brightness(other)
    spread, other_spread = (
        np.maximum(_mean(values * values) - _mean(values) ** 2, 0.0) for values in (first, second)
    )
    together = _mean(first * second) - _mean(first) * _mean(second)
    contrast, other_contrast = np.sqrt(spread), np.sqrt(other_spread)
    weight = contrast / max(float(contrast.mean()), 1e-9)
    weight += other_contrast / max(float(other_contrast.mean()), 1e-9)
    structure = np.abs(together) / np.sqrt(spread * other_spread + _FAINT**4)
    total = float(weight.sum())
    return float((structure * weight).sum()) / total if total else 0.0


def _brightness(picture: Fingerprint) -> Cells:
    import numpy as np

    colours = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)
    brightness: Cells = colours @ np.array(_BRIGHTNESS)
    return brightness


def _mean(values: Cells) -> Cells:
    """The mean of the window around each cell; beyond the edges, cells are as at the edge."""
    import numpy as np

    sides = np.pad(values, _WINDOW // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(sides, (_WINDOW, _WINDOW))
    means: Cells = windows.mean(axis=(2, 3))
    return means
