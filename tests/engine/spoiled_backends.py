"""Backends that draw with EGL and spoil the picture, as a package that is installed beside mjbench-tui.

Each is named after what is wrong with it; `egl-again` is not spoiled at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

# As the engine does for EGL's own: MuJoCo reads it when it is imported.
os.environ["MUJOCO_GL"] = "egl"

import numpy as np

from engine.backends.classic import ClassicBackend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backends.base import Picture

    Pixels = NDArray[np.uint8]


class Spoiled(ClassicBackend):
    """Draws, and gives what `spoil` makes of the picture."""

    def __init__(self, spoil: Callable[[Spoiled, Pixels], Pixels]) -> None:
        super().__init__("egl")
        self._spoil = spoil
        self._kept: Pixels | None = None
        self._frames = 0

    def readback(self) -> None:
        super().readback()
        self._frames += 1
        self._pixels[...] = self._spoil(self, self._pixels)

    def keep(self, pixels: Pixels) -> Pixels:
        """The first picture for ever, with a little noise as a renderer that dithers has it."""
        if self._kept is None:
            self._kept = np.clip(pixels, 2, 253)
        noise = np.random.default_rng(self._frames).integers(0, 2, pixels.shape, np.uint8)
        return self._kept + noise

    def lose(self, pixels: Pixels) -> Pixels:
        """From the sixth frame on, nothing but grey."""
        return pixels if self._frames < 6 else np.full_like(pixels, 77)

    def go_black(self, pixels: Pixels) -> Pixels:
        """Right in the first frame alone, as a driver that passes every small test."""
        return pixels if self._frames < 2 else np.zeros_like(pixels)


class Stuck(Spoiled):
    """Takes over the state of the worlds once, and never again."""

    def _open_scene(self, picture: Picture) -> None:
        super()._open_scene(picture)
        take_over = self.update

        def update() -> None:
            if not self._frames:
                take_over()

        self.update = update


class Idle(Spoiled):
    """Says that it moves the scene, and does not."""

    has_physics = True

    def step(self) -> None:
        """Nothing."""


def _mosaic(_: Spoiled, pixels: Pixels) -> Pixels:
    """As if rows were read with another length than they have."""
    return np.roll(pixels.reshape(-1, 3), 1, axis=0).reshape(pixels.shape[1], -1, 3).transpose(1, 0, 2)


_SPOILERS: dict[str, Callable[[Spoiled, Pixels], Pixels]] = {
    "egl-again": lambda _, pixels: pixels,
    "black": Spoiled.go_black,
    "lost": Spoiled.lose,
    "frozen": Spoiled.keep,
    "upside-down": lambda _, pixels: pixels[::-1].copy(),
    "mosaic": _mosaic,
    "idle": lambda _, pixels: pixels,
}


def create(name: str) -> ClassicBackend:
    """Make the backend that is spoiled as its name says."""
    if name == "idle":
        return Idle(_SPOILERS[name])
    if name == "stuck":
        return Stuck(lambda _, pixels: pixels)
    return Spoiled(_SPOILERS[name])
