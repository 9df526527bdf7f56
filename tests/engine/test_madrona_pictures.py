"""What Madrona would be given, drawn by a small rasterizer, against what MuJoCo draws of the same state."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# MuJoCo is loaded there first, without OpenGL.
from tests.engine.madrona_pictures import Picture, mujoco, rasterize

# isort: split
from engine.backends.madrona_model import Poses, convert
from scenes.build import build_scene

ROOT = Path(__file__).parents[2]
DRAW = Path(__file__).parent / "draw_with_egl.py"
FEW_PIXELS = 20
"""Of a smaller geom a pixel at its border counts for too much."""

Draw = Callable[..., dict[str, np.ndarray]]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draws a state with MuJoCo on EGL in a process of its own; skips where there is no EGL."""

    def run(model, data, camera: str, width: int, height: int) -> dict[str, np.ndarray]:
        mujoco.mj_saveModel(model, str(tmp_path / "model.mjb"), None)
        np.save(tmp_path / "qpos.npy", data.qpos)
        names = [str(tmp_path / name) for name in ("model.mjb", "qpos.npy", "drawn.npz")]
        drawn = subprocess.run(
            [sys.executable, str(DRAW), *names[:2], camera, names[2], "--size", str(width), str(height)],
            env={**os.environ, "MUJOCO_GL": "egl", "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        if drawn.returncode == 3:
            pytest.skip(f"EGL does not work here: {drawn.stderr.strip().splitlines()[-1]}")
        assert drawn.returncode == 0, drawn.stderr
        with np.load(names[2]) as frames:
            return {name: frames[name] for name in frames}

    return run


def ours(model, data, camera: str, width: int, height: int) -> Picture:
    converted = convert(model, data, camera)
    poses = Poses(converted, 1)
    poses.write(0, data)
    arguments = converted.renderer_arguments(worlds=1, lights=1, width=width, height=height, raytrace=False)
    return rasterize(converted, poses.arrays, arguments)


def agreement(here: np.ndarray, there: np.ndarray) -> dict[int, float]:
    """Intersection over union of every geom that is more than a few pixels."""
    found = {}
    for geom in np.unique(np.concatenate([here, there])):
        either = np.count_nonzero((here == geom) | (there == geom))
        if either >= FEW_PIXELS:
            found[int(geom)] = np.count_nonzero((here == geom) & (there == geom)) / either
    return found


@pytest.mark.parametrize(
    ("scene", "camera"),
    [
        *[("apartment", camera) for camera in ("overview", "kitchen", "walkthrough")],
        *[("workbench", camera) for camera in ("overview", "bench", "wrist")],
    ],
)
@pytest.mark.usefixtures("menagerie_root")
def test_every_pixel_shows_the_geom_that_mujoco_shows(scene, camera, draw):
    width, height = 96, 72
    built = build_scene(scene, width=width, height=height, bare=True, camera=camera, seed=0)
    data = mujoco.MjData(built.model)
    built.motion.reset(data)
    for _ in range(200):
        built.motion.apply(data)
        mujoco.mj_step(built.model, data)
    mujoco.mj_forward(built.model, data)
    here = ours(built.model, data, camera, width, height).geoms
    there = draw(built.model, data, camera, width, height)["geoms"]
    assert np.mean(here == there) > 0.99
    found = agreement(here, there)
    assert len(found) > 5
    assert min(found.values()) > 0.9, found


SIDE = 64
FACES = ("right", "left", "up", "down", "front", "back")
HILLS = " ".join(f"{value:.2f}" for value in np.random.default_rng(0).random(7 * 9))
AMBIENT = """<visual><headlight ambient="1 1 1" diffuse="0 0 0" specular="0 0 0"/>
    <quality offsamples="0"/><map znear="0.01" zfar="40"/></visual><statistic extent="1" center="0 0 0"/>"""
CAMERAS = """
    <camera name="above" pos="0.3 -2.6 2.4" xyaxes="1 0.1 0 0 0.68 0.73"/>
    <camera name="below" pos="-0.3 2.6 -2.4" xyaxes="-1 0.1 0 0 0.68 0.73"/>"""
SHAPES = """
    <geom type="sphere" size="0.25" pos="-0.8 0.8 0" material="laid" euler="20 30 40"/>
    <geom type="ellipsoid" size="0.3 0.2 0.25" pos="0 0.8 0" material="laid" euler="20 30 40"/>
    <geom type="capsule" size="0.15 0.2" pos="0.8 0.8 0" material="laid" euler="50 30 40"/>
    <geom type="cylinder" size="0.15 0.2" pos="-0.8 0 0" material="laid" euler="50 30 40"/>
    <geom type="box" size="0.15 0.2 0.25" pos="0 0 0" material="laid" euler="50 30 40"/>"""
FLAT_SHAPES = """
    <geom type="mesh" mesh="tetra" pos="0.8 0 0" material="laid" euler="50 30 40"/>
    <geom type="mesh" mesh="unwrapped" pos="-0.8 -0.8 0" material="laid" euler="50 30 40"/>
    <geom type="hfield" hfield="hills" pos="0 -0.8 0" material="laid" euler="10 0 20"/>
    <geom type="plane" size="0.3 0.2 0.1" pos="0.8 -0.8 0" material="laid" euler="10 0 20"/>"""
TRIANGLES = 'vertex="0 0 0  0.4 0 0  0 0.4 0  0 0 0.4"'


def images() -> dict[str, bytes]:
    """Pictures whose every texel tells by its colour where it is."""
    row, column = np.mgrid[:SIDE, :SIDE]
    found = {}
    for index, name in enumerate(("flat", *FACES)):
        blue = np.full_like(row, 40 * index)
        pixels = np.stack([40 + 3 * column, 40 + 3 * row, blue], axis=-1).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        found[f"{name}.png"] = file.getvalue()
    return found


def scene_with(texture: str, uniform: bool, repeat: str, geoms: str) -> str:
    cube = " ".join(f'file{name}="{name}.png"' for name in FACES)
    return f"""<mujoco>{AMBIENT}<asset>
        <texture name="flat" type="2d" file="flat.png"/><texture name="cube" type="cube" {cube}/>
        <material name="laid" texture="{texture}" texuniform="{"true" if uniform else "false"}"
            texrepeat="{repeat}" rgba="1 0.9 0.8 1"/>
        <hfield name="hills" nrow="7" ncol="9" size="0.3 0.2 0.2 0.05" elevation="{HILLS}"/>
        <mesh name="tetra" {TRIANGLES}/>
        <mesh name="unwrapped" {TRIANGLES} texcoord="0 0  1 0  0 1  1 1" face="0 2 1  0 1 3  1 2 3  0 3 2"/>
        </asset><worldbody>{CAMERAS}{geoms}</worldbody></mujoco>"""


def check_colours(xml: str, camera: str, draw: Draw) -> None:
    """Hold the colour of every geom's pixels against MuJoCo's.

    A texture is sampled and filtered otherwise here, so pixels where it begins anew may differ.
    """
    model = mujoco.MjModel.from_xml_string(xml, images())
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    picture = ours(model, data, camera, 320, 240)
    drawn = draw(model, data, camera, 320, 240)
    linear = picture.colours
    here = 255 * np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055
    )
    apart = np.abs(here - drawn["colours"]).max(axis=2)
    same = picture.geoms == drawn["geoms"]
    compared = 0
    for geom in range(model.ngeom):
        shown = same & (picture.geoms == geom)
        if np.count_nonzero(shown) < 200:
            continue
        compared += 1
        name = mujoco.mjtGeom(model.geom_type[geom]).name
        assert np.median(apart[shown]) < 6, name
        assert np.mean(apart[shown] < 20) > 0.65, name
    assert compared >= max(1, model.ngeom - 1)


@pytest.mark.parametrize("camera", ["above", "below"])
@pytest.mark.parametrize(("uniform", "repeat"), [(False, "1 1"), (True, "1 1"), (True, "3 2")])
def test_flat_textures_lie_where_mujoco_lays_them(uniform, repeat, camera, draw):
    check_colours(scene_with("flat", uniform, repeat, SHAPES + FLAT_SHAPES), camera, draw)


@pytest.mark.parametrize("repeat", ["1 1", "3 2"])
@pytest.mark.parametrize("uniform", [False, True])
@pytest.mark.parametrize("size", ["0 0 1", "0 3 1"])
def test_textures_of_infinite_planes_lie_where_mujoco_lays_them(size, uniform, repeat, draw):
    plane = f'<geom type="plane" size="{size}" material="laid" pos="0.1 0.2 0" euler="0 0 20"/>'
    check_colours(scene_with("flat", uniform, repeat, plane), "above", draw)


@pytest.mark.parametrize("camera", ["above", "below"])
@pytest.mark.parametrize("uniform", [False, True])
def test_cube_textures_lie_where_mujoco_lays_them(uniform, camera, draw):
    check_colours(scene_with("cube", uniform, "1 1", SHAPES), camera, draw)
