"""Pictures for materials, computed rather than stored: the same bytes on every machine."""

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Rows of red, green, blue: shape (height, width, 3)."""


def planks(size: int = 512, boards: int = 6) -> Image:
    """Wooden boards side by side with grain along the rows."""
    generator = np.random.Generator(np.random.PCG64(7))
    row, column = np.mgrid[0:size, 0:size] / size
    board = np.minimum((row * boards).astype(int), boards - 1)
    tone = generator.uniform(-0.07, 0.07, boards)[board]
    phase = generator.uniform(0, 6.28, boards)[board]
    across = row * boards - board
    wave = 0.35 * np.sin(2 * np.pi * column + phase) + 0.12 * np.sin(6 * np.pi * column + 2 * phase)
    grain = np.sin(2 * np.pi * (5 * across + wave + 0.8 * np.sin(4 * across + phase)))
    fibres = np.repeat(generator.normal(0, 1, (size, size // 16)), 16, axis=1)
    light = 1.0 + tone + 0.06 * grain + 0.025 * fibres
    light = np.where((across < 0.03) | (across > 0.97), 0.55, light)
    return _coloured((0.70, 0.50, 0.31), light)


def pegboard(size: int = 64) -> Image:
    """One hole in the middle of a light board, to be repeated."""
    row, column = np.mgrid[0:size, 0:size] / size - 0.5
    hole = np.hypot(row, column) < 0.16
    rim = np.hypot(row, column) < 0.20
    return _coloured((0.83, 0.76, 0.62), np.where(hole, 0.22, np.where(rim, 0.80, 1.0)))


def concrete(size: int = 256) -> Image:
    """A grey floor with soft blotches, specks, and a joint along two sides; fits itself when repeated."""
    generator = np.random.Generator(np.random.PCG64(11))
    row, column = np.mgrid[0:size, 0:size] / size * 2 * np.pi
    blotches = np.zeros((size, size))
    for across, down in ((1, 2), (2, 1), (3, -2), (4, 3), (5, -5)):
        blotches += np.sin(across * column + down * row + generator.uniform(0, 6.28)) / (across + abs(down))
    light = 1.0 + 0.10 * blotches + 0.03 * generator.normal(0, 1, (size, size))
    light[:2, :] = light[:, :2] = 0.72
    return _coloured((0.55, 0.55, 0.54), light)


def _coloured(colour: tuple[float, float, float], light: NDArray[np.float64]) -> Image:
    """A colour (0 to 1 each) times light, shape (height, width)."""
    shades: Image = (255 * np.clip(light[..., None] * np.array(colour), 0, 1)).astype(np.uint8)
    return shades
