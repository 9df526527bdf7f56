"""The cart-pole and the primitives: what published figures are for, wholly in view and moving for minutes."""

import math
from collections.abc import Callable, Iterator

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from scenes.build import build_scene
from scenes.motion import Motion, divergence, steps_per_frame
from scenes.registry import find_scene

NAMES = ["cartpole", "primitives"]
SIZES = [(64, 64), (128, 128), (640, 480)]
EFFECTS = [False, True]
SIMULATED_S = 60.0
SAMPLE_S = 0.5
SHAPES = ("sphere", "capsule", "ellipsoid", "cylinder", "box")
EACH = 25

Array = NDArray[np.float64]
Draw = Callable[..., dict[str, np.ndarray]]


def model_of(name: str, bare: bool = False) -> mujoco.MjModel:
    return build_scene(name, width=64, height=64, bare=bare, camera=None, seed=0).model


@pytest.fixture
def cartpole() -> mujoco.MjModel:
    return model_of("cartpole")


@pytest.fixture
def primitives() -> mujoco.MjModel:
    return model_of("primitives")


def states(model: mujoco.MjModel, seed: int, until_s: float = SIMULATED_S) -> Iterator[mujoco.MjData]:
    """The running simulation, at the start and then every half second; it has to stay sound."""
    data, motion = mujoco.MjData(model), Motion(model, seed)
    motion.reset(data)
    steps = round(SAMPLE_S / model.opt.timestep)
    for _ in range(round(until_s / SAMPLE_S)):
        yield data
        for _ in range(steps):
            motion.apply(data)
            mujoco.mj_step(model, data)
        assert divergence(data) is None
        assert data.ncon == data.nefc == 0, "nothing touches anything, the ends of its joints included"


def seen_from(data: mujoco.MjData, points: Array) -> Array:
    """Where points, shape (n, 3), are in a square image of the only camera: -1 to 1 is inside."""
    model = data.model
    right_up_back = (points - data.cam_xpos[0]) @ data.cam_xmat[0].reshape(3, 3)
    half = math.tan(math.radians(model.cam_fovy[0]) / 2)
    assert (right_up_back[:, 2] < -model.vis.map.znear * model.stat.extent).all()
    assert (-right_up_back[:, 2] < model.vis.map.zfar * model.stat.extent).all()
    return right_up_back[:, :2] / (-right_up_back[:, 2:] * half)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bare", EFFECTS)
@pytest.mark.parametrize("size", SIZES)
def test_it_builds_with_one_camera_that_stands_still(name: str, bare: bool, size: tuple[int, int]) -> None:
    built = build_scene(name, width=size[0], height=size[1], bare=bare, camera=None, seed=0)
    assert (built.camera,) == find_scene(name).cameras
    assert built.model.ncam == 1
    assert built.model.cam_bodyid[0] == 0
    assert built.model.cam_mode[0] == int(mujoco.mjtCamLight.mjCAMLIGHT_FIXED)
    assert built.model.vis.quality.offsamples == (0 if bare else 4)


@pytest.mark.parametrize("name", NAMES)
def test_every_build_gives_the_same_scene(name: str) -> None:
    first, again = model_of(name), model_of(name)
    for field in ("geom_pos", "geom_size", "geom_matid", "jnt_axis", "key_qpos", "key_ctrl"):
        assert np.array_equal(getattr(first, field), getattr(again, field)), field


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_for_nothing_that_a_batch_renderer_lacks(name: str) -> None:
    model = model_of(name)
    assert model.nmesh == model.nhfield == model.nflex == model.nskin == model.ntendon == 0
    assert not model.mat_reflectance.any()
    assert model.vis.map.haze == 0
    assert (model.mat_rgba[:, 3] == 1).all(), "nothing is seen through"
    assert (model.geom_matid >= 0).all()
    assert (model.geom_group == 0).all()
    assert set(model.light_type) <= {int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)}
    assert model.light_castshadow.sum() == 1


def test_the_primitives_are_25_of_each_shape_with_a_table_and_a_floor(primitives: mujoco.MjModel) -> None:
    assert primitives.ngeom == 127
    assert primitives.nlight == 1
    kinds = [mujoco.mjtGeom(kind).name for kind in primitives.geom_type[primitives.geom_bodyid > 0]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        f"mjGEOM_{shape.upper()}": EACH for shape in SHAPES
    }
    assert primitives.geom("floor").type == mujoco.mjtGeom.mjGEOM_PLANE
    assert primitives.geom("table").type == mujoco.mjtGeom.mjGEOM_BOX
    assert primitives.nv == primitives.nu == len(SHAPES) * EACH


def test_no_primitive_stands_in_another_at_the_start(primitives: mujoco.MjModel) -> None:
    data = mujoco.MjData(primitives)
    Motion(primitives, 0).reset(data)
    shapes = [geom for geom in range(primitives.ngeom) if primitives.geom_bodyid[geom] > 0]
    middles = data.geom_xpos[shapes]
    apart = np.linalg.norm(middles[:, None] - middles, axis=2) + np.eye(len(shapes))
    assert apart.min() > 0.09
    table = float(primitives.geom("table").pos[2] + primitives.geom("table").size[2])
    assert (middles[:, 2] - primitives.geom_rbound[shapes] > table - 0.01).all()


