"""The apartment: what it holds, that it is cheap and sound, and that all that should move keeps moving."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from scenes import apartment

CAMERAS = ("overview", "kitchen", "walkthrough")
PRIMITIVES = {
    mujoco.mjtGeom.mjGEOM_PLANE,
    mujoco.mjtGeom.mjGEOM_BOX,
    mujoco.mjtGeom.mjGEOM_SPHERE,
    mujoco.mjtGeom.mjGEOM_CAPSULE,
    mujoco.mjtGeom.mjGEOM_CYLINDER,
    mujoco.mjtGeom.mjGEOM_ELLIPSOID,
}
CLASSIC_LIGHTS = 8
"""What the classic renderer draws at most, with the headlight."""
SIMULATED_S = 30.0
SAMPLE_S = 0.1
ROOMS = {
    "living": (-6.0, 1.4, -4.0, 0.6),
    "kitchen": (-6.0, -2.2, 0.6, 4.0),
    "hall": (-2.2, 0.2, 0.6, 4.0),
}
"""West, east, south and north end of the rooms that the walk leads through."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """What moved in a run, a row for every tenth of a second."""

    fan: Array
    door: Array
    ball: Array
    vacuum: Array
    tail: Array
    camera: Array


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return apartment.build().compile()


@pytest.fixture(scope="module", params=["slow", "fast", "seed 1", "seed 2"])
def record(model: mujoco.MjModel, request: pytest.FixtureRequest) -> Record:
    """A run within the convention: the widest motion, slow and fast, and two drawn at random."""
    generator = np.random.default_rng(int(request.param[-1]) if request.param.startswith("seed") else 7)
    share, low, high = {"slow": (1.0, 0.1, 0.1), "fast": (1.0, 0.4, 0.4)}.get(request.param, (0.4, 0.1, 0.4))
    frequency = generator.uniform(low, high, model.nu)
    phase = generator.uniform(0, 2 * np.pi, model.nu)
    rows: dict[str, list[Array]] = {name: [] for name in Record.__dataclass_fields__}
    for data in simulated(model, share, frequency, phase):
        rows["fan"].append(data.joint("fan").qpos.copy())
        rows["door"].append(data.joint("door").qpos.copy())
        rows["ball"].append(data.body("ball").xpos.copy())
        rows["vacuum"].append(data.body("vacuum").xpos.copy())
        rows["tail"].append(data.joint("cat_tail").qpos.copy())
        rows["camera"].append(data.camera("walkthrough").xpos.copy())
        assert np.isfinite(data.qpos).all()
        assert not data.warning.number.any()
    return Record(**{name: np.array(values) for name, values in rows.items()})


def simulated(model: mujoco.MjModel, share: float, frequency: Array, phase: Array) -> Iterator[mujoco.MjData]:
    """The state every SAMPLE_S; every control that is not constant is a sine of this share of its range."""
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, model.key("home").id)
    start = data.ctrl.copy()
    low, high = model.actuator_ctrlrange.T
    amplitude = share * np.minimum(start - low, high - start)
    amplitude[[model.actuator(i).name.endswith("_constant") for i in range(model.nu)]] = 0
    while data.time < SIMULATED_S:
        until = data.time + SAMPLE_S
        while data.time < until:
            data.ctrl[:] = start + amplitude * np.sin(2 * np.pi * frequency * data.time + phase)
            mujoco.mj_step(model, data)
        yield data


def test_it_is_made_of_primitives_only(model: mujoco.MjModel) -> None:
    assert {mujoco.mjtGeom(int(kind)) for kind in model.geom_type} == PRIMITIVES
    assert 300 <= model.ngeom <= 800
    assert model.nmesh == model.nhfield == model.nskin == model.nflex == 0


def test_it_has_what_makes_drawing_costly(model: mujoco.MjModel) -> None:
    assert 4 <= model.nlight < CLASSIC_LIGHTS
    assert model.light_castshadow.sum() >= 2
    assert (model.mat_reflectance > 0).sum() == 1
    assert model.mat("parquet").reflectance > 0
    assert model.ntex >= 6
    assert mujoco.mjtTexture.mjTEXTURE_SKYBOX in model.tex_type
    translucent = [model.mat_rgba[material][3] < 1 for material in model.geom_matid]
    assert sum(translucent) >= 15
    assert (model.vis.global_.offwidth, model.vis.global_.offheight) == (2048, 1536)
    assert model.vis.quality.offsamples == 4


def test_every_geom_has_a_material(model: mujoco.MjModel) -> None:
    assert (model.geom_matid >= 0).all()


def test_its_cameras_are_named(model: mujoco.MjModel) -> None:
    assert {model.camera(i).name for i in range(model.ncam)} == set(CAMERAS)
    assert model.body(model.camera("walkthrough").bodyid[0]).name == "walker"


def test_every_build_is_the_same(model: mujoco.MjModel) -> None:
    again = apartment.build().compile()
    for field in ("geom_pos", "geom_quat", "geom_size", "geom_matid", "tex_data", "key_qpos", "key_ctrl"):
        assert np.array_equal(getattr(model, field), getattr(again, field)), field


def test_books_stand_within_their_shelves() -> None:
    spec = apartment.build()
    assert not [site.name for site in spec.sites if site.name.startswith("books_")]
    model = spec.compile()
    case = model.body("living_bookcase").id
    books = [
        i for i in range(model.ngeom) if model.geom_bodyid[i] == case and 0.02 < model.geom_size[i][0] < 0.05
    ]
    assert len(books) > 12
    assert all(abs(model.geom_pos[i][0]) + model.geom_size[i][0] < 0.55 for i in books)


def test_only_the_ball_and_its_tray_collide(model: mujoco.MjModel) -> None:
    collide = np.flatnonzero((model.geom_contype != 0) | (model.geom_conaffinity != 0))
    assert {model.body(model.geom_bodyid[i]).name for i in collide} == {"ball", "tray"}


def test_the_start_lies_within_every_range(model: mujoco.MjModel) -> None:
    start = model.key("home")
    assert (model.actuator_ctrllimited == 1).all()
    assert (model.actuator_ctrlrange[:, 0] <= start.ctrl).all()
    assert (start.ctrl <= model.actuator_ctrlrange[:, 1]).all()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, start.id)
    mujoco.mj_forward(model, data)
    assert data.joint("door").qpos[0] == pytest.approx(data.actuator("door").ctrl[0])
    assert (data.contact.dist > -1e-3).all()


def test_all_of_it_moves_in_the_first_second(record: Record) -> None:
    second = slice(0, round(1 / SAMPLE_S))
    assert np.ptp(record.fan[second]) > 1.0
    assert np.linalg.norm(np.ptp(record.ball[second], axis=0)) > 0.05
    assert np.linalg.norm(np.ptp(record.vacuum[second], axis=0)) > 0.05
    assert np.linalg.norm(np.ptp(record.camera[second], axis=0)) > 0.2
    assert np.ptp(record.door[second]) > 0.002 or np.ptp(record.tail[second]) > 0.002


def test_all_of_it_moves_for_the_whole_time(record: Record) -> None:
    window = round(10 / SAMPLE_S)
    for start in range(0, len(record.fan) - window + 1, window):
        part = slice(start, start + window)
        assert np.ptp(record.fan[part]) > 10
        assert np.degrees(np.ptp(record.door[part])) > 5
        assert np.ptp(record.ball[part], axis=0)[:2].max() > 0.1
        assert np.ptp(record.vacuum[part], axis=0)[:2].min() > 0.3
        assert np.ptp(record.tail[part]) > 0.1


def test_nothing_leaves_its_place(record: Record) -> None:
    from_table = np.linalg.norm(record.ball[:, :2] - (-0.9, -2.3), axis=1)
    assert from_table.max() < 0.56, "the ball is off the tray"
    assert record.ball[:, 2].min() > 0.35
    assert np.degrees(record.door.min()) > 0
    assert np.degrees(record.door.max()) < 95
    # Free floor between the rug and the sideboard, less the vacuum's radius.
    assert record.vacuum[:, 0].min() > -1.5
    assert record.vacuum[:, 0].max() < 1.1
    assert record.vacuum[:, 1].min() > -0.9
    assert record.vacuum[:, 1].max() < 0.0


def test_the_walk_is_smooth_at_eye_height_and_goes_through_three_rooms(record: Record) -> None:
    assert np.ptp(record.camera[:, 2]) < 1e-6
    assert 1.4 < record.camera[0, 2] < 1.7
    steps = np.linalg.norm(np.diff(record.camera, axis=0), axis=1) / SAMPLE_S
    assert 0.2 < steps.min() <= steps.max() < 0.6
    visited = set()
    for x, y, _ in record.camera:
        inside = [name for name, (w, e, s, n) in ROOMS.items() if w < x < e and s < y < n]
        visited.update(inside)
        # A doorway lies on the line between two rooms.
        assert len(inside) == 1 or min(abs(y - 0.6), abs(x + 2.2)) < 0.1
    assert visited == set(ROOMS)


def test_the_walk_touches_nothing(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, model.key("home").id)
    clear = 0.12
    for angle in np.linspace(0, 2 * np.pi, 180, endpoint=False):
        data.joint("walk").qpos[0] = angle
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)
        eye = data.camera("walkthrough").xpos
        for geom in np.flatnonzero(model.geom_type == mujoco.mjtGeom.mjGEOM_BOX):
            local = data.geom_xmat[geom].reshape(3, 3).T @ (eye - data.geom_xpos[geom])
            outside = np.maximum(np.abs(local) - model.geom_size[geom], 0)
            assert np.linalg.norm(outside) > clear, model.body(model.geom_bodyid[geom]).name


@pytest.mark.parametrize("camera", CAMERAS)
def test_frames_are_full_of_colour_and_change(
    draw: Callable[..., dict[str, NDArray[np.uint8]]], camera: str
) -> None:
    frames = draw("apartment", "--times", "0", "0.5", "1")
    pictures = [frames[f"{camera}@{time}"].astype(int) for time in ("0", "0.5", "1")]
    for picture in pictures:
        assert picture.std() > 25
        assert 70 < picture.mean() < 210
        assert (picture.max(axis=2) >= 254).mean() < 0.1, "burnt out"
    for early, late in ((0, 1), (1, 2), (0, 2)):
        assert (np.abs(pictures[early] - pictures[late]).max(axis=2) > 16).mean() > 0.0005


def test_the_same_state_gives_the_same_picture(draw: Callable[..., dict[str, NDArray[np.uint8]]]) -> None:
    first, second = (draw("apartment", "--times", "0.5") for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)
