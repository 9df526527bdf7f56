"""Scenes move the same way every time, within what their authors allow, and trouble is noticed."""

import math
from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scenes.motion import Motion, divergence, steps_per_frame

ARM = """
<mujoco>
  <worldbody>
    <body><joint name="hinge" range="-90 90"/><geom size=".1"/>
      <body pos="1 0 0"><joint name="slide" type="slide" range="0 2"/><geom size=".1"/>
        <body pos="1 0 0"><joint name="fan"/><geom size=".1"/></body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <position name="limited" joint="hinge" kp="5" ctrlrange="-0.5 1"/>
    <position name="by_joint" joint="slide" kp="5"/>
    <velocity name="fan_constant" joint="fan" kv="1" ctrlrange="0 30"/>
    <motor name="free_motor" joint="fan"/>
    <motor name="strong_motor" joint="hinge" gear="1000" ctrlrange="-1000 1000"/>
  </actuator>
  <keyframe>
    <key name="other" ctrl="0 0 0 0 0"/>
    <key name="home" qpos="0.3 0.5 0" time="4" ctrl="0.25 0.5 12 0.1 0"/>
  </keyframe>
</mujoco>
"""
PLAIN = "<mujoco><worldbody><body><freejoint/><geom size='.1'/></body></worldbody></mujoco>"


def controls(model: mujoco.MjModel, seed: int, times: Sequence[float]) -> NDArray[np.float64]:
    """Controls at some times, shape (len(times), nu)."""
    motion, data = Motion(model, seed), mujoco.MjData(model)
    motion.reset(data)
    rows = []
    for time in times:
        data.time = time
        motion.apply(data)
        rows.append(data.ctrl.copy())
    return np.array(rows)


@pytest.fixture
def arm() -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_string(ARM)


SECONDS = np.linspace(0, 60, 601)


def test_a_seed_gives_exactly_one_motion(arm: mujoco.MjModel) -> None:
    first = controls(arm, 3, SECONDS)
    again = controls(mujoco.MjModel.from_xml_string(ARM), 3, SECONDS)
    assert np.array_equal(first, again)
    assert not np.allclose(first, controls(arm, 4, SECONDS))
    assert np.array_equal(controls(arm, -1, SECONDS), controls(arm, -1, SECONDS))


def test_motion_does_not_depend_on_what_was_asked_before(arm: mujoco.MjModel) -> None:
    assert np.array_equal(controls(arm, 0, [1.0, 2.0, 50.0])[-1], controls(arm, 0, [50.0])[-1])


def test_the_start_state_is_the_home_keyframe_at_time_zero(arm: mujoco.MjModel) -> None:
    data = mujoco.MjData(arm)
    Motion(arm, 0).reset(data)
    assert data.time == 0
    assert np.allclose(data.qpos, [0.3, 0.5, 0])
    assert np.allclose(data.ctrl, [0.25, 0.5, 12, 0.1, 0])
    assert np.linalg.norm(data.xpos[2]) > 0.5, "positions in the world are computed"


def test_another_keyframe_serves_where_none_is_home() -> None:
    model = mujoco.MjModel.from_xml_string(ARM.replace('name="home"', 'name="late"'))
    data = mujoco.MjData(model)
    Motion(model, 0).reset(data)
    assert np.allclose(data.qpos, 0)


def test_every_control_starts_without_a_jump(arm: mujoco.MjModel) -> None:
    for seed in range(20):
        early = controls(arm, seed, [0.0, 0.001])
        assert np.allclose(early[0], [0.25, 0.5, 12, 0.1, 0])
        assert np.allclose(early[0], early[1], atol=0.02)


def test_controls_move_within_their_ranges(arm: mujoco.MjModel) -> None:
    for seed in range(20):
        moved = controls(arm, seed, SECONDS)
        assert moved[:, 0].min() >= -0.5
        assert moved[:, 0].max() <= 1
        assert np.ptp(moved[:, 0]) > 0.2
        assert moved[:, 1].min() >= 0, "a servo without a range keeps to its joint's"
        assert moved[:, 1].max() <= 2
        assert np.ptp(moved[:, 1]) > 0.2
        assert set(moved[:, 2]) == {12.0}, "_constant keeps the keyframe's control"
        assert set(moved[:, 3]) == {0.1}, "a motor without a range stays as it is"
        assert 0 < np.abs(moved[:, 4]).max() < 10, "a strong motor does not use all its range"


def test_a_control_at_the_end_of_its_range_still_moves() -> None:
    model = mujoco.MjModel.from_xml_string(ARM.replace('ctrl="0.25', 'ctrl="1'))
    moved = controls(model, 0, SECONDS)[:, 0]
    assert moved[0] == pytest.approx(1)
    assert np.ptp(moved) > 0.2
    assert moved.max() <= 1 + 1e-12


def test_without_keyframes_a_servo_starts_where_its_joint_is() -> None:
    text = (
        ARM.split("<keyframe>", maxsplit=1)[0].replace('name="slide"', 'name="slide" ref="1.5"') + "</mujoco>"
    )
    model = mujoco.MjModel.from_xml_string(text)
    assert controls(model, 0, [0.0])[0, 1] == pytest.approx(1.5)


