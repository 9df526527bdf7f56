"""Surfaces of MuJoCo's primitive geoms as triangles, counterclockwise from outside, in the frame of the geom.

Rounded shapes have as many slices and stacks as MuJoCo's own renderer gives them (`visual/quality`); what is
flat or straight is not subdivided, which serves lighting by the vertex only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Size = tuple[float, float, float]
"""Of a geom as `mjvGeom.size` has it: radii or half lengths along the axes, in metres."""


class Surface(NamedTuple):
    """Triangles, with what a texture can be laid on by."""

    points: NDArray[np.float64]
    """Vertices, shape (V, 3), in metres."""
    faces: NDArray[np.int32]
    """Indices into the vertices, shape (F, 3)."""
    coordinates: NDArray[np.float64]
    """Where each vertex lies on a flat texture that is laid on once, shape (V, 2); the top row is at 0."""
    directions: NDArray[np.float64]
    """Where each vertex looks into a cube texture, shape (V, 3), of any length."""


class _Ring(NamedTuple):
    radius: float
    height: float
    coordinate: float = 0.0


def join(parts: Sequence[Surface]) -> Surface:
    """Put surfaces side by side, without welding them."""
    firsts = np.cumsum([0, *(len(part.points) for part in parts[:-1])])
    return Surface(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.faces + first for part, first in zip(parts, firsts, strict=True)]).astype(
            np.int32
        ),
        np.concatenate([part.coordinates for part in parts]),
        np.concatenate([part.directions for part in parts]),
    )


def sphere(size: Size, slices: int, stacks: int, seams: bool) -> Surface:
    """Make a sphere or an ellipsoid of the radii `size`.

    With `seams` a vertex that has two places on a flat texture is there twice; without, each is there once.
    """
    half = _half(stacks)
    rings = [
        _Ring(radius, height, 0.5 - step / (2 * half))
        for step, (radius, height) in zip(range(-half, half + 1), _arc(half), strict=True)
    ]
    unit = _revolve(rings, slices, seams)
    return unit._replace(points=unit.points * size)


def capsule(size: Size, slices: int, stacks: int, seams: bool) -> Surface:
    """Make a capsule of radius `size[0]` whose straight part is `2 * size[2]` long."""
    radius, _, half_length = size
    half = _half(stacks)
    arc = _arc(half)
    shares = [step / half for step in range(half + 1)]
    below = [
        _Ring(radius * r, -half_length + radius * h, share)
        for (r, h), share in zip(arc[: half + 1], reversed(shares), strict=True)
    ]
    above = [
        _Ring(radius * r, half_length + radius * h, 1 - share)
        for (r, h), share in zip(arc[half:], shares, strict=True)
    ]
    if seams:
        side = [_Ring(radius, -half_length, 1.0), _Ring(radius, half_length, 0.0)]
        surface = join([_revolve(rings, slices, seams) for rings in (below, side, above)])
    else:
        surface = _revolve([*below, *above], slices, seams)
    directions = surface.points / size
    # The caps are drawn as half spheres that stand on a cylinder from -1 to 1.
    beyond = np.abs(surface.points[:, 2]) - half_length
    directions[:, 2] = np.where(
        beyond > 0, np.sign(directions[:, 2]) * (1 + beyond / radius), directions[:, 2]
    )
    return surface._replace(directions=directions)


def cylinder(size: Size, slices: int, seams: bool) -> Surface:
    """Make a closed cylinder of radius `size[0]` and height `2 * size[2]`; its rims are sharp."""
    side = _revolve([_Ring(1, -1, 1.0), _Ring(1, 1, 0.0)], slices, seams)
    unit = join(
        [
            _disk(_revolve([_Ring(0, -1), _Ring(1, -1)], slices, False)),
            side,
            _disk(_revolve([_Ring(1, 1), _Ring(0, 1)], slices, False)),
        ]
    )
    return unit._replace(points=unit.points * size)


def box(size: Size) -> Surface:
    """Make a box of the half lengths `size`; its edges are sharp."""
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
    sides = []
    for axis, (first, second) in enumerate(((1, 2), (0, 2), (0, 1))):
        for sign in (-1, 1):
            points = np.zeros((4, 3))
            points[:, axis] = sign
            points[:, [first, second]] = corners
            # The y side's two directions make a left hand with its normal.
            order = (0, 1, 2, 3) if (sign > 0) != (axis == 1) else (3, 2, 1, 0)
            sides.append(_quad(points[list(order)], _once(corners[list(order)])))
    unit = join(sides)
    return unit._replace(points=unit.points * size)


def plane(size: Size, reach: float) -> Surface:
    """Make a rectangle of the half lengths `size`, that looks up.

    Where a half length is 0 the plane is infinite: it goes as far as `reach`, in metres, and a texture is
    laid on by the metre.
    """
    halves = np.array([half if half > 0 else reach for half in size[:2]])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64) * halves
    once, by_metre = _once(corners / halves), corners * (0.5, -0.5)
    coordinates = np.where([half > 0 for half in size[:2]], once, by_metre)
    return _quad(np.column_stack([corners, np.zeros(4)]), coordinates)


def _revolve(rings: Sequence[_Ring], slices: int, seams: bool) -> Surface:
    """Turn rings, from the bottom to the top, about the z axis; a ring of radius 0 is a pole."""
    count = max(3, slices)
    table = np.empty((len(rings), count + 1), np.int32)
    points, coordinates = [], []
    used = 0
    for row, ring in zip(table, rings, strict=True):
        pole = ring.radius == 0
        number = (count if pole else count + 1) if seams else (1 if pole else count)
        row[:] = used + (
            np.minimum(np.arange(count + 1), count - 1) if pole and seams else np.arange(count + 1) % number
        )
        column = np.arange(number)
        # A last column that is the first again lies in the very same place.
        turn = 2 * np.pi * (column % count) / count
        points.append(
            np.column_stack(
                [ring.radius * np.cos(turn), ring.radius * np.sin(turn), np.full(number, ring.height)]
            )
        )
        along = (column + 0.5) / count if pole else column / count
        coordinates.append(np.column_stack([along, np.full(number, ring.coordinate)]))
        used += number
    faces = []
    for below, above, row, next_row in zip(rings, rings[1:], table, table[1:], strict=False):
        a, b, c, d = row[:-1], row[1:], next_row[1:], next_row[:-1]
        if below.radius == 0:
            faces.append(np.column_stack([a, c, d]))
        elif above.radius == 0:
            faces.append(np.column_stack([a, b, d]))
        else:
            faces += [np.column_stack([a, b, c]), np.column_stack([a, c, d])]
    vertices = np.concatenate(points)
    return Surface(
        vertices, np.concatenate(faces).astype(np.int32), np.concatenate(coordinates), vertices.copy()
    )


def _arc(half: int) -> list[tuple[float, float]]:
    """Radius and height of a unit sphere's rings from pole to pole; the poles' radius is 0 exactly."""
    middle = [
        (float(np.cos(angle)), float(np.sin(angle)))
        for angle in 0.5 * np.pi * np.arange(-half + 1, half) / half
    ]
    return [(0.0, -1.0), *middle, (0.0, 1.0)]


def _half(stacks: int) -> int:
    return max(1, stacks // 2)


def _disk(surface: Surface) -> Surface:
    return surface._replace(coordinates=0.5 + 0.5 * surface.points[:, :2])


def _once(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay a texture on a square from -1 to 1: its top row is where the second direction ends."""
    return np.column_stack([(1 + corners[:, 0]) / 2, (1 - corners[:, 1]) / 2])


def _quad(points: NDArray[np.float64], coordinates: NDArray[np.float64]) -> Surface:
    return Surface(points, np.array([(0, 1, 2), (0, 2, 3)], np.int32), coordinates, points.copy())
