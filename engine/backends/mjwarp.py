"""MuJoCo Warp's batch ray tracer: many worlds in one launch, on CUDA or on the processor.

Without CUDA it draws on one processor. The image is what `mujoco_warp.render` leaves on the device, as packed
bytes; `readback` copies these to the host, which is a quarter of what its own `get_rgb` would carry.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import mujoco
import mujoco_warp
import numpy as np
import warp

from engine.backends.base import Backend, BackendError, DeviceSample, OutOfMemoryError, Picture
from engine.backends.mjwarp_poses import Poses, Staged
from engine.case import Physics
from engine.messages import MORE_MEMORY, Drawn, RendererIdentity

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GEOM_GROUPS = [0, 1, 2]
"""What MuJoCo's own renderers show by default."""
_FAR_ABOVE = 1e6
"""Metres: no scene is so high, and from there no ray that goes up hits a plane."""


class MjWarpBackend(Backend):
    """One render context of MuJoCo Warp with all its worlds."""

    has_kernels = True
    has_physics = True
    read_bytes_per_pixel = 4

    def open(self, picture: Picture | None) -> RendererIdentity:
        assert picture is not None
        warp.init()
        self._device = warp.get_preferred_device()
        self._picture = picture
        try:
            self._open_scene(picture)
        except (RuntimeError, MemoryError) as error:
            raise _explained(error) from error
        except NotImplementedError as error:
            raise BackendError(f"MuJoCo Warp cannot take this model: {_one_line(error)}") from error
        return _identity(self._device)

    def _open_scene(self, picture: Picture) -> None:
        model, worlds = picture.model, picture.worlds
        steps = picture.physics is Physics.WARP
        self._samples = 1 if picture.bare else max(1, round(math.sqrt(int(model.vis.quality.offsamples))))
        with warp.ScopedDevice(self._device):
            self._model = mujoco_warp.put_model(model)
            self._data = mujoco_warp.put_data(
                model, picture.data, nworld=worlds, **_capacities(model, picture.data, steps)
            )
            self._context = mujoco_warp.create_render_context(
                model,
                nworld=worlds,
                cam_res=(picture.width, picture.height),
                render_rgb=True,
                render_depth=False,
                render_seg=False,
                use_textures=True,
                use_shadows=not picture.bare and bool(model.light_castshadow.any()),
                shadow_light_fraction=0.0,
                enabled_geom_groups=_GEOM_GROUPS,
                cam_active=[picture.camera],
                render_skybox=not picture.bare and _has_skybox(model),
                samples_per_pixel=self._samples,
            )
            self._poses = Poses(picture, self._data)
            self._image = Staged(self._context.rgb_data)
        self._packed = np.empty((worlds, picture.height * picture.width), np.uint32)
        self._pixels = np.zeros((picture.height, picture.width, 3), np.uint8)
        self.update = _leave if steps else self._poses.upload
        self.readback = self._read if picture.readback else _leave
        self._draw: Callable[[], object] = self._launch
        self._advance: Callable[[], object] = self._step_all

    def compile(self) -> None:
        """Compile every kernel by drawing a batch, and record what a CUDA graph can hold."""
        try:
            with warp.ScopedDevice(self._device):
                self._poses.upload()
                self._launch()
                warp.synchronize_device(self._device)
                if self._picture.physics is Physics.WARP:
                    self.step()
                    self.reset()
                if self._device.is_cuda:
                    self._draw = _recorded(self._launch)
                    if self._picture.physics is Physics.WARP:
                        self._advance = _recorded(self._step_all)
                        self.reset()
        except (RuntimeError, MemoryError) as error:
            raise _explained(error) from error

    def _launch(self) -> None:
        mujoco_warp.refit_bvh(self._model, self._data, self._context)
        mujoco_warp.render(self._model, self._data, self._context)

    def _step_all(self) -> None:
        for _ in range(self._picture.steps_per_frame):
            mujoco_warp.step(self._model, self._data)

    def step(self) -> None:
        """Move every world on by one frame, with the controls of the moment at which it begins."""
        self._poses.drive()
        self._advance()
        warp.synchronize_device(self._device)

    def render(self) -> None:
        """Draw every world, and wait until the device is finished."""
        self._draw()
        warp.synchronize_device(self._device)

    def _read(self) -> None:
        self._image.download()
        np.copyto(self._packed, self._image.values)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        # Unpacked only where somebody looks: a frame is in host memory once its packed bytes are.
        if not self._picture.readback:
            self._read()
        first = self._packed[0].view(np.uint8).reshape(*self._pixels.shape[:2], 4)
        self._pixels[...] = first[:, :, 2::-1]
        return self._pixels

    def reset(self) -> None:
        if self._picture.physics is Physics.WARP:
            self._poses.restart()
            # Only stepping writes poses: those of the start come from MuJoCo.
        self._poses.upload()

    def fetch_state(self) -> None:
        if self._picture.physics is Physics.WARP:
            self._poses.download()

    def drawn(self) -> Drawn:
        model, bare = self._picture.model, self._picture.bare
        if self._picture.physics is Physics.WARP:
            _check_room(self._data)
        is_shown = np.isin(model.geom_group, _GEOM_GROUPS)
        lit = model.light_active.astype(bool)
        casters = 0 if bare else int(np.count_nonzero(model.light_castshadow[lit]))
        return Drawn(
            geoms=int(np.count_nonzero(is_shown)),
            lights=int(np.count_nonzero(lit)) + int(bool(model.vis.headlight.active)),
            shadow_casters=casters,
            samples=self._samples**2 if self._samples > 1 else 0,
            shadow_size=0,
            not_drawn=_not_drawn(model, bare),
            physics=self._picture.physics,
            readback=self._picture.readback,
        )

    def sample_device(self) -> DeviceSample | None:
        if not self._device.is_cuda:
            return None
        begin, end = (warp.Event(self._device, enable_timing=True) for _ in range(2))
        stream = warp.get_stream(self._device)
        stream.record_event(begin)
        self._draw()
        stream.record_event(end)
        warp.synchronize_device(self._device)
        return DeviceSample(warp.get_event_elapsed_time(begin, end), "Warp's timing events")

    @contextmanager
    def empty_draw(self) -> Iterator[Callable[[], object]]:
        # The rays and kernels are the same: every camera is put above the scene for a while and looks up.
        cameras = (self._data.cam_xpos, self._data.cam_xmat)
        before = [warp.clone(camera) for camera in cameras]
        self._data.cam_xpos.fill_(warp.vec3(0.0, 0.0, _FAR_ABOVE))
        self._data.cam_xmat.fill_(warp.mat33(1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0))

        def cast() -> None:
            mujoco_warp.render(self._model, self._data, self._context)

        draw = _recorded(cast) if self._device.is_cuda else cast

        def draw_and_wait() -> None:
            draw()
            warp.synchronize_device(self._device)

        try:
            yield draw_and_wait
        finally:
            for camera, there in zip(cameras, before, strict=True):
                warp.copy(camera, there)
            warp.synchronize_device(self._device)

    def close(self) -> None:
        self._draw = self._advance = _leave
        for name in ("_image", "_context", "_poses", "_data", "_model"):
            self.__dict__.pop(name, None)


