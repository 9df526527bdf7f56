"""A small model of many kinds of elements, and seeded mutations of it."""

import random
import re

_CORNERS = "0 0 0  1 0 0  0 1 0  0 0 1"

MODEL = f"""<mujoco model="mutant">
  <compiler angle="degree" autolimits="true" boundmass="0.001"/>
  <option timestep="0.002" integrator="implicitfast" iterations="10" gravity="0 0 -9.81"/>
  <size memory="1M" nuserdata="3"/>
  <visual>
    <global offwidth="320" offheight="240" fovy="45" azimuth="120"/>
    <quality shadowsize="512" offsamples="4" numslices="12" numstacks="8"/>
    <map znear="0.01" zfar="50" haze="0.3" fogstart="3" fogend="10"/>
  </visual>
  <statistic extent="2" center="0 0 1" meansize="0.1"/>
  <default>
    <geom friction="1 0.005 0.0001" density="1000"/>
    <default class="small"><geom size="0.05" rgba="1 0 0 1"/><joint damping="0.1"/></default>
  </default>
  <asset>
    <texture name="sky" type="skybox" builtin="gradient" rgb1="1 1 1" rgb2="0 0 1" width="16" height="96"/>
    <texture name="grid" type="2d" builtin="checker" rgb1="1 1 1" rgb2="0 0 0" width="32" height="32"/>
    <material name="floor" texture="grid" texrepeat="3 3" reflectance="0.2" specular="0.5"/>
    <mesh name="solid" vertex="{_CORNERS}" scale="0.1 0.1 0.1"/>
    <hfield name="hills" nrow="3" ncol="4" size="1 1 0.1 0.1" elevation="0 1 0 1  1 0 1 0  0 1 0 1"/>
  </asset>
  <worldbody>
    <light name="sun" pos="0 0 3" dir="0 0 -1" castshadow="true" cutoff="60" exponent="2"/>
    <camera name="front" pos="0 -3 1" xyaxes="1 0 0 0 0 1" fovy="50"/>
    <camera name="phone" pos="0 -3 2" focal="1 1" sensorsize="1 1" resolution="64 48"/>
    <geom name="ground" type="plane" size="2 2 0.1" material="floor" condim="3"/>
    <geom type="hfield" hfield="hills" pos="0 3 0"/>
    <body name="arm" pos="0 0 1" childclass="small">
      <joint name="shoulder" type="hinge" axis="0 1 0" range="-90 90" stiffness="1" armature="0.1"/>
      <geom name="upper" type="capsule" fromto="0 0 0 0.3 0 0" size="0.04" group="1"/>
      <site name="tip" pos="0.3 0 0" size="0.02"/>
      <body name="hand" pos="0.3 0 0" euler="0 30 0">
        <joint name="wrist" type="slide" axis="1 0 0" range="-0.1 0.1"/>
        <inertial pos="0 0 0" mass="0.1" diaginertia="0.01 0.01 0.01"/>
        <geom name="fist" type="mesh" mesh="solid" mass="0.1"/>
        <site name="end" pos="0.1 0 0"/>
      </body>
    </body>
    <body name="ball" pos="0 1 2"><freejoint/><geom size="0.1" solref="0.02 1" margin="0.01"/></body>
    <replicate count="3" offset="0.2 0 0" euler="0 0 10"><geom type="box" size="0.05 0.05 0.05"/></replicate>
    <body name="cloth" pos="0 0 2">
      <flexcomp name="sheet" type="grid" count="3 3 1" spacing="0.1 0.1 0.1" mass="0.1" radius="0.01" dim="2">
        <edge equality="true"/>
      </flexcomp>
    </body>
  </worldbody>
  <contact><pair geom1="upper" geom2="ground" condim="3"/><exclude body1="arm" body2="ball"/></contact>
  <equality><joint joint1="shoulder" joint2="wrist" polycoef="0 1 0 0 0" active="false"/></equality>
  <tendon>
    <spatial name="rope" width="0.01" range="0 2"><site site="tip"/><site site="end"/></spatial>
    <fixed name="mixed"><joint joint="shoulder" coef="1"/></fixed>
  </tendon>
  <actuator>
    <position name="servo" joint="shoulder" kp="10" ctrlrange="-1 1"/>
    <motor name="push" joint="wrist" gear="2" ctrlrange="-1 1" forcerange="-5 5"/>
    <muscle name="flesh" tendon="rope" ctrlrange="0 1" lengthrange="0.1 1"/>
  </actuator>
  <sensor>
    <jointpos joint="shoulder" noise="0.1" cutoff="3"/><rangefinder site="tip"/><touch site="end"/>
    <user name="own" dim="3"/>
  </sensor>
  <keyframe><key name="home" time="0" ctrl="0.1 0 0"/></keyframe>
  <custom><numeric name="n" data="1 2 3" size="5"/><text name="t" data="words"/></custom>
</mujoco>
"""

