"""A field of 125 nodding shapes on a table: five primitives, 25 of each, for images of 64x64 pixels."""

import math
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

import mujoco

_CELLS = 5
"""Cells of the field along x and along y; each holds one of every shape, like the five on a die."""
_CELL = 0.5
"""Side of a cell in metres."""
_OFF_MIDDLE = 0.3 * _CELL
_TABLE_TOP = 0.4
_HINGE_HEIGHT = 0.1
"""From the table up to a hinge, in metres."""
_ARM = 0.1
"""From a hinge up to the middle of its shape, in metres."""
_REACH = 2.4
"""Half the range of a servo in rad, of which the motion uses a tenth to a fifth to either side."""
_WIDEST_START = 0.6
"""Tilt of a shape at the start, in rad."""
_MASS, _ARMATURE, _STIFFNESS = 0.2, 0.01, 1.5
"""Of a shape in kg, its hinge in kg m^2 and its servo in N m/rad."""
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


class _Shape(NamedTuple):
    name: str
    """Also the name of its material."""
    type: mujoco.mjtGeom
    size: tuple[float, float, float]
    """Half sizes in metres, as MuJoCo takes them for this type."""
    place: tuple[float, float]
    """x and y from the middle of its cell, in metres."""


_SHAPES = (
    _Shape("sphere", mujoco.mjtGeom.mjGEOM_SPHERE, (0.075, 0, 0), (-_OFF_MIDDLE, _OFF_MIDDLE)),
    _Shape("capsule", mujoco.mjtGeom.mjGEOM_CAPSULE, (0.05, 0.05, 0), (_OFF_MIDDLE, _OFF_MIDDLE)),
    _Shape("ellipsoid", mujoco.mjtGeom.mjGEOM_ELLIPSOID, (0.1, 0.055, 0.07), (0, 0)),
    _Shape("cylinder", mujoco.mjtGeom.mjGEOM_CYLINDER, (0.065, 0.065, 0), (-_OFF_MIDDLE, -_OFF_MIDDLE)),
    _Shape("box", mujoco.mjtGeom.mjGEOM_BOX, (0.06, 0.06, 0.06), (_OFF_MIDDLE, -_OFF_MIDDLE)),
)


def build() -> mujoco.MjSpec:
    """The field of shapes, ready to compile: 127 geoms with table and floor. Every call gives the same scene.

    Each shape stands on a hinge with a servo of its own; the keyframe `home` tilts every one differently.
    """
    file = resources.files("scenes").joinpath("data", "primitives.xml")
    spec = mujoco.MjSpec.from_string(file.read_text(encoding="utf-8"))
    tilts: list[float] = []
    for number, (shape, place) in enumerate(_places()):
        # Steps that fit no turn look irregular and are the same on every machine.
        _add_shape(spec, f"{shape.name}_{number // len(_SHAPES)}", shape, place, _GOLDEN_ANGLE * number)
        tilts.append(_WIDEST_START * math.sin(1.7 * number))
    spec.add_key(name="home", qpos=tilts, ctrl=tilts)
    return spec


def _places() -> Iterator[tuple[_Shape, tuple[float, float]]]:
    """Every shape of the field, cell by cell, with its x and y in metres."""
    middles = [(index - (_CELLS - 1) / 2) * _CELL for index in range(_CELLS)]
    for y in middles:
        for x in middles:
            for shape in _SHAPES:
                yield shape, (x + shape.place[0], y + shape.place[1])


def _add_shape(
    spec: mujoco.MjSpec, name: str, shape: _Shape, place: tuple[float, float], direction: float
) -> None:
    """Stand a shape at `place`, x and y in metres, on a level hinge at `direction` rad from x."""
    body = spec.worldbody.add_body(name=name, pos=[*place, _TABLE_TOP + _HINGE_HEIGHT])
    body.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=[math.cos(direction), math.sin(direction), 0],
        armature=_ARMATURE,
    )
    body.add_geom(
        name=name, type=shape.type, size=shape.size, pos=[0, 0, _ARM], mass=_MASS, material=shape.name
    )
    servo = spec.add_actuator(
        name=name, trntype=mujoco.mjtTrn.mjTRN_JOINT, target=name, ctrlrange=[-_REACH, _REACH]
    )
    servo.set_to_position(kp=_STIFFNESS, dampratio=1.0)
