"""The workbench: Menagerie's Franka Panda above tools and loose blocks, under a slowly swinging lamp."""

import math
from importlib import resources

import mujoco
import numpy as np

from scenes import assets, textures

MODEL = "franka_emika_panda"
_ROBOT = "panda/"
_SITE = "robot"

_START = {
    "joint1": 0.0,
    "joint2": -0.10,
    "joint3": 0.0,
    "joint4": -2.10,
    "joint5": 0.0,
    "joint6": 2.05,
    "joint7": math.pi / 4,
    "finger_joint1": 0.03,
    "finger_joint2": 0.03,
}
"""Joint positions of the start state in rad and m."""
_TARGETS = {
    "actuator1": (0.0, 1.6),
    "actuator2": (-0.10, 0.45),
    "actuator3": (0.0, 0.6),
    "actuator4": (-2.10, 0.45),
    "actuator5": (0.0, 0.9),
    "actuator6": (2.05, 0.8),
    "actuator7": (math.pi / 4, 1.6),
}
"""Start and half the range of each joint's target in rad: wherever it goes, the arm stays above the bench."""
_GRIPPER, _GRIPPER_START = "actuator8", 0.03 / 0.04 * 255
_CAMERAS = {
    "overview": ((1.62, -2.10, 1.95), (-0.10, 0.10, 1.05), 40.0),
    "bench": ((0.98, -0.98, 1.42), (-0.02, 0.06, 1.08), 50.0),
}
"""Position, the point looked at (both in metres) and vertical field of view in degrees."""


def build() -> mujoco.MjSpec:
    """The workbench, ready to compile. Every call gives the same scene.

    Raises:
        scenes.assets.AssetsError: the Panda is not on this machine, or it is another one.
        ValueError: MuJoCo cannot read it.
    """
    folder = assets.model_folder(MODEL)
    files = resources.files("scenes").joinpath("data", "workbench")
    texts = {entry.name: entry.read_bytes() for entry in files.iterdir() if entry.name.endswith(".xml")}
    spec = mujoco.MjSpec.from_string(texts.pop("workbench.xml").decode(), include=texts)
    for name, picture in (
        ("planks", textures.planks()),
        ("pegboard", textures.pegboard()),
        ("concrete", textures.concrete()),
    ):
        _add_texture(spec, name, picture)
    for name, (position, target, field_of_view) in _CAMERAS.items():
        spec.worldbody.add_camera(
            name=name, pos=position, quat=_looking(position, target), fovy=field_of_view
        )
    _mount(spec, mujoco.MjSpec.from_file(str(folder / "panda.xml")))
    _set_start(spec)
    return spec


def _add_texture(spec: mujoco.MjSpec, name: str, picture: textures.Image) -> None:
    height, width, channels = picture.shape
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=width, height=height, nchannel=channels
    )
    texture.data = picture.tobytes()


def _mount(spec: mujoco.MjSpec, robot: mujoco.MjSpec) -> None:
    """Put the robot on its site, with a camera in its hand and targets that keep it clear of the bench."""
    hand, actuators = robot.body("hand"), {actuator.name: actuator for actuator in robot.actuators}
    if hand is None or not actuators.keys() >= _TARGETS.keys():
        raise assets.AssetsError(f"the Menagerie model {MODEL!r} on this machine is not the known one")
    for light in list(robot.lights):
        robot.delete(light)
    for key in list(robot.keys):
        robot.delete(key)
    for name, (start, reach) in _TARGETS.items():
        actuators[name].ctrlrange = [start - reach, start + reach]
    hand.add_camera(name="wrist", pos=[0.09, 0, 0.0], quat=_along_z(-0.18), fovy=68)
    spec.attach(robot, site=spec.site(_SITE), prefix=_ROBOT)
    # The camera is the scene's, so it goes by a plain name as the others do.
    spec.camera(f"{_ROBOT}wrist").name = "wrist"


def _set_start(spec: mujoco.MjSpec) -> None:
    """Add the keyframe `home`: loose bodies where they were put, the arm and its targets as listed above."""
    positions: list[float] = []
    bodies = list(spec.worldbody.bodies)
    while bodies:
        body = bodies.pop(0)
        for joint in body.joints:
            if joint.type == mujoco.mjtJoint.mjJNT_FREE:
                positions += [*body.pos, *body.quat]
            else:
                positions.append(_START.get(joint.name.removeprefix(_ROBOT), 0.0))
        bodies[:0] = list(body.bodies)
    starts = {_ROBOT + name: start for name, (start, _) in _TARGETS.items()}
    starts[_ROBOT + _GRIPPER] = _GRIPPER_START
    controls = [starts.get(actuator.name, 0.0) for actuator in spec.actuators]
    spec.add_key(name="home", qpos=positions, ctrl=controls)


def _looking(position: tuple[float, float, float], target: tuple[float, float, float]) -> list[float]:
    """Quaternion of a camera at `position` that has `target` in the middle, upright."""
    backward = np.subtract(position, target)
    backward /= np.linalg.norm(backward)
    right = np.cross([0.0, 0.0, 1.0], backward)
    right /= np.linalg.norm(right)
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, np.column_stack([right, np.cross(backward, right), backward]).flatten())
    return [float(value) for value in quaternion]


def _along_z(tilt: float) -> list[float]:
    """Quaternion of a camera that looks along its body's z axis, turned `tilt` rad towards -x, x up."""
    turn, along, result = np.zeros(4), np.zeros(4), np.zeros(4)
    mujoco.mju_axisAngle2Quat(turn, np.array([0.0, 1.0, 0.0]), tilt)
    mujoco.mju_mat2Quat(along, np.array([0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0]))
    mujoco.mju_mulQuat(result, turn, along)
    return [float(value) for value in result]
