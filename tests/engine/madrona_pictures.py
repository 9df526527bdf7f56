"""A small rasterizer for what Madrona is given: it draws from the converted arrays alone, in numpy.

Cameras look along y with z up, faces are seen from where they go counterclockwise, textures repeat and have
their first row at 0: as in the renderer's own shaders.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# No test in this process draws with MuJoCo, so it may not depend on which GL libraries there are.
_chosen = os.environ.get("MUJOCO_GL")
os.environ["MUJOCO_GL"] = "disable"
import mujoco  # noqa: E402

del os.environ["MUJOCO_GL"]
if _chosen is not None:
    os.environ["MUJOCO_GL"] = _chosen

from engine.backends.madrona_model import MadronaModel, PoseArrays  # noqa: E402

_PAIRS_AT_ONCE = 2_000_000
CAMERA = '<camera name="front" pos="0 -5 0.5" xyaxes="1 0 0 0 0 1"/>'
BALL = '<geom size="0.1"/>'
TEXTURES = """
    <texture name="grid" type="2d" builtin="checker" width="8" height="4" rgb1="1 0 0" rgb2="0 0 1"/>
    <texture name="dice" type="cube" builtin="flat" width="4" height="4" rgb1="0 1 0"/>
    <texture name="sky" type="skybox" builtin="gradient" width="16" height="16"/>
    <texture name="unused" type="2d" builtin="flat" width="2" height="2"/>
    <material name="tiles" texture="grid"/>
    <material name="side" texture="dice"/>
    <material name="plain" rgba="0.2 0.4 0.6 1"/>"""


def loaded(body: str, assets: str = "", extra: str = "") -> tuple:
    """A model and its data, its kinematics computed."""
    model = mujoco.MjModel.from_xml_string(
        f"<mujoco>{extra}<asset>{assets}</asset><worldbody>{CAMERA}{body}</worldbody></mujoco>"
    )
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


def rotated(quaternion: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn points, shape (V, 3), by a quaternion (w, x, y, z)."""
    w, vector = float(quaternion[0]), np.asarray(quaternion[1:], np.float64)
    twice = 2 * np.cross(vector, points)
    return points + w * twice + np.cross(vector, twice)


@dataclass(frozen=True)
class Picture:
    """What each pixel shows."""

    geoms: NDArray[np.int64]
    """Index of the model's geom, shape (height, width), or -1."""
    colours: NDArray[np.float64]
    """Unlit colour of the surface in linear light, shape (height, width, 3)."""


def rasterize(
    model: MadronaModel, poses: PoseArrays, arguments: dict[str, object], world: int = 0
) -> Picture:
    """Draw one world of what the renderer would be given."""
    width, height = arguments["batch_render_view_width"], arguments["batch_render_view_height"]
    slope = np.tan(np.radians(float(arguments["cam_fovy"][0])) / 2)
    near = float(arguments["cam_znear"][0])
    away = poses.cam_rot[world, 0] * (1, -1, -1, -1)
    corners, owners, coordinates = [], [], []
    for index in range(len(model.geoms)):
        vertices, faces, texcoords = mesh_of(arguments, int(arguments["geom_data_ids"][index]))
        placed = rotated(poses.geom_rot[world, index], vertices) + poses.geom_pos[world, index]
        seen = rotated(away, placed - poses.cam_pos[world, 0])
        laid = np.zeros((len(vertices), 2)) if texcoords is None else texcoords
        corners.append(seen[faces])
        coordinates.append(laid[faces])
        owners.append(np.full(len(faces), index))
    triangles, owner = _clipped(
        np.concatenate([np.concatenate(corners), np.concatenate(coordinates)], axis=2),
        np.concatenate(owners),
        near,
    )
    depth = triangles[:, :, 1]
    across = (triangles[:, :, 0] / (depth * slope * width / height) + 1) * width / 2
    down = (1 - triangles[:, :, 2] / (depth * slope)) * height / 2
    hits = _Hits(width, height, float(arguments["cam_zfar"][0]))
    hits.draw(np.stack([across, down], axis=2), 1 / depth)
    shown = np.full(width * height, -1)
    drawn = hits.triangle >= 0
    shown[drawn] = owner[hits.triangle[drawn]]
    colours = np.zeros((width * height, 3))
    weights = hits.weights[drawn] / depth[hits.triangle[drawn]]
    weights /= weights.sum(axis=1, keepdims=True)
    places = np.einsum("pc,pcd->pd", weights, triangles[hits.triangle[drawn], :, 3:])
    colours[drawn] = _colours(arguments, shown[drawn], places)
    geoms = np.where(shown >= 0, model.geoms[np.maximum(shown, 0)], -1)
    return Picture(geoms.reshape(height, width), colours.reshape(height, width, 3))


def mesh_of(arguments: dict[str, object], index: int) -> tuple:
    """Vertices, faces and texture coordinates (or None) of one mesh, cut out of the joined arrays."""

    def rows(name: str, offsets: str) -> NDArray:
        ends = [*arguments[offsets][1:], len(arguments[name])]
        return arguments[name][arguments[offsets][index] : ends[index]]

    vertices = rows("mesh_vertices", "mesh_vertex_offsets").astype(np.float64)
    start = int(arguments["mesh_texcoord_offsets"][index])
    texcoords = None if start < 0 else arguments["mesh_texcoords"][start : start + len(vertices)]
    return vertices, rows("mesh_faces", "mesh_face_offsets"), texcoords


