"""What does the timed loop cost on Filament? The engine's loop and bare calls of `mjrf`, in turn.

Run as `python tests/perf/interleaved_filament.py [SCENE] [WIDTHxHEIGHT] [--effects bare] [--turns 40]`.

Both draw with one context, one scene and one target: two of each in one process, filled alike, were seen to
differ by a twentieth for as long as the process lived. Filament prints what it does; that goes to a file of
its own, in which the backend looks for the device's name.
"""

import contextlib
import ctypes
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from turns import ENGINE, check_pictures, engine_loop, print_ratios, take_turns, turn_parser

# As the engine has it: Filament needs no OpenGL of MuJoCo's.
os.environ["MUJOCO_GL"] = "disable"

import mujoco
import mujoco.studio.window
import numpy as np
from mujoco import mjrf

from engine.backends.base import Picture
from engine.backends.filament import FilamentBackend
from engine.case import Effects
from scenes.build import build_scene
from scenes.motion import steps_per_frame

CAMERA_FIELDS = (
    "pos", "forward", "up", "orthographic", "frustum_center", "frustum_width", "frustum_bottom",
    "frustum_top", "frustum_near", "frustum_far",
)  # fmt: skip


@contextlib.contextmanager
def native_output_apart() -> Iterator[None]:
    """Send what native code prints to a file, as an engine process does."""
    with tempfile.TemporaryDirectory() as folder:
        saved = os.dup(1)
        file = os.open(Path(folder) / "filament.log", os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(file, 1)
        os.close(file)
        try:
            yield
        finally:
            ctypes.CDLL(None).fflush(None)
            os.dup2(saved, 1)
            os.close(saved)


def bare_draw(backend: FilamentBackend, picture: Picture) -> tuple[Callable[[], None], np.ndarray]:
    """The calls of `mjrf` that draw a frame, with a camera that may move, and the array that they fill."""
    model, data = picture.model, picture.data
    context, request = backend._context, backend._request
    lights, renderables = backend._lights, backend._renderables
    image = np.zeros((picture.height, picture.width, 3), np.uint8)
    read = mjrf.ReadRequest(target=backend._target)
    read.set_buffer(image)
    eyes, fixed = mujoco.MjvScene(model, 1), mujoco.MjvCamera()
    fixed.type, fixed.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, model.camera(picture.camera).id

    def draw() -> None:
        lights.update(data)
        renderables.update(data)
        mujoco.mjv_updateCamera(model, data, fixed, eyes)
        seen = mujoco.mjv_averageCamera(*eyes.camera)
        camera = mjrf.Camera()
        for field in CAMERA_FIELDS:
            setattr(camera, field, getattr(seen, field))
        request.camera = camera
        context.wait_for_frame(context.render([request], [read]))

    return draw, image


def main() -> None:
    """Take turns and print the ratio."""
    parser = turn_parser(__doc__, "640x480", turns=40, frames=2)
    parser.add_argument(
        "--backend", default="filament-vulkan", choices=("filament-vulkan", "filament-opengl")
    )
    options = parser.parse_args()
    width, height = options.resolution.width, options.resolution.height
    bare = options.effects is Effects.BARE
    built = build_scene(options.scene, width=width, height=height, bare=bare, camera=None, seed=0)
    model, data, motion = built.model, mujoco.MjData(built.model), built.motion
    motion.reset(data)
    steps = steps_per_frame(model.opt.timestep, 60.0)
    picture = Picture(model, (data,), built.camera, width, height, bare)

    def step() -> None:
        motion.apply(data)
        mujoco.mj_step(model, data, steps)

    with native_output_apart():
        backend = FilamentBackend(options.backend)
        backend.open(picture)
        draw, image = bare_draw(backend, picture)

        def bare_calls(frames: int) -> None:
            for _ in range(frames):
                motion.apply(data)
                mujoco.mj_step(model, data, steps)
                draw()

        loops = {ENGINE: engine_loop(step, backend), "calls": bare_calls}
        times = take_turns(loops, options.turns, options.frames)
        for phase in (backend.update, backend.render, backend.readback, draw):
            phase()
    print(f"{options.scene} on {options.backend}, {options.resolution}, {options.effects}:", end=" ")
    print(f"{options.turns} turns of {options.frames} frames each")
    print_ratios(times, options.frames)
    check_pictures(backend.pixels, image)


if __name__ == "__main__":
    main()