def test_a_model_without_actuators_can_be_driven_too() -> None:
    model = mujoco.MjModel.from_xml_string(PLAIN)
    motion, data = Motion(model, 0), mujoco.MjData(model)
    motion.reset(data)
    motion.apply(data)
    mujoco.mj_step(model, data)
    assert divergence(data) is None


def test_driving_writes_into_the_control_array_only(arm: mujoco.MjModel) -> None:
    motion, data = Motion(arm, 0), mujoco.MjData(arm)
    motion.reset(data)
    state = (data.qpos.copy(), data.qvel.copy(), data.act.copy(), data.time)
    motion.apply(data)
    assert all(
        np.array_equal(before, after)
        for before, after in zip(state, (data.qpos, data.qvel, data.act, data.time), strict=True)
    )


ACTUATORS = st.sampled_from(
    [
        "<position joint='j' kp='{}' {}/>",
        "<velocity joint='j' kv='{}' {}/>",
        "<motor joint='j' gear='{}' {}/>",
        "<intvelocity joint='j' kp='{}' actrange='-1 1' {}/>",
        "<damper joint='j' kv='{}' {} ctrlrange='0 1'/>",
        "<general joint='j' gainprm='{}' biastype='affine' biasprm='0 -1 -1' {}/>",
        "<position joint='b' kp='{}' gear='0 0 1' {}/>",
        "<motor site='s' gear='0 0 {}' {}/>",
        "<muscle joint='j' force='{}' {}/>",
    ]
)
RANGES = st.sampled_from(
    ["", "ctrlrange='-1 1'", "ctrlrange='0 1e6'", "ctrlrange='-1e9 1e9'", "ctrlrange='2 3'"]
)


@given(ACTUATORS, st.floats(1e-3, 1e3), RANGES, st.integers(-(2**70), 2**70))
def test_any_actuator_is_driven_within_its_range(text: str, gain: float, limits: str, seed: int) -> None:
    if "damper" in text:
        limits = ""
    actuator = text.format(gain, limits)
    model = mujoco.MjModel.from_xml_string(
        "<mujoco><worldbody><body><joint name='j' range='-90 90'/><geom size='.1'/><site name='s'/>"
        "<body pos='1 0 0'><joint name='b' type='ball'/><geom size='.1'/></body></body></worldbody>"
        f"<actuator>{actuator}</actuator></mujoco>"
    )
    moved = controls(model, seed, np.linspace(0, 30, 50))
    assert np.isfinite(moved).all()
    if model.actuator_ctrllimited[0]:
        low, high = model.actuator_ctrlrange[0]
        assert moved.min() >= low - 1e-9 * abs(low)
        assert moved.max() <= high + 1e-9 * abs(high)


def test_an_actuator_of_several_controls_keeps_its_start() -> None:
    model = mujoco.MjModel.from_xml_string(
        "<mujoco><worldbody><body><joint name='j' range='-90 90'/><geom size='.1'/></body></worldbody>"
        "<actuator><pid joint='j' kp='5' kv='1' input='pos vel'/><position joint='j' ctrlrange='-1 1'/>"
        "</actuator></mujoco>"
    )
    moved = controls(model, 0, SECONDS)
    assert model.nu == 3
    assert not moved[:, :2].any()
    assert np.ptp(moved[:, 2]) > 0.1


@pytest.mark.parametrize(
    ("timestep", "target_fps", "steps"),
    [(0.002, 60, 8), (0.002, 50, 10), (0.01, 30, 3), (0.05, 60, 1), (1.0, 1000, 1), (0.004, 100, 3)],
)
def test_physics_steps_come_closest_to_the_frame_rate(timestep: float, target_fps: float, steps: int) -> None:
    assert steps_per_frame(timestep, target_fps) == steps


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_odd_rates_are_refused(value: float) -> None:
    for arguments in ((value, 60.0), (0.002, value)):
        with pytest.raises(ValueError, match="positive"):
            steps_per_frame(*arguments)


def test_a_simulation_that_blows_up_is_noticed() -> None:
    model = mujoco.MjModel.from_xml_string(
        "<mujoco><option timestep='0.1'/><worldbody>"
        "<body><joint name='j'/><geom size='.1'/></body></worldbody>"
        "<actuator><position joint='j' kp='1e9'/></actuator><keyframe><key qpos='1'/></keyframe></mujoco>"
    )
    motion, data = Motion(model, 0), mujoco.MjData(model)
    motion.reset(data)
    assert divergence(data) is None
    for _ in range(200):
        motion.apply(data)
        mujoco.mj_step(model, data)
    sentence = divergence(data)
    assert sentence is not None
    assert "unstable" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("field", ["qpos", "qvel"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_noticed_at_once(field: str, value: float) -> None:
    model = mujoco.MjModel.from_xml_string(PLAIN)
    data: Any = mujoco.MjData(model)
    getattr(data, field)[1] = value
    assert field in (divergence(data) or "")


def test_a_control_that_is_no_number_is_noticed(arm: mujoco.MjModel) -> None:
    data = mujoco.MjData(arm)
    data.ctrl[0] = math.nan
    mujoco.mj_step(arm, data)
    assert "BADCTRL" in (divergence(data) or "")


def test_full_contact_buffers_are_no_divergence() -> None:
    data = mujoco.MjData(mujoco.MjModel.from_xml_string(PLAIN))
    data.warning.number[int(mujoco.mjtWarning.mjWARN_CONTACTFULL)] = 5
    assert divergence(data) is None