_VALUES = (
    "", " ", "0", "-1", "1", "-0.0", "nan", "inf", "-inf", "1e-300", "1e300", "-1e300", "1e400",
    "2147483647", "-2147483648", "4294967296", "9223372036854775807", "99999999999999999999", "1e9",
    "65536", "100000", "0x10", "1 2", "0 0 0", "0 0 0 0", "nan nan nan", "1e300 1e300 1e300",
    "1 2 3 4 5 6 7 8 9 10 11 12", "-1 -1 -1", "1000 1000 1000", "true", "false", "auto", "none", "mesh",
    "box", "plane", "hfield", "ellipsoid", "sdf", "free", "ball", "user", "arm", "solid", "world", "front",
    "../x", "/dev/zero", "/etc/passwd", "9" * 400, "x" * 5000, "[red]x[/red]", "&#7;&#27;[31m", "&#x202e;",
    "\u00e9\u4e2d", "%s%n%d", "a b c", "-", "1,5", "8E", "1000000G",
)  # fmt: skip

_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_LEAF = re.compile(r"<(\w+)[^<>]*/>")


def mutated(seed: int) -> str:
    """The model with one to four things changed; the same for the same seed."""
    chance = random.Random(seed)
    model = MODEL
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        model = chance.choice((_other_value, _other_value, _other_value, *_OTHERS))(model, chance)
    return model


def _other_value(model: str, chance: random.Random) -> str:
    found = chance.choice(list(_ATTRIBUTE.finditer(model)))
    return f"{model[: found.start(2)]}{chance.choice(_VALUES)}{model[found.end(2) :]}"


def _another_number(model: str, chance: random.Random) -> str:
    """One number of several, so that their count stays right."""
    found = chance.choice(list(re.finditer(r'(?<=[" ])-?\d+(?:\.\d+)?(?=[" ])', model)))
    value = chance.choice(
        ("0", "-1", "nan", "1e300", "-1e300", "1e-300", "2147483647", "-2147483648", "1000000")
    )
    return f"{model[: found.start()]}{value}{model[found.end() :]}"


def _without_attribute(model: str, chance: random.Random) -> str:
    found = chance.choice(list(_ATTRIBUTE.finditer(model)))
    return model[: found.start()] + model[found.end() :]


def _value_of_another(model: str, chance: random.Random) -> str:
    to, source = (chance.choice(list(_ATTRIBUTE.finditer(model))) for _ in range(2))
    return f"{model[: to.start(2)]}{source[2]}{model[to.end(2) :]}"


def _without_element(model: str, chance: random.Random) -> str:
    found = chance.choice(list(_LEAF.finditer(model)))
    return model[: found.start()] + model[found.end() :]


def _element_elsewhere(model: str, chance: random.Random) -> str:
    what, where = (chance.choice(list(_LEAF.finditer(model))) for _ in range(2))
    return f"{model[: where.end()]}{what[0] * chance.choice((1, 1, 2, 50))}{model[where.end() :]}"


def _bytes_gone(model: str, chance: random.Random) -> str:
    at = chance.randrange(len(model))
    return model[:at] + model[at + chance.choice((1, 3, 30, 300)) :]


_OTHERS = (
    _another_number, _another_number, _without_attribute, _value_of_another, _without_element,
    _element_elsewhere, _bytes_gone,
)  # fmt: skip
