"""Curves over sizes are drawn at every size of a terminal, and are reached with a key."""

import asyncio
import itertools

import pytest
from textual.widgets import Footer

from engine.case import Resolution
from engine.scaling.pixels import fit_pixels
from engine.scaling.throughput import throughput_curve
from tests.tui.dashboard.results.made import Made
from tests.tui.dashboard.results.test_plots import SIZES, drawn
from tests.tui.dashboard.results.test_screen import Host, pane_text, text_of
from tui.dashboard.results.scaling_plot import Level, draw_pixel_fit, draw_throughput, log_ticks
from tui.dashboard.results.screen import ResultScreen

SIDES = ("32x32", "64x64", "128x128", "640x480")
CASES = (
    *(Made("egl", 1.0 + 1e-5 * side * side, size=f"{side}x{side}", frames=60) for side in (32, 256, 1024)),
    *(Made("egl", 1.1, size="32x32", workers=workers, frames=60) for workers in (2, 4)),
    *(
        Made("mjwarp", 5.0 + 0.1 * worlds, size="32x32", worlds=worlds, frames=60)
        for worlds in (1, 16, 256, 4096)
    ),
    Made("osmesa", 2.0, size="1024x1024", frames=60),
)


def pixel_lines(times_ms, size=(78, 16), ascii_only=True):
    sizes = [Resolution.parse(one) for one in SIDES]
    times = [1e-3 * time for time in times_ms]
    fit = fit_pixels([one.pixels for one in sizes], [[time] for time in times])
    assert fit is not None
    return drawn(lambda paper: draw_pixel_fit(paper, sizes, times, fit), size, ascii_only)


def throughput_lines(rates, size=(78, 16), level=None, ascii_only=True):
    curve = throughput_curve({number: [rate] for number, rate in rates.items()})
    assert curve is not None
    return drawn(lambda paper: draw_throughput(paper, curve, "workers", level), size, ascii_only)


def where(lines, mark):
    """Rows from the bottom and columns of a mark above the lower axis."""
    axis = next(number for number, row in enumerate(lines) if "+--" in row)
    return [
        (axis - number, column)
        for number, row in enumerate(lines[:axis])
        for column, letter in enumerate(row)
        if letter == mark and column > row.index("|" if "|" in row else "+")
    ]


def as_ascii(lines):
    return [row.translate(str.maketrans("─│┌┐└┘├┤┬┴┼", "-|+++++++++")) for row in lines]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize(
    "times_ms",
    [
        (1, 1.1, 1.3, 9),
        (1, 1, 1, 1),
        (9, 1, 9, 1),
        (1e-7, 1e-5, 1e-2, 1e3),
        (4, 3, 2, 1),
        (0.001, 0.004, 0.016, 0.3),
    ],
)
def test_every_measured_time_is_drawn_at_every_size(size, ascii_only, times_ms):
    lines = pixel_lines(times_ms, size, ascii_only)
    assert len(lines) == size[1]
    points = sum(row.count("o") for row in lines[:-1])
    assert 1 <= points <= 4
    if size[0] > 50:
        assert points == 4
        assert "32x32" in lines[-2] and "640x480" in lines[-2] and "logarithms" in lines[-1]


def test_the_line_goes_through_times_that_are_one():
    times = [1 + 1e-5 * Resolution.parse(side).pixels for side in SIDES]
    lines = as_ascii(pixel_lines(times))
    heights = {column: row for row, column in where(lines, "o")}
    assert len(heights) == 4 and [heights[column] for column in sorted(heights)] == sorted(heights.values())
    for column, row in heights.items():
        beside = [near for near, place in where(lines, ".") if abs(place - column) == 1]
        assert beside and all(abs(near - row) <= 1 for near in beside)


