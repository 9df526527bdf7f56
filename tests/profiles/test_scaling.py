"""Which cases of a session make a curve, and which are held against which."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.case import Case, Effects, Resolution
from engine.scaling.crossover import Outcome
from profiles.profile import Measure, Profile
from profiles.scaling import Scaling, case_fps, session_scaling
from profiles.session import Session
from profiles.sessions import load_session
from tests.profiles.session_builders import failed_trial, metrics, new_writer, trial


@dataclass(frozen=True)
class At:
    """A case and its FPS in each round; None where the trial failed."""

    backend: str
    fps: Sequence[float | None]
    size: str = "64x64"
    workers: int = 1
    worlds: int = 1
    effects: str = "bare"
    scene: str = "cartpole"
    change: str = ""

    @property
    def case(self) -> Case:
        effects = Effects(self.effects)
        size = Resolution.parse(self.size)
        return Case(self.scene, self.backend, size, effects, self.workers, self.worlds, self.change)


def session_of(folder: Path, *points: At) -> Session:
    """Write a session with these rates, and read it back."""
    rounds = max(len(one.fps) for one in points)
    profile = Profile(measure=Measure(frames=4, trials=rounds))
    writer = new_writer(folder, profile=profile, cases=[one.case for one in points])
    for one in points:
        for number, fps in enumerate(one.fps, 1):
            result = failed_trial(one.case, number)
            if fps is not None:
                result = trial(one.case, number, metrics=metrics(fps))
            writer.append(result)
    writer.close("complete")
    return load_session(folder)


@pytest.fixture
def scaling(tmp_path: Path):
    def find(*points: At) -> Scaling:
        return session_scaling(session_of(tmp_path / "session", *points))

    return find


def test_one_of_each_is_no_curve(scaling):
    assert not scaling(At("egl", [100]), At("osmesa", [50]), At("mjwarp", [80]))


def test_resolutions_of_one_backend_are_one_line_whatever_their_order(scaling):
    # 1 ms and 10 ns a pixel.
    rate = {size: 1 / (1e-3 + 1e-8 * Resolution.parse(size).pixels) for size in ("64x64", "32x32", "640x480")}
    found = scaling(
        *(At("egl", [fps], size) for size, fps in rate.items()),
        *(At("osmesa", [fps / 2], size) for size, fps in rate.items()),
    )
    egl, osmesa = found.pixels
    assert [str(case.resolution) for case in egl.cases] == ["32x32", "64x64", "640x480"]
    assert egl.fit.fixed_s == pytest.approx(1e-3) and egl.fit.s_per_pixel == pytest.approx(1e-8)
    assert osmesa.fit.fixed_s == pytest.approx(2e-3)
    assert egl.times_s[0] == pytest.approx(1e-3 + 1e-8 * 1024)
    assert not found.workers and not found.worlds and not found.crossovers


def test_what_else_differs_parts_curves(scaling):
    sizes = ("32x32", "64x64")
    points = [
        At("egl", [100], size, workers, 1, effects, scene, change)
        for scene in ("cartpole", "apartment")
        for effects in ("bare", "scene")
        for change in ("", "no-shadows")
        for workers in (1, 2)
        for size in sizes
    ]
    found = scaling(*points)
    assert len(found.pixels) == 16 and len(found.workers) == 16
    assert all(len(curve.cases) == 2 for curve in (*found.pixels, *found.workers))


def test_what_draws_nothing_has_workers_and_no_cost_per_pixel(scaling):
    found = scaling(*(At("null", [1e6], size, workers) for size in ("32x32", "64x64") for workers in (1, 2)))
    assert not found.pixels and len(found.workers) == 2


def test_the_figure_is_the_geometric_mean_of_the_trials_that_have_one(scaling):
    found = scaling(At("egl", [100, 400, None]), At("egl", [None, 900, None], workers=2))
    (curve,) = found.workers
    assert [point.fps for point in curve.throughput.points] == pytest.approx([200, 900])
    assert case_fps(curve.cases[0]) == pytest.approx(200)


def test_a_size_that_failed_is_missing_and_the_others_are_the_curve(scaling):
    found = scaling(
        At("egl", [100], workers=1), At("egl", [190], workers=2), At("egl", [None], workers=4),
        At("osmesa", [50], workers=1), At("osmesa", [None], workers=2),
        At("glfw", [None], "32x32"), At("glfw", [10], "64x64"),
    )  # fmt: skip
    (curve,) = found.workers
    assert [case.workers for case in curve.cases] == [1, 2]
    assert [case.workers for case in curve.missing] == [4]
    assert not found.pixels


def test_intervals_pair_the_rounds_of_both_sizes(scaling):
    # The second round of one worker failed: three rounds are left, each with the efficiency 0.9.
    found = scaling(At("egl", [100, None, 50, 200], workers=1), At("egl", [180, 7, 90, 360], workers=2))
    interval = found.workers[0].throughput.points[1].efficiency_interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((0.9, 0.9))


def test_a_batch_is_held_against_the_fastest_processes_of_the_classic_renderer(scaling):
    found = scaling(
        At("egl", [100]), At("egl", [190], workers=2), At("osmesa", [90]), At("osmesa", [230], workers=4),
        # Faster, and not the classic renderer; another picture.
        At("filament-vulkan", [1000]), At("egl", [5000], size="32x32"),
        *(At("mjwarp", [10 * worlds], worlds=worlds) for worlds in (1, 16, 32)),
    )  # fmt: skip
    (against,) = found.crossovers
    assert (against.process.backend, against.process.workers) == ("osmesa", 4)
    assert against.process_fps == pytest.approx(230)
    assert against.crossover.outcome is Outcome.FROM
    assert against.crossover.worlds == 24 and against.crossover.between == (16, 32)


def test_each_number_of_workers_of_a_batch_is_held_against_them(scaling):
    found = scaling(
        At("egl", [100]),
        *(
            At("mjwarp", [60 * workers * worlds], workers=workers, worlds=worlds)
            for workers in (1, 2)
            for worlds in (1, 4)
        ),
    )
    assert [against.crossover.outcome for against in found.crossovers] == [Outcome.FROM, Outcome.EVERY]
    assert len(found.worlds) == 2 and len(found.workers) == 2


@pytest.mark.parametrize(
    "points",
    [
        [At("mjwarp", [10]), At("mjwarp", [90], worlds=8)],
        [At("egl", [100]), At("mjwarp", [10])],
        [At("egl", [None]), At("mjwarp", [10]), At("mjwarp", [90], worlds=8)],
        [At("egl", [100]), At("mjwarp", [10]), At("mjwarp", [None], worlds=8)],
        [At("egl", [100], effects="scene"), At("mjwarp", [10]), At("mjwarp", [90], worlds=8)],
        [At("egl", [100], change="no-shadows"), At("mjwarp", [10]), At("mjwarp", [90], worlds=8)],
    ],
    ids=["no process", "no batch", "process failed", "batch failed", "other effects", "other change"],
)
def test_where_both_kinds_did_not_draw_the_same_nothing_is_held_against_another(scaling, points):
    assert not scaling(*points).crossovers


def test_a_backend_that_is_not_installed_here_is_taken_to_draw(scaling):
    found = scaling(At("of-a-colleague", [100], "32x32"), At("of-a-colleague", [90], "64x64"))
    assert len(found.pixels) == 1
