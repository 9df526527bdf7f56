"""MuJoCo's Filament renderer (`mujoco.mjrf`) on Vulkan, or on OpenGL where there is a display.

`mujoco.studio.window` is imported for what it registers: the materials that Filament draws with.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import mujoco
import mujoco.studio
import mujoco.studio.window
import numpy as np
from mujoco import mjrf

from engine.backends.base import Backend, BackendError, DeviceSample, Picture
from engine.backends.filament_needs import check_display, check_vulkan
from engine.backends.memory import check_memory
from engine.backends.names import is_software
from engine.messages import Drawn, RendererIdentity

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEEDS = {"filament-vulkan": check_vulkan, "filament-opengl": check_display}
_APIS = {
    "filament-vulkan": mjrf.GraphicsApi.GRAPHICS_API_VULKAN,
    "filament-opengl": mjrf.GraphicsApi.GRAPHICS_API_OPENGL,
}
_CAMERA_FIELDS = (
    "pos", "forward", "up", "orthographic", "frustum_center", "frustum_width", "frustum_bottom",
    "frustum_top", "frustum_near", "frustum_far",
)  # fmt: skip


_FAR_ABOVE = 1e5
"""Metres: no scene is so high that a camera there, which looks up, sees any of it."""
_HEADLIGHT_CANDELA = 40_000.0
"""What MuJoCo Studio lights a scene with whose lights have no intensities of their own."""


def _has_headlight(model: mujoco.MjModel) -> bool:
    """Whether the camera carries a light: as in MuJoCo Studio, not beside lights with intensities."""
    return bool(model.vis.headlight.active) and not (model.light_intensity > 0).any()


class FilamentBackend(Backend):
    """One offscreen Filament context.

    The library reads a frame back in the call that draws it, and waits for the device before it returns: that
    is all in the phase `render`, and `readback` is empty.
    """

    read_bytes_per_pixel = 0

    def __init__(self, name: str) -> None:
        self._name = name
        self._context: mjrf.Context | None = None

    def open(self, picture: Picture | None) -> RendererIdentity:
        assert picture is not None
        _NEEDS[self._name](self._name)
        said_before = len(_native_output())
        self._context = mjrf.Context(mjrf.ContextConfig(graphics_api=_APIS[self._name]))
        identity = _identity(self._name, _native_output()[said_before:])
        self._samples = 0 if picture.bare else int(picture.model.vis.quality.offsamples)
        if identity.software:
            check_memory(self._name, picture.width, picture.height, self._samples)
        self._open_scene(picture)
        self._open_camera(picture)
        self._open_request(picture)
        return identity

    def _open_scene(self, picture: Picture) -> None:
        assert self._context is not None
        model = picture.model
        self._model, self._data, self._bare = model, picture.data, picture.bare
        self._resources = mjrf.ModelResources(self._context, model)
        self._scene = self._context.create_scene(mjrf.SceneParams())
        self._scene.configure_from_model(model)
        self._scene.set_msaa(max(1, self._samples))
        self._lights = mjrf.ModelLights(self._scene, self._resources)
        self._renderables = mjrf.ModelRenderables(self._scene, self._resources)

    def _open_camera(self, picture: Picture) -> None:
        self._eyes = mujoco.MjvScene(picture.model, 1)
        camera = mujoco.MjvCamera()
        camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
        camera.fixedcamid = picture.model.camera(picture.camera).id
        self._look = partial(mujoco.mjv_updateCamera, picture.model, picture.data, camera, self._eyes)

    def _open_request(self, picture: Picture) -> None:
        assert self._context is not None
        width, height = picture.width, picture.height
        target = self._context.create_render_target(
            mjrf.RenderTargetConfig(
                width=width, height=height, color_format=mjrf.PixelFormat.PIXEL_FORMAT_RGB8
            )
        )
        self._pixels = np.zeros((height, width, 3), np.uint8)
        read = mjrf.ReadRequest(target=target)
        read.set_buffer(self._pixels)
        request = _request(self._scene, target, width, height)
        if _has_headlight(picture.model):
            request.headlight = True
            request.headlight_color = picture.model.vis.headlight.diffuse
            request.headlight_intensity = _HEADLIGHT_CANDELA
        if picture.bare:
            _switch_effects_off(request)
        self._request, self._target = request, target
        self._draw = partial(self._context.render, [request], [read])

    def update(self) -> None:
        """Take over where lights, geoms and the camera are."""
        self._lights.update(self._data)
        self._renderables.update(self._data)
        self._look()
        left, right = self._eyes.camera
        between = mujoco.mjv_averageCamera(left, right)
        camera = mjrf.Camera()
        for name in _CAMERA_FIELDS:
            setattr(camera, name, getattr(between, name))
        self._request.camera = camera

    def render(self) -> None:
        """Draw, wait until the device is finished, and read the pixels."""
        assert self._context is not None
        self._context.wait_for_frame(self._draw())

    def readback(self) -> None:
        """Do nothing: `render` has read the pixels."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        return self._pixels

    def drawn(self) -> Drawn:
        model = self._model
        is_shown = np.array(mujoco.MjvOption().geomgroup, bool)
        lit = model.light_active.astype(bool)
        casters = int(np.count_nonzero(model.light_castshadow[lit])) if not self._bare else 0
        return Drawn(
            geoms=int(np.count_nonzero(is_shown[model.geom_group])),
            lights=int(np.count_nonzero(lit)) + int(_has_headlight(model)),
            shadow_casters=casters,
            samples=self._samples,
            shadow_size=int(model.vis.quality.shadowsize) if casters else 0,
        )

    def sample_device(self) -> DeviceSample | None:
        assert self._context is not None
        frame = self._draw()
        self._context.wait_for_frame(frame)
        statistics = mjrf.FrameStats()
        self._context.get_frame_stats(frame, statistics)
        if not statistics.frame_rate > 0:
            return None
        # It tells the rate at which the device could draw, smoothed over the last frames.
        return DeviceSample(1000 / statistics.frame_rate, "Filament's frame statistics")

    @contextmanager
    def empty_draw(self) -> Iterator[Callable[[], object]]:
        context = self._context
        assert context is not None
        height, width = self._pixels.shape[:2]
        # The library raises at a scene without geoms, so this is the same scene, seen from far above it.
        request = _request(self._scene, self._target, width, height)
        camera = mjrf.Camera()
        for name in _CAMERA_FIELDS:
            setattr(camera, name, getattr(self._request.camera, name))
        camera.pos, camera.forward, camera.up = (0.0, 0.0, _FAR_ABOVE), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)
        request.camera = camera
        _switch_effects_off(request)
        # What is read goes to an array of its own, which is to live as long as the draws.
        nothing = np.empty_like(self._pixels)
        read = mjrf.ReadRequest(target=self._target)
        read.set_buffer(nothing)

        def draw_and_wait() -> None:
            context.wait_for_frame(context.render([request], [read]))

        yield draw_and_wait

    def close(self) -> None:
        # In this order: the library wants what belongs to a context to be gone before it.
        for name in ("_draw", "_request", "_target", "_renderables", "_lights", "_scene", "_resources"):
            if hasattr(self, name):
                delattr(self, name)
        self._context = None


