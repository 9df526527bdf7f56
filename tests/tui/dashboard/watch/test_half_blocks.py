"""A picture as characters."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.dashboard.watch.half_blocks import MOST_CELLS, ascii_rows, fit_cells, half_block_rows, resize


def test_two_pixels_a_cell_and_neighbours_that_look_the_same_are_one_run():
    red, blue = (248, 0, 0), (0, 0, 248)
    pixels = np.array([[red, red, blue], [blue, blue, blue]], np.uint8)
    assert half_block_rows(pixels, 3, 1) == [[(2, red, blue), (1, blue, blue)]]


def test_reducing_averages():
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:2, :2] = 120
    small = resize(pixels, 2, 2)
    assert small[:, :, 0].tolist() == [[120, 0], [0, 0]]
    pixels[0, 0] = 0
    assert resize(pixels, 2, 2)[0, 0, 0] == 90


def test_the_shape_is_kept_and_the_number_of_cells_bounded():
    columns, rows = fit_cells(640, 480, 200, 100)
    assert columns * rows <= MOST_CELLS
    assert abs(columns / (2 * rows) - 640 / 480) < 0.1
    assert fit_cells(640, 480, 0, 10) == (0, 0)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 150), st.integers(1, 60))
def test_any_picture_fits_any_room(width, height, columns, rows):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    wide, high = fit_cells(width, height, columns, rows)
    assert 1 <= wide <= max(1, columns)
    assert 1 <= high <= max(1, rows)
    lines = half_block_rows(pixels, wide, high)
    assert len(lines) == high
    assert all(sum(run.length for run in line) == wide for line in lines)
    assert {len(line) for line in ascii_rows(pixels, wide, high)} == {wide}


def test_ascii_is_denser_where_it_is_brighter():
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels[:, 1] = 255
    assert ascii_rows(pixels, 2, 1) == [" @"]
