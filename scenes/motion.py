"""How a scene moves: a start state, and control signals that are the same for every backend and every trial.

Each actuator follows a slow sine of simulated time around its start value; the seed chooses its speed, its
width and its direction. What a scene's author can rely on:

- A keyframe called `home` (else keyframe 0, else `qpos0`) is the start state, its `ctrl` the start values.
- An actuator whose name ends in `_constant` keeps the `ctrl` of the start state for ever: a velocity actuator
  on a fan, say.
- Any other actuator with a `ctrlrange` moves within it and starts from its `ctrl` without a jump.
- A position servo keeps within the range of its joint too; a motor without a `ctrlrange` stays as it is.
"""

import math
from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

CONSTANT_ENDING = "_constant"
START_KEYFRAME = "home"

_SLOWEST_HZ = 0.08
_FASTEST_HZ = 0.25
_SERVO_SHARE = (0.10, 0.20)
"""Half the width of a position servo's motion, as a share of its whole range: least and most."""
_MOTOR_SHARE = (0.03, 0.08)
"""The same for forces and velocities, where the same share moves a body much further."""
_MOST_ACCELERATION = 50.0
"""What a motor may add to its joint, in rad/s^2 or m/s^2, however wide its range is."""
_WATCHED_WARNINGS = (
    mujoco.mjtWarning.mjWARN_BADQPOS,
    mujoco.mjtWarning.mjWARN_BADQVEL,
    mujoco.mjtWarning.mjWARN_BADQACC,
    mujoco.mjtWarning.mjWARN_BADCTRL,
)
# As plain numbers: numpy's integers and MuJoCo's enumerations are not equal from both sides.
_DIRECT_DYNAMICS = tuple(
    int(kind)
    for kind in (mujoco.mjtDyn.mjDYN_NONE, mujoco.mjtDyn.mjDYN_FILTER, mujoco.mjtDyn.mjDYN_FILTEREXACT)
)
_JOINT_TRANSMISSION = int(mujoco.mjtTrn.mjTRN_JOINT)
_SCALAR_JOINTS = (int(mujoco.mjtJoint.mjJNT_HINGE), int(mujoco.mjtJoint.mjJNT_SLIDE))
_FIXED_GAIN = int(mujoco.mjtGain.mjGAIN_FIXED)
_NO_BIAS, _AFFINE_BIAS = int(mujoco.mjtBias.mjBIAS_NONE), int(mujoco.mjtBias.mjBIAS_AFFINE)


