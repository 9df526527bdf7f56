"""What every backend is to the engine process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.messages import Drawn, RendererIdentity

if TYPE_CHECKING:
    import mujoco
    import numpy as np
    from numpy.typing import NDArray


class BackendError(Exception):
    """The backend cannot draw here; `args[0]` is one sentence, `fix` what to install or set."""

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(reason)
        self.fix = fix


@dataclass(frozen=True)
class Picture:
    """What a backend is asked to draw, frame after frame."""

    model: mujoco.MjModel
    data: mujoco.MjData
    camera: str
    width: int
    height: int
    bare: bool


class Backend(Protocol):
    """One renderer in one engine process; used from one thread, opened once."""

    update: Callable[[], object]
    """Take over the state of `data`: the phase `update`."""
    render: Callable[[], object]
    """Draw, and return when the device is finished: the phase `render`."""
    readback: Callable[[], object]
    """Fill `pixels`: the phase `readback`."""

    def open(self, picture: Picture | None) -> RendererIdentity:
        """Make everything ready to draw; `picture` is None for a backend that draws nothing.

        Raises:
            BackendError: the renderer does not work on this machine.
        """

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """The frame last read back: C-contiguous, top row first, shape (height, width, 3); or None."""

    def drawn(self) -> Drawn:
        """Tell what the frame last drawn held."""

    def close(self) -> None:
        """Give back the context and all that belongs to it."""
