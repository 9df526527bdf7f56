"""The workbench: a Panda that keeps clear of everything, and loose things that come to rest."""

from pathlib import Path

import mujoco
import numpy as np
import pytest

from scenes import workbench
from scenes.build import cameras_of
from scenes.motion import Motion, divergence, steps_per_frame
from scenes.registry import find_scene

SIMULATED_S = 20.0


@pytest.fixture
def model(menagerie_root: Path) -> mujoco.MjModel:
    return workbench.build().compile()


def body_of(model: mujoco.MjModel, geom: int) -> str:
    return str(model.body(model.geom_bodyid[geom]).name)


def test_it_is_what_the_registry_promises(menagerie_root: Path) -> None:
    assert set(cameras_of(workbench.build())) == set(find_scene("workbench").cameras)


def test_every_build_gives_the_same_scene(model: mujoco.MjModel) -> None:
    again = workbench.build().compile()
    assert np.array_equal(model.tex_data, again.tex_data)
    assert np.array_equal(model.geom_pos, again.geom_pos)
    assert np.array_equal(model.key_qpos, again.key_qpos)


def test_it_has_lights_shadows_and_room_for_large_images(model: mujoco.MjModel) -> None:
    assert model.nlight >= 2
    assert 1 <= model.light_castshadow.sum() <= 2
    assert (model.vis.global_.offwidth, model.vis.global_.offheight) == (2048, 1536)


def test_the_start_state_has_every_body_where_it_was_put(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    Motion(model, 0).reset(data)
    for joint in range(model.njnt):
        if model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_FREE:
            body = int(model.jnt_bodyid[joint])
            assert np.allclose(data.xpos[body], model.body_pos[body]), model.body(body).name
    assert data.joint("panda/joint4").qpos[0] == pytest.approx(data.actuator("panda/actuator4").ctrl[0])
    assert data.body("panda/hand").xpos[2] > 1.1


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_the_arm_moves_and_touches_nothing(model: mujoco.MjModel, seed: int) -> None:
    data, motion = mujoco.MjData(model), Motion(model, seed)
    motion.reset(data)
    places = []
    while data.time < SIMULATED_S:
        motion.apply(data)
        mujoco.mj_step(model, data, steps_per_frame(model.opt.timestep, 30))
        touching = {body_of(model, geom) for pair in data.contact.geom for geom in pair}
        assert not any(name.startswith("panda/") for name in touching), touching
        assert divergence(data) is None
        places.append(data.body("panda/hand").xpos.copy())
    assert np.ptp(places, axis=0).max() > 0.1


def test_loose_things_settle_on_the_bench(model: mujoco.MjModel) -> None:
    data, motion = mujoco.MjData(model), Motion(model, 0)
    motion.reset(data)
    loose = [joint for joint in range(model.njnt) if model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_FREE]
    assert len(loose) >= 6
    while data.time < 3:
        motion.apply(data)
        mujoco.mj_step(model, data, 10)
    for joint in loose:
        name = model.body(model.jnt_bodyid[joint]).name
        velocity = data.qvel[model.jnt_dofadr[joint] :][:6]
        assert np.abs(velocity[:3]).max() < 0.05, name
        assert data.body(name).xpos[2] > 0.84, f"{name} fell off"
