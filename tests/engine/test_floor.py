"""What a frame takes at the least: measured for real where a backend works, and what is made of it."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from engine.backends.base import Backend
from engine.case import Effects
from engine.floor import Floor, hours_to_draw, limit_of, mean_floor
from engine.jobs.floor import sample_floor, time_copies
from engine.preflight import probe_backends
from engine.process.launcher import SpawnLauncher
from engine.results import TrialResult
from tests.profiles.session_builders import metrics

MIB = 2**20


def works(backend: str) -> None:
    status = probe_backends([backend], SpawnLauncher())[backend]
    if not status.works:
        pytest.skip(f"{backend} does not work here: {status.reason}")


def measured(bench, scene: str, effects: Effects = Effects.SCENE, **more: object) -> TrialResult:
    result = bench.result(bench.case("egl", scene, "160x120", effects), bench.settings(frames=20), **more)
    assert result.failure is None, result.failure
    return result


@pytest.mark.parametrize("effects", list(Effects))
def test_an_empty_picture_is_no_dearer_than_the_scene(bench, effects):
    works("egl")
    result = measured(bench, "cartpole", effects)
    floor, render_ms = result.floor, result.metrics.phases["render"].mean_ms
    assert 0 < floor.empty_draw_ms < 1.5 * render_ms
    assert floor.empty_draws >= 3
    limit = limit_of(result.metrics, floor)
    assert 0 < limit.share <= 1
    assert limit.room * limit.share == pytest.approx(1)


def test_a_scene_with_shadows_leaves_most_of_the_frame_to_win(bench, menagerie_root):
    works("egl")
    result = measured(bench, "workbench")
    if not result.renderer.software:
        pytest.skip("a GPU draws: how much is left there is not known")
    limit = limit_of(result.metrics, result.floor)
    assert 0 < limit.share < 0.5
    assert limit.room > 2


def test_what_readback_delivers_is_what_is_copied(bench):
    works("egl")
    floor = measured(bench, "cartpole").floor
    assert floor.copy_bytes == 160 * 120 * 3
    assert floor.copies >= 3
    assert floor.copy_ms > 0


def test_each_of_two_workers_has_its_part(bench):
    works("egl")
    case = bench.case("egl", "cartpole", "64x48", Effects.BARE)
    two = type(case)(case.scene, case.backend, case.resolution, case.effects, workers=2)
    result = bench.result(two, bench.settings(frames=20))
    assert result.failure is None, result.failure
    assert result.floor.empty_draw_ms > 0
    assert result.floor.copy_bytes == 64 * 48 * 3


def test_what_draws_nothing_has_no_floor(bench):
    result = bench.result(bench.case("null"), bench.settings())
    assert result.failure is None
    assert result.floor is None


DRAW = """
import json
import mujoco
import numpy as np
from engine.backends.base import Picture
from engine.backends.loading import load_backend
from engine.backends.registry import find_backend
from engine.case import Physics
from scenes.build import build_scene

name, bare, size = sys.argv[1], sys.argv[2] == "bare", (160, 120)
backend = load_backend(find_backend(name))
scene = build_scene("cartpole", width=160, height=120, bare=bare, camera=None, seed=0)
data = mujoco.MjData(scene.model)
mujoco.mj_forward(scene.model, data)
backend.open(Picture(scene.model, (data,), scene.camera, *size, bare))
if backend.has_kernels:
    backend.compile()

def drawn():
    backend.render()
    backend.readback()
    return backend.pixels.copy()

backend.update()
drawn()
before = drawn()
with backend.empty_draw() as draw:
    draw()
    backend.readback()
    empty = backend.pixels.copy()
