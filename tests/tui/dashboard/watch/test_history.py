"""FPS over a whole trial in a bounded number of points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.dashboard.watch.history import MOST_POINTS, RateHistory, fit

SAMPLE = 500_000_000


def history(rates: list[float]) -> RateHistory:
    """Half a second of frames at each rate, each with one frame of 20 ms."""
    found = RateHistory()
    for rate in rates:
        found.add(round(rate / 2), SAMPLE, 1_000_000, 20_000_000)
    return found


def test_one_point_a_sample():
    found = history([100, 50, 100])
    assert [point.fps for point in found.points] == [100, 50, 100]
    assert found.points[0].longest_ms == pytest.approx(20)
    assert found.seconds_a_point == 0.5


@pytest.mark.parametrize("dip", [0, 1, 5_000, 9_999])
def test_a_dip_of_one_sample_is_still_seen_after_hours(dip):
    rates = [100.0] * 10_000
    rates[dip] = 10.0
    found = history(rates)
    assert len(found.points) <= MOST_POINTS
    assert min(point.low_fps for point in found.points) == 10
    assert max(point.high_fps for point in found.points) == 100
    where = next(i for i, point in enumerate(found.points) if point.low_fps == 10)
    assert where == dip * 0.5 // found.seconds_a_point


@given(st.lists(st.integers(2, 1000), min_size=1, max_size=3000))
def test_the_points_keep_mean_and_extremes(rates):
    found = history([float(2 * rate) for rate in rates])
    span = round(found.seconds_a_point / 0.5)
    *whole, last = found.points
    lengths = [span] * len(whole) + [len(rates) - span * len(whole)]
    total = sum(point.fps * length for point, length in zip(found.points, lengths, strict=True))
    assert 0 < lengths[-1] <= span
    assert total == pytest.approx(sum(2 * rate for rate in rates))
    assert min(point.low_fps for point in found.points) == 2 * min(rates)
    assert last.high_fps <= 2 * max(rates)


@given(st.integers(1, 600), st.integers(1, 200))
def test_fitting_changes_only_the_last_point_until_the_number_put_together_doubles(count, width):
    points = history([100.0 + 2 * i for i in range(count)]).points[:500]
    fitted, together = fit(points, width)
    assert len(fitted) <= width
    before, together_before = fit(points[:-1], width)
    if together == together_before and len(points) > 1:
        assert fitted[: len(before) - 1] == before[:-1]
