"""Plain data about each change: what a face needs to know of it without importing MuJoCo.

How a change is made is in `engine.changes.terms` and `engine.changes.model`, and why one cannot be made in
`engine.changes.limits` and `engine.changes.scene`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

NONE = "none"
"""What a profile calls a case in which nothing is changed; the case itself has "" there."""
JOIN = "+"
"""Between the changes that are made together."""
SHOWN_GROUPS = (0, 1, 2)
"""The geom groups that all backends show."""


class Kind(StrEnum):
    """What a change touches: combinations are made of changes that leave the question the same."""

    LOOK = "look"
    """How the same things are drawn."""
    REQUEST = "request"
    """What is asked for beside the picture's content: its size, where its pixels go, who moves the scene."""
    CONTENT = "content"
    """Which things are drawn at all: this tells where time goes, and is no proposal."""


@dataclass(frozen=True)
class ChangeInfo:
    """One change, by itself."""

    id: str
    title: str
    line: str
    """The line of MJCF or Python that makes it; what stands in braces is the scene's to fill in."""
    kind: Kind = Kind.LOOK
    keeps_shadows: bool = True
    replaces: tuple[str, ...] = ()
    """Changes that have nothing left to change beside it."""
    is_bundle: bool = False
    """Whether it is several of the others under one name."""
    is_geometry: bool = False
    """Whether it takes things away or draws others in their place: the shapes in the picture are others."""


class UnknownChangeError(LookupError):
    """No change has this name, or some cannot be made together; the message is one sentence."""


_MAPS = ("half-shadow-map", "quarter-shadow-map")
_EFFECTS = ("no-shadows", *_MAPS, "no-reflections", "no-multisampling", "no-skybox", "no-haze", "no-fog")

_CHANGES = (
    ChangeInfo(
        "no-shadows", "shadows off", "model.light_castshadow[:] = False", keeps_shadows=False, replaces=_MAPS
    ),
    ChangeInfo(
        "half-shadow-map",
        "shadow map of half the side",
        '<visual><quality shadowsize="{half_map}"/></visual>',
    ),
    ChangeInfo(
        "quarter-shadow-map",
        "shadow map of a quarter of the side",
        '<visual><quality shadowsize="{quarter_map}"/></visual>',
        replaces=("half-shadow-map",),
    ),
    ChangeInfo("no-reflections", "reflections off", "model.mat_reflectance[:] = 0"),
    ChangeInfo(
        "no-multisampling", "multisampling off", '<visual><quality offsamples="0"/></visual>'
    ),
    ChangeInfo(
        "no-skybox", "skybox off, and haze with it", 'leave out <texture type="skybox" .../>',
        replaces=("no-haze",),
    ),
    ChangeInfo("no-haze", "haze off", '<visual><map haze="0"/></visual>'),
    ChangeInfo("no-fog", "fog off", "scene.flags[mujoco.mjtRndFlag.mjRND_FOG] = False"),
    ChangeInfo("no-textures", "textures off", "model.mat_texid[:] = -1"),
    ChangeInfo(
        "no-transparency",
        "transparency off",
        "for rgba in (model.geom_rgba, model.mat_rgba, model.site_rgba): rgba[rgba[:, 3] > 0, 3] = 1",
    ),
    ChangeInfo(
        "box-meshes",
        "each mesh drawn as the box around it",
        '<geom type="box" mesh="..." contype="0" conaffinity="0"/> with <compiler fitaabb="true"/>',
        is_geometry=True,
    ),
    ChangeInfo(
        "one-light",
        "one light only",
        "model.vis.headlight.active = False; model.light_active[np.arange(model.nlight) != {light}] = False",
    ),
    *(
        ChangeInfo(
            f"no-group-{group}",
            f"geoms of group {group} not drawn",
            f"model.geom_group[model.geom_group == {group}] = 5",
            kind=Kind.CONTENT,
            is_geometry=True,
        )
        for group in SHOWN_GROUPS
    ),
    ChangeInfo(
        "quarter-resolution",
        "a quarter of the pixels: half of each side",
        "width, height = {width}, {height}",
        kind=Kind.REQUEST,
    ),
    ChangeInfo(
        "no-readback",
        "the pixels stay on the device",
        "leave out the copy to the host, such as context.rgb_data.numpy()",
        kind=Kind.REQUEST,
    ),
    ChangeInfo(
        "no-physics",
        "nothing moves the scene",
        "leave out mujoco.mj_step(model, data)",
        kind=Kind.REQUEST,
    ),
    ChangeInfo(
        "bare",
        "all effects off: shadows, reflections, multisampling, skybox, haze and fog",
        "model.vis.quality.offsamples = 0, and scene.flags[flag] = False for mjRND_SHADOW, mjRND_REFLECTION, "
        "mjRND_SKYBOX, mjRND_HAZE and mjRND_FOG",
        keeps_shadows=False,
        replaces=_EFFECTS,
        is_bundle=True,
    ),
)  # fmt: skip
_BY_ID = {info.id: info for info in _CHANGES}


def all_changes() -> tuple[ChangeInfo, ...]:
    """Every change, in the order of listing."""
    return _CHANGES


def find_change(name: str) -> ChangeInfo:
    """Look up one change by its id.

    Raises:
        UnknownChangeError: none is called `name`.
    """
    if name in _BY_ID:
        return _BY_ID[name]
    near = difflib.get_close_matches(name[:80].lower(), [NONE, *_BY_ID], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join([NONE, *_BY_ID])}"
    raise UnknownChangeError(f"unknown change {_shown(name)}: {hint}")


def change_ids(change: str) -> tuple[str, ...]:
    """The ids that a case's change is made of; none of "".

    They are not looked up: what ran elsewhere may have known others.
    """
    return tuple(change.split(JOIN)) if change else ()


def join_changes(ids: tuple[str, ...]) -> str:
    """A case's change that makes all of `ids`, whatever their order; "" for none.

    Raises:
        UnknownChangeError: one is unknown or named twice, or has nothing left to change beside another.
    """
    infos = [find_change(name) for name in ids]
    for info in infos:
        if ids.count(info.id) > 1:
            raise UnknownChangeError(f"the change {info.id!r} is named twice")
        for idle in info.replaces:
            if idle in ids:
                raise UnknownChangeError(f"the change {idle!r} has nothing to change beside {info.id!r}")
    return JOIN.join(info.id for info in _CHANGES if info in infos)


def normal_change(text: str) -> str:
    """A profile's name of a change in its usual form: `none`, or ids in the order of listing.

    Raises:
        UnknownChangeError: it is none; the message says what of it is not known.
    """
    return text if text == NONE else join_changes(tuple(part.strip() for part in text.split(JOIN)))


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:79]}…")
