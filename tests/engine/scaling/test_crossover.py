"""From how many worlds on a batch renderer is faster than processes."""

import pytest

from engine.scaling.crossover import Outcome, find_crossover
from engine.scaling.interpolation import interpolated


def test_between_two_measured_numbers_it_is_read_off_on_logarithms():
    # FPS is 10 times the worlds up to 64: 230 FPS are reached at 23 worlds, and passed at 24.
    found = find_crossover({1: 10, 16: 160, 32: 320, 64: 640}, 230)
    assert found.outcome is Outcome.FROM
    assert found.worlds == 24 and found.between == (16, 32)
    assert found.faster_at == (32, 64)
    assert (found.best_ratio, found.best_worlds) == (640 / 230, 64)


@pytest.mark.parametrize("rate", [161, 203, 319.9])
def test_the_number_lies_between_the_two_and_is_faster(rate):
    curve = {16: 160.0, 32: 320.0}
    found = find_crossover(curve, rate)
    assert found.worlds is not None and 16 < found.worlds <= 32
    assert interpolated(curve, found.worlds) > rate
    assert found.worlds == 17 or interpolated(curve, found.worlds - 1) <= rate * (1 + 1e-9)


def test_of_two_neighbours_it_is_the_larger():
    assert find_crossover({1: 100, 2: 300}, 100).worlds == 2
    assert find_crossover({1: 100, 2: 300}, 299).worlds == 2


def test_at_every_and_at_no_measured_number():
    every = find_crossover({4: 100, 8: 200}, 50)
    assert (every.outcome, every.worlds, every.between) == (Outcome.EVERY, 4, None)
    none = find_crossover({4: 100, 8: 200}, 400)
    assert (none.outcome, none.worlds, none.faster_at) == (Outcome.NONE, None, ())
    assert (none.best_ratio, none.best_worlds) == (0.5, 8)
    assert find_crossover({8: 200}, 200).outcome is Outcome.NONE, "as fast is not faster"


def test_a_batch_that_is_faster_at_some_numbers_and_slower_again_has_no_number_from_which_on():
    found = find_crossover({1: 10, 64: 640, 1024: 300}, 400)
    assert (found.outcome, found.worlds, found.faster_at) == (Outcome.SOME, None, (64,))


def test_a_dip_in_the_middle_moves_the_number_behind_it():
    found = find_crossover({1: 10, 8: 500, 16: 300, 32: 800}, 400)
    assert found.between == (16, 32) and found.outcome is Outcome.FROM
    assert found.faster_at == (8, 32)


def test_what_lies_outside_of_the_measured_sizes_is_not_read_off():
    with pytest.raises(ValueError, match="outside"):
        interpolated({4: 1.0, 8: 2.0}, 2)
    assert interpolated({4: 1.0, 8: 2.0}, 4) == 1.0
