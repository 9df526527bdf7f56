"""Making changes of a compiled model, right before it is drawn. Importing this imports MuJoCo."""

from __future__ import annotations

import copy
from collections.abc import Callable

import mujoco
import numpy as np

from engine.changes.boxes import draw_boxes
from engine.changes.registry import SHOWN_GROUPS
from engine.changes.scene import kept_light

_HIDDEN_GROUP = 5
"""Backends do not show it."""
_SKYBOX, _CUBE = int(mujoco.mjtTexture.mjTEXTURE_SKYBOX), int(mujoco.mjtTexture.mjTEXTURE_CUBE)


def changed_model(model: mujoco.MjModel, names: tuple[str, ...]) -> mujoco.MjModel:
    """The model to draw, with the changes `names`; those that are none of the model's are left out.

    It is `model` itself, changed in what only renderers read, or a copy where simulating it would differ.
    """
    if "box-meshes" in names:
        model = copy.copy(model)
    for name in names:
        if name in _MAKERS:
            _MAKERS[name](model)
    return model


def _shadows_off(model: mujoco.MjModel) -> None:
    model.light_castshadow[:] = False


def _smaller_map(part: int) -> Callable[[mujoco.MjModel], None]:
    def make(model: mujoco.MjModel) -> None:
        model.vis.quality.shadowsize = int(model.vis.quality.shadowsize) // part

    return make


def _reflections_off(model: mujoco.MjModel) -> None:
    model.mat_reflectance[:] = 0


def _multisampling_off(model: mujoco.MjModel) -> None:
    model.vis.quality.offsamples = 0


def _skybox_off(model: mujoco.MjModel) -> None:
    # A cube texture that nothing wears: as if it were not there.
    model.tex_type[model.tex_type == _SKYBOX] = _CUBE


def _haze_off(model: mujoco.MjModel) -> None:
    model.vis.map.haze = 0


def _textures_off(model: mujoco.MjModel) -> None:
    model.mat_texid[:] = -1


def _transparency_off(model: mujoco.MjModel) -> None:
    for rgba in (model.geom_rgba, model.mat_rgba, model.site_rgba):
        rgba[rgba[:, 3] > 0, 3] = 1


def _one_light(model: mujoco.MjModel) -> None:
    model.vis.headlight.active = False
    model.light_active[np.arange(model.nlight) != kept_light(model)] = False


def _without_group(group: int) -> Callable[[mujoco.MjModel], None]:
    def make(model: mujoco.MjModel) -> None:
        model.geom_group[model.geom_group == group] = _HIDDEN_GROUP

    return make


_MAKERS: dict[str, Callable[[mujoco.MjModel], None]] = {
    "no-shadows": _shadows_off,
    "half-shadow-map": _smaller_map(2),
    "quarter-shadow-map": _smaller_map(4),
    "no-reflections": _reflections_off,
    "no-multisampling": _multisampling_off,
    "no-skybox": _skybox_off,
    "no-haze": _haze_off,
    "no-textures": _textures_off,
    "no-transparency": _transparency_off,
    "box-meshes": draw_boxes,
    "one-light": _one_light,
    **{f"no-group-{group}": _without_group(group) for group in SHOWN_GROUPS},
}
