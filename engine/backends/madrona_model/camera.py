"""The one camera that is drawn through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PINHOLE = 0


@dataclass(frozen=True)
class Camera:
    """What of a camera stays as it is from frame to frame."""

    index: int
    """Of the model's cameras."""
    fovy: float
    """Vertical angle of view in degrees."""
    near: float
    """In metres, as `far`."""
    far: float

    def arguments(self) -> dict[str, NDArray[np.generic]]:
        """The renderer's arguments that begin with `cam_`."""
        return {
            "cam_fovy": np.array([self.fovy], np.float32),
            "cam_znear": np.array([self.near], np.float32),
            "cam_zfar": np.array([self.far], np.float32),
            "cam_proj_type": np.array([_PINHOLE], np.uint32),
        }


def make_camera(model: mujoco.MjModel, scene: mujoco.MjvScene, camera: str) -> Camera:
    """Take the camera that `scene` was looked at through.

    The renderer has no parallel projection: such a camera gets the angle at which the model's centre is seen
    as large as before.
    """
    left, right = scene.camera
    view = mujoco.mjv_averageCamera(left, right)
    height = float(view.frustum_top - view.frustum_bottom)
    near, far = float(view.frustum_near), float(view.frustum_far)
    distance = near
    if view.orthographic:
        distance = max(near, float(np.dot(model.stat.center - view.pos, view.forward)))
    return Camera(
        index=model.camera(camera).id,
        fovy=float(np.degrees(2 * np.arctan2(0.5 * height, distance))),
        near=near,
        far=far,
    )
