"""Why a backend, or what else is asked for, leaves no room for a change: plain data, without the scene."""

from __future__ import annotations

from engine.backends.families import Family, family_of
from engine.backends.registry import UnknownBackendError, find_backend
from engine.case import Case, Effects, Physics, Settings
from engine.changes.registry import UnknownChangeError, change_ids, find_change

_BARE_CASE = "it is off already, as effects = bare has no effects"
_FOG = "it is off already: only a program that sets mjRND_FOG gets fog"
_READS_BACK = "{backend} gives a picture to a program only by reading it back"
_NOT_DRAWN = "{backend} does not draw any"
_LIMITS = {
    Family.CLASSIC: {"no-readback": _READS_BACK},
    Family.FILAMENT: {"no-readback": "{backend} reads a frame back in the call that draws it"},
    Family.MJWARP: {
        "half-shadow-map": "{backend} casts rays to the lights and has no shadow map",
        "quarter-shadow-map": "{backend} casts rays to the lights and has no shadow map",
        "no-reflections": _NOT_DRAWN,
        "no-haze": _NOT_DRAWN,
        "no-transparency": "{backend} draws everything solid",
    },
    Family.MADRONA: {
        "half-shadow-map": "the size of {backend}'s shadow map follows from the picture's",
        "quarter-shadow-map": "the size of {backend}'s shadow map follows from the picture's",
        "no-reflections": _NOT_DRAWN,
        "no-multisampling": "{backend} has none",
        "no-skybox": _NOT_DRAWN,
        "no-haze": _NOT_DRAWN,
        "no-transparency": "{backend} draws everything solid",
    },
    Family.OTHER: {"no-readback": "{backend} is not known to leave pixels on the device"},
}
"""Why a change cannot be made with a family of backends."""
_LINES = {
    Family.FILAMENT: {
        "bare": "request.shadows = request.reflections = request.skybox = request.haze = False; "
        "request.post_processing = False; scene.set_msaa(1)",
    },
    Family.MJWARP: {
        "bare": "create_render_context(..., use_shadows=False, render_skybox=False, samples_per_pixel=1)",
        "no-physics": "leave out what moves the worlds: mujoco.mj_step or mujoco_warp.step",
    },
    Family.MADRONA: {"no-readback": "leave out renderer.rgb_tensor().to_torch().cpu()"},
}
"""The lines of a family where they are others than elsewhere."""


def line_of(name: str, backend: str) -> str:
    """The line of MJCF or Python that makes a change on a backend, with what is the scene's in braces."""
    return _LINES.get(family_of(backend), {}).get(name) or find_change(name).line


def family_limit(name: str, backend: str) -> str:
    """Why no scene can be drawn with this change on a backend; "" where its kind of renderer knows it."""
    return _LIMITS[family_of(backend)].get(name, "").format(backend=backend)


def limit(name: str, case: Case, settings: Settings) -> str:
    """Why one change cannot be made, whatever the scene holds; "" where nothing is known against it."""
    reason = _without_pictures(case.backend) or family_limit(name, case.backend)
    if not reason and name == "no-fog":
        reason = _FOG
    if not reason and case.effects is Effects.BARE and name in ("bare", *find_change("bare").replaces):
        reason = _BARE_CASE
    return (reason or _asked_already(name, case, settings)).format(backend=case.backend)


def first_limit(case: Case, settings: Settings) -> str:
    """Why a case's change cannot be made or is not known, in a sentence; "" where nothing is against it."""
    for name in change_ids(case.change):
        try:
            find_change(name)
        except UnknownChangeError as error:
            return str(error)
        if reason := limit(name, case, settings):
            return f"the change {name} cannot be made: {reason}"
    return ""


def _without_pictures(backend: str) -> str:
    try:
        info = find_backend(backend)
    except UnknownBackendError:
        return ""
    if info.measures_itself:
        return "the module that {backend} runs draws by itself"
    return "" if info.draws else "{backend} draws nothing"


def _asked_already(name: str, case: Case, settings: Settings) -> str:
    if name == "no-readback" and not settings.readback:
        return "they stay there already, as readback = false"
    if name == "quarter-resolution" and min(case.resolution.width, case.resolution.height) < 2:
        return "a picture of one pixel a side has no half"
    if name == "box-meshes" and settings.physics is Physics.WARP and case.backend == "mjwarp":
        return "with physics = warp the meshes that are drawn are also those that collide"
    return ""
