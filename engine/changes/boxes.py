"""Meshes as the boxes around them, in place: the smallest mesh detail."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

_CORNERS = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
"""Of a box from 0 to 1, shape (8, 3); corner 4x + 2y + z."""
_FACES = np.array(
    [
        (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5),
        (0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6),
        (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
    ],
    np.int32,
)  # fmt: skip
"""Two triangles a side, seen from outside against the clock: -x, +x, -y, +y, -z, +z; shape (12, 3)."""
_NORMALS = np.array([(-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1)], np.float32)
_FACE_NORMALS = np.repeat(np.arange(6, dtype=np.int32), 2)[:, None].repeat(3, axis=1)


def boxable_meshes(model: mujoco.MjModel) -> NDArray[np.int64]:
    """The meshes that have more to draw than a box, and room for one in their arrays."""
    has_room = (
        (model.mesh_vertnum >= len(_CORNERS))
        & (model.mesh_facenum > len(_FACES))
        & (model.mesh_normalnum >= len(_NORMALS))
    )
    return np.flatnonzero(has_room)


def draw_boxes(model: mujoco.MjModel) -> None:
    """Put the box around each mesh in its place, in the mesh's own frame.

    Geoms keep their poses. What collides would be another shape: not for a model that is simulated.
    """
    for mesh in boxable_meshes(model):
        _draw_box(model, int(mesh))


def _draw_box(model: mujoco.MjModel, mesh: int) -> None:
    vertices = int(model.mesh_vertadr[mesh])
    faces, normals = int(model.mesh_faceadr[mesh]), int(model.mesh_normaladr[mesh])
    points = model.mesh_vert[vertices : vertices + model.mesh_vertnum[mesh]]
    low, high = points.min(axis=0), points.max(axis=0)
    model.mesh_vert[vertices : vertices + len(_CORNERS)] = low + (high - low) * _CORNERS
    model.mesh_normal[normals : normals + len(_NORMALS)] = _NORMALS
    model.mesh_face[faces : faces + len(_FACES)] = _FACES
    model.mesh_facenormal[faces : faces + len(_FACES)] = _FACE_NORMALS
    model.mesh_vertnum[mesh] = len(_CORNERS)
    model.mesh_normalnum[mesh] = len(_NORMALS)
    model.mesh_facenum[mesh] = len(_FACES)
    # Its convex hull names vertices that are gone.
    model.mesh_graphadr[mesh] = -1
