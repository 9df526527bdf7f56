"""What does the timed loop cost on MuJoCo Warp? The engine's loop and bare calls, in turn, in one process.

Run as `python tests/perf/interleaved_mjwarp.py [SCENE] [WIDTHxHEIGHT] [--worlds 8] [--physics warp]`.

On the processor. Both draw with one model, one set of worlds and one render context: two of each in one
process, filled alike, were seen to differ by more than a hundredth. FPS are batches a second. For CUDA there
is `mjwarp_testspeed.py`.
"""

import os
import sys
from collections.abc import Callable

from turns import ENGINE, check_pictures, engine_loop, print_ratios, take_turns, turn_parser

# As the engine has it: MuJoCo Warp needs no OpenGL of MuJoCo's.
os.environ["MUJOCO_GL"] = "disable"

import mujoco
import mujoco_warp
import numpy as np
import warp

from engine.backends.base import Picture
from engine.backends.mjwarp import MjWarpBackend
from engine.case import Effects, Physics
from scenes.build import build_scene
from scenes.motion import Controls, Motion, steps_per_frame

POSES = ("geom_xpos", "geom_xmat", "cam_xpos", "cam_xmat", "light_xpos", "light_xdir", "flexvert_xpos")


def bare_draw(backend: MjWarpBackend, worlds: int) -> tuple[Callable[[], None], np.ndarray]:
    """The calls that draw a batch from what is on the device, and the array that they fill."""
    model, data, context = backend._model, backend._data, backend._context
    packed = np.empty((worlds, context.rgb_data.shape[1]), np.uint32)

    def draw() -> None:
        mujoco_warp.refit_bvh(model, data, context)
        mujoco_warp.render(model, data, context)
        warp.synchronize()
        np.copyto(packed, context.rgb_data.numpy())

    return draw, packed


def with_mujoco(
    backend: MjWarpBackend, picture: Picture, motions: tuple[Motion, ...], draw: Callable[[], None]
) -> Callable[[int], None]:
    """A bare loop of which MuJoCo moves the worlds."""
    model, datas, steps = picture.model, picture.datas, picture.steps_per_frame
    moved = tuple(zip(motions, datas, strict=True))
    # On the processor these are the device's own arrays.
    poses = [(name, values) for name in POSES if (values := getattr(backend._data, name).numpy()).size]

    def batches(count: int) -> None:
        for _ in range(count):
            for motion, data in moved:
                motion.apply(data)
                mujoco.mj_step(model, data, steps)
            for name, values in poses:
                for world, data in enumerate(datas):
                    values[world] = getattr(data, name).reshape(values.shape[1:])
            draw()

    return batches


def with_warp(
    backend: MjWarpBackend, picture: Picture, motions: tuple[Motion, ...], draw: Callable[[], None]
) -> Callable[[int], None]:
    """A bare loop of which MuJoCo Warp moves the worlds."""
    model, data, steps = backend._model, backend._data, picture.steps_per_frame
    clock, frame_s = backend._poses, steps * float(picture.model.opt.timestep)
    write, target = Controls(motions).write, data.ctrl.numpy()
    controls = np.zeros(target.shape)

    def batches(count: int) -> None:
        # The backend counts the time by itself: frames drawn here are of the same motion.
        time_s = clock._time_s
        for _ in range(count):
            write(time_s, controls)
            target[...] = controls
            for _ in range(steps):
                mujoco_warp.step(model, data)
            warp.synchronize()
            draw()
            time_s += frame_s
        clock._time_s = time_s

    return batches


def main() -> None:
    """Take turns and print the ratio."""
    parser = turn_parser(__doc__, "64x64", turns=40, frames=5, scene="cartpole")
    parser.add_argument("--worlds", type=int, default=1)
    parser.add_argument("--physics", default=Physics.MUJOCO, type=Physics, choices=tuple(Physics))
    options = parser.parse_args()
    warp.config.log_level = warp.LOG_WARNING
    if warp.get_preferred_device().is_cuda:
        sys.exit("these bare loops are for the processor: set CUDA_VISIBLE_DEVICES to nothing")
    by_warp = options.physics is Physics.WARP
    width, height = options.resolution.width, options.resolution.height
    bare = options.effects is Effects.BARE
    built = build_scene(options.scene, width=width, height=height, bare=bare, camera=None, seed=0)
    model, motions = built.model, (built.motion, *(Motion(built.model, n) for n in range(1, options.worlds)))
    datas = tuple(mujoco.MjData(model) for _ in (motions[:1] if by_warp else motions))
    for motion, data in zip(motions, datas, strict=False):
        motion.reset(data)
    picture = Picture(
        model=model,
        datas=datas,
        camera=built.camera,
        width=width,
        height=height,
        bare=bare,
        worlds=options.worlds,
        steps_per_frame=steps_per_frame(model.opt.timestep, 60.0),
        physics=options.physics,
        controls=Controls(motions).write if by_warp else None,
    )
    backend = MjWarpBackend()
    backend.open(picture)
    backend.compile()

    def step() -> None:
        for motion, data in zip(motions, datas, strict=True):
            motion.apply(data)
            mujoco.mj_step(model, data, picture.steps_per_frame)

    draw, packed = bare_draw(backend, options.worlds)
    calls = (with_warp if by_warp else with_mujoco)(backend, picture, motions, draw)
    loops = {ENGINE: engine_loop(backend.step if by_warp else step, backend), "calls": calls}
    times = take_turns(loops, options.turns, options.frames)
    for phase in (backend.update, backend.render, backend.readback, draw):
        phase()
    print(
        f"{options.scene} on mjwarp, {options.resolution}, {options.effects}, worlds {options.worlds}", end=""
    )
    print(f", physics {options.physics}: {options.turns} turns of {options.frames} batches each")
    print_ratios(times, options.frames)
    check_pictures(backend._packed.view(np.uint8), packed.view(np.uint8))


if __name__ == "__main__":
    main()