def test_the_cartpole_is_a_cart_on_a_rail_with_a_pole_and_one_motor(cartpole: mujoco.MjModel) -> None:
    assert cartpole.ngeom == 7
    assert cartpole.nlight == 2
    assert cartpole.nu == 1
    slide, hinge = cartpole.joint("slider"), cartpole.joint("hinge")
    assert (slide.type, hinge.type) == (mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE)
    assert cartpole.actuator("slide").trnid[0] == slide.id
    assert cartpole.actuator_biastype[0] == int(mujoco.mjtBias.mjBIAS_NONE), "a motor, not a servo"


@pytest.mark.parametrize(("name", "steps"), [("cartpole", 2), ("primitives", 1)])
def test_a_frame_is_few_steps_of_physics(name: str, steps: int) -> None:
    timestep = model_of(name).opt.timestep
    assert steps_per_frame(timestep, 60) == steps
    assert steps * timestep == pytest.approx(1 / 60)


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_every_primitive_moves_and_stays_in_view(primitives: mujoco.MjModel, seed: int) -> None:
    shapes = np.flatnonzero(primitives.geom_bodyid > 0)
    places = []
    for data in states(primitives, seed):
        assert np.abs(seen_from(data, data.geom_xpos[shapes])).max() < 0.95
        assert np.abs(data.qpos).max() < 2
        places.append(data.geom_xpos[shapes].copy())
    early, late = np.array(places[: len(places) // 2]), np.array(places[len(places) // 2 :])
    for part in (early, late):
        assert np.ptp(part, axis=0).max(axis=1).min() > 0.05, "every one moves, early and late"


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 12345])
def test_the_cartpole_keeps_moving_and_stays_in_view(cartpole: mujoco.MjModel, seed: int) -> None:
    carts, angles = [], []
    for data in states(cartpole, seed, 3 * SIMULATED_S):
        tip = data.body("pole").xpos + data.body("pole").xmat.reshape(3, 3)[:, 2]
        assert np.abs(seen_from(data, np.array([data.body("cart").xpos, tip]))).max() < 1
        carts.append(float(data.qpos[0]))
        angles.append(float(data.qpos[1]))
    third = len(carts) // 3
    for start in range(0, 3 * third, third):
        assert np.ptp(carts[start : start + third]) > 0.3
        assert np.ptp(angles[start : start + third]) > 0.1
    assert np.abs(angles[0] - math.pi) > 1, "the pole starts far from hanging down"
    assert np.ptp(angles) < 2 * math.pi, "it never goes over the top, where the smallest error grows fast"


@pytest.mark.parametrize("size", [64, 128])
def test_every_primitive_can_be_told_in_the_picture(
    draw: Draw, size: int, primitives: mujoco.MjModel
) -> None:
    frames = draw(
        "primitives", "--segments", "--width", str(size), "--height", str(size), "--times", "0", "7"
    )
    for image in frames.values():
        bodies, pixels = np.unique(image[image > 0], return_counts=True)
        assert set(bodies) == set(range(1, primitives.nbody)), "each shows"
        assert np.median(pixels) >= size * size / 700
        border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert (border == 0).all(), "only floor at the edges of the picture"


def test_cart_and_pole_can_be_told_in_the_picture(draw: Draw) -> None:
    (image,) = draw("cartpole", "--width", "128", "--height", "128").values()
    red, green, blue = (image[..., channel].astype(int) for channel in range(3))
    orange, teal = (red > green + 40) & (green > blue + 20), (green > red + 40) & (blue > red + 40)
    assert orange.sum() > 60
    assert teal.sum() > 40
    assert not orange[:, [0, -1]].any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("effects", [(), ("--bare",)])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_lit_and_moves_with_and_without_effects(
    draw: Draw, name: str, effects: tuple[str, ...], size: tuple[int, int]
) -> None:
    options = (*effects, "--width", str(size[0]), "--height", str(size[1]))
    pictures = draw(name, "--times", "0", "1", "2", *options)
    first, *later = (picture.astype(int) for picture in pictures.values())
    assert first.shape == (size[1], size[0], 3)
    assert 40 < first.mean() < 200
    assert first.std() > 20
    assert (first == 255).all(axis=2).mean() < 0.01, "hardly anything is burnt out"
    for picture in later:
        assert (np.abs(first - picture).max(axis=2) > 24).mean() > 0.005


@pytest.mark.parametrize("name", NAMES)
def test_effects_show(draw: Draw, name: str) -> None:
    (full,), (bare,) = (draw(name, *effects).values() for effects in ((), ("--bare",)))
    darker = full.astype(int).sum(axis=2) < bare.astype(int).sum(axis=2) - 30
    assert darker.mean() > 0.01, "there are shadows"
