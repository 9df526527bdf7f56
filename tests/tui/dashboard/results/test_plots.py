"""Plots drawn on figures of any size: nothing fails, nothing is left out, nothing needs more than ASCII."""

import numpy as np
import pytest
from textual_plotext import Plot

from engine.case import Resolution
from tui.dashboard.results.bar_plot import Bar, Part, draw_bars
from tui.dashboard.results.frame_plot import draw_frame_times, full_top_ms, zoomed_top_ms
from tui.dashboard.results.histogram_plot import draw_histogram, usual_span
from tui.dashboard.results.paper import Paper, Pens
from tui.dashboard.results.reduction import reduce_frames
from tui.dashboard.results.scales import round_ticks, short_texts, tick_texts
from tui.dashboard.results.size_plot import draw_sizes, series_letters

SIZES = [(24, 6), (78, 15), (200, 50)]
AXES = set("─│┌┐└┘├┤┬┴┼")


def drawn(draw, size, ascii_only=True) -> list[str]:
    plt = Plot()
    plt.theme("clear")
    plt.plotsize(*size)
    plt._set_size(*size)
    draw(Paper(plt, *size, Pens({}, ascii_only)))
    text = plt.uncolorize(plt.build())
    assert not ascii_only or {character for character in text if not character.isascii()} <= AXES
    return text.splitlines()


def trial_of(frames: int, spike: int | None = None):
    times = np.random.default_rng(frames).normal(5e6, 2e5, frames).astype(np.int64)
    if spike is not None:
        times[spike] = 10**9
    return reduce_frames([times], frames)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("frames", [1, 2, 10, 20_000])
def test_frame_times_and_histograms_of_any_length_and_size(size, frames):
    trial = trial_of(frames)
    for top in (full_top_ms(trial), zoomed_top_ms(trial)):
        lines = drawn(lambda paper, top=top: draw_frame_times(paper, trial, top), size)
        assert len(lines) == size[1] and any("o" in line for line in lines)
    marks = {"p50": 5.0, "p95": 5.3, "p99": 5.5}
    span = usual_span(trial.histogram, marks)
    assert span.left_ms <= 5.0 and span.right_ms >= 5.5
    lines = drawn(lambda paper: draw_histogram(paper, trial.histogram, span, marks), size)
    assert any("#" in line for line in lines)


@pytest.mark.parametrize("where", [0, 1, 7777, 19_999])
def test_a_spike_reaches_the_top_of_the_frame_times_and_not_into_the_histogram(where):
    trial = trial_of(20_000, where)
    lines = drawn(lambda paper: draw_frame_times(paper, trial, full_top_ms(trial)), (78, 15))
    assert "|" in lines[0] + lines[1]
    span = usual_span(trial.histogram, {"p99": 5.5})
    assert span.right_ms < 10 and span.beyond_right >= 1
    inside = trial.histogram.rebinned(np.array([span.left_ms, span.right_ms]) * 1e6).sum()
    assert round(inside) + span.beyond_left + span.beyond_right == 20_000


def test_frames_that_all_take_the_same_time_have_a_histogram():
    histogram = reduce_frames([np.full(100, 5_000_000)], 100).histogram
    span = usual_span(histogram, {"p50": 5.0})
    assert span.right_ms - span.left_ms >= 0.04
    assert any("#" in line for line in drawn(lambda p: draw_histogram(p, histogram, span, {}), (78, 15)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [0, 1, 3, 60])
def test_bars_are_as_long_as_their_values_and_as_many_as_fit(size, count):
    bars = [
        Bar(f"name{number}", (Part(1.0 + number, "a", (1, 2, 3)), Part(1.0, "b", (3, 2, 1))), f"{number} FPS")
        for number in range(count)
    ]
    lines = drawn(lambda paper: draw_bars(paper, bars, "FPS"), size)
    found = [line for line in lines if "name" in line]
    assert len(found) == min(count, size[1] - 3)
    if count == 3 and size[0] > 50:
        lengths = [line.count("a") - line.count("name") for line in found]
        assert lengths == sorted(lengths) and lengths[2] == pytest.approx(3 * lengths[0], abs=4)
        assert all(f"{number} FPS" in line for number, line in enumerate(found))


@pytest.mark.parametrize("chosen", [0, 7, 30, 59])
def test_of_too_many_bars_the_chosen_one_is_seen_and_how_many_there_are(chosen):
    bars = [Bar(f"name{number:02}", (Part(1.0, "a", (1, 2, 3)),), "") for number in range(60)]
    lines = drawn(lambda paper: draw_bars(paper, bars, "FPS", chosen), (60, 12))
    found = [line for line in lines if "name" in line]
    assert len(found) == 9
    assert any(f"name{chosen:02}" in line for line in found)
    assert "FPS   (9 of 60 are shown)" in lines[-1]


def test_bars_without_figures_say_why():
    lines = drawn(lambda paper: draw_bars(paper, [Bar("egl", (), "failed: " + "no " * 50)], "FPS"), (60, 8))
    said = next(line for line in lines if "failed" in line)
    assert said.endswith("~") and len(said) <= 60


@pytest.mark.parametrize("size", SIZES)
def test_every_backend_has_its_letter_at_every_size(size):
    small, large = Resolution(width=320, height=240), Resolution(width=640, height=480)
    series = {name: [(small, 100.0), (large, 50.0)] for name in ("egl", "osmesa", "extra")}
    lines = "\n".join(drawn(lambda paper: draw_sizes(paper, series), size))
    assert lines.count("e") >= 2 and lines.count("x") >= 4 and "o" in lines
    assert len(set(series_letters([f"e{number}" for number in range(36)]).values())) == 36


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 11.7, ["0", "5", "10"]),
        (0, 0.0008, ["0", "0.0005"]),
        (7.1, 9.2, ["8", "9"]),
        (0, 180_000, ["0", "50k", "100k", "150k"]),
        (0, 2_500_000, ["0", "1M", "2M"]),
    ],
)
def test_ticks_are_round(low, high, texts):
    assert short_texts(round_ticks(low, high, 4)) == texts


def test_units_stand_at_ticks():
    assert tick_texts([0.0, 20_000.0], " ms") == ["0", "20000 ms"]
    assert round_ticks(5.0, 5.0, 3) == [5.0]
