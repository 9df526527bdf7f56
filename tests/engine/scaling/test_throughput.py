"""Efficiency, gain of doubling and the knee of curves that were made."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scaling.throughput import Throughput, throughput_curve


def curve(rates) -> Throughput:
    found = throughput_curve({size: [rate] for size, rate in rates.items()})
    assert found is not None
    return found


def test_efficiency_is_each_ones_part_of_what_it_does_alone():
    one, two, four = curve({1: 100, 2: 190, 4: 200}).points
    assert (one.efficiency, two.efficiency, four.efficiency) == pytest.approx((1, 0.95, 0.5))
    assert (one.speed_up, two.speed_up, four.speed_up) == pytest.approx((1, 1.9, 2))
    assert one.doubling_gain is None
    assert (two.doubling_gain, four.doubling_gain) == pytest.approx((0.9, 200 / 190 - 1))
    assert two.is_doubling_measured and four.is_doubling_measured and not one.is_doubling_measured


def test_without_one_alone_the_smallest_is_the_base():
    found = curve({8: 1600, 2: 500, 4: 960})
    assert found.base == 2
    assert [point.efficiency for point in found.points] == pytest.approx([1, 0.96, 0.8])


@pytest.mark.parametrize(
    ("rates", "knee", "beyond"),
    [
        ({1: 100, 2: 190, 4: 200, 8: 201}, 2, False),
        ({1: 100, 2: 111, 4: 122.2, 8: 123}, 4, False),
        ({1: 100, 2: 109, 4: 110}, 1, False),
        ({1: 100, 2: 200, 4: 400}, 4, True),
        ({1: 100, 2: 110}, 2, True),
        ({1: 100, 2: 90, 4: 80}, 1, False),
        ({1: 1e-6, 1024: 1e6, 2048: 1.05e6}, 1024, False),
    ],
)
def test_the_knee_is_where_doubling_last_gains_a_tenth(rates, knee, beyond):
    found = curve(rates)
    assert (found.knee, found.is_knee_beyond) == (knee, beyond)
    assert found.knee_point.size == knee
    after = found.after_knee
    assert (after is None) == beyond
    if after is not None:
        assert after.doubling_gain is not None and after.doubling_gain < 0.1


def test_a_dip_that_recovers_is_no_knee():
    # Eight gain 90% over four, and are slower than two.
    assert curve({1: 100, 2: 180, 4: 90, 8: 171}).knee == 2


def test_sizes_that_are_no_doublings_are_read_off_between_the_measured_ones():
    # T = n^0.5: every doubling gains sqrt(2).
    found = curve({size: math.sqrt(size) for size in (1, 3, 5, 12)})
    for point in found.points[1:]:
        assert point.doubling_gain == pytest.approx(math.sqrt(2) - 1)
        assert not point.is_doubling_measured
    assert found.is_knee_beyond
    # From 64 to 1024 it gains a fifth in all, and so less than a tenth in each doubling.
    wide = curve({1: 100, 64: 4000, 1024: 4800})
    assert wide.knee == 64
    assert wide.points[2].doubling_gain == pytest.approx(1.2 ** (1 / 4) - 1)
    near = curve({4: 100, 5: 125, 6: 150})
    assert near.points[1].doubling_gain == pytest.approx(1)


@given(
    st.floats(0.05, 1),
    st.floats(1e-3, 1e7),
    st.lists(st.integers(1, 8192), min_size=2, max_size=9, unique=True),
)
def test_a_power_of_the_size_gains_the_same_everywhere_in_any_unit(power, unit, sizes):
    found = curve({size: unit * size**power for size in sizes})
    for point in found.points[1:]:
        assert point.doubling_gain == pytest.approx(2**power - 1, rel=1e-6, abs=1e-9)
    if abs(2**power - 1.1) > 1e-6:
        assert found.is_knee_beyond == (2**power > 1.1)


def test_the_interval_of_efficiency_comes_from_ratios_of_rounds():
    # Each round is slower than the one before, both sizes alike: the ratio is sure all the same.
    drifting = throughput_curve({1: [100, 80, 60], 2: [190, 152, 114]})
    assert drifting is not None
    one, two = drifting.points
    assert one.efficiency_interval is None
    assert two.efficiency_interval is not None
    assert two.efficiency_interval.low == pytest.approx(0.95)
    assert two.efficiency_interval.high == pytest.approx(0.95)
    few = throughput_curve({1: [100, None, 60], 2: [190, 150, 114]})
    assert few is not None and few.points[1].efficiency_interval is None


def test_what_failed_is_no_point():
    assert throughput_curve({1: [100], 2: [None]}) is None
    assert throughput_curve({1: [0.0], 2: [100]}) is None
    assert throughput_curve({}) is None
    found = throughput_curve({1: [None], 2: [100], 4: [150, None]})
    assert found is not None and [point.size for point in found.points] == [2, 4]
    with pytest.raises(ValueError, match="at least 1"):
        throughput_curve({0: [1.0], 2: [1.0]})
