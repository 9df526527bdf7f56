"""What a compiled model may ask of a renderer: what MuJoCo compiles may end or hang the one that draws."""

import math

import mujoco

LARGEST_SIDE = 16384
"""Pixels of an offscreen buffer."""
LARGEST_SHADOW_MAP = 32768
"""Texels a side, the most that any driver has."""
MOST_FACETS = 1_000_000
"""What a round or flat shape may be made of."""
_NEAREST = 1e-15
"""MuJoCo's least distance of a near plane."""


def unsound(model: mujoco.MjModel, camera: str) -> str:
    """Why no renderer can be given `model` and this camera of it, as a clause; "" where it can."""
    return _time(model) or _sizes(model) or _planes(model) or _camera(model, camera)


def _time(model: mujoco.MjModel) -> str:
    timestep = float(model.opt.timestep)
    sound = math.isfinite(timestep) and timestep > 0
    return "" if sound else f"its timestep is {timestep:g} s, expected a number above 0"


def _sizes(model: mujoco.MjModel) -> str:
    buffer, quality = model.vis.global_, model.vis.quality
    limits = (
        (buffer.offwidth, LARGEST_SIDE, "an offscreen buffer {} pixels wide"),
        (buffer.offheight, LARGEST_SIDE, "an offscreen buffer {} pixels high"),
        (quality.shadowsize, LARGEST_SHADOW_MAP, "a shadow map of {} texels a side"),
        (quality.numslices * quality.numstacks, MOST_FACETS, "round shapes of {} facets"),
        (quality.numquads**2, MOST_FACETS, "flat shapes of {} facets"),
    )
    for asked, most, what in limits:
        if asked > most:
            return f"it asks for {what.format(asked)}, and at most {most} are drawn"
    return ""


def _planes(model: mujoco.MjModel) -> str:
    extent = float(model.stat.extent)
    if not (math.isfinite(extent) and extent > 0):
        return f"its extent is {extent:g} m, expected a number above 0"
    near, far = float(model.vis.map.znear) * extent, float(model.vis.map.zfar) * extent
    if not (_NEAREST <= near < far and math.isfinite(far)):
        expected = "expected numbers above 0, the second larger"
        return f"it is drawn from {near:g} m (znear) to {far:g} m (zfar), {expected}"
    return ""


def _camera(model: mujoco.MjModel, camera: str) -> str:
    fovy = float(model.cam_fovy[model.camera(camera).id])
    return (
        ""
        if math.isfinite(fovy) and fovy > 0
        else f"its camera has a fovy of {fovy:g}, expected a number above 0"
    )
