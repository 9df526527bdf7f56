"""Plots of two sessions: both legible at any size and without colour, and true to what was measured."""

from dataclasses import replace

import numpy as np
import pytest

from tests.tui.dashboard.results.made import Made, write_session
from tests.tui.dashboard.results.test_plots import drawn
from tui.dashboard.results.reduction import reduce_frames
from tui.dashboard.sessions.distribution_plot import (
    beyond_edges,
    bin_parts,
    common_span,
    draw_distributions,
    lanes,
)
from tui.dashboard.sessions.frames_reader import CaseFrames, FramesReader
from tui.dashboard.sessions.trials_plot import Trials, draw_trials, fps_span, stacked, trials_of

SIZES = [(24, 9), (78, 15), (200, 50)]
NAMES = ("before", "after")


def frames_of(middle_ms: float, frames: int, spread: float = 0.03) -> CaseFrames:
    times = np.random.default_rng(frames).normal(1, spread, frames) * middle_ms * 1e6
    whole = np.abs(times).astype(np.int64)
    return CaseFrames(reduce_frames([whole], frames).histogram, frames, 1, float(whole.max()) / 1e6)


def rows_of(lines: list[str], height: int) -> tuple[list[str], list[str]]:
    """What stands in the half of A and in that of B, without the axis on the left."""
    above, below = lanes(height - 3)
    inner = [line[2:] for line in lines[: height - 3]]
    top = height - 4

    def rows(lane):
        return [inner[top - row] for row in range(lane.bottom, lane.name_row)]

    return rows(above), rows(below)


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("frames", [1, 2, 20_000])
def test_both_distributions_are_drawn_at_any_size(size, frames, ascii_only):
    sides = (frames_of(5.0, frames), frames_of(6.0, frames))
    span = common_span(sides)
    lines = drawn(lambda paper: draw_distributions(paper, sides, NAMES, span), size, ascii_only)
    assert len(lines) == size[1]
    marks = ("#", "=") if ascii_only else ("█▇▆▅▄▃▂▁┃", "█▇▆▅▄▃▂▁┃")
    for rows, these in zip(rows_of(lines, size[1]), marks, strict=True):
        assert any(mark in row for row in rows for mark in these + "|")
    text = "\n".join(lines)
    assert "A before" in text and "B after" in text


def test_too_few_lines_for_two_sessions_are_said_to_be_so():
    sides = (frames_of(5.0, 10), frames_of(6.0, 10))
    with pytest.raises(ValueError, match="no room for two sessions"):
        drawn(lambda paper: draw_distributions(paper, sides, NAMES, common_span(sides)), (24, 8))


def test_the_faster_side_stands_left_of_the_slower_on_one_axis():
    sides = (frames_of(5.0, 5000), frames_of(6.0, 5000))
    lines = drawn(lambda paper: draw_distributions(paper, sides, NAMES, common_span(sides)), (100, 20))
    first, second = rows_of(lines, 20)
    assert first[0].index("|") < second[0].index("|")
    assert first[0].rindex("#") < second[0].rindex("=")
    assert "p50 5.0" in lines[0] and any("p50 6.0" in line for line in lines)


def test_bars_hold_every_frame_that_is_not_beyond_an_edge():
    side = frames_of(5.0, 3000)
    sides = (side, frames_of(9.0, 50))
    span = common_span(sides)
    parts = bin_parts(side.histogram, span, 40, 40)
    assert parts.sum() == pytest.approx(
        1 - sum(beyond_edges(side, span.left_ms, span.right_ms)) / 3000, abs=1e-3
    )


def test_one_slow_frame_does_not_press_the_rest_together():
    times = np.full(1000, 5_000_000)
    times[3] = 10**10
    slow = CaseFrames(reduce_frames([times], 1000).histogram, 1000, 1, 1e4)
    span = common_span((slow, frames_of(5.1, 1000)))
    assert span.right_ms < 10
    assert beyond_edges(slow, span.left_ms, span.right_ms) == (0, 1)


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "sides",
    [
        (Trials((100.0, 101.0, 99.0), ()), Trials((90.0, 91.0, 89.0), (45.0,))),
        (Trials((100.0,), ()), Trials((), ())),
        (Trials((), (3.0,)), Trials((0.0, 0.0), ())),
        (Trials((100.0,) * 40, ()), Trials((100.0,) * 2, ())),
    ],
)
def test_trials_of_any_number_are_drawn_at_any_size(size, sides, ascii_only):
    lines = drawn(lambda paper: draw_trials(paper, sides, NAMES), size, ascii_only)
    assert len(lines) == size[1]
    for rows, side, mark in zip(rows_of(lines, size[1]), sides, ("o●", "+◆"), strict=True):
        assert any(one in row for row in rows for one in mark) == bool(side.counted)


def test_every_trial_has_a_dot_and_its_interval_stands_below():
    sides = (Trials((100.0, 104.0, 96.0), ()), Trials((90.0, 90.0, 94.0), (93.0,)))
    lines = drawn(lambda paper: draw_trials(paper, sides, NAMES), (100, 20))
    first, second = rows_of(lines, 20)
    assert sum(row.count("o") for row in first) == 3
    assert sum(row.count("+") for row in second) == 3
    assert sum(row.count("x") for row in second) == 1
    assert [row.count("[") + row.count("]") + row.count("|") for row in (first[0], second[0])] == [3, 3]


def test_dots_at_one_place_stand_on_one_another():
    lane = lanes(20)[1]
    assert stacked([5, 5, 7, 5], lane) == [(5, 1), (5, 2), (7, 1), (5, 3)]
    assert stacked([5], lane, taken=[5, 5]) == [(5, 3)]
    assert max(row for _, row in stacked([5] * 50, lane)) < lane.name_row


def test_a_spoiled_attempt_does_not_press_the_sample_together():
    low, high = fps_span((Trials((100.0, 101.0), (10.0,)), Trials((99.0,), ())))
    assert 97 < low < 99 and 101 < high < 103


def test_only_what_counts_is_in_the_frames_and_the_trials(tmp_path):
    made = Made("egl", 5.0, trials=3, spoiled=(2,), frames=200)
    (case,) = write_session(tmp_path / "again", made).cases
    trials = trials_of(case)
    assert (len(trials.counted), len(trials.spoiled)) == (3, 1)
    assert trials.spoiled[0] < min(trials.counted)
    reader = FramesReader(tmp_path / "again")
    found = reader.read(case)
    assert (found.frames, found.trials) == (600, 3)
    assert found.p50_ms == pytest.approx(5.5, rel=0.03)
    assert reader.known(case) is found
    (once,) = write_session(tmp_path / "once", replace(made, spoiled=())).cases
    assert FramesReader(tmp_path / "once").read(once).frames == 600
