"""A camera for a scene that brings none: one that has all of interest in view, the same on every backend."""

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

FIELD_OF_VIEW_DEGREES = 45.0

_MARGIN = 1.2
_STATIC_SIZE = 5.0
"""Static geometry up to this many times as large as all that moves belongs to the picture; more is a room."""
_DEFAULT_VIEW = (90.0, -45.0)
_BETTER_VIEW = (140.0, -25.0)
"""Azimuth and elevation in degrees for a scene whose author left MuJoCo's defaults."""
_VISIBLE_GROUPS = 3
_PLANE = int(mujoco.mjtGeom.mjGEOM_PLANE)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Framing:
    """Where the camera stands and what it may not clip; lengths in metres."""

    position: list[float]
    """x, y, z in the world."""
    orientation: list[float]
    """Quaternion (w, x, y, z) from the camera's axes (right, up, backward) to the world's."""
    nearest: float
    farthest: float


@dataclass(frozen=True)
class _Boxes:
    """Boxes along the world's axes around parts of a scene."""

    low: Array
    """Least corners, shape (n, 3)."""
    high: Array
    """Greatest corners, shape (n, 3)."""
    moves: NDArray[np.bool_]
    """Whether the part can move, shape (n,)."""

    def only(self, kept: NDArray[np.bool_]) -> "_Boxes":
        return _Boxes(self.low[kept], self.high[kept], self.moves[kept])

    def corners(self) -> Array:
        """All corners of all boxes, shape (8 n, 3)."""
        choices = np.array(list(np.ndindex(2, 2, 2)), dtype=bool)
        return np.where(choices[:, None, :], self.high, self.low).reshape(-1, 3)


def framing(model: mujoco.MjModel, data: mujoco.MjData, width: int, height: int) -> Framing:
    """Frame the geometry of `model` in the state of `data`, for an image of width x height pixels.

    The view is from the azimuth and elevation that the scene's author gave to the free camera.
    """
    corners = _of_interest(_boxes(model, data)).corners()
    centre = (corners.min(axis=0) + corners.max(axis=0)) / 2
    right, up, forward = _view_axes(float(model.vis.global_.azimuth), float(model.vis.global_.elevation))
    offsets = corners - centre
    depth = offsets @ forward
    slope = math.tan(math.radians(FIELD_OF_VIEW_DEGREES) / 2) / _MARGIN
    across = np.maximum(np.abs(offsets @ up), np.abs(offsets @ right) * height / width)
    radius = max(float(np.linalg.norm(offsets, axis=1).max()), 1e-3)
    distance = max(float((across / slope - depth).max()), radius)
    orientation = np.zeros(4)
    mujoco.mju_mat2Quat(orientation, np.column_stack([right, up, -forward]).flatten())
    return Framing(
        position=[float(value) for value in centre - distance * forward],
        orientation=[float(value) for value in orientation],
        nearest=max(distance + float(depth.min()), 0.05 * distance) / 2,
        farthest=distance + 4 * radius,
    )


def _view_axes(azimuth: float, elevation: float) -> tuple[Array, Array, Array]:
    """Right, up and forward as unit vectors, from MuJoCo's angles in degrees."""
    if (azimuth, elevation) == _DEFAULT_VIEW:
        azimuth, elevation = _BETTER_VIEW
    turn, tilt = math.radians(azimuth), math.radians(min(max(elevation, -89.0), 89.0))
    forward = np.array(
        [math.cos(tilt) * math.cos(turn), math.cos(tilt) * math.sin(turn), math.sin(tilt)], dtype=np.float64
    )
    right = np.array([math.sin(turn), -math.cos(turn), 0.0], dtype=np.float64)
    return right, np.cross(right, forward), forward


def _boxes(model: mujoco.MjModel, data: mujoco.MjData) -> _Boxes:
    """A box for every geom but planes, which have no end, and for every flex; a unit box if there is none."""
    solid = model.geom_type != _PLANE
    drawn = solid & (model.geom_group < _VISIBLE_GROUPS) & (_opacity(model) > 0)
    chosen = np.flatnonzero(drawn if drawn.any() else solid)
    rotations = data.geom_xmat[chosen].reshape(-1, 3, 3)
    local, half = model.geom_aabb[chosen, :3], model.geom_aabb[chosen, 3:]
    centres = data.geom_xpos[chosen] + np.einsum("nij,nj->ni", rotations, local)
    halves = np.einsum("nij,nj->ni", np.abs(rotations), half)
    moves = model.body_weldid[model.geom_bodyid[chosen]] != 0
    boxes = _Boxes(centres - halves, centres + halves, moves)
    for flex in range(model.nflex):
        first, count = int(model.flex_vertadr[flex]), int(model.flex_vertnum[flex])
        vertices = data.flexvert_xpos[first : first + count]
        boxes = _Boxes(
            np.vstack([boxes.low, vertices.min(axis=0)]),
            np.vstack([boxes.high, vertices.max(axis=0)]),
            np.append(boxes.moves, True),
        )
    boxes = boxes.only(np.isfinite(np.hstack([boxes.low, boxes.high]).sum(axis=1)))
    return (
        boxes
        if len(boxes.low)
        else _Boxes(np.full((1, 3), -0.5), np.full((1, 3), 0.5), np.zeros(1, dtype=bool))
    )


def _opacity(model: mujoco.MjModel) -> Array:
    """Alpha of each geom, its material's where it has one; shape (ngeom,)."""
    opacity = np.array(model.geom_rgba[:, 3], dtype=np.float64)
    dressed = model.geom_matid >= 0
    opacity[dressed] = model.mat_rgba[model.geom_matid[dressed], 3]
    return opacity


def _of_interest(boxes: _Boxes) -> _Boxes:
    """What moves and the static things among it, without floors, walls and what lies far away."""
    if not boxes.moves.any():
        return boxes.only(_not_a_room(boxes))
    moving = boxes.only(boxes.moves)
    low, high = moving.low.min(axis=0), moving.high.max(axis=0)
    reach = _STATIC_SIZE * max(float(np.linalg.norm(high - low)) / 2, 1e-3)
    size = np.linalg.norm(boxes.high - boxes.low, axis=1) / 2
    distance = np.linalg.norm((boxes.low + boxes.high - low - high) / 2, axis=1)
    return boxes.only(boxes.moves | ((size <= reach) & (distance <= reach)))


def _not_a_room(boxes: _Boxes) -> NDArray[np.bool_]:
    """All boxes but those that are many times as large as the rest together."""
    size = np.linalg.norm(boxes.high - boxes.low, axis=1) / 2
    kept = np.ones(len(size), dtype=bool)
    for largest in np.argsort(-size)[:-1]:
        kept[largest] = False
        rest = boxes.only(kept)
        extent = float(np.linalg.norm(rest.high.max(axis=0) - rest.low.min(axis=0))) / 2
        if size[largest] <= _STATIC_SIZE * extent:
            kept[largest] = True
            break
    return kept