class Motion:
    """The motion of one model; `apply` costs microseconds and allocates no arrays."""

    def __init__(self, model: mujoco.MjModel, seed: int) -> None:
        """Plan the motion of every actuator from `seed`, any integer."""
        self._model = model
        self._keyframe = start_keyframe(model)
        self.nu = int(model.nu)
        if self.nu == 0:
            return
        generator = np.random.Generator(np.random.PCG64(seed % 2**64))
        # Drawn for every actuator, driven or not: naming one `_constant` leaves the others' motion as it was.
        draws = generator.random((model.nactuator, 3))
        self._centre = self._start_control()
        self._amplitude = np.zeros(self.nu)
        self._speed = np.zeros(self.nu)
        self._phase = np.zeros(self.nu)
        self._work = np.zeros(self.nu)
        # What takes several controls (an orientation, say) has no single range to move in.
        for actuator in np.flatnonzero(model.actuator_ctrlnum == 1):
            self._plan(int(actuator), int(model.actuator_ctrladr[actuator]), draws[actuator])

    @property
    def plan(self) -> tuple[NDArray[np.float64], ...]:
        """Centre, amplitude, speed and phase of every control, each of shape (nu,); only where nu > 0."""
        return self._centre, self._amplitude, self._speed, self._phase

    def reset(self, data: mujoco.MjData) -> None:
        """Put `data` into the start state at time 0 and compute all that a renderer reads from it."""
        if self._keyframe is None:
            mujoco.mj_resetData(self._model, data)
        else:
            mujoco.mj_resetDataKeyframe(self._model, data, self._keyframe)
            data.time = 0.0
        self.apply(data)
        mujoco.mj_forward(self._model, data)

    def apply(self, data: mujoco.MjData) -> None:
        """Write `data.ctrl` (shape (nu,)) for `data.time`, in seconds."""
        if self.nu == 0:
            return
        work = self._work
        np.multiply(self._speed, data.time, work)
        np.add(work, self._phase, work)
        np.sin(work, work)
        np.multiply(work, self._amplitude, work)
        np.add(work, self._centre, data.ctrl)

    def _start_control(self) -> NDArray[np.float64]:
        model = self._model
        if self._keyframe is not None:
            start = np.array(model.key_ctrl[self._keyframe], dtype=np.float64)
        else:
            start = np.zeros(self.nu)
            for actuator in np.flatnonzero(model.actuator_ctrlnum == 1):
                start[model.actuator_ctrladr[actuator]] = _holding_control(model, int(actuator))
        start[~np.isfinite(start)] = 0.0
        return start

    def _plan(self, actuator: int, control: int, draws: NDArray[np.float64]) -> None:
        """Set centre, amplitude, speed and phase of one control, so that it is at its start at time 0."""
        bounds = _control_bounds(self._model, actuator)
        if bounds is None:
            return
        low, high = bounds
        start = min(max(float(self._centre[control]), low), high)
        self._centre[control] = start
        if _is_constant(self._model, actuator):
            return
        least, most = _SERVO_SHARE if _servo_stiffness(self._model, actuator) else _MOTOR_SHARE
        amplitude = (high - low) * (least + (most - least) * draws[0])
        amplitude = min(amplitude, _largest_amplitude(self._model, actuator))
        centre = min(max(start, low + amplitude), high - amplitude)
        phase = math.asin(min(max((start - centre) / amplitude, -1.0), 1.0)) if amplitude > 0 else 0.0
        frequency = _SLOWEST_HZ + (_FASTEST_HZ - _SLOWEST_HZ) * draws[1]
        self._centre[control] = centre
        self._amplitude[control] = amplitude
        self._speed[control] = 2 * math.pi * frequency
        self._phase[control] = phase if draws[2] < 0.5 else math.pi - phase


class Controls:
    """The motions of several worlds of one model, all at once."""

    def __init__(self, motions: Sequence[Motion]) -> None:
        """Gather the plans of `motions`, one for each world."""
        self._moves = motions[0].nu > 0
        if self._moves:
            plans = (np.stack(parts) for parts in zip(*(motion.plan for motion in motions), strict=True))
            self._centre, self._amplitude, self._speed, self._phase = plans

    def write(self, time_s: float, into: NDArray[np.float64]) -> None:
        """Write what `Motion.apply` would for each world at `time_s`; `into` has the shape (worlds, nu)."""
        if not self._moves:
            return
        np.multiply(self._speed, time_s, into)
        np.add(into, self._phase, into)
        np.sin(into, into)
        np.multiply(into, self._amplitude, into)
        np.add(into, self._centre, into)


def start_keyframe(model: mujoco.MjModel) -> int | None:
    """The keyframe that a scene starts in, or None where it starts in `qpos0`."""
    if model.nkey == 0:
        return None
    home = int(mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_KEY, START_KEYFRAME))
    return max(home, 0)


def steps_per_frame(timestep: float, target_fps: float) -> int:
    """Physics steps of `timestep` seconds in one frame at `target_fps`: to the nearest, one at least.

    Raises:
        ValueError: either is not a positive finite number.
    """
    if not (math.isfinite(timestep) and timestep > 0 and math.isfinite(target_fps) and target_fps > 0):
        raise ValueError(
            f"a timestep of {timestep!r} s and {target_fps!r} frames/s must both be positive and finite"
        )
    return max(1, math.floor(1 / (timestep * target_fps) + 0.5))


