"""What of a scene the renderer cannot draw, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mujoco
import numpy as np

from engine.backends.madrona_model.lights import DIRECTIONAL, POINT, SPOT
from engine.backends.madrona_model.view import look, shown_geoms

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECORATION = {
    int(mujoco.mjtObj.mjOBJ_SITE): "sites",
    int(mujoco.mjtObj.mjOBJ_TENDON): "tendons",
    int(mujoco.mjtObj.mjOBJ_FLEX): "flexes",
    int(mujoco.mjtObj.mjOBJ_SKIN): "skins",
    int(mujoco.mjtObj.mjOBJ_ACTUATOR): "slider-cranks",
    int(mujoco.mjtObj.mjOBJ_SENSOR): "rangefinders",
}
_PLANE, _BOX = int(mujoco.mjtGeom.mjGEOM_PLANE), int(mujoco.mjtGeom.mjGEOM_BOX)
_SKYBOX = int(mujoco.mjtTexture.mjTEXTURE_SKYBOX)
_COLOUR = int(mujoco.mjtTextureRole.mjTEXROLE_RGB)
_FIXED = int(mujoco.mjtCamLight.mjCAMLIGHT_FIXED)
_LEAST_ALPHA = 0.995
"""MuJoCo blends what is less opaque than this."""


def not_drawn(
    model: mujoco.MjModel, data: mujoco.MjData, camera: str, *, bare: bool, raytrace: bool
) -> tuple[str, ...]:
    """Name what MuJoCo's classic renderer draws of this scene and Madrona leaves out or changes.

    `bare` leaves out what nobody has asked for then: shadows, reflections, multisampling, skybox and haze.
    """
    scene = look(model, data, camera)
    found = [*_things(model, scene), *_light_terms(model, scene, camera), *_optics(model, camera)]
    if not bare:
        found += _effects(model, scene, raytrace)
    return tuple(found)


def _things(model: mujoco.MjModel, scene: mujoco.MjvScene) -> Iterator[str]:
    kinds = {int(geom.objtype) for geom in scene.geoms[: scene.ngeom]}
    yield from (word for kind, word in _DECORATION.items() if kind in kinds)
    geoms = shown_geoms(model, scene)
    if any(geom.rgba[3] < _LEAST_ALPHA for geom in geoms):
        yield "transparency"
    if any(geom.emission > 0 for geom in geoms):
        yield "emission"
    if any(_has_cube(model, geom) for geom in geoms):
        yield "exact cube textures"
    used = sorted({int(geom.matid) for geom in geoms if geom.matid >= 0})
    if (np.delete(model.mat_texid[used], _COLOUR, axis=1) >= 0).any():
        yield "textures other than colour"


def _has_cube(model: mujoco.MjModel, geom: mujoco.MjvGeom) -> bool:
    """Whether a cube texture is laid on approximately, or not at all: on all but boxes it is."""
    if geom.texid < 0 or int(model.tex_type[geom.texid]) != int(mujoco.mjtTexture.mjTEXTURE_CUBE):
        return False
    return int(geom.type) != _BOX or bool(geom.texuniform)


def _light_terms(model: mujoco.MjModel, scene: mujoco.MjvScene, camera: str) -> Iterator[str]:
    lights = scene.lights[: scene.nlight]
    if any(np.any(light.ambient) for light in lights):
        yield "ambient light"
    if any(np.any(light.specular) for light in lights):
        yield "specular highlights"
    if any(int(light.type) not in (SPOT, DIRECTIONAL, POINT) for light in lights):
        yield "image lights"
    spots = [light for light in lights if int(light.type) == SPOT]
    if any(light.exponent > 0 for light in spots):
        yield "soft edges of spotlights"
    if any(light.attenuation[1] > 0 for light in spots):
        yield "linear attenuation"
    index = model.camera(camera).id
    turning = any(light.headlight for light in lights) and _moves(
        model, int(model.cam_bodyid[index]), int(model.cam_mode[index])
    )
    if turning or any(
        _moves(model, int(model.light_bodyid[light.id]), int(model.light_mode[light.id]))
        for light in lights
        if not light.headlight
    ):
        yield "motion of lights"


def _moves(model: mujoco.MjModel, body: int, mode: int) -> bool:
    root = int(model.body_weldid[body])
    return mode != _FIXED or root != 0 or int(model.body_mocapid[model.body_rootid[body]]) >= 0


def _optics(model: mujoco.MjModel, camera: str) -> Iterator[str]:
    index = model.camera(camera).id
    if int(model.cam_projection[index]) == int(mujoco.mjtProjection.mjPROJ_ORTHOGRAPHIC):
        yield "parallel projection"
    elif model.cam_sensorsize[index, 1] > 0:
        yield "the camera's horizontal focal length and offset"


def _effects(model: mujoco.MjModel, scene: mujoco.MjvScene, raytrace: bool) -> Iterator[str]:
    geoms = shown_geoms(model, scene)
    if model.vis.quality.offsamples > 0:
        yield "multisampling"
    if any(geom.reflectance > 0 and int(geom.type) in (_PLANE, _BOX) for geom in geoms):
        yield "reflections"
    if (model.tex_type == _SKYBOX).any():
        yield "skybox"
        if any(int(geom.type) == _PLANE and not geom.size[:2].any() for geom in geoms):
            yield "haze"
    casting = [light for light in scene.lights[: scene.nlight] if light.castshadow]
    if any(int(light.type) not in (SPOT, DIRECTIONAL) or light.cutoff >= 90 for light in casting):
        yield "shadows of lights without a cone"
    if not raytrace and len(casting) > 1:
        yield "shadows of all lights but one"
