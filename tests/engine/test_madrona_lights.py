"""Lights as Madrona is given them, and the names of all that it leaves out."""

import numpy as np
import pytest

# MuJoCo is loaded there first, without OpenGL.
from tests.engine.madrona_pictures import BALL, CAMERA, TEXTURES, loaded, mujoco

# isort: split
from engine.backends.madrona_model import make_lights, not_drawn

LIGHTS = """
    <light name="sun" type="directional" dir="0 1 -1" diffuse="0.5 1 0.25"/>
    <light name="lamp" type="spot" pos="1 2 3" dir="0 0 -1" cutoff="30" diffuse="2 1 0" attenuation="2 0 1"/>
    <light name="bulb" type="point" pos="0 0 2"/>
    <light name="off" active="false"/>"""


def test_lights_are_those_that_mujoco_lights_with():
    model, data = loaded(BALL + LIGHTS)
    lights = make_lights(model, [data], "front", shadows=True)
    position, direction, rgb, directional, cast, cutoff, attenuation, intensity = lights.arrays()
    assert [array.dtype for array in lights.arrays()] == [
        *("float32", "float32", "uint32", "bool", "bool", "float32", "float32", "float32")
    ]
    assert all(array.flags.c_contiguous and array.shape[:2] == (1, 4) for array in lights.arrays())
    assert list(directional[0]) == [True, True, False, False]
    # The headlight shines from the camera, along its view.
    assert np.allclose(position[0], [(0, -5, 0.5), (0, 0, 0), (1, 2, 3), (0, 0, 2)])
    assert np.allclose(direction[0, 0], (0, 1, 0), atol=1e-6)
    assert np.allclose(direction[0, 1], (0, 0.5**0.5, -(0.5**0.5)))
    assert [hex(value) for value in rgb[0]] == ["0x666666", "0x80ff40", "0xff8000", "0xb2b2b2"]
    assert list(cast[0]) == [False, True, True, False]
    assert cutoff[0, 2] == pytest.approx(np.radians(30))
    assert cutoff[0, 3] < 0
    assert np.allclose(attenuation[0], (0, 0, 0.5, 0))
    # Twice as bright as a channel holds, and half of that for the constant attenuation of 2.
    assert np.allclose(intensity[0], (1, 1, 1, 1))


def test_a_light_that_points_straight_down_leaves_the_shadow_map_a_side():
    model, data = loaded(BALL + LIGHTS)
    direction = make_lights(model, [data], "front", shadows=True).direction
    assert direction[0, 2, 2] < -0.999
    assert np.linalg.norm(np.cross(direction[0, 2], (0, 0, 1))) > 0.005
    assert np.allclose(np.linalg.norm(direction, axis=-1), 1)


def test_lights_are_where_each_world_has_them():
    body = '<body><freejoint/><geom size="0.1"/><light pos="0 0 1" dir="0 1 0"/></body>'
    model, first = loaded(body)
    second = mujoco.MjData(model)
    second.qpos[0] = 4
    mujoco.mj_forward(model, second)
    lights = make_lights(model, [first, second], "front", shadows=False)
    assert np.allclose(lights.position[:, 1], [(0, 0, 1), (4, 0, 1)])
    assert not lights.cast_shadow.any()


def test_a_scene_without_light_has_one_that_does_not_shine():
    model, data = loaded(BALL, extra='<visual><headlight active="0"/></visual>')
    lights = make_lights(model, [data], "front", shadows=True)
    assert lights.rgb.shape == (1, 1)
    assert not lights.rgb.any()
    assert not lights.cast_shadow.any()


def words(body: str, assets: str = "", extra: str = "", bare: bool = False, raytrace: bool = False) -> set:
    return set(not_drawn(*loaded(body, assets, extra), "front", bare=bare, raytrace=raytrace))


PLAIN = """<visual><headlight ambient="0 0 0" specular="0 0 0"/><quality offsamples="0"/></visual>"""


def test_what_is_left_out_is_named():
    assert words(BALL, extra=PLAIN) == set()
    assert words(BALL, extra="") == {"ambient light", "specular highlights", "multisampling"}
    assert words(BALL, bare=True) == {"ambient light", "specular highlights"}
    assert words(BALL + '<site size="0.1"/>', extra=PLAIN) == {"sites"}
    assert words(BALL + '<site size="0.1" group="4"/>', extra=PLAIN) == set()
    assert words('<geom size="0.1" rgba="1 1 1 0.5"/>', extra=PLAIN) == {"transparency"}
    glow = '<material name="glow" emission="1"/>'
    assert words('<geom size="0.1" material="glow"/>', glow, PLAIN) == {"emission"}
    mirror = '<material name="mirror" reflectance="0.5"/>'
    floor = '<geom type="plane" size="0 0 1" material="mirror"/>'
    assert words(floor, mirror, PLAIN) == {"reflections"}
    assert words(floor, mirror, PLAIN, bare=True) == set()
    sky = '<texture type="skybox" builtin="flat" width="8" height="8"/>'
    assert words(floor, mirror + sky, PLAIN) == {"reflections", "skybox", "haze"}
    assert words('<geom size="0.1" material="side"/>', TEXTURES, PLAIN, bare=True) == {"exact cube textures"}
    assert words('<geom type="box" size="1 1 1" material="side"/>', TEXTURES, PLAIN, bare=True) == set()


def test_what_is_left_out_of_light_is_named():
    sun = '<light type="directional" specular="0 0 0"/>'
    assert words(BALL + sun, extra=PLAIN) == set()
    assert words(BALL + sun + sun, extra=PLAIN) == {"shadows of all lights but one"}
    assert words(BALL + sun + sun, extra=PLAIN, raytrace=True) == set()
    assert words(BALL + sun + sun, extra=PLAIN, bare=True) == set()
    bulb = '<light type="point" specular="0 0 0"/>'
    assert words(BALL + bulb, extra=PLAIN) == {"shadows of lights without a cone"}
    spot = '<light type="spot" specular="0 0 0" attenuation="1 1 0"/>'
    assert words(BALL + spot, extra=PLAIN) == {"soft edges of spotlights", "linear attenuation"}
    carried = f'<body><freejoint/><geom size="0.1"/>{sun}</body>'
    assert words(carried, extra=PLAIN) == {"motion of lights"}
    still = f'<body><geom size="0.1"/>{sun}</body>'
    assert words(still, extra=PLAIN) == set()


def test_what_bends_or_hangs_is_named():
    cloth = """<flexcomp name="cloth" type="grid" count="3 3 1" spacing="0.1 0.1 0.1" dim="2" mass="1">
        <edge equality="true"/></flexcomp>"""
    assert "flexes" in words(BALL + cloth, extra=PLAIN)
    model = mujoco.MjModel.from_xml_string(
        f"""<mujoco>{PLAIN}<worldbody>{CAMERA}<site name="a" group="4"/>
        <body pos="0 0 1"><freejoint/><geom size="0.1"/><site name="b" group="4"/></body></worldbody>
        <tendon><spatial name="rope"><site site="a"/><site site="b"/></spatial></tendon></mujoco>"""
    )
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert not_drawn(model, data, "front", bare=True, raytrace=True) == ("tendons",)
