"""The loops that the engine is held against: what a person would write without any instrument.

Run as `python bare_loops.py calls|renderer SCENE WIDTH HEIGHT FRAMES WARMUP`, with MUJOCO_GL set; prints FPS.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import mujoco
import numpy as np

from scenes.build import BuiltScene, build_scene
from scenes.motion import steps_per_frame

BARE_OFF = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_SKYBOX,
    mujoco.mjtRndFlag.mjRND_FOG,
    mujoco.mjtRndFlag.mjRND_HAZE,
)


def with_calls(built: BuiltScene, width: int, height: int, bare: bool = False):
    """The MuJoCo calls of a frame, and a picture with its top row first; `bare` draws no effects."""
    model, data = built.model, mujoco.MjData(built.model)
    context_owner = mujoco.GLContext(width, height)
    context_owner.make_current()
    context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
    mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, context)
    scene, option = mujoco.MjvScene(model, 10000), mujoco.MjvOption()
    for flag in BARE_OFF if bare else ():
        scene.flags[flag] = 0
    camera = mujoco.MjvCamera()
    camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
    camera.fixedcamid = model.camera(built.camera).id
    rect = mujoco.MjrRect(0, 0, width, height)
    raw, image = np.empty((height, width, 3), np.uint8), np.empty((height, width, 3), np.uint8)
    steps = steps_per_frame(model.opt.timestep, 60.0)
    built.motion.reset(data)

    def frame() -> None:
        built.motion.apply(data)
        mujoco.mj_step(model, data, steps)
        mujoco.mjv_updateScene(model, data, option, None, camera, mujoco.mjtCatBit.mjCAT_ALL.value, scene)
        mujoco.mjr_render(rect, scene, context)
        mujoco.mjr_finish()
        mujoco.mjr_readPixels(raw, None, rect, context)
        image[:] = raw[::-1]

    def close() -> None:
        context.free()
        context_owner.free()

    return frame, close


def with_renderer(built: BuiltScene, width: int, height: int):
    """`mujoco.Renderer`, as its documentation shows it."""
    model, data = built.model, mujoco.MjData(built.model)
    renderer = mujoco.Renderer(model, height, width)
    steps = steps_per_frame(model.opt.timestep, 60.0)
    built.motion.reset(data)

    def frame() -> None:
        built.motion.apply(data)
        mujoco.mj_step(model, data, steps)
        renderer.update_scene(data, built.camera)
        renderer.render()

    return frame, renderer.close


def main() -> None:
    """Time one of the loops."""
    kind, scene, *numbers = sys.argv[1:]
    width, height, frames, warmup = map(int, numbers)
    built = build_scene(scene, width=width, height=height, bare=False, camera=None, seed=0)
    frame, close = {"calls": with_calls, "renderer": with_renderer}[kind](built, width, height)
    for _ in range(warmup):
        frame()
    start = time.perf_counter()
    for _ in range(frames):
        frame()
    print(frames / (time.perf_counter() - start))
    close()


if __name__ == "__main__":
    main()
