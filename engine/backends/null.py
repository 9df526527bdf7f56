"""The backend that does nothing: what is left is the cost of the harness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.backends.base import Backend, Picture
from engine.messages import Drawn, RendererIdentity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class NullBackend(Backend):
    """Every phase is an empty call."""

    read_bytes_per_pixel = 0

    def open(self, picture: Picture | None) -> RendererIdentity:
        return RendererIdentity(
            vendor="mjbench-tui", renderer="none, draws nothing", version="", software=False
        )

    def update(self) -> None:
        """Do nothing."""

    def render(self) -> None:
        """Do nothing."""

    def readback(self) -> None:
        """Do nothing."""

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        return None

    def drawn(self) -> Drawn:
        return Drawn(geoms=0, lights=0, shadow_casters=0, samples=0, shadow_size=0)

    def close(self) -> None:
        """Nothing was opened."""


def create(name: str) -> NullBackend:
    """Make the backend."""
    return NullBackend()
