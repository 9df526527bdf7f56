"""What does the timed loop cost? The engine's loop and bare calls, in turn, in one process on one context.

Run as `MUJOCO_GL=egl python tests/perf/interleaved.py [SCENE] [WIDTHxHEIGHT] [--turns 200] [--frames 20]`.

On a machine whose speed drifts by a tenth between two processes, two loops that take turns of some frames
each still compare within a part in a thousand: both meet the same drift.
"""

import os
from functools import partial

import mujoco
import numpy as np
from turns import ENGINE, engine_loop, print_ratios, take_turns, turn_parser

from engine.backends.base import Picture
from engine.backends.registry import find_backend
from engine.case import Effects
from scenes.build import build_scene
from scenes.motion import steps_per_frame


def main() -> None:
    """Take turns and print the ratio."""
    options = turn_parser(__doc__, "640x480", turns=40, frames=5).parse_args()
    width, height = options.resolution.width, options.resolution.height
    bare = options.effects is Effects.BARE
    built = build_scene(options.scene, width=width, height=height, bare=bare, camera=None, seed=0)
    model, data, motion = built.model, mujoco.MjData(built.model), built.motion
    motion.reset(data)
    steps = steps_per_frame(model.opt.timestep, 60.0)

    from engine.backends.classic import ClassicBackend

    backend = ClassicBackend(find_backend(os.environ["MUJOCO_GL"]).name)
    backend.open(Picture(model, (data,), built.camera, width, height, bare))
    advance = partial(mujoco.mj_step, model, data, steps)

    def step() -> None:
        motion.apply(data)
        advance()

    context, scene = backend._context, backend._scene
    rect, option = mujoco.MjrRect(0, 0, width, height), mujoco.MjvOption()
    camera = mujoco.MjvCamera()
    camera.type, camera.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, model.camera(built.camera).id
    raw, image = np.empty((height, width, 3), np.uint8), np.empty((height, width, 3), np.uint8)
    every = mujoco.mjtCatBit.mjCAT_ALL.value

    def bare_calls(frames: int) -> None:
        for _ in range(frames):
            motion.apply(data)
            mujoco.mj_step(model, data, steps)
            mujoco.mjv_updateScene(model, data, option, None, camera, every, scene)
            mujoco.mjr_render(rect, scene, context)
            mujoco.mjr_finish()
            mujoco.mjr_readPixels(raw, None, rect, context)
            image[:] = raw[::-1]

    def renderer_calls(frames: int) -> None:
        for _ in range(frames):
            motion.apply(data)
            mujoco.mj_step(model, data, steps)
            mujoco.mjv_updateScene(model, data, option, None, camera, every, scene)
            picture = np.empty((height, width, 3), np.uint8)
            mujoco.mjr_render(rect, scene, context)
            mujoco.mjr_readPixels(picture, None, rect, context)
            picture[:] = np.flipud(picture)

    loops = {ENGINE: engine_loop(step, backend), "calls": bare_calls, "renderer": renderer_calls}
    times = take_turns(loops, options.turns, options.frames)
    print(f"{options.scene}, {options.resolution}, {options.effects}:", end=" ")
    print(f"{options.turns} turns of {options.frames} frames each")
    print_ratios(times, options.frames)
    backend.close()


if __name__ == "__main__":
    main()