def divergence(data: mujoco.MjData) -> str | None:
    """A sentence when the simulation has become unstable, None while it is sound.

    MuJoCo puts an unstable state back to the start by itself, so its warning counters are read as well.
    """
    numbers = data.warning.number
    for warning in _WATCHED_WARNINGS:
        if numbers[warning]:
            name = warning.name.removeprefix("mjWARN_")
            return (
                f"the simulation became unstable before t = {data.time:.4g} s (MuJoCo's warning {name}): "
                "give the scene a smaller timestep or a stabler integrator"
            )
    for name, values in (("qpos", data.qpos), ("qvel", data.qvel)):
        # The sum of squares is finite only where every value is, and costs a fraction of numpy's own test.
        if not math.isfinite(values.dot(values)):
            return (
                f"the simulation became unstable, {name} is not finite at t = {data.time:.4g} s: "
                "give the scene a smaller timestep or a stabler integrator"
            )
    return None


def _is_constant(model: mujoco.MjModel, actuator: int) -> bool:
    return str(model.actuator(actuator).name).endswith(CONSTANT_ENDING)


def _control_bounds(model: mujoco.MjModel, actuator: int) -> tuple[float, float] | None:
    """Least and greatest control by the actuator's range and its joint's, or None where nothing bounds it."""
    low, high = -math.inf, math.inf
    control = int(model.actuator_ctrladr[actuator])
    if model.actuator_ctrllimited[control]:
        low, high = (float(end) for end in model.actuator_ctrlrange[control])
    joint, scale = _driven_joint(model, actuator), _servo_scale(model, actuator)
    if joint is not None and scale is not None and model.jnt_limited[joint]:
        least, most = sorted(float(end) * scale for end in model.jnt_range[joint])
        if max(low, least) < min(high, most):
            low, high = max(low, least), min(high, most)
    return (low, high) if math.isfinite(high - low) and high > low else None


def _driven_joint(model: mujoco.MjModel, actuator: int) -> int | None:
    """The hinge or slide joint that an actuator drives, or None where it drives something else."""
    if int(model.actuator_trntype[actuator]) != _JOINT_TRANSMISSION:
        return None
    joint = int(model.actuator_trnid[actuator, 0])
    return joint if int(model.jnt_type[joint]) in _SCALAR_JOINTS else None


def _is_linear(model: mujoco.MjModel, actuator: int, bias: int) -> bool:
    """Whether the force is a fixed gain times the control, plus a bias of this kind."""
    return (
        int(model.actuator_dyntype[actuator]) in _DIRECT_DYNAMICS
        and int(model.actuator_gaintype[actuator]) == _FIXED_GAIN
        and int(model.actuator_biastype[actuator]) == bias
    )


def _servo_stiffness(model: mujoco.MjModel, actuator: int) -> float:
    """Stiffness of an actuator that holds a position, 0 for any other."""
    holds = _is_linear(model, actuator, _AFFINE_BIAS)
    return max(-float(model.actuator_biasprm[actuator, 1]), 0.0) if holds else 0.0


def _servo_scale(model: mujoco.MjModel, actuator: int) -> float | None:
    """The control of a position servo for one unit (rad, m) of its joint, or None for any other actuator."""
    stiffness = _servo_stiffness(model, actuator)
    gain = float(model.actuator_gainprm[actuator, 0])
    scale = stiffness * float(model.actuator_gear[actuator, 0]) / gain if gain else 0.0
    return scale if scale and math.isfinite(scale) else None


def _holding_control(model: mujoco.MjModel, actuator: int) -> float:
    """The control that keeps an actuator where `qpos0` has it: a servo's own position, else zero."""
    joint, scale = _driven_joint(model, actuator), _servo_scale(model, actuator)
    return float(model.qpos0[model.jnt_qposadr[joint]]) * scale if joint is not None and scale else 0.0


def _largest_amplitude(model: mujoco.MjModel, actuator: int) -> float:
    """A bound for the control of what only pushes a joint, infinite for the rest."""
    joint = _driven_joint(model, actuator)
    if joint is None or not _is_linear(model, actuator, _NO_BIAS):
        return math.inf
    force = abs(float(model.actuator_gainprm[actuator, 0] * model.actuator_gear[actuator, 0]))
    inertia = float(model.dof_M0[model.jnt_dofadr[joint]])
    return _MOST_ACCELERATION * inertia / force if force > 0 else math.inf