def test_where_pixels_begin_to_matter_is_marked_below_the_line():
    # A tenth of the frame at 1 / 9e-5 = 11,111 pixels, before 128x128 and behind 64x64.
    times = [1 + 1e-5 * Resolution.parse(side).pixels for side in SIDES]
    lines = as_ascii(pixel_lines(times))
    columns = [column for _, column in sorted(where(lines, "o"), key=lambda place: place[1])]
    marks = {column for _, column in where(lines, "|")}
    assert len(marks) == 1 and columns[1] < marks.pop() < columns[2]
    assert not where(as_ascii(pixel_lines((9, 1, 9, 1))), "|"), "what does not fit has no such size"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize(
    "rates",
    [
        {1: 100, 2: 190},
        {1: 5, 2: 5, 4: 5},
        {1: 1e-3, 16: 1, 8192: 1e7},
        {3: 8, 4: 7, 7: 90},
        {1: 9e6, 2: 1e7, 4: 9e6},
    ],
)
def test_every_measured_rate_is_drawn_at_every_size(size, ascii_only, rates):
    for level in (None, Level(50.0, None), Level(50.0, max(rates))):
        lines = throughput_lines(rates, size, level, ascii_only)
        text = "\n".join(lines)
        assert len(lines) == size[1] and "cannot" not in text
        if size[0] > 50 and level is None:
            drawn_points = sum(row.count("o") for row in lines[:-1]) + sum(row.count("K") for row in lines)
            assert drawn_points == len(rates)
        assert level is None or "=" in text
        assert ("X" in text) == (level is not None and level.crossing is not None)


def test_the_knee_stands_where_the_curve_bends_and_the_ideal_goes_on():
    lines = as_ascii(throughput_lines({1: 100, 2: 200, 4: 210, 8: 212}))
    ((row, column),) = where(lines, "K")
    points = sorted(where(lines, "o"), key=lambda place: place[1])
    assert points[0][1] < column < points[1][1] and points[0][0] < row <= points[1][0]
    beyond = [place for place in where(lines, ":") if place[1] > column]
    assert all(height > row for height, _ in beyond)
    assert not where(as_ascii(throughput_lines({1: 100, 2: 200, 4: 400})), "K")


@pytest.mark.parametrize("most", [2, 3, 8])
@pytest.mark.parametrize(("low", "high"), [(0.93, 2.2), (5.1, 10.3), (1e-7, 1e7), (3.0, 3.1), (96, 205)])
def test_ticks_on_logarithms_lie_in_order_inside(low, high, most):
    ticks = log_ticks(low, high, most)
    assert 1 <= len(ticks) <= most
    assert all(low <= tick <= high for tick in ticks)
    assert all(a < b for a, b in itertools.pairwise(ticks))


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_a_key_goes_round_the_plots_of_a_case(make_session, wait_for, size):
    session, folder = make_session(*CASES)

    async def read() -> None:
        screen = ResultScreen(session, folder)
        async with Host(screen).run_test(size=size) as pilot:
            await wait_for(lambda: screen.is_mounted)
            assert "v" not in screen.active_bindings or not screen.active_bindings["v"].enabled
            await pilot.press("6")
            await wait_for(lambda: "plot 1 of 3: v shows the next" in pane_text(screen))
            assert "to scale in pixels" in pane_text(screen)
            await pilot.press("v")
            await wait_for(lambda: "plot 2 of 3" in pane_text(screen))
            said = " ".join(pane_text(screen).split())
            assert "the line: fixed cost + cost per pixel" in said and "| pixels take a tenth" in said
            assert "pixels take less than a tenth of it" in said
            await pilot.press("v")
            await wait_for(lambda: "plot 3 of 3" in pane_text(screen))
            said = " ".join(pane_text(screen).split())
            assert (
                "workers, on logarithms" in said and ": ideal" in said and "efficiency: 100% with 1" in said
            )
            assert "he knee" in said
            await pilot.press("v")
            await wait_for(lambda: "plot 1 of 3" in pane_text(screen))
            await pilot.press(*["down"] * 5, "v")
            await wait_for(lambda: "mjwarp" in text_of(screen, "#sizes-pane .heading"))
            await wait_for(lambda: "worlds, on logarithms" in pane_text(screen))
            said = " ".join(pane_text(screen).split())
            assert "= 4 workers of egl X faster from here" in said and "beats 4 processes of egl" in said
            assert screen.query_one(Footer).display
            await pilot.press(*["down"] * 4)
            await wait_for(lambda: "osmesa" in text_of(screen, "#sizes-pane .heading"))
            await wait_for(lambda: "to scale in pixels" in pane_text(screen))
            assert "v shows" not in pane_text(screen)

    asyncio.run(read())


def test_a_session_of_one_size_says_that_there_is_nothing_to_plot(make_session, wait_for):
    session, folder = make_session(Made("egl", 1.0, frames=60), Made("osmesa", 2.0, frames=60))

    async def read() -> None:
        screen = ResultScreen(session, folder)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted)
            await pilot.press("6")
            await wait_for(lambda: "no second resolution, number of workers" in pane_text(screen))
            await pilot.press("v")
            assert screen.is_running

    asyncio.run(read())
