"""MuJoCo's classic OpenGL renderer (`mjr_render`) on EGL, OSMesa or GLFW."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import mujoco
import numpy as np

from engine.backends.base import Backend, BackendError, DeviceSample, Picture
from engine.backends.context import check_alive, check_size, no_room, too_large
from engine.backends.diagnosis import explain
from engine.backends.identity import gl_identity
from engine.backends.memory import check_memory
from engine.messages import Drawn, RendererIdentity

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FONT_SCALE = mujoco.mjtFontScale.mjFONTSCALE_100
_BARE_OFF = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_SKYBOX,
    mujoco.mjtRndFlag.mjRND_FOG,
    mujoco.mjtRndFlag.mjRND_HAZE,
)


_LONGEST_QUERY_NS = 2**32 - 1


class ClassicBackend(Backend):
    """One offscreen context of the classic renderer.

    `MUJOCO_GL` is read when MuJoCo is imported, so the process has to be started with it set.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._gl: mujoco.GLContext | None = None
        self._context: mujoco.MjrContext | None = None

    def open(self, picture: Picture | None) -> RendererIdentity:
        assert picture is not None
        try:
            self._open_context(picture)
            identity = gl_identity(self._name)
        except BackendError:
            raise
        except Exception as error:
            raise explain(self._name, error) from error
        self._open_scene(picture)
        return identity

    def _open_context(self, picture: Picture) -> None:
        samples = int(picture.model.vis.quality.offsamples)
        if self._name == "osmesa":
            self._ask_size(picture)
            check_memory(self._name, picture.width, picture.height, samples)
        self._gl = mujoco.GLContext(picture.width, picture.height)
        self._gl.make_current()
        # Not for glfw: its context can be missing here without a word, and OpenGL may not be asked then.
        if self._name == "egl":
            check_size(self._name, picture.width, picture.height)
            if gl_identity(self._name).software:
                check_memory(self._name, picture.width, picture.height, samples)
        try:
            self._context = mujoco.MjrContext(picture.model, _FONT_SCALE.value)
        except mujoco.FatalError as error:
            raise no_room(self._name, picture.width, picture.height, samples, error) from error
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)
        largest = mujoco.mjr_maxViewport(self._context)
        if largest.width < picture.width or largest.height < picture.height:
            raise too_large(self._name, (largest.width, largest.height), (picture.width, picture.height))

    def _ask_size(self, picture: Picture) -> None:
        """Look whether OSMesa draws so large a picture, before it makes a buffer of that size."""
        small = mujoco.GLContext(1, 1)
        try:
            small.make_current()
            check_size(self._name, picture.width, picture.height)
        finally:
            small.free()

    def _open_scene(self, picture: Picture) -> None:
        model = picture.model
        # Room for every geom, its decoration, and what contacts and tendons add.
        max_geom = max(10000, 2 * (model.ngeom + model.nsite + model.ntendon + model.nskin + model.nflex))
        self._scene = mujoco.MjvScene(model, max_geom)
        if picture.bare:
            for flag in _BARE_OFF:
                self._scene.flags[flag] = 0
        camera = mujoco.MjvCamera()
        camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
        camera.fixedcamid = model.camera(picture.camera).id
        self._rect = mujoco.MjrRect(0, 0, picture.width, picture.height)
        self._bottom_up = np.empty((picture.height, picture.width, 3), np.uint8)
        self._pixels = np.empty_like(self._bottom_up)
        self._top_down = self._bottom_up[::-1]
        all_categories = mujoco.mjtCatBit.mjCAT_ALL.value
        self.update = partial(
            mujoco.mjv_updateScene,
            *(model, picture.data, mujoco.MjvOption(), None, camera, all_categories, self._scene),
        )
        self._draw = partial(mujoco.mjr_render, self._rect, self._scene, self._context)
        self._make_empty_scene = partial(_empty_scene, model, picture.data, camera)
        self._read = partial(mujoco.mjr_readPixels, self._bottom_up, None, self._rect, self._context)

    def render(self) -> None:
        """Draw, and wait until the device is finished."""
        self._draw()
        mujoco.mjr_finish()

    def readback(self) -> None:
        """Read the pixels and turn OpenGL's bottom row first into top row first, in one copy."""
        self._read()
        np.copyto(self._pixels, self._top_down)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        return self._pixels

    def drawn(self) -> Drawn:
        assert self._context is not None
        check_alive(self._name)
        if self._scene.status:
            raise BackendError("the scene has more geoms than the renderer's buffer holds")
        lights = self._scene.lights[: self._scene.nlight]
        shadows = bool(self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW])
        casters = sum(bool(light.castshadow) for light in lights) if shadows else 0
        return Drawn(
            geoms=self._scene.ngeom,
            lights=self._scene.nlight,
            shadow_casters=casters,
            samples=self._context.offSamples,
            shadow_size=self._context.shadowSize if casters else 0,
        )

    def sample_device(self) -> DeviceSample | None:
        from OpenGL import GL

        if not GL.glGetQueryiv(GL.GL_TIME_ELAPSED, GL.GL_QUERY_COUNTER_BITS):
            return None
        query = int(np.ravel(GL.glGenQueries(1))[0])
        GL.glBeginQuery(GL.GL_TIME_ELAPSED, query)
        self._draw()
        GL.glEndQuery(GL.GL_TIME_ELAPSED)
        mujoco.mjr_finish()
        # PyOpenGL cannot call the 64-bit one; 32 bits hold four seconds, and stay at their end beyond.
        elapsed_ns = int(np.ravel(GL.glGetQueryObjectuiv(query, GL.GL_QUERY_RESULT))[0])
        GL.glDeleteQueries(1, [query])
        return None if elapsed_ns == _LONGEST_QUERY_NS else DeviceSample(elapsed_ns / 1e6, "GL_TIME_ELAPSED")

    @contextmanager
    def empty_draw(self) -> Iterator[Callable[[], object]]:
        draw = partial(mujoco.mjr_render, self._rect, self._make_empty_scene(), self._context)

        def draw_and_wait() -> None:
            draw()
            mujoco.mjr_finish()

        yield draw_and_wait

    def close(self) -> None:
        if self._gl is not None:
            if self._context is not None:
                self._gl.make_current()
                self._context.free()
            self._gl.free()
        self._context = self._gl = None


def _empty_scene(model: mujoco.MjModel, data: mujoco.MjData, camera: mujoco.MjvCamera) -> mujoco.MjvScene:
    """A scene with neither geoms nor lights nor effects, seen through the same camera."""
    scene = mujoco.MjvScene(model, 1)
    mujoco.mjv_updateCamera(model, data, camera, scene)
    scene.flags[:] = 0
    return scene


def create(name: str) -> ClassicBackend:
    """Make the backend called `name`: egl, osmesa or glfw."""
    return ClassicBackend(name)
