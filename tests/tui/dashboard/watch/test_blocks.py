"""The graphs, checked by their lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.dashboard.watch.blocks import nice_top, range_graph, share_bar, sparkline


def test_a_steady_rate_is_a_steady_line_and_a_dip_is_seen():
    assert sparkline([60, 60, 60, 60], 4) == "████"
    assert sparkline([59.9, 60.0, 60.1], 3) == "███"
    assert sparkline([60, 15, 60], 3) == "█▂█"


def test_the_scale_starts_at_zero():
    assert range_graph([(0, 0), (2, 2), (4, 4), (6, 6), (8, 8)], 5, 1, 8) == [" ▂▄▆█"]


def test_columns_grow_over_several_lines_from_the_left():
    assert range_graph([(1, 1), (2, 2), (3, 3), (4, 4)], 5, 2, 4) == ["  ▄█ ", "▄███ "]


def test_a_column_is_solid_to_its_low_and_shaded_to_its_high():
    assert range_graph([(8, 8), (2, 8), (8, 8)], 3, 2, 8) == ["█░█", "█▄█"]
    assert range_graph([(8, 8), (2, 8), (8, 8)], 3, 2, 8, ascii_only=True) == ["#'#", "#=#"]


def test_a_small_value_can_still_be_seen_and_zero_is_nothing():
    assert range_graph([(0.0001, 0.0001), (0, 0)], 2, 1, 1000) == ["▁ "]
    assert sparkline([1000, 0.0001, 0], 3) == "█▁ "


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True)
        ),
        max_size=40,
    ),
    st.integers(0, 30),
    st.integers(1, 6),
    st.floats(0.001, 1e9),
    st.booleans(),
)
def test_every_graph_has_its_size_whatever_the_values(values, width, height, top, ascii_only):
    lows = [low for low, _ in values]
    lines = range_graph(values, width, height, top, ascii_only)
    assert [len(line) for line in lines] == [width] * height
    assert len(sparkline(lows, width, ascii_only)) == width
    if ascii_only:
        assert all(line.isascii() for line in lines)
        assert sparkline(lows, width, ascii_only=True).isascii()


def test_shares_add_up_to_the_width():
    assert share_bar({"step": 0.1, "render": 0.7, "readback": 0.2}, 10) == "srrrrrrrbb"
    assert share_bar({}, 5) == "     "


@given(st.dictionaries(st.sampled_from(["step", "render", "overhead"]), st.floats(0, 1)), st.integers(0, 50))
def test_a_bar_of_shares_has_its_width(shares, width):
    assert len(share_bar(shares, width)) == width


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (0.3, 1), (7, 10), (10, 10), (11, 20), (240, 500), (999, 1000)]
)
def test_the_top_of_a_scale_is_a_round_number(largest, top):
    assert nice_top(largest) == top