def picture_of(arguments: dict[str, object], index: int) -> NDArray[np.uint8]:
    """One texture, shape (height, width, 4)."""
    height, width = int(arguments["tex_heights"][index]), int(arguments["tex_widths"][index])
    start = int(arguments["tex_offsets"][index])
    return arguments["tex_data"][start : start + 4 * height * width].reshape(height, width, 4)


def _colours(arguments: dict[str, object], geoms: NDArray, places: NDArray) -> NDArray[np.float64]:
    materials = arguments["geom_mat_ids"][geoms]
    colours = arguments["mat_rgba"][materials, :3].astype(np.float64)
    offsets, ids = arguments["mat_tex_offsets"], arguments["mat_tex_ids"]
    ends = np.array([*offsets[1:], len(ids)])
    for material in np.unique(materials[ends[materials] > offsets[materials]]):
        picture = picture_of(arguments, int(ids[offsets[material]]))[:, :, :3] / 255.0
        mine = materials == material
        height, width = picture.shape[:2]
        column, row = (np.floor(places[mine] * (width, height)).astype(int) % (width, height)).T
        texels = picture[row, column]
        colours[mine] *= np.where(texels <= 0.04045, texels / 12.92, ((texels + 0.055) / 1.055) ** 2.4)
    return colours


def _clipped(triangles: NDArray, owners: NDArray, near: float) -> tuple[NDArray, NDArray]:
    """Cut off what is nearer than `near`: a triangle becomes none, one or two."""
    inside = triangles[:, :, 1] >= near
    count = inside.sum(axis=1)
    kept, kept_owners = [triangles[count == 3]], [owners[count == 3]]
    for number in (1, 2):
        chosen = np.nonzero(count == number)[0]
        if not len(chosen):
            continue
        # Begin with the corner that is alone on its side.
        alone = np.argmax(inside[chosen] == (number == 1), axis=1)
        a, b, c = (triangles[chosen, (alone + step) % 3] for step in range(3))
        ab, ac = _cut(a, b, near), _cut(a, c, near)
        parts = [(a, ab, ac)] if number == 1 else [(ab, b, c), (ab, c, ac)]
        for part in parts:
            kept.append(np.stack(part, axis=1))
            kept_owners.append(owners[chosen])
    return np.concatenate(kept), np.concatenate(kept_owners)


def _cut(inner: NDArray, outer: NDArray, near: float) -> NDArray:
    share = ((near - inner[:, 1]) / (outer[:, 1] - inner[:, 1]))[:, None]
    return inner + share * (outer - inner)


class _Screen(NamedTuple):
    """Triangles on the screen, with the pixels that may lie in them."""

    corners: NDArray
    """In pixels, shape (T, 3, 2)."""
    nearness: NDArray
    """1 / depth of each corner, shape (T, 3)."""
    first: NDArray
    """Column and row of the first pixel, shape (T, 2)."""
    extent: NDArray
    """Columns and rows, shape (T, 2)."""
    area: NDArray
    """Twice the signed area, shape (T,): negative where it is seen from the front, as rows go down."""


class _Hits:
    """The nearest triangle of each pixel's middle, and where it is met."""

    def __init__(self, width: int, height: int, far: float) -> None:
        self._size = np.array([width, height])
        self._farthest = 1 / far
        self.triangle = np.full(width * height, -1)
        self.weights = np.zeros((width * height, 3))
        self._nearness = np.zeros(width * height)

    def draw(self, corners: NDArray, nearness: NDArray) -> None:
        """Draw front faces: `corners` in pixels, shape (T, 3, 2), `nearness` is 1 / depth, shape (T, 3)."""
        first = np.clip(np.ceil(corners.min(axis=1) - 0.5), 0, self._size).astype(int)
        last = np.clip(np.floor(corners.max(axis=1) - 0.5), -1, self._size - 1).astype(int)
        extent = np.maximum(last - first + 1, 0)
        a, b, c = (corners[:, index] for index in range(3))
        screen = _Screen(corners, nearness, first, extent, _cross(b - a, c - a))
        number = extent.prod(axis=1)
        chosen = np.nonzero((screen.area < 0) & (number > 0))[0]
        ends = np.cumsum(number[chosen])
        cuts = np.searchsorted(ends, np.arange(_PAIRS_AT_ONCE, ends[-1:].sum(), _PAIRS_AT_ONCE))
        for group in np.split(chosen, cuts):
            self._draw(group, number[group], screen)

    def _draw(self, group: NDArray, number: NDArray, screen: _Screen) -> None:
        triangle = np.repeat(group, number)
        within = np.arange(len(triangle)) - np.repeat(np.cumsum(number) - number, number)
        columns = screen.extent[triangle, 0]
        place = screen.first[triangle] + np.column_stack([within % columns, within // columns])
        pixel = place[:, 1] * self._size[0] + place[:, 0]
        middle = place + 0.5
        a, b, c = (screen.corners[triangle, index] for index in range(3))
        weights = np.stack(
            [_cross(c - b, middle - b), _cross(a - c, middle - c), _cross(b - a, middle - a)], axis=1
        )
        weights /= screen.area[triangle][:, None]
        near = np.einsum("pc,pc->p", weights, screen.nearness[triangle])
        hit = np.nonzero((weights >= 0).all(axis=1) & (near >= self._farthest))[0]
        order = hit[np.argsort(near[hit], kind="stable")]
        order = order[near[order] > self._nearness[pixel[order]]]
        # Of equal indices the last assignment stands: that of the nearest.
        self._nearness[pixel[order]] = near[order]
        self.triangle[pixel[order]] = triangle[order]
        self.weights[pixel[order]] = weights[order]


def _cross(a: NDArray, b: NDArray) -> NDArray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
