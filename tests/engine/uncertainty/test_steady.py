"""The steady state is found where there is one, and good frames are not dropped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.uncertainty.steady import MIN_FRAMES, find_steady_state
from tests.engine.uncertainty.simulated import frame_times, share

MS = 1_000_000


def series(frames: int, seed: int = 1, correlation: float = 0.3, spikes: float = 0.01) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return frame_times(generator, 1, frames, correlation=correlation, noise=0.03, spikes=spikes)[0]


@pytest.mark.parametrize("frames", [300, 3000, 30_000])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.45])
@pytest.mark.parametrize("factor", [1.25, 3.0, 0.8])
def test_a_beginning_that_differs_is_left_out(frames: int, part: float, factor: float) -> None:
    times = series(frames)
    change = int(part * frames)
    times[:change] *= factor
    steady = find_steady_state(times.astype(np.int64))
    assert steady.settled is True
    assert steady.first_frame == pytest.approx(change, abs=3)
    assert steady.change == pytest.approx(factor - 1, rel=0.25)
    assert steady.change_frame is None


@pytest.mark.parametrize("decay", [20, 200])
def test_of_a_beginning_that_fades_what_is_left_hardly_counts(decay: int) -> None:
    times = series(4000)
    times *= 1 + np.exp(-np.arange(4000) / decay)
    steady = find_steady_state(times.astype(np.int64))
    assert steady.settled is True
    assert 2 * decay < steady.first_frame < 6 * decay
    left = np.exp(-np.arange(steady.first_frame, 4000) / decay).mean()
    assert left < 0.005


def test_the_change_is_found_among_more_than_a_million_frames() -> None:
    times = np.tile(series(25_000), 100)
    times[:40_000] *= 1.5
    steady = find_steady_state(times.astype(np.int64))
    assert steady.settled is True
    assert steady.first_frame == pytest.approx(40_000, abs=10)


@pytest.mark.parametrize("part", [0.55, 0.7, 0.85])
def test_a_trial_that_changes_late_never_settles(part: float) -> None:
    times = series(2000)
    change = int(part * 2000)
    times[change:] *= 1.2
    steady = find_steady_state(times.astype(np.int64))
    assert steady.settled is False
    assert steady.first_frame == 0
    assert steady.change_frame == pytest.approx(change, abs=130)
    assert steady.change == pytest.approx(1 / 1.2 - 1, abs=0.06)


@pytest.mark.parametrize("drift", [0.2, 0.5, -0.3])
def test_a_trial_that_drifts_to_its_end_never_settles(drift: float) -> None:
    times = series(2000) * (1 + drift * np.linspace(0, 1, 2000))
    steady = find_steady_state(times.astype(np.int64))
    assert steady.settled is False
    assert steady.first_frame == 0


def test_a_spike_at_the_start_is_a_spike() -> None:
    times = series(1000, spikes=0)
    times[0] *= 50
    steady = find_steady_state(times.astype(np.int64))
    assert steady.first_frame == 0
    assert steady.settled is True


def test_a_passing_disturbance_is_no_warm_up() -> None:
    times = series(2000)
    times[800:900] *= 2
    steady = find_steady_state(times.astype(np.int64))
    assert steady.first_frame == 0
    assert steady.settled is True


def test_equal_frames_are_steady() -> None:
    times = np.full(1000, 8 * MS)
    assert find_steady_state(times).first_frame == 0
    times[:100] = 9 * MS
    steady = find_steady_state(times)
    assert steady.first_frame == 100
    assert steady.change == pytest.approx(0.125)


@pytest.mark.parametrize("times", [np.zeros(0), np.full(MIN_FRAMES - 1, MS), np.zeros(1000)])
def test_of_too_few_frames_nothing_is_told(times: np.ndarray) -> None:
    steady = find_steady_state(times.astype(np.int64))
    assert steady.settled is None
    assert steady.first_frame == 0


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=30),
    st.integers(MIN_FRAMES, 700),
    st.integers(1, 50),
)
@settings(max_examples=200)
def test_any_frames_have_an_answer_that_leaves_half_of_them(block: list[int], frames: int, unit: int) -> None:
    times = np.resize(np.array(block, np.int64), frames)
    before = times.copy()
    steady = find_steady_state(times)
    assert 0 <= steady.first_frame <= frames / 2
    assert (steady.settled is True) or steady.first_frame == 0
    assert (times == before).all()
    assert find_steady_state(times * unit).settled is steady.settled


@pytest.mark.slow
@pytest.mark.parametrize("frames", [200, 1000, 5000])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("spikes", [0.0, 0.01])
def test_good_frames_are_dropped_in_few_trials(frames: int, correlation: float, spikes: float) -> None:
    sessions = 500
    generator = np.random.default_rng(frames)
    times = frame_times(
        generator, sessions, frames, correlation=correlation, noise=0.1, spikes=spikes
    ).astype(np.int64)
    found = [find_steady_state(row) for row in times]
    assert share(sessions, lambda i: found[i].first_frame > 0) <= 0.03
    assert share(sessions, lambda i: found[i].settled is False) <= 0.03
    assert sum(each.first_frame for each in found) / sessions <= 0.01 * frames


@pytest.mark.slow
@pytest.mark.parametrize("spikes", [0.002, 0.01])
def test_a_spike_among_the_first_of_very_even_frames_is_no_beginning(spikes: float) -> None:
    sessions = 1000
    generator = np.random.default_rng(4)
    times = frame_times(generator, sessions, 5000, correlation=0.3, noise=0.005, spikes=spikes)
    found = [find_steady_state(row.astype(np.int64)) for row in times]
    assert share(sessions, lambda i: found[i].first_frame > 0) <= 0.01
