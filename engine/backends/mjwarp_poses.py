"""What goes between MuJoCo's data on the host and MuJoCo Warp's on its device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backends.base import Picture

_DRAWN = ("geom_xpos", "geom_xmat", "cam_xpos", "cam_xmat", "light_xpos", "light_xdir", "flexvert_xpos")
"""All that MuJoCo Warp reads of the data when it draws."""
_STATE = ("qpos", "qvel", "act", "ctrl", "time", "qacc_warmstart", "mocap_pos", "mocap_quat")


class Staged:
    """An array of the device with a twin on the host; on the processor they are the same memory."""

    def __init__(self, target: Any) -> None:
        self._target = target
        on_host = target.device.is_cpu
        self._host = target if on_host else warp.empty_like(target, device="cpu", pinned=True)
        self.values: NDArray[Any] = self._host.numpy()
        """To be written or read, float32 or what the device holds; first axis: worlds."""
        self._moves = not on_host

    def upload(self) -> None:
        """Carry the host's values to the device."""
        if self._moves:
            warp.copy(self._target, self._host)

    def download(self) -> None:
        """Carry the device's values to the host, and wait for them."""
        if self._moves:
            warp.copy(self._host, self._target)
            warp.synchronize_device(self._target.device)


class Poses:
    """Carries poses to the device, or controls where the device moves the worlds itself."""

    def __init__(self, picture: Picture, data: Any) -> None:
        self._picture = picture
        self._drawn = {name: staged for name in _DRAWN if (staged := Staged(getattr(data, name))).values.size}
        self._start = {name: warp.clone(getattr(data, name)) for name in _STATE if getattr(data, name).size}
        self._data = data
        self._controls = np.zeros((picture.worlds, picture.model.nu))
        self._ctrl = Staged(data.ctrl) if picture.model.nu else None
        self._frame_s = picture.steps_per_frame * float(picture.model.opt.timestep)
        self._time_s = 0.0

    def upload(self) -> None:
        """Take over where everything is in each world's data."""
        for name, staged in self._drawn.items():
            values = staged.values
            for world, data in enumerate(self._picture.datas):
                # Matrices are rows of nine numbers on the host and three by three on the device.
                values[world] = getattr(data, name).reshape(values.shape[1:])
            staged.upload()
        # What copying takes is a part of taking over the state, not of drawing.
        warp.synchronize_device(self._data.qpos.device)

    def drive(self) -> None:
        """Write the controls of the frame that begins, and count its time."""
        if self._ctrl is not None and self._picture.controls is not None:
            self._picture.controls(self._time_s, self._controls)
            self._ctrl.values[...] = self._controls
            self._ctrl.upload()
        self._time_s += self._frame_s

    def restart(self) -> None:
        """Put every world back to where it was when this was made."""
        self._time_s = 0.0
        for name, start in self._start.items():
            warp.copy(getattr(self._data, name), start)

    def download(self) -> None:
        """Write the first world's state into MuJoCo's data, or that of a world that is not finite."""
        columns = {name: np.asarray(getattr(self._data, name).numpy()) for name in ("qpos", "qvel", "time")}
        sound = np.isfinite(columns["qpos"]).all(axis=1) & np.isfinite(columns["qvel"]).all(axis=1)
        world = 0 if sound.all() else int(np.argmin(sound))
        data = self._picture.data
        data.qpos[:], data.qvel[:] = columns["qpos"][world], columns["qvel"][world]
        data.time = float(columns["time"][world])
