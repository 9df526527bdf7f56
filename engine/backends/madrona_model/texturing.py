"""How textures are laid on surfaces: MuJoCo's rules, worked out into one pair of coordinates for each vertex.

Flat textures are scaled as `mjr_render` scales them (`texrepeat`, `texuniform`). The renderer has no cube
textures: the six faces of one, which MuJoCo keeps below each other in one tall picture, are addressed in that
picture, by OpenGL's table of the faces' directions (OpenGL 4.6 specification, table 8.19).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import mujoco
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backends.madrona_model.shapes import Surface

_PLANE = int(mujoco.mjtGeom.mjGEOM_PLANE)
_HEIGHT_FIELD = int(mujoco.mjtGeom.mjGEOM_HFIELD)
_MESHES = (int(mujoco.mjtGeom.mjGEOM_MESH), int(mujoco.mjtGeom.mjGEOM_SDF))
_CUBE_FACES = 6


class Kind(Enum):
    """How a texture is laid on."""

    NONE = "none"
    FLAT = "flat"
    CUBE = "cube"


@dataclass(frozen=True)
class Mapping:
    """How one geom's texture is laid on; equal ones give equal meshes."""

    kind: Kind = Kind.NONE
    scale: tuple[float, ...] = ()
    """FLAT: what multiplies a surface's coordinates; CUBE: what multiplies its directions."""
    offset: float = 0.0
    """FLAT: what is added to both coordinates then."""
    width: int = 0
    """CUBE: side of one face in texels."""


@dataclass(frozen=True)
class Mesh:
    """Triangles as the renderer takes them."""

    vertices: NDArray[np.float32]
    """Shape (V, 3), in metres, in the frame of the geom."""
    faces: NDArray[np.int32]
    """Shape (F, 3)."""
    texcoords: NDArray[np.float32] | None
    """Shape (V, 2), the texture's first row at 0; None without a texture."""


def find_mapping(model: mujoco.MjModel, geom: mujoco.MjvGeom) -> Mapping:
    """Tell how MuJoCo lays the texture on `geom`, a geom of an `MjvScene`."""
    texture = int(geom.texid)
    if texture < 0:
        return Mapping()
    size = [float(value) for value in geom.size]
    if int(model.tex_type[texture]) == int(mujoco.mjtTexture.mjTEXTURE_CUBE):
        # MuJoCo lays no cube on a mesh that has coordinates for a flat texture.
        if int(geom.type) == _PLANE or geom.texcoord:
            return Mapping()
        scale = tuple(size) if geom.texuniform else (1.0, 1.0, 1.0)
        return Mapping(Kind.CUBE, scale, width=int(model.tex_width[texture]))
    repeat = [float(value) for value in geom.texrepeat]
    if int(geom.type) in (_HEIGHT_FIELD, *_MESHES) and not geom.texcoord:
        fitted = [value / half if half > 0 else value for value, half in zip(repeat, size, strict=False)]
        return Mapping(Kind.FLAT, _uniform(geom, fitted, size), -0.5)
    infinite = int(geom.type) == _PLANE and min(size[:2]) <= 0
    positive = [value if value > 0 else 1.0 for value in repeat]
    return Mapping(Kind.FLAT, _uniform(geom, positive, size), -0.5 if infinite else 0.0)


def _uniform(geom: mujoco.MjvGeom, repeat: list[float], size: list[float]) -> tuple[float, ...]:
    if not geom.texuniform:
        return tuple(repeat)
    return tuple(value * half if half > 0 else value for value, half in zip(repeat, size, strict=False))


def lay(surface: Surface, mapping: Mapping) -> Mesh:
    """Make a mesh of `surface` with the texture coordinates that `mapping` gives."""
    if mapping.kind is Kind.CUBE:
        return _lay_cube(surface, mapping)
    texcoords = None
    if mapping.kind is Kind.FLAT:
        texcoords = _packed(surface.coordinates * mapping.scale + mapping.offset)
    return Mesh(_packed(surface.points), np.ascontiguousarray(surface.faces, np.int32), texcoords)


def _lay_cube(surface: Surface, mapping: Mapping) -> Mesh:
    """Give each triangle the face of the cube that its middle looks at; vertices between two are split."""
    directions = surface.directions * mapping.scale
    corners = directions[surface.faces]
    middles = corners.mean(axis=1)
    axis = np.argmax(np.abs(middles), axis=1)
    sign = np.take_along_axis(middles, axis[:, None], axis=1)[:, 0] < 0
    face = 2 * axis + sign
    key = surface.faces.astype(np.int64) * _CUBE_FACES + face[:, None]
    found, faces = np.unique(key, return_inverse=True)
    vertex, side = found // _CUBE_FACES, found % _CUBE_FACES
    across, down = _on_face(directions[vertex], side)
    # Half a texel inside: beyond it, filtering would take in the neighbouring face.
    margin = 0.5 / mapping.width
    across, down = (np.clip(part, margin, 1 - margin) for part in (across, down))
    texcoords = np.column_stack([across, (side + down) / _CUBE_FACES])
    return Mesh(_packed(surface.points[vertex]), faces.reshape(-1, 3).astype(np.int32), _packed(texcoords))


def _on_face(
    directions: NDArray[np.float64], side: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a direction meets a face of the cube, from 0 to 1: across it, and down it."""
    x, y, z = directions.T
    across = np.choose(side, [-z, z, x, x, x, -x])
    down = np.choose(side, [-y, -y, z, -z, -y, -y])
    depth = np.abs(np.choose(side // 2, [x, y, z]))
    depth = np.maximum(depth, 1e-9 + 1e-6 * np.abs(directions).max(axis=1, initial=0))
    return 0.5 + 0.5 * across / depth, 0.5 + 0.5 * down / depth


def _packed(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)
