"""What a runner returns is read, held against itself, and refused where it is anything else."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.backends.madrona_runner import pictures
from engine.backends.madrona_runner.numbers import MOST_FRAMES, WrongResultError
from engine.backends.madrona_runner.pictures import copy_pictures
from engine.backends.madrona_runner.result import read_result
from engine.metrics import BenchmarkMetrics
from engine.timings import PHASES, StampReader, TrialTimings, frame_times_ns

TIMES = {"frame_times_ms": [10.0, 20.0], "warmup_times_ms": [30.0]}
FIGURES = {
    "frames": 120, "warmup_frames": 8, "wall_time_s": 2.0, "std_ms": 1.0, "p50_ms": 16.0, "p90_ms": 17.0,
    "p95_ms": 18.0, "p99_ms": 19.0, "p999_ms": 20.0, "max_ms": 21.0, "stutter_share": 0.0,
    "first_frame_ms": 40.0, "warmup_mean_ms": 17.0,
}  # fmt: skip
PHASE = {"mean_ms": 16.7, "p50_ms": 16.0, "p95_ms": 18.0, "share": 1.0}
ALONE = {"frames": 1, "wall_time_s": 1.0}


def refusal(returned: object, worlds: int = 1) -> str:
    with pytest.raises(WrongResultError) as caught:
        read_result(returned, worlds, 100)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 600
    return sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"frame_times_ms": []}, "frame_times_ms with 0 numbers"),
        ({"frame_times_ms": [[1.0], [2.0]]}, "frame_times_ms of type list, expected a list of numbers"),
        ({"frame_times_ms": [1.0, [2.0]]}, "frame_times_ms of type list"),
        ({"frame_times_ms": "fast"}, "frame_times_ms = 'fast'"),
        ({"frame_times_ms": 3.0}, "frame_times_ms of type float"),
        ({"frame_times_ms": [True, False]}, "frame_times_ms of type list"),
        ({"frame_times_ms": [1.0, None]}, "frame_times_ms of type list"),
        ({"frame_times_ms": [1.0, -0.1]}, "frame_times_ms[1] = -0.1"),
        ({"frame_times_ms": [1.0, float("inf")]}, "frame_times_ms[1] = inf"),
        ({"frame_times_ms": [1e30]}, "frame_times_ms[0] = 1e+30"),
        ({"frame_times_ms": np.full(2000, 1e9)}, "frame_times_ms that add up to 2e+12 ms"),
        ({"frame_times_ms": [0.0, 0.0]}, "frame_times_ms that are all 0"),
        ({"frame_times_ms": np.zeros(MOST_FRAMES + 1)}, f"with {MOST_FRAMES + 1} numbers"),
        ({"warmup_times_ms": []}, "warmup_times_ms with 0 numbers"),
        ({"frames": 3}, "frames = 3 and 2 frame_times_ms, which is 2 frames"),
        ({"frames": "2"}, "frames = '2', expected a whole number"),
        ({"warmup_frames": 2}, "warmup_frames = 2 and 1 warmup_times_ms"),
        ({"wall_time_s": 0.04}, "wall_time_s = 0.04, but frame_times_ms give 0.03"),
        ({"wall_time_s": float("nan")}, "wall_time_s = nan"),
        ({"fps": 70.0}, "fps = 70, but frame_times_ms give 66.6667"),
        ({"p99_ms": 20.0}, "p99_ms beside frame_times_ms, from which it is computed"),
        ({"phase_times_ms": [1.0]}, "phase_times_ms of type list, expected a mapping"),
        ({"phase_times_ms": {"overhead": [0.0, 0.0]}}, "phase_times_ms of 'overhead'"),
        ({"phase_times_ms": {"step": [1.0]}}, "1 phase_times_ms of 'step' and 2 frame_times_ms"),
        ({"phase_times_ms": {"step": [1.0, 21.0]}}, "add up to more than frame_times_ms[1]"),
        ({"device": 3}, "device = 3, expected text"),
        ({"frametimes_ms": [1.0]}, "the unknown figure 'frametimes_ms': did you mean 'frame_times_ms'?"),
        ({3: 4}, "the unknown figure 3: known are frames"),
    ],
)
def test_wrong_frame_times(change: dict, sentence: str) -> None:
    assert sentence in refusal({**TIMES, **change})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"frames": 0}, "frames = 0"),
        ({"frames": True}, "frames = True"),
        ({"frames": 120.0}, "frames = 120.0, expected a whole number"),
        ({"frames": 10**30}, "expected a whole number from 1 on"),
        ({"wall_time_s": 0}, "wall_time_s = 0"),
        ({"wall_time_s": 1e-320}, "which is too short"),
        ({"wall_time_s": -1.0}, "wall_time_s = -1"),
        ({"wall_time_s": 10**400}, "expected a number"),
        ({"p99_ms": float("nan")}, "p99_ms = nan"),
        ({"p99_ms": "19"}, "p99_ms = '19', expected a number"),
        ({"p99_ms": [19]}, "p99_ms = [19], expected a number"),
        ({"p99_ms": None}, "no frame_times_ms, and no p99_ms either"),
        ({"p99_ms": 21.5}, "p99_ms = 21.5 above p999_ms = 20"),
        ({"fps": 55.0}, "fps = 55, but frames and wall_time_s give 60"),
        ({"mean_ms": 4.2}, "mean_ms = 4.2, but frames and wall_time_s give 16.6667"),
        ({"wall_time_s": 20.0}, "max_ms = 21, but frames and wall_time_s give a mean of 166.667 ms"),
        ({"stutter_share": 1.5}, "stutter_share = 1.5, expected a part from 0 to 1"),
        ({"low1_fps": -3}, "low1_fps = -3"),
        ({"absent": "all"}, "absent of type str"),
        ({"absent": {"low1_fps": 3}}, "absent['low1_fps'] = 3, expected text"),
        ({"phases": {"render": {"share": 1.0}}}, "phases['render'] without just mean_ms"),
        ({"phases": {"drawing": PHASE}}, "phases of 'drawing', expected some of step"),
        ({"phases": {"render": {**PHASE, "share": 0.5}}}, "shares of phases that add up to 0.5"),
        ({"phases": [PHASE]}, "phases of type list"),
        ({"worker_fps": (30.0, 30.0)}, "figures of several workers"),
        ({"warmup_times_ms": [1.0]}, "warmup_times_ms without frame_times_ms"),
    ],
)
def test_wrong_figures(change: dict, sentence: str) -> None:
    assert sentence in refusal({**FIGURES, **change})


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (None, "None, expected BenchmarkMetrics"),
        (3, "something of type int"),
        ("fast", "something of type str"),
        ((TIMES,), "1 values in a tuple"),
        ((TIMES, "/", 3), "3 values in a tuple"),
        ((TIMES, 3), "3 in the place of a folder of frames"),
        ((TIMES, "/no/such/folder"), "a folder of frames '/no/such/folder' that is not there"),
        ((TIMES, "a\0b"), "a folder of frames"),
        (((TIMES, "/"), "/"), "something of type tuple"),
        ({}, "no frame_times_ms, and no frames, warmup_frames, wall_time_s"),
        (ALONE, "no frame_times_ms, and no warmup_frames, std_ms"),
        ({"frame_times_ms": [1.0]}, "no warmup_times_ms"),
    ],
)
def test_what_is_no_result(returned: object, sentence: str) -> None:
    assert sentence in refusal(returned)


def test_a_record_is_looked_at_like_a_mapping() -> None:
    figures = {**FIGURES, "p99_ms": float("inf"), "fps": 60.0, "mean_ms": 16.7, "pixels_per_s": 0.0}
    record = BenchmarkMetrics(**figures, low1_fps=None, low01_fps=None, absent={}, phases={})
    assert "p99_ms = inf" in refusal(record)


def test_figures_of_a_batch_are_not_those_of_an_image() -> None:
    figures = {**FIGURES, "frames": 480}
    assert read_result({**figures, "mean_ms": 16.7}, 4, 100).metrics.fps == 240
    assert "frames, wall_time_s and worlds give" in refusal({**figures, "mean_ms": 4.17}, 4)


def test_a_folder_may_be_none() -> None:
    assert read_result((TIMES, None), 1, 100).folder is None


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=40),
    st.dictionaries(st.sampled_from(PHASES[:-1]), st.floats(0, 1)),
)
def test_phases_of_any_frame_add_up_to_its_time(times: list[float], shares: dict[str, float]) -> None:
    total = sum(shares.values())
    split = {
        name: [time * share / max(1.0, total) for time in times] for name, share in shares.items() if share
    }
    if not any(round(time * 1e6) for time in times):
        return
    result = read_result({"frame_times_ms": times, "warmup_times_ms": [1.0], "phase_times_ms": split}, 1, 100)
    readers = {True: StampReader(), False: StampReader()}
    for warm_up, first, stamps in result.times.blocks():
        readers[warm_up].read(first, stamps)
    timings = TrialTimings(readers[True].take(), readers[False].take())
    expected = [round(time * 1e6) for time in times]
    # Each phase is rounded to a whole nanosecond.
    assert frame_times_ns(timings.timed).tolist() == pytest.approx(expected, abs=4)
    assert timings.timed["overhead"][0] == 0


def picture(path: Path, side: int = 4) -> None:
    pixels = np.frombuffer(os.urandom(side * side * 3), np.uint8).reshape(side, side, 3)
    Image.fromarray(pixels, "RGB").save(path, "PNG")


def test_no_more_than_a_hundred_pictures_are_copied(tmp_path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(120):
        picture(source / f"{number:03}.png")
    names = copy_pictures(source, tmp_path / "target", "case.1")
    assert names == tuple(f"case.1.{number:03}.png" for number in range(100))
    assert sorted(path.name for path in (tmp_path / "target").iterdir()) == list(names)


def test_pictures_stop_where_they_are_too_much(tmp_path, monkeypatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(4):
        picture(source / f"{number}.png", 64)
    size = (source / "0.png").stat().st_size
    monkeypatch.setattr(pictures, "MOST_BYTES", 2 * size + size // 2)
    assert len(copy_pictures(source, tmp_path / "target", "case.1")) == 2


def test_two_names_that_are_made_safe_the_same_way_are_kept_apart(tmp_path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a b.png", "a_b.png", "a\nb.png", ".png", "..png", os.fsdecode(b"\xff\xfe.png")):
        picture(source / name)
    names = copy_pictures(source, tmp_path / "target", "c")
    assert sorted(names) == [
        "c.__.png",
        "c.a_b.2.png",
        "c.a_b.3.png",
        "c.a_b.png",
        "c.frame.2.png",
        "c.frame.png",
    ]


def test_a_picture_of_more_pixels_than_anybody_means_is_left_out(tmp_path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    Image.new("1", (20_000, 20_000)).save(source / "huge.png")
    picture(source / "small.png")
    assert copy_pictures(source, tmp_path / "target", "c") == ("c.small.png",)


def test_a_folder_that_is_gone_holds_no_pictures(tmp_path) -> None:
    assert copy_pictures(tmp_path / "gone", tmp_path / "target", "c") == ()
