"""Why a scene has nothing for a change to change, and what its lines hold. Importing this imports MuJoCo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import mujoco
import numpy as np

from engine.backends.families import Family, family_of
from engine.changes.boxes import boxable_meshes
from engine.changes.limits import family_limit
from engine.changes.registry import SHOWN_GROUPS, find_change

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.case import Case

_PLANE, _BOX, _MESH = (
    int(kind) for kind in (mujoco.mjtGeom.mjGEOM_PLANE, mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_MESH)
)
_SKYBOX = int(mujoco.mjtTexture.mjTEXTURE_SKYBOX)
_GROUP = "no-group-"


def scene_limit(name: str, model: mujoco.MjModel, backend: str) -> str:
    """Why one change would leave this model's pictures as they are, or empty; "" where it changes them."""
    if name.startswith(_GROUP):
        return _without_group(model, int(name.removeprefix(_GROUP)))
    if name == "no-reflections":
        return _without_reflections(model, family_of(backend))
    if name == "bare":
        return _without_effects(model, backend)
    look = _LOOKS.get(name)
    return look(model) if look is not None else ""


def fill_line(line: str, model: mujoco.MjModel, case: Case) -> str:
    """Put into a change's line what is the scene's: sizes, and which light stays."""
    side = int(model.vis.quality.shadowsize)
    values = {
        "half_map": side // 2,
        "quarter_map": side // 4,
        "light": kept_light(model),
        "width": max(1, case.resolution.width // 2),
        "height": max(1, case.resolution.height // 2),
    }
    for key, value in values.items():
        line = line.replace(f"{{{key}}}", str(value))
    return line


def kept_light(model: mujoco.MjModel) -> int:
    """The light that stays where only one does: the first that casts shadows, else the first; -1 without."""
    active = np.flatnonzero(model.light_active)
    casting = [index for index in active if model.light_castshadow[index]]
    return int(next(iter([*casting, *active]), -1))


def shown_geoms(model: mujoco.MjModel) -> NDArray[np.bool_]:
    """Which geoms the backends draw: those of the groups shown that are not wholly transparent."""
    is_shown: NDArray[np.bool_] = np.isin(model.geom_group, SHOWN_GROUPS) & (opacity(model) > 0)
    return is_shown


def opacity(model: mujoco.MjModel) -> NDArray[np.float32]:
    """Each geom's own opacity, or that of its material."""
    alpha: NDArray[np.float32] = model.geom_rgba[:, 3].copy()
    dressed = model.geom_matid >= 0
    alpha[dressed] = model.mat_rgba[model.geom_matid[dressed], 3]
    return alpha


def _without_effects(model: mujoco.MjModel, backend: str) -> str:
    if family_of(backend) is Family.FILAMENT:
        # What it does with a finished picture goes too.
        return ""
    parts = (name for name in find_change("bare").replaces if name != "no-fog")
    if all(family_limit(name, backend) or scene_limit(name, model, backend) for name in parts):
        return f"the scene asks for no effect that {backend} draws"
    return ""


def _without_shadows(model: mujoco.MjModel) -> str:
    casting = model.light_castshadow.astype(bool) & model.light_active.astype(bool)
    return "" if casting.any() else "no light of the scene casts shadows"


def _without_map(part: int) -> Callable[[mujoco.MjModel], str]:
    def look(model: mujoco.MjModel) -> str:
        side = int(model.vis.quality.shadowsize)
        too_small = f"the shadow map has a side of {side} only" if side < part else ""
        return _without_shadows(model) or too_small

    return look


def _without_reflections(model: mujoco.MjModel, family: Family) -> str:
    materials = model.geom_matid
    reflects = np.zeros(model.ngeom, bool)
    dressed = materials >= 0
    reflects[dressed] = model.mat_reflectance[materials[dressed]] > 0
    if family is not Family.FILAMENT:
        # The others mirror the scene in flat faces alone.
        reflects &= np.isin(model.geom_type, (_PLANE, _BOX))
    return "" if (reflects & shown_geoms(model)).any() else "nothing that is drawn reflects"


def _without_multisampling(model: mujoco.MjModel) -> str:
    return "" if model.vis.quality.offsamples > 0 else "the scene has offsamples = 0"


def _without_skybox(model: mujoco.MjModel) -> str:
    return "" if (model.tex_type == _SKYBOX).any() else "the scene has no skybox"


def _without_haze(model: mujoco.MjModel) -> str:
    is_plane = (model.geom_type == _PLANE) & shown_geoms(model)
    endless = (is_plane & (model.geom_size[:, :2] <= 0).any(axis=1)).any()
    if _without_skybox(model) or not endless or model.vis.map.haze <= 0:
        return "haze is where an endless plane meets a skybox, and the scene has no such place"
    return ""


def _without_textures(model: mujoco.MjModel) -> str:
    used = [model.geom_matid[shown_geoms(model)], model.skin_matid, model.flex_matid]
    materials = np.unique(np.concatenate(used))
    textured = (model.mat_texid[materials[materials >= 0]] >= 0).any()
    return "" if textured else "nothing that is drawn has a texture"


def _without_transparency(model: mujoco.MjModel) -> str:
    is_glass = shown_geoms(model) & (opacity(model) < 1)
    shown_sites = np.isin(model.site_group, SHOWN_GROUPS)
    sites = model.site_rgba[:, 3]
    sees_through = is_glass.any() or (shown_sites & (sites > 0) & (sites < 1)).any()
    return "" if sees_through else "nothing that is drawn lets light through"


def _without_meshes(model: mujoco.MjModel) -> str:
    drawn = model.geom_dataid[shown_geoms(model) & (model.geom_type == _MESH)]
    if not len(drawn):
        return "no mesh is drawn"
    return "" if np.isin(drawn, boxable_meshes(model)).any() else "the meshes are as simple as boxes"


def _with_one_light(model: mujoco.MjModel) -> str:
    lights = int(np.count_nonzero(model.light_active))
    if not lights:
        return "the scene has no light but the headlight"
    return "" if lights + int(bool(model.vis.headlight.active)) > 1 else "the scene has one light only"


def _without_group(model: mujoco.MjModel, group: int) -> str:
    shown = shown_geoms(model)
    inside = shown & (model.geom_group == group)
    if not inside.any():
        return f"no geom of group {group} is drawn"
    return "" if (shown & ~inside).any() else "nothing would be left to draw"


_LOOKS: dict[str, Callable[[mujoco.MjModel], str]] = {
    "no-shadows": _without_shadows,
    "half-shadow-map": _without_map(2),
    "quarter-shadow-map": _without_map(4),
    "no-multisampling": _without_multisampling,
    "no-skybox": _without_skybox,
    "no-haze": _without_haze,
    "no-textures": _without_textures,
    "no-transparency": _without_transparency,
    "box-meshes": _without_meshes,
    "one-light": _with_one_light,
}