def _request(scene: mjrf.Scene, target: mjrf.RenderTarget, width: int, height: int) -> mjrf.RenderRequest:
    """Ask for a picture that fills `target`."""
    request = mjrf.RenderRequest()
    request.scene, request.target = scene, target
    request.viewport.left = request.viewport.bottom = 0
    request.viewport.width, request.viewport.height = width, height
    return request


def _switch_effects_off(request: mjrf.RenderRequest) -> None:
    request.shadows = request.reflections = request.skybox = request.haze = False
    request.post_processing = False


def _native_output() -> str:
    """All that this process's native code has printed to its log."""
    ctypes.CDLL(None).fflush(None)
    try:
        # Standard output of an engine process is its log; to read it, it is opened once more.
        return Path("/proc/self/fd/1").read_text("utf-8", "replace")
    except OSError:
        return ""


_VULKAN_DEVICE = re.compile(r"Selected physical device '([^']+)'")
_VULKAN_DRIVER = re.compile(r"Vulkan device driver: (.+)")
_OPENGL_STRINGS = re.compile(r"^\[([^\]]*)\], \[([^\]]*)\], \[([^\]]*)\]", re.M)


def _identity(name: str, said: str) -> RendererIdentity:
    """Read from the library's own words which device it has chosen: it tells that in no other way.

    Raises:
        BackendError: it does not say.
    """
    if name == "filament-vulkan":
        device, driver = _VULKAN_DEVICE.search(said), _VULKAN_DRIVER.search(said)
        words = ("", device[1], f"Vulkan, {driver[1]}" if driver else "Vulkan") if device else None
    else:
        strings = _OPENGL_STRINGS.search(said)
        words = (strings[1], strings[2], strings[3]) if strings else None
    if words is None:
        raise BackendError(f"{name} does not say which device it draws on")
    vendor, renderer, version = words
    return RendererIdentity(vendor=vendor, renderer=renderer, version=version, software=is_software(renderer))


def create(name: str) -> FilamentBackend:
    """Make the backend called `name`: filament-vulkan or filament-opengl."""
    return FilamentBackend(name)
