"""Surfaces of meshes and height fields as a compiled model holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backends.madrona_model.shapes import Surface, join

if TYPE_CHECKING:
    import mujoco
    from numpy.typing import NDArray

_SHARP = 0.8
"""MuJoCo's renderer takes a corner's own face for its normal where their product is below this."""


def mesh(model: mujoco.MjModel, index: int, seams: bool) -> Surface:
    """Take over a mesh, its vertices split where they are lit or textured in more than one way.

    The renderer makes each vertex's normal from the faces that share it, so a vertex on a sharp edge has to
    be there once for each side. With `seams` it is split where a file gives it two texture coordinates too.
    """
    address, count = int(model.mesh_faceadr[index]), int(model.mesh_facenum[index])
    rows = slice(address, address + count)
    corners = model.mesh_face[rows].reshape(-1).astype(np.int64)
    vertex = int(model.mesh_vertadr[index])
    vertices = model.mesh_vert[vertex : vertex + int(model.mesh_vertnum[index])].astype(np.float64)
    has_coordinates = int(model.mesh_texcoordadr[index]) >= 0
    lit = _lit(model, index, vertices, corners, sharp=not has_coordinates)
    laid = model.mesh_facetexcoord[rows].reshape(-1).astype(np.int64)
    if not (seams and has_coordinates):
        laid = np.zeros_like(corners)
    key = (corners * (lit.max(initial=0) + 1) + lit) * (laid.max(initial=0) + 1) + laid
    _, first, faces = np.unique(key, return_index=True, return_inverse=True)
    points = vertices[corners[first]]
    if has_coordinates:
        start = int(model.mesh_texcoordadr[index])
        coordinates = model.mesh_texcoord[start + laid[first]].astype(np.float64)
    else:
        coordinates = flat_coordinates(points)
    return Surface(points, faces.reshape(-1, 3).astype(np.int32), coordinates, points)


def _lit(
    model: mujoco.MjModel,
    index: int,
    vertices: NDArray[np.float64],
    corners: NDArray[np.int64],
    sharp: bool,
) -> NDArray[np.int64]:
    """Number each corner's normal, shape (3 F,): that of the model, or one of its own on a sharp edge."""
    rows = slice(int(model.mesh_faceadr[index]), int(model.mesh_faceadr[index]) + len(corners) // 3)
    numbers: NDArray[np.int64] = model.mesh_facenormal[rows].reshape(-1).astype(np.int64)
    if not sharp:
        return numbers
    a, b, c = np.moveaxis(vertices[corners].reshape(-1, 3, 3), 1, 0)
    across = np.cross(b - a, c - a)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    flat = np.repeat(np.divide(across, length, out=np.zeros_like(across), where=length > 0), 3, axis=0)
    normals = model.mesh_normal[int(model.mesh_normaladr[index]) + numbers]
    own = np.einsum("ij,ij->i", normals, flat) < _SHARP
    # Corners that look the same way stay together.
    _, looks = np.unique(np.round(flat[own], 4), axis=0, return_inverse=True)
    numbers[own] = numbers.max(initial=0) + 1 + looks.reshape(-1)
    return numbers


def height_field(model: mujoco.MjModel, index: int) -> Surface:
    """Make a height field: its top as MuJoCo's renderer divides it, walls, and a bottom at `-size[3]`."""
    rows, columns = int(model.hfield_nrow[index]), int(model.hfield_ncol[index])
    half_x, half_y, top, base = (float(value) for value in model.hfield_size[index])
    start = int(model.hfield_adr[index])
    heights = model.hfield_data[start : start + rows * columns].astype(np.float64) * top
    x, y = np.meshgrid(np.linspace(-half_x, half_x, columns), np.linspace(-half_y, half_y, rows))
    points = np.column_stack([x.ravel(), y.ravel(), heights])
    grid = np.arange(rows * columns).reshape(rows, columns)
    low, right, up, across = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
    faces = np.concatenate(
        [np.stack([up, low, across], axis=-1), np.stack([low, right, across], axis=-1)]
    ).reshape(-1, 3)
    around = np.concatenate([grid[0, :-1], grid[:-1, -1], grid[-1, :0:-1], grid[:0:-1, 0]])
    parts = [_part(points, faces), *_walls(points, grid, base), _bottom(points[around], base)]
    return join(parts)


def _walls(points: NDArray[np.float64], grid: NDArray[np.int64], base: float) -> list[Surface]:
    """Make the four walls, each with vertices of its own: they meet the top in sharp edges."""
    walls = []
    for edge in (grid[0], grid[:, -1], grid[-1, ::-1], grid[::-1, 0]):
        upper = points[edge]
        lower = upper.copy()
        lower[:, 2] = -base
        number = len(edge)
        a = np.arange(number - 1)
        b, c, d = a + 1, a + 1 + number, a + number
        quads = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
        walls.append(_part(np.concatenate([lower, upper]), quads))
    return walls


def _bottom(around: NDArray[np.float64], base: float) -> Surface:
    """Close the bottom with a fan, over the same border as the walls."""
    border = around.copy()
    border[:, 2] = -base
    first = np.arange(len(border))
    middle = np.full(len(border), len(border))
    faces = np.column_stack([middle, np.roll(first, -1), first])
    return _part(np.concatenate([border, [(0.0, 0.0, -base)]]), faces)


def _part(points: NDArray[np.float64], faces: NDArray[np.int64]) -> Surface:
    return Surface(points, faces.astype(np.int32), flat_coordinates(points), points)


def flat_coordinates(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay a texture on from above, by the metre, as MuJoCo does where there are no coordinates."""
    return points[:, :2] * (0.5, -0.5)