def _leave() -> None:
    """Do nothing."""


def _recorded(launch: Callable[[], object]) -> Callable[[], object]:
    """Record launches as a CUDA graph; where that does not work they go on one by one."""
    try:
        with warp.ScopedCapture() as capture:
            launch()
    except RuntimeError:
        return launch
    graph = capture.graph
    return lambda: warp.capture_launch(graph)


def _capacities(model: mujoco.MjModel, data: mujoco.MjData, steps: bool) -> dict[str, int]:
    """Room for contacts and constraints: where only poses are drawn, just that of the start state."""
    if not steps:
        return {"nconmax": max(8, int(data.ncon)), "njmax": max(8, int(data.nefc))}
    # Its own defaults are made for a model's usual contacts; a scene that starts crowded needs more.
    return {}


def _check_room(data: Any) -> None:
    """Look whether every contact and constraint found room: what does not is left out without an error.

    Raises:
        BackendError: there was too little.
    """
    needs = {
        "contacts": (int(data.nacon.numpy()[0]), int(data.naconmax)),
        "constraints in one world": (int(data.nefc.numpy().max()), int(data.njmax)),
    }
    for what, (needed, room) in needs.items():
        if needed > room:
            raise BackendError(
                f"MuJoCo Warp has room for {room} {what} of this scene, and {needed} came up",
                'physics = "mujoco" moves the scene with MuJoCo itself',
            )


