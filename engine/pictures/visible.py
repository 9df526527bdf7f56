"""What a camera must see move: rays into the scene, without any renderer. Importing this imports MuJoCo."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

_SHOWN_GROUPS = np.array([1, 1, 1, 0, 0, 0], np.uint8)
"""What all backends show."""
_FARTHEST = 1e10
_MOST_RAYS = 4096
_LEAST_SHIFT = 0.5
"""Pixels by which a geom has to have moved."""
_OVERVIEW = 1024
"""Rays over the whole picture, so that what stands behind the moving things is seen somewhere else too."""
_LEAST_CONTRAST = 16.0
"""Levels of one channel by which a pixel has to differ from what is to be there next."""
_OWN_SPREADS = 3.0
"""And so many standard deviations of the colours of that thing."""

Pixels = NDArray[np.int64]
"""Places in a picture, row after row."""


@dataclass(frozen=True)
class Eye:
    """A camera of a model and the size of its pictures."""

    model: mujoco.MjModel
    camera: str
    width: int
    height: int


def count_changes(eye: Eye, before: mujoco.MjData, after: mujoco.MjData, picture: NDArray[np.uint8]) -> int:
    """Count pixels of `picture`, drawn for `before`, that cannot be as they are in one drawn for `after`.

    Such a pixel shows another geom afterwards, and has a colour that this geom has nowhere in the picture:
    what moves behind other things, before its like, or in the dark is not counted. At most a few thousand
    pixels are looked at, those around what moves first. Both states need their kinematics computed.

    Args:
        eye: who looks.
        before: the state that was drawn.
        after: a later one.
        picture: shape (height, width, 3), top row first.
    """
    if eye.model.nskin or eye.model.nflex:
        # Rays do not meet these, and they may hide everything else.
        return 0
    places = _places(eye, before, after)
    seen, later = (_seen(eye, data, places) for data in (before, after))
    colours = picture.reshape(-1, 3)[places].astype(np.float64)
    changed = np.flatnonzero(seen != later)
    count = 0
    for geom in np.unique(later[changed]):
        own = colours[seen == geom]
        if len(own) == 0:
            continue
        mine = colours[changed[later[changed] == geom]]
        least = np.maximum(_LEAST_CONTRAST, _OWN_SPREADS * own.std(axis=0))
        count += int(np.count_nonzero((np.abs(mine - own.mean(axis=0)) > least).any(axis=1)))
    return count


def sees_geometry(eye: Eye, data: mujoco.MjData) -> bool:
    """Whether the camera has any geom in view, as far as some hundred rays tell."""
    return bool((_seen(eye, data, _overview(eye)) >= 0).any())


def _overview(eye: Eye) -> Pixels:
    stride = max(1, int(np.ceil(np.sqrt(eye.width * eye.height / _OVERVIEW))))
    rows = np.arange(stride // 2, eye.height, stride)
    columns = np.arange(stride // 2, eye.width, stride)
    return (rows[:, None] * eye.width + columns).ravel()


def _places(eye: Eye, before: mujoco.MjData, after: mujoco.MjData) -> Pixels:
    """The pixels to look at: around all that moves against the camera, and some everywhere."""
    mask = np.zeros((eye.height, eye.width), bool)
    first, second = _Placed(eye, before), _Placed(eye, after)
    moved = first.shift(second) > _LEAST_SHIFT
    for left, top, right, bottom in (*first.boxes[moved], *second.boxes[moved]):
        mask[top:bottom, left:right] = True
    around = np.flatnonzero(mask)
    around = around[:: max(1, -(-len(around) // _MOST_RAYS))]
    return np.union1d(around, _overview(eye))


class _Placed:
    """Where each geom is, as the camera has it: x to the right, y up, and it looks along -z."""

    def __init__(self, eye: Eye, data: mujoco.MjData) -> None:
        camera = eye.model.camera(eye.camera).id
        turn = data.cam_xmat[camera].reshape(3, 3)
        self._centres = (data.geom_xpos - data.cam_xpos[camera]) @ turn
        self._turns = turn.T @ data.geom_xmat.reshape(-1, 3, 3)
        self._radius = np.asarray(eye.model.geom_rbound)
        frame = _Frame(eye, data)
        depth = -self._centres[:, 2]
        nearest = np.ones_like(depth) if frame.is_parallel else np.maximum(depth - self._radius, 1e-9)
        self._scale = eye.height / (frame.top - frame.bottom) / nearest
        self.boxes = self._find_boxes(eye, frame, depth)
        """Left, top, right and bottom of the square around each, in whole pixels, shape (geoms, 4)."""

    def _find_boxes(self, eye: Eye, frame: _Frame, depth: NDArray[np.float64]) -> NDArray[np.int64]:
        away = np.ones_like(depth) if frame.is_parallel else np.maximum(depth, 1e-9)
        x = (self._centres[:, 0] / away - frame.left) / (frame.right - frame.left) * eye.width
        y = (frame.top - self._centres[:, 1] / away) / (frame.top - frame.bottom) * eye.height
        reach = self._radius * self._scale + 1
        boxes = np.stack([x - reach, y - reach, x + reach, y + reach], axis=1)
        # What the camera is in may be anywhere in the picture.
        boxes[np.abs(depth) <= self._radius] = (0, 0, eye.width, eye.height)
        boxes[depth < -self._radius] = 0
        sides = np.array([eye.width, eye.height, eye.width, eye.height], np.float64)
        whole: NDArray[np.int64] = np.clip(boxes, 0, sides).astype(np.int64)
        return whole

    def shift(self, other: _Placed) -> NDArray[np.float64]:
        """By how many pixels each geom has moved at the most, shape (geoms,)."""
        far = np.linalg.norm(self._centres - other._centres, axis=1)
        turned = np.linalg.norm(self._turns - other._turns, axis=(1, 2)) * self._radius
        pixels: NDArray[np.float64] = (far + turned) * np.maximum(self._scale, other._scale)
        return pixels


class _Frame:
    """The edges of a picture in its plane: at depth 1, or anywhere where rays are parallel."""

    def __init__(self, eye: Eye, data: mujoco.MjData) -> None:
        view = mujoco.MjvCamera()
        view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        view.fixedcamid = eye.model.camera(eye.camera).id
        scene = mujoco.MjvScene(eye.model, 1)
        mujoco.mjv_updateCamera(eye.model, data, view, scene)
        camera = mujoco.mjv_averageCamera(*scene.camera)
        self.is_parallel = bool(camera.orthographic)
        distance = 1.0 if self.is_parallel else float(camera.frustum_near)
        self.bottom, self.top = camera.frustum_bottom / distance, camera.frustum_top / distance
        half = camera.frustum_width / distance or (self.top - self.bottom) / 2 * eye.width / eye.height
        self.left, self.right = (
            camera.frustum_center / distance - half,
            camera.frustum_center / distance + half,
        )


def _seen(eye: Eye, data: mujoco.MjData, places: Pixels) -> NDArray[np.int32]:
    """The geom in the middle of each pixel, -1 for none."""
    frame, camera = _Frame(eye, data), eye.model.camera(eye.camera).id
    across = frame.left + (places % eye.width + 0.5) / eye.width * (frame.right - frame.left)
    upward = frame.top - (places // eye.width + 0.5) / eye.height * (frame.top - frame.bottom)
    turn, origin = data.cam_xmat[camera].reshape(3, 3), data.cam_xpos[camera]
    points = np.stack([across, upward, np.full(len(places), -1.0)], axis=1)
    geoms = np.full(len(places), -1, np.int32)
    if not frame.is_parallel:
        directions = points @ turn.T
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        distances = np.empty(len(places))
        mujoco.mj_multiRay(
            *(eye.model, data, origin, directions.ravel(), _SHOWN_GROUPS, True, -1, geoms, distances, None),
            *(len(places), _FARTHEST),
        )
        return geoms
    starts = points * (1, 1, 0) @ turn.T + origin
    for index, start in enumerate(starts):
        mujoco.mj_ray(eye.model, data, start, -turn[:, 2], _SHOWN_GROUPS, True, -1, geoms[index : index + 1])
    return geoms
