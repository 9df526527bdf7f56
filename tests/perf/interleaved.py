"""What does the timed loop cost? The engine's loop and bare calls, in turn, in one process on one context.

Run as `MUJOCO_GL=egl python tests/perf/interleaved.py [SCENE] [WIDTHxHEIGHT] [--turns 200] [--frames 20]`.

On a machine whose speed drifts by a tenth between two processes, two loops that take turns of some frames
each still compare within a part in a thousand: both meet the same drift.
"""

import argparse
import os
import random
import statistics
import sys
from functools import partial
from pathlib import Path
from time import perf_counter_ns

sys.path.insert(0, str(Path(__file__).parents[2]))

import mujoco
import numpy as np

from engine.backends.base import Picture
from engine.backends.registry import find_backend
from engine.case import Resolution
from engine.loop import FrameLoop, FramePhases
from scenes.build import build_scene
from scenes.motion import steps_per_frame
from scenes.registry import find_scene


def main() -> None:
    """Take turns and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", nargs="?", default="apartment")
    parser.add_argument("resolution", nargs="?", default="640x480", type=Resolution.parse)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--frames", type=int, default=5)
    options = parser.parse_args()
    width, height = options.resolution.width, options.resolution.height
    built = build_scene(
        find_scene(options.scene).name, width=width, height=height, bare=False, camera=None, seed=0
    )
    model, data, motion = built.model, mujoco.MjData(built.model), built.motion
    motion.reset(data)
    steps = steps_per_frame(model.opt.timestep, 60.0)

    from engine.backends.classic import ClassicBackend

    backend = ClassicBackend(find_backend(os.environ["MUJOCO_GL"]).name)
    backend.open(Picture(model, (data,), built.camera, width, height, bare=False))
    advance = partial(mujoco.mj_step, model, data, steps)

    def step() -> None:
        motion.apply(data)
        advance()

    loop = FrameLoop(
        FramePhases(step, backend.update, backend.render, backend.readback), lambda *_: None, lambda: True
    )
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

    kinds = {"engine": loop.run, "calls": bare_calls, "renderer": renderer_calls}
    shuffle = random.Random(0)
    times: dict[str, list[int]] = {name: [] for name in kinds}
    for turn in range(-2, options.turns):
        # A fixed order would give the one in the middle other neighbours than the ones at the ends.
        for name in shuffle.sample(list(kinds), len(kinds)):
            start = perf_counter_ns()
            kinds[name](options.frames)
            if turn >= 0:
                times[name].append(perf_counter_ns() - start)
    print(f"{options.scene}, {options.resolution}: {options.turns} turns of {options.frames} frames each")
    median = {name: statistics.median(taken) for name, taken in times.items()}
    for name in ("calls", "renderer"):
        ratios = [theirs / ours for ours, theirs in zip(times["engine"], times[name], strict=True)]
        half = 1.96 * statistics.stdev(ratios) / len(ratios) ** 0.5
        print(
            f"  FPS of the engine / {name:<9} {median[name] / median['engine']:.4f} of medians, "
            f"turn by turn {statistics.mean(ratios):.4f} +- {half:.4f}"
        )
    backend.close()


if __name__ == "__main__":
    main()
