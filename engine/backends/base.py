"""What every backend is to the engine process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.case import Physics
from engine.messages import Drawn, FailureKind, RendererIdentity

if TYPE_CHECKING:
    import mujoco
    import numpy as np
    from numpy.typing import NDArray


class BackendError(Exception):
    """The backend cannot draw here; `args[0]` is one sentence, `fix` what to install or set."""

    kind = FailureKind.BACKEND

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(reason)
        self.fix = fix


class OutOfMemoryError(BackendError):
    """There is not enough memory for what is asked for: a larger case of the same kind would fail too."""

    kind = FailureKind.MEMORY


class DeviceLostError(BackendError):
    """What draws went away while frames were drawn: they are no result."""

    kind = FailureKind.ERROR

    def __init__(self, reason: str) -> None:
        super().__init__(
            reason,
            "look in dmesg what became of the GPU, and measure again; if it stays, restart the machine",
        )


@dataclass(frozen=True)
class Picture:
    """What a backend is asked to draw, frame after frame."""

    model: mujoco.MjModel
    datas: tuple[mujoco.MjData, ...]
    """The state of each world; of the first alone where the backend moves the worlds itself."""
    camera: str
    width: int
    height: int
    bare: bool
    worlds: int = 1
    """Images in a batch; 1 for a backend without batches."""
    steps_per_frame: int = 1
    physics: Physics = Physics.MUJOCO
    """WARP only for a backend that has physics."""
    controls: Callable[[float, NDArray[np.float64]], object] | None = None
    """Writes the controls of all worlds, shape (worlds, nu), for a time in seconds: for own physics."""
    readback: bool = True
    """False leaves the pixels on the device, for a backend that can."""

    @property
    def data(self) -> mujoco.MjData:
        """The state of the first world."""
        return self.datas[0]


@dataclass(frozen=True)
class DeviceSample:
    """How long the device itself says that it drew."""

    milliseconds: float
    """Of one batch."""
    source: str
    """What was asked, such as `GL_TIME_ELAPSED`."""


class Backend:
    """One renderer in one engine process; used from one thread, opened once.

    A backend has `open`, `update`, `render`, `readback`, `pixels` and `drawn`; the rest has an answer here
    that fits most. `update`, `render` and `readback` are phases of a frame and may be given as attributes.
    """

    update: Callable[[], object]
    """Take over the state of the worlds: the phase `update`."""
    render: Callable[[], object]
    """Draw, and return when the device is finished: the phase `render`."""
    readback: Callable[[], object]
    """Fill `pixels`: the phase `readback`."""
    has_kernels = False
    """Whether `compile` is a stage of its own."""
    has_physics = False
    """Whether it can move the worlds itself, with `step`; else MuJoCo moves them."""
    read_bytes_per_pixel = 3
    """What `readback` carries of each pixel; 0 where the draw brings the pixels, or where there are none."""

    def open(self, picture: Picture | None) -> RendererIdentity:
        """Make everything ready to draw; `picture` is None for a backend that draws nothing.

        Raises:
            BackendError: the renderer does not work on this machine.
        """
        raise NotImplementedError

    def compile(self) -> None:
        """Compile what the first frame would otherwise compile; called once, after `open`."""

    def step(self) -> object:
        """Move every world on by one frame, where the picture's physics is this backend's own."""
        raise NotImplementedError

    def reset(self) -> None:
        """Go back to where the worlds' data are, for a backend that moves them itself."""

    def fetch_state(self) -> None:
        """Write the state into the worlds' data, for a backend that moves them itself."""

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """The first world's frame last read back, or None.

        C-contiguous, top row first, shape (height, width, 3).
        """
        return None

    def drawn(self) -> Drawn:
        """Tell what the frame last drawn held."""
        raise NotImplementedError

    def sample_device(self) -> DeviceSample | None:
        """Draw the present state again and ask the device how long that took; None where it cannot tell."""
        return None

    @contextmanager
    def empty_draw(self) -> Iterator[Callable[[], object] | None]:
        """Give a call that draws a picture with nothing in it, and returns when the device is finished.

        It draws on what the frames were drawn on: the same context, size and samples. What is to be drawn is
        as before when the context ends; what was drawn last is not. None for a backend that has no such call.
        """
        yield None

    def close(self) -> None:
        """Give back the context and all that belongs to it."""
