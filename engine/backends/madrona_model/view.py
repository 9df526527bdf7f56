"""What MuJoCo's own visualizer would draw of a model: the other parts of this package go by its answer."""

from __future__ import annotations

import mujoco

from engine.backends.base import BackendError

_GEOM = int(mujoco.mjtObj.mjOBJ_GEOM)


def look(model: mujoco.MjModel, data: mujoco.MjData, camera: str) -> mujoco.MjvScene:
    """List geoms, lights and the camera as MuJoCo's renderers are given them, with the default options.

    `data` has to have its kinematics computed.
    """
    # Room for every geom, its decoration, and what contacts and tendons add.
    room = max(10000, 2 * (model.ngeom + model.nsite + model.ntendon + model.nskin + model.nflex))
    scene = mujoco.MjvScene(model, room)
    mujoco.mjv_updateScene(
        *(model, data, mujoco.MjvOption(), None, _fixed(model, camera)),
        *(mujoco.mjtCatBit.mjCAT_ALL.value, scene),
    )
    return scene


def relight(model: mujoco.MjModel, data: mujoco.MjData, camera: str, scene: mujoco.MjvScene) -> None:
    """Put the lights and the camera of `scene` where `data` has them."""
    mujoco.mjv_updateCamera(model, data, _fixed(model, camera), scene)
    mujoco.mjv_makeLights(model, data, scene)


def shown_geoms(model: mujoco.MjModel, scene: mujoco.MjvScene) -> list[mujoco.MjvGeom]:
    """The model's geoms that are drawn: of a visible group, not wholly transparent, with a surface.

    Raises:
        BackendError: there are none.
    """
    shown = [
        geom
        for geom in scene.geoms[: scene.ngeom]
        if int(geom.objtype) == _GEOM and int(geom.objid) >= 0 and _has_surface(model, int(geom.objid))
    ]
    if not shown:
        raise BackendError(
            "the scene has no geom in the groups 0 to 2 to draw", "give some of its geoms a visible group"
        )
    return shown


def _has_surface(model: mujoco.MjModel, geom: int) -> bool:
    if int(model.geom_type[geom]) not in MESHES:
        return True
    mesh = int(model.geom_dataid[geom])
    return mesh >= 0 and int(model.mesh_facenum[mesh]) > 0


def _fixed(model: mujoco.MjModel, camera: str) -> mujoco.MjvCamera:
    view = mujoco.MjvCamera()
    view.type = mujoco.mjtCamera.mjCAMERA_FIXED
    view.fixedcamid = model.camera(camera).id
    return view


MESHES = (int(mujoco.mjtGeom.mjGEOM_MESH), int(mujoco.mjtGeom.mjGEOM_SDF))
"""Geom types whose surface is a mesh of the model."""
