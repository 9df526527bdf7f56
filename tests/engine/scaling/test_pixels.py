"""Fixed cost and cost per pixel of made times are found again, and a line that does not fit says so."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scaling.pixels import PixelFit, fit_pixels

SIDES = (32, 64, 128, 256, 512)
PIXELS = [side * side for side in SIDES]


def fitted(pixels, times) -> PixelFit:
    fit = fit_pixels(pixels, times)
    assert fit is not None
    return fit


def made(fixed_s: float, s_per_pixel: float, pixels=PIXELS) -> list[list[float]]:
    return [[fixed_s + s_per_pixel * size] for size in pixels]


@given(st.floats(1e-6, 10), st.floats(1e-12, 1e-4))
def test_exact_lines_of_any_scale_are_found_again(fixed_s, s_per_pixel):
    fit = fitted(PIXELS, made(fixed_s, s_per_pixel))
    # Where one part is a millionth of every time, rounding alone decides what it is.
    for size in (0, *PIXELS):
        assert fit.time_s(size) == pytest.approx(fixed_s + s_per_pixel * size, rel=1e-6)
    assert fit.fits and fit.is_tested and fit.largest_deviation < 1e-6
    assert fit.sizes == len(SIDES)


def test_pixels_matter_from_a_tenth_of_the_frame_on():
    fit = fitted(PIXELS, made(0.9e-3, 1e-8))
    assert fit.matters_from_pixels == pytest.approx(10_000)
    share = fit.s_per_pixel * fit.matters_from_pixels / fit.time_s(fit.matters_from_pixels)
    assert share == pytest.approx(0.1)
    assert fit.s_per_pixel * fit.half_pixels / fit.time_s(fit.half_pixels) == pytest.approx(0.5)


def test_small_pictures_count_as_much_as_large_ones():
    times = made(1e-3, 1e-6)
    # A tenth more at the largest size would pull a line of absolute errors far below 0 at the smallest.
    times[-1] = [times[-1][0] * 1.1]
    fit = fitted(PIXELS, times)
    assert fit.fixed_s == pytest.approx(1e-3, rel=0.1)
    unweighted = np.polyfit(PIXELS, [time for (time,) in times], 1)
    assert unweighted[1] < 0


def test_noise_of_two_percent_leaves_both_costs_within_their_intervals_as_often_as_promised():
    random, sessions, rounds = np.random.default_rng(5), 400, 6
    held = np.zeros(2)
    for _ in range(sessions):
        noise = random.lognormal(0, 0.02, (len(PIXELS), rounds))
        times = [list((2e-3 + 3e-8 * size) * noise[index]) for index, size in enumerate(PIXELS)]
        fit = fitted(PIXELS, times)
        assert fit.fixed_interval is not None and fit.s_per_pixel_interval is not None
        held += (
            fit.fixed_interval.low <= 2e-3 <= fit.fixed_interval.high,
            fit.s_per_pixel_interval.low <= 3e-8 <= fit.s_per_pixel_interval.high,
        )
        assert fit.fixed_s == pytest.approx(2e-3, rel=0.1)
    assert all(0.91 <= share <= 0.985 for share in held / sessions)


def test_intervals_take_three_rounds_in_which_every_size_was_measured():
    times = [[time, time * 1.01, time * 0.99] for (time,) in made(1e-3, 1e-8)]
    assert fitted(PIXELS, times).fixed_interval is not None
    times[2][1] = None
    fit = fitted(PIXELS, times)
    assert fit.fixed_interval is None and fit.s_per_pixel_interval is None
    assert fit.sizes == len(SIDES), "the size itself is still in the line"


def test_an_interval_ends_at_0_where_the_fixed_cost_may_be_none():
    times = [[time, time * 1.2, time * 0.8] for (time,) in made(0, 1e-8)]
    times[0] = [times[0][0], times[0][1] * 0.8, times[0][2] * 1.3]
    interval = fitted(PIXELS, times).fixed_interval
    assert interval is not None and interval.low == 0 < interval.high


def test_times_that_no_line_explains_are_told_with_the_size_that_is_farthest_off():
    # A cache that is too small from the fourth size on.
    times = [[1.0], [1.1], [1.4], [9.0], [12.0]]
    fit = fitted(PIXELS, times)
    assert not fit.fits and fit.largest_deviation > 0.2
    deviations = {
        size: abs(fit.time_s(size) - time) / time for size, (time,) in zip(PIXELS, times, strict=True)
    }
    assert fit.deviates_at == max(deviations, key=deviations.__getitem__)


def test_a_deviation_within_the_noise_of_every_size_is_told_apart_from_one_beyond_it():
    times = [figure for (figure,) in made(1e-3, 1e-8)]
    times[2] *= 1.3
    for spread, within in ((1.3, True), (1.001, False)):
        fit = fitted(PIXELS, [[time / spread, time, time * spread] for time in times])
        assert not fit.fits and fit.is_within_noise is within
    assert not fitted(PIXELS, [[time] for time in times]).is_within_noise, "one round has no noise to tell"


def test_ten_percent_is_what_a_line_may_be_off():
    for part, fits in ((0.08, True), (0.25, False)):
        times = made(1e-3, 1e-8)
        times[2] = [times[2][0] * (1 + part)]
        assert fitted(PIXELS, times).fits is fits


def test_neither_cost_is_below_0():
    faster = fitted([100, 200, 400], [[4.0], [3.9], [3.8]])
    assert faster.s_per_pixel == 0 and 3.8 <= faster.fixed_s <= 4
    assert faster.matters_from_pixels == math.inf == faster.half_pixels
    steeper = fitted([100, 200, 400], [[1.0], [2.3], [5.0]])
    assert steeper.fixed_s == 0 and steeper.matters_from_pixels == 0
    assert steeper.s_per_pixel == pytest.approx(0.0115, rel=0.1)


@given(
    st.lists(
        st.tuples(st.integers(1, 2**28), st.floats(1e-7, 1e3)),
        min_size=2,
        max_size=8,
        unique_by=lambda p: p[0],
    )
)
def test_no_other_line_of_costs_not_below_0_is_nearer(points):
    pixels, times = [size for size, _ in points], [time for _, time in points]
    fit = fitted(pixels, [[time] for time in times])

    def errors(fixed: float, each: float) -> float:
        return math.fsum(((fixed + each * size) / time - 1) ** 2 for size, time in points)

    best = errors(fit.fixed_s, fit.s_per_pixel)
    assert fit.fixed_s >= 0 and fit.s_per_pixel >= 0
    for more in (0.999, 1.001):
        assert errors(fit.fixed_s * more, fit.s_per_pixel) >= best * (1 - 1e-6) - 1e-9
        assert errors(fit.fixed_s, fit.s_per_pixel * more) >= best * (1 - 1e-6) - 1e-9
    assert errors(min(times), 0) >= best - 1e-9
    assert errors(0, min(time / size for size, time in points)) >= best - 1e-9


def test_two_sizes_make_a_line_that_nothing_tests():
    fit = fitted([100, 400], [[1.0], [2.0]])
    assert fit.fixed_s == pytest.approx(2 / 3) and fit.s_per_pixel == pytest.approx(1 / 300)
    assert not fit.is_tested and fit.fits


def test_too_few_sizes_have_no_line():
    assert fit_pixels([], []) is None
    assert fit_pixels([100], [[1.0]]) is None
    assert fit_pixels([100, 400], [[1.0], [None]]) is None
    assert fit_pixels([640 * 480, 480 * 640], [[1.0], [1.1]]) is None, "one number of pixels, turned round"


def test_two_pictures_of_as_many_pixels_are_two_points_of_one_size():
    fit = fitted([100, 100, 400], [[1.0], [1.0], [4.0]])
    assert fit.sizes == 2 and not fit.is_tested


def test_what_is_no_size_or_time_is_refused():
    with pytest.raises(ValueError, match="2 sizes"):
        fit_pixels([1, 2], [[1.0]])
    with pytest.raises(ValueError, match="more than 0 pixels"):
        fit_pixels([0, 2], [[1.0], [1.0]])
    with pytest.raises(ValueError, match="above 0"):
        fit_pixels([1, 2], [[1.0], [0.0]])
