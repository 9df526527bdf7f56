"""A runner module for the backend `madrona` of mjbench-tui: where a Madrona build of your own is put in.

As it stands it draws nothing. It moves the scene as every other backend does, times each batch, and returns
what mjbench-tui makes a row of, so that it runs before any of Madrona is there:

    mjbench-tui run --backend madrona --madrona-module ./my_runner.py --scene apartment --worlds 1,16

Three places are marked MADRONA: constructing the renderer, drawing a batch, and its name. The rest can stay.
docs/madrona.md tells all that is given and all that may be returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import mujoco
import numpy as np

from scenes.motion import Motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backends.madrona_runner.configuration import RunnerConfiguration

DEVICE = "template, draws nothing"
"""MADRONA, name: say here what draws, such as "Madrona raster, NVIDIA L40S"; it stands beside the figures."""

_PHASES = ("step", "update", "render", "readback")


def run_benchmark(configuration: RunnerConfiguration) -> tuple[dict[str, Any], Path]:
    """Draw the warm-up and the timed batches; the figures are computed from the times that are returned."""
    worlds = Worlds(configuration)
    configuration.progress()
    renderer = Renderer(worlds.model, configuration)
    warmup = draw(worlds, renderer, configuration, configuration.warmup_batches, None)
    timed = draw(worlds, renderer, configuration, configuration.batches, configuration.duration_s)
    save_picture(configuration.frames_folder / "world0.png", renderer.pixels[0])
    result = {
        "device": DEVICE,
        "warmup_times_ms": frame_times_ms(warmup),
        "frame_times_ms": frame_times_ms(timed),
        "phase_times_ms": phase_times_ms(timed),
    }
    return result, configuration.frames_folder


class Worlds:
    """The scene in motion, once for each world."""

    def __init__(self, configuration: RunnerConfiguration) -> None:
        self.model = mujoco.MjModel.from_binary_path(str(configuration.model_file))
        self.datas = [mujoco.MjData(self.model) for _ in range(configuration.worlds)]
        self._steps = configuration.steps_per_frame
        # World n moves by seed + n, as on every other backend.
        seeds = range(configuration.seed, configuration.seed + configuration.worlds)
        self._motions = [Motion(self.model, seed) for seed in seeds]
        for motion, data in zip(self._motions, self.datas, strict=True):
            motion.reset(data)

    def step(self) -> None:
        """Move every world on by one frame; MJX or MuJoCo Warp would do this on the device."""
        for motion, data in zip(self._motions, self.datas, strict=True):
            motion.apply(data)
            mujoco.mj_step(self.model, data, self._steps)


class Renderer:
    """Stands where Madrona's batch renderer goes."""

    def __init__(self, model: Any, configuration: RunnerConfiguration) -> None:
        """MADRONA, constructing: once a process, before any frame. Kernels are compiled now: that takes long.

        With gs-madrona:

            from gs_madrona._gs_madrona_batch_renderer import MadronaBatchRenderer
            self._madrona = MadronaBatchRenderer(
                gpu_id=0, num_worlds=configuration.worlds, use_rt=False,
                batch_render_view_width=configuration.width,
                batch_render_view_height=configuration.height,
                ...,  # meshes, materials, geoms and cameras of `model`, as numpy arrays
            )
            self._madrona.init(geom_pos, geom_rot, cam_pos, cam_rot, ...)  # torch tensors on the GPU

        With madrona_mjx:

            from madrona_mjx.renderer import BatchRenderer
            self._madrona = BatchRenderer(
                m=mjx_model, gpu_id=0, num_worlds=configuration.worlds,
                batch_render_view_width=configuration.width,
                batch_render_view_height=configuration.height,
                enabled_geom_groups=np.array([0, 1, 2]),
                enabled_cameras=np.array([model.camera(configuration.camera).id]),
                add_cam_debug_geo=False, use_rasterizer=True, viz_gpu_hdls=None,
            )
            self._token, rgb, depth = self._madrona.init(mjx_data, mjx_model)
        """
        worlds, geoms = configuration.worlds, model.ngeom
        self._positions = np.zeros((worlds, geoms, 3), np.float32)
        self._camera = model.camera(configuration.camera).id
        self._readback = configuration.readback
        # A small picture of nothing: what is not drawn need not be large.
        self.pixels: NDArray[np.uint8] = np.zeros((1, 48, 64, 3), np.uint8)

    def update(self, worlds: Worlds) -> None:
        """Take over where everything is; rotations (`geom_xmat`, `cam_xmat`) go the same way."""
        for world, data in enumerate(worlds.datas):
            self._positions[world] = data.geom_xpos

    def render(self) -> None:
        """MADRONA, drawing: return when the device has finished, as nothing else is the time of a frame.

        With gs-madrona `self._madrona.render(geom_pos, geom_rot, cam_pos, cam_rot, options)` and then
        `torch.cuda.synchronize()`; with madrona_mjx `self._madrona.render(self._token, mjx_data)` and then
        `jax.block_until_ready` of what it returns.
        """

    def readback(self) -> None:
        """MADRONA, drawing: copy the pixels of all worlds into host memory, where that is asked for."""
        if self._readback:
            self.pixels[0, :, :, 0] = np.linspace(0, 255, self.pixels.shape[2], dtype=np.uint8)


def draw(
    worlds: Worlds,
    renderer: Renderer,
    configuration: RunnerConfiguration,
    batches: int | None,
    duration_s: float | None,
) -> NDArray[np.int64]:
    """Draw batches and note the clock before each and after each phase: shape (batches, 5), nanoseconds."""
    stamps = []
    for _ in enough(batches, duration_s):
        start = perf_counter_ns()
        worlds.step()
        stepped = perf_counter_ns()
        renderer.update(worlds)
        updated = perf_counter_ns()
        renderer.render()
        rendered = perf_counter_ns()
        renderer.readback()
        stamps.append((start, stepped, updated, rendered, perf_counter_ns()))
        configuration.progress()
    return np.array(stamps, np.int64)


def enough(batches: int | None, duration_s: float | None) -> Iterator[int]:
    """Count batches until there are so many, or the time is over; one at the least."""
    until = None if duration_s is None else perf_counter_ns() + duration_s * 1e9
    number = 0
    while True:
        yield number
        number += 1
        if (batches is not None and number >= batches) or (until is not None and perf_counter_ns() >= until):
            return


def frame_times_ms(stamps: NDArray[np.int64]) -> list[float]:
    """The time of each batch, from the end of the one before: nothing in between is lost."""
    starts = np.concatenate([stamps[:1, 0], stamps[:-1, -1]])
    times: list[float] = ((stamps[:, -1] - starts) / 1e6).tolist()
    return times


def phase_times_ms(stamps: NDArray[np.int64]) -> dict[str, list[float]]:
    """The time of each phase of each batch; what is left of a batch's time is counted as overhead."""
    return {name: (column / 1e6).tolist() for name, column in zip(_PHASES, np.diff(stamps).T, strict=True)}


def save_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write one world's image, shape (height, width, 3), as PNG."""
    from PIL import Image

    Image.fromarray(pixels, "RGB").save(path)
