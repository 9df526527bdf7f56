"""Looking at a trial's pictures in its engine process, once the timed frames are over.

The last timed frame is compared with the start of the motion, which is drawn once more. That is all where the
two differ. Where they do not, rays tell whether they should.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import mujoco
import numpy as np

from engine.pictures.fingerprint import take_fingerprint
from engine.pictures.records import PictureFault, PictureReport
from engine.pictures.visible import Eye, count_changes, sees_geometry
from scenes.text import quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backends.base import Backend

    Picture = NDArray[np.uint8]

LEAST_PIXELS = 256
"""A picture with fewer may be even, or the same twice, for no other reason than its size."""
_SAME_LEVELS = 2
"""Levels of a channel that mean nothing: renderers dither."""
_LEAST_CHANGED = 4
"""Pixels that must have changed before a picture that has not is called frozen."""
_LATER_FRAMES = (15, 30, 60, 120)
"""Where the trial itself was too short to see anything move, these frames of the motion are tried."""
_LATER_S = 0.5
"""For at most so long."""
_ANOTHER = "use another backend or driver: this one does not draw the scene here"


class Moves(Protocol):
    """The simulation, as far as it is needed here."""

    model: mujoco.MjModel
    drawn_model: mujoco.MjModel
    datas: tuple[mujoco.MjData, ...]
    camera: str

    def reset(self) -> None:
        """Go back to the start of the motion."""


class PictureCheck:
    """Draws a trial's picture once more, and looks at it.

    To be made while the backend's pixels are as the last timed frame left them.

    Args:
        backend: has drawn that frame.
        simulation: what it has drawn.
        step: moves the scene on by one frame; None where nothing moves it.
        moves_itself: whether the backend moves the scene, on its device.
        progress: gives a sign of life.
    """

    def __init__(
        self,
        backend: Backend,
        simulation: Moves,
        step: Callable[[], object] | None,
        moves_itself: bool,
        progress: Callable[[], object],
    ) -> None:
        self._backend, self._simulation = backend, simulation
        self._step, self._moves_itself = step, moves_itself
        self._progress = progress
        self._last = self._picture()
        self.at_fault: Picture | None = None
        """The picture that is no result, once `look` has found one."""

    def look(self) -> PictureReport:
        """Compare the last timed frame with the start of the motion.

        To be called while the scene is as that frame left it. It leaves the scene, and what is drawn, at
        another moment of the motion.
        """
        last = self._last
        if last is None:
            return PictureReport(unseen="the backend gives no pixels")
        if last.shape[0] * last.shape[1] < LEAST_PIXELS:
            return PictureReport(unseen=f"with fewer than {LEAST_PIXELS} pixels they tell nothing")
        after = self._state()
        self._simulation.reset()
        self._backend.reset()
        start = self._draw()
        for picture, data, when in ((start, self._simulation.datas[0], ""), (last, after, "last ")):
            if is_blank(picture):
                self.at_fault = picture
                return PictureReport(fault=self._blank_fault(picture, data, when))
        if self._step is not None and after.time <= 0:
            self.at_fault = last
            reason = f"the scene stood still: its time is {after.time:g} s after the last frame"
            return PictureReport(fault=PictureFault(reason, 'let MuJoCo move it: physics = "mujoco"'))
        if self._step is not None and is_same(start, last) and self._is_frozen(start, after, self._step):
            self.at_fault = last
            reason = "the picture did not change while the scene moved"
            return PictureReport(fault=PictureFault(reason, _ANOTHER))
        return PictureReport(fingerprint=take_fingerprint(start))

    def _picture(self) -> Picture | None:
        pixels = self._backend.pixels
        return None if pixels is None else np.array(pixels)

    def _draw(self) -> Picture:
        self._progress()
        for phase in (self._backend.update, self._backend.render, self._backend.readback):
            phase()
        picture = self._picture()
        assert picture is not None
        return picture

    def _state(self) -> mujoco.MjData:
        """A copy of the first world's state, with its poses."""
        data = copy.copy(self._simulation.datas[0])
        if self._moves_itself:
            # The device gives the coordinates alone.
            for compute in (mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_camlight):
                compute(self._simulation.model, data)
        return data

    def _is_frozen(self, start: Picture, after: mujoco.MjData, step: Callable[[], object]) -> bool:
        """Whether what the camera sees has moved, although the picture is that of the start."""
        before = copy.copy(self._simulation.datas[0])
        eye = self._eye(start)
        if count_changes(eye, before, after, start) >= _LEAST_CHANGED:
            return True
        until = time.monotonic() + _LATER_S
        frame = 0
        for wanted in _LATER_FRAMES:
            while frame < wanted and time.monotonic() < until:
                step()
                frame += 1
            if self._moves_itself:
                self._backend.fetch_state()
            if count_changes(eye, before, self._state(), start) >= _LEAST_CHANGED:
                return is_same(start, self._draw())
            if frame < wanted:
                break
        return False

    def _eye(self, picture: Picture) -> Eye:
        height, width = picture.shape[:2]
        return Eye(self._simulation.drawn_model, self._simulation.camera, width, height)

    def _blank_fault(self, picture: Picture, data: mujoco.MjData, when: str) -> PictureFault:
        reason = f"every pixel of the {when}picture is {_colour(picture)}"
        camera = quoted(self._simulation.camera)
        if sees_geometry(self._eye(picture), data):
            fix = f"{_ANOTHER}, or choose another camera with --camera"
        elif when:
            fix = f"all has left the view of the camera {camera}: choose another --camera, or fewer --frames"
        else:
            fix = f"the camera {camera} has nothing in view: choose another one with --camera"
        return PictureFault(reason, fix)


def _colour(picture: Picture) -> str:
    red, green, blue = (int(level) for level in picture[0, 0])
    named = {(0, 0, 0): "black", (255, 255, 255): "white"}
    return named.get((red, green, blue), f"of one colour, RGB ({red}, {green}, {blue})")


def is_blank(picture: Picture) -> bool:
    """Whether every pixel has the same colour."""
    return bool((np.ptp(picture.reshape(-1, 3), axis=0) <= _SAME_LEVELS).all())


def is_same(one: Picture, other: Picture) -> bool:
    """Whether two pictures show the same, down to what renderers add at random."""
    return bool((np.maximum(one, other) - np.minimum(one, other)).max() <= _SAME_LEVELS)