after = drawn()
told = {
    "shown": len(np.unique(before.reshape(-1, 3), axis=0)),
    "empty": len(np.unique(empty.reshape(-1, 3), axis=0)),
    "same": bool(np.array_equal(before, after)),
}
print("told", json.dumps(told))
backend.close()
"""


@pytest.mark.parametrize(
    ("backend", "effects"),
    [("egl", "scene"), ("egl", "bare"), ("osmesa", "scene"), ("mjwarp", "bare"), ("filament-vulkan", "bare")],
)
def test_what_is_drawn_after_an_empty_picture_is_as_before_it(start_script, tmp_path, backend, effects):
    works(backend)
    # What Filament says of its device is read from the process's standard output, which is a file elsewhere.
    said = tmp_path / "said.txt"
    body = f"import os\nos.dup2(os.open({str(said)!r}, os.O_CREAT | os.O_RDWR), 1)\n{DRAW}"
    environment = {"MUJOCO_GL": backend} if backend in ("egl", "osmesa") else {}
    script = start_script(body, backend, effects, environment=environment)
    _, errors = script.communicate(timeout=100)
    lines = [line for line in said.read_text().splitlines() if line.startswith("told ")]
    assert lines, errors
    told = json.loads(lines[0].removeprefix("told "))
    assert told["same"]
    assert told["shown"] > 1
    if backend != "filament-vulkan":
        # There the empty picture goes to an array of its own.
        assert told["empty"] == 1


def test_saved_pictures_are_of_the_scene_although_an_empty_one_came_before(bench):
    works("egl")
    settings = bench.settings(frames=5, save_frames=(0,))
    result = bench.result(bench.case("egl", "cartpole", "64x48"), settings)
    assert result.floor is not None
    (name,) = result.saved_frames
    from PIL import Image

    with Image.open(bench.folder / name) as picture:
        assert len(picture.getcolors(64 * 48)) > 10


def test_a_copy_of_more_bytes_takes_longer():
    few, many = (min(time_copies(size)) for size in (MIB, 16 * MIB))
    assert many > 3 * few
    # Beyond what is copied at the most, time is in proportion.
    part, whole = (min(time_copies(size)) for size in (32 * MIB, 256 * MIB))
    assert 3 * part < whole < 20 * part
    assert time_copies(0) == []


class Copier(Backend):
    """Reads back, and has no empty picture."""

    read_bytes_per_pixel = 4


class Failing(Backend):
    """Has a driver that gives up on an empty picture."""

    @contextmanager
    def empty_draw(self) -> Iterator[Callable[[], object]]:
        def give_up() -> None:
            raise RuntimeError("the driver does not want to")

        yield give_up


def test_without_an_empty_picture_the_copy_is_still_known():
    floor = sample_floor(Copier(), 1000, lambda: None)
    assert (floor.empty_draw_ms, floor.empty_draws, floor.copy_bytes) == (None, 0, 4000)
    assert floor.copy_ms > 0
    limit = limit_of(metrics(), floor)
    assert (limit.least_ms, limit.share, limit.room) == (None, None, None)


def test_a_driver_that_gives_up_costs_the_floor_only(capsys):
    assert sample_floor(Failing(), 1000, lambda: None) is None
    assert "the driver does not want to" in capsys.readouterr().err


def test_what_is_left_to_win_is_the_frame_time_over_the_least():
    # Ten milliseconds a frame at 100 FPS.
    limit = limit_of(metrics(), Floor(empty_draw_ms=2.0, copy_ms=0.5))
    assert limit.least_ms == pytest.approx(2.5)
    assert limit.share == pytest.approx(0.25)
    assert limit.room == pytest.approx(4.0)
    assert limit.hours == pytest.approx(1e6 / 3600)


def test_noise_never_makes_the_least_more_than_the_frame():
    limit = limit_of(metrics(), Floor(empty_draw_ms=11.0, copy_ms=0.5))
    assert (limit.share, limit.room) == (1.0, 1.0)
    unknown = limit_of(metrics(), None)
    assert (unknown.share, unknown.room) == (None, None)


def test_hours_follow_from_frames_a_second():
    assert hours_to_draw(100_000_000, 1000.0) == pytest.approx(27.777777)
    assert math.isinf(hours_to_draw(1, 0.0))


def test_several_workers_have_the_mean_of_their_floors():
    floors = [
        Floor(empty_draw_ms=1.0, empty_draws=50, copy_ms=0.2, copy_bytes=12, copies=50),
        Floor(empty_draw_ms=3.0, empty_draws=40, copy_ms=0.4, copy_bytes=12, copies=30),
    ]
    mean = mean_floor(floors)
    assert (mean.empty_draw_ms, mean.empty_draws, mean.copy_bytes, mean.copies) == (2.0, 40, 12, 30)
    assert mean.copy_ms == pytest.approx(0.3)
    assert mean_floor([floors[0], Floor(copy_ms=0.1)]).empty_draw_ms is None
    assert mean_floor([]) is None
