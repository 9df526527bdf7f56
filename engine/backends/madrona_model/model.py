"""A compiled model as the arguments of gs-madrona's `MadronaBatchRenderer`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.backends.madrona_model.appearance import Appearance, make_appearance
from engine.backends.madrona_model.camera import Camera, make_camera
from engine.backends.madrona_model.geometry import Geometry, make_geometry
from engine.backends.madrona_model.view import look, shown_geoms

if TYPE_CHECKING:
    import mujoco
    from numpy.typing import NDArray

    Argument = NDArray[np.generic] | int | bool

_MESH = 7
"""The renderer's number of a geom that is a mesh."""
_KEEP_MATERIAL = -1
_ATLAS_SIDE, _ATLAS_IMAGES = 16384, 16
"""The rasterizer draws worlds into large pictures: so many texels and so many images a side, at most."""


@dataclass(frozen=True)
class MadronaModel:
    """One MuJoCo model, seen through one of its cameras: what stays as it is from frame to frame.

    Every geom is a mesh of its own scale: the one kind of geom with which all of MuJoCo's can be drawn.
    """

    geoms: NDArray[np.int32]
    """The model's geoms that are drawn, shape (G,)."""
    geometry: Geometry
    appearance: Appearance
    camera: Camera

    def renderer_arguments(
        self, *, worlds: int, lights: int, width: int, height: int, raytrace: bool
    ) -> dict[str, Argument]:
        """The constructor's arguments by their names, all but `gpu_id`; arrays are C-contiguous."""
        number = len(self.geoms)
        arguments: dict[str, Argument] = {
            **self.geometry.arguments(),
            **self.appearance.arguments(),
            **self.camera.arguments(),
            "geom_types": np.full(number, _MESH, np.int32),
            # Geoms of hidden groups are not there at all, so all are of one that is shown.
            "geom_groups": np.zeros(number, np.int32),
            "enabled_geom_groups": np.zeros(1, np.int32),
            "geom_data_ids": self.geometry.geom_meshes,
            "geom_sizes": np.ones((number, 3), np.float32),
            "geom_mat_ids": self.appearance.geom_materials,
            "num_lights": lights,
            "num_worlds": worlds,
            "batch_render_view_width": width,
            "batch_render_view_height": height,
            "use_rt": raytrace,
            # Its table of shadow maps is as long as that of textures, and has to hold one for each atlas.
            "max_textures": max(len(self.appearance.textures), _atlases(worlds, width, height)),
        }
        return arguments

    def geom_arrays(self, worlds: int) -> tuple[NDArray[np.generic], ...]:
        """What `init` takes of geoms, for N worlds: materials (N, G), colours (0, G), scales (N, G, 3).

        Materials stay those of the constructor, and there are no colours in their place.
        """
        number = len(self.geoms)
        return (
            np.full((worlds, number), _KEEP_MATERIAL, np.int32),
            np.zeros((0, number), np.uint32),
            np.ones((worlds, number, 3), np.float32),
        )


def convert(model: mujoco.MjModel, data: mujoco.MjData, camera: str) -> MadronaModel:
    """Make everything that stays as it is of `model`, seen through the camera of that name.

    `data` is any state of the model with its kinematics computed.

    Raises:
        BackendError: there is no geom to draw.
    """
    scene = look(model, data, camera)
    geoms = shown_geoms(model, scene)
    view = make_camera(model, scene, camera)
    # Twice as far as the camera sees, from wherever it stands at first.
    reach = 2 * view.far + float(np.linalg.norm(data.cam_xpos[view.index]))
    return MadronaModel(
        np.array([geom.objid for geom in geoms], np.int32),
        make_geometry(model, geoms, reach),
        make_appearance(model, geoms),
        view,
    )


def _atlases(worlds: int, width: int, height: int) -> int:
    across, down = (max(1, min(_ATLAS_SIDE, _ATLAS_IMAGES * side) // side) for side in (width, height))
    return -(-worlds // (across * down))
