"""Every geom as a triangle mesh, one mesh for all that look alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import numpy as np

from engine.backends.madrona_model import files, shapes
from engine.backends.madrona_model.texturing import Kind, Mapping, Mesh, find_mapping, lay
from engine.backends.madrona_model.view import MESHES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.backends.madrona_model.shapes import Surface

_PLANE = int(mujoco.mjtGeom.mjGEOM_PLANE)
_HEIGHT_FIELD = int(mujoco.mjtGeom.mjGEOM_HFIELD)
_SPHERES = (int(mujoco.mjtGeom.mjGEOM_SPHERE), int(mujoco.mjtGeom.mjGEOM_ELLIPSOID))
_CAPSULE = int(mujoco.mjtGeom.mjGEOM_CAPSULE)
_CYLINDER = int(mujoco.mjtGeom.mjGEOM_CYLINDER)


@dataclass(frozen=True)
class Geometry:
    """The meshes of a model, and which geom has which."""

    meshes: tuple[Mesh, ...]
    geom_meshes: NDArray[np.int32]
    """Index of each drawn geom's mesh, shape (G,)."""

    def arguments(self) -> dict[str, NDArray[np.generic]]:
        """The renderer's arguments that begin with `mesh_`: all meshes one after the other."""
        vertices = [len(mesh.vertices) for mesh in self.meshes]
        faces = [len(mesh.faces) for mesh in self.meshes]
        laid = [mesh.texcoords for mesh in self.meshes if mesh.texcoords is not None]
        counts = [0 if mesh.texcoords is None else len(mesh.texcoords) for mesh in self.meshes]
        has_none = [mesh.texcoords is None for mesh in self.meshes]
        return {
            "mesh_vertices": np.concatenate([mesh.vertices for mesh in self.meshes]),
            "mesh_faces": np.concatenate([mesh.faces for mesh in self.meshes]),
            "mesh_vertex_offsets": _starts(vertices),
            "mesh_face_offsets": _starts(faces),
            "mesh_texcoords": np.concatenate(laid) if laid else np.zeros((0, 2), np.float32),
            "mesh_texcoord_offsets": np.where(has_none, -1, _starts(counts)).astype(np.int32),
        }


def make_geometry(model: mujoco.MjModel, geoms: Sequence[mujoco.MjvGeom], reach: float) -> Geometry:
    """Tessellate `geoms`, those of an `MjvScene`; infinite planes go as far as `reach`, in metres."""
    found: dict[tuple[object, ...], int] = {}
    meshes: list[Mesh] = []
    indices = []
    for geom in geoms:
        mapping = find_mapping(model, geom)
        key = (_shape_key(model, geom), mapping)
        if key not in found:
            found[key] = len(meshes)
            meshes.append(lay(tessellate(model, geom, mapping, reach), mapping))
        indices.append(found[key])
    return Geometry(tuple(meshes), np.array(indices, np.int32))


def tessellate(model: mujoco.MjModel, geom: mujoco.MjvGeom, mapping: Mapping, reach: float) -> Surface:
    """Make the surface of one geom; where `mapping` lays a flat texture on it, with seams."""
    kind, size = int(geom.type), _size(geom)
    slices, stacks = int(model.vis.quality.numslices), int(model.vis.quality.numstacks)
    seams = mapping.kind is Kind.FLAT
    if kind == _PLANE:
        return shapes.plane(size, reach)
    if kind == _HEIGHT_FIELD:
        return files.height_field(model, int(model.geom_dataid[geom.objid]))
    if kind in MESHES:
        return files.mesh(model, int(model.geom_dataid[geom.objid]), seams)
    if kind in _SPHERES:
        return shapes.sphere(size, slices, stacks, seams)
    if kind == _CAPSULE:
        return shapes.capsule(size, slices, stacks, seams)
    if kind == _CYLINDER:
        return shapes.cylinder(size, slices, seams)
    return shapes.box(size)


def _shape_key(model: mujoco.MjModel, geom: mujoco.MjvGeom) -> tuple[object, ...]:
    kind = int(geom.type)
    if kind == _HEIGHT_FIELD or kind in MESHES:
        return (kind, int(model.geom_dataid[geom.objid]))
    # A sphere is an ellipsoid; a plane's third size is the spacing of its grid.
    kind = _SPHERES[0] if kind in _SPHERES else kind
    return (kind, _size(geom)[:2] if kind == _PLANE else _size(geom))


def _size(geom: mujoco.MjvGeom) -> shapes.Size:
    x, y, z = (float(value) for value in geom.size)
    return x, y, z


def _starts(counts: Sequence[int]) -> NDArray[np.int32]:
    return np.cumsum([0, *counts[:-1]]).astype(np.int32)