def _has_skybox(model: mujoco.MjModel) -> bool:
    return bool((model.tex_type == int(mujoco.mjtTexture.mjTEXTURE_SKYBOX)).any())


def _has_infinite_plane(model: mujoco.MjModel) -> bool:
    """Whether there is a plane that haze would fade into the skybox."""
    is_plane = model.geom_type == int(mujoco.mjtGeom.mjGEOM_PLANE)
    return bool((is_plane & (model.geom_size[:, :2] <= 0).any(axis=1)).any())


def _has_glass(model: mujoco.MjModel) -> bool:
    """Whether something shown lets light through: this ray tracer draws it solid."""
    opacity = model.geom_rgba[:, 3].copy()
    dressed = model.geom_matid >= 0
    opacity[dressed] = model.mat_rgba[model.geom_matid[dressed], 3]
    is_shown = np.isin(model.geom_group, _GEOM_GROUPS)
    return bool((is_shown & (opacity > 0) & (opacity < 1)).any())


def _not_drawn(model: mujoco.MjModel, bare: bool) -> tuple[str, ...]:
    """What the scene asks for that this ray tracer does not draw; `bare` asks for no effects."""
    shown_sites = np.count_nonzero(model.site_group <= max(_GEOM_GROUPS))
    hazy = model.vis.map.haze > 0 and _has_skybox(model) and _has_infinite_plane(model)
    missing = {
        "reflections": not bare and model.nmat > 0 and (model.mat_reflectance > 0).any(),
        "haze": not bare and hazy,
        "transparency": _has_glass(model),
        "sites": shown_sites > 0,
        "tendons": model.ntendon > 0,
        "skins": model.nskin > 0,
    }
    return tuple(name for name, is_missing in missing.items() if is_missing)


def _identity(device: warp.Device) -> RendererIdentity:
    version = f"Warp {warp.__version__}, MuJoCo Warp {_package_version()}"
    if device.is_cuda:
        architecture = f"CUDA, sm_{device.arch}"
        return RendererIdentity("NVIDIA", str(device.name), f"{version}, {architecture}", software=False)
    from engine.machine.cpu import read_cpu

    where = "on the processor"
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        where += f" with CUDA_VISIBLE_DEVICES={visible!r}"
    return RendererIdentity("", f"{read_cpu().model or 'CPU'}", f"{version}, {where}", software=True)


def _package_version() -> str:
    from importlib.metadata import version

    return version("mujoco-warp")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _explained(error: BaseException) -> BackendError:
    said = _one_line(error)
    if isinstance(error, MemoryError) or "allocate" in said.lower() or "out of memory" in said.lower():
        return OutOfMemoryError(f"MuJoCo Warp ran out of memory: {said}", MORE_MEMORY)
    return BackendError(f"MuJoCo Warp gave up: {said}", "look at the log of the engine process")


def create(name: str) -> MjWarpBackend:
    """Make the backend."""
    return MjWarpBackend()
