"""Frame times made small: whatever the data, no extreme is lost and nothing is counted twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.dashboard.results.reduction import MOST_BUCKETS, Reduction, Unwanted, envelope, merged, reduce_frames


def times_of(seed: int, frames: int) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(13, 2, frames).astype(np.int64)


def reduced(times: np.ndarray, cuts: list[int]) -> Reduction:
    parts = np.split(times, sorted(cut % (len(times) + 1) for cut in cuts))
    return reduce_frames(parts, len(times))


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 3 * MOST_BUCKETS),
    st.lists(st.integers(0, 10**6), max_size=5),
    st.integers(1, 300),
)
@settings(max_examples=60, deadline=None)
def test_extremes_and_sums_are_those_of_the_data(seed: int, frames: int, cuts: list[int], columns: int):
    times = times_of(seed, frames)
    reduction = reduced(times, cuts)
    assert reduction.low_ns.min() == times.min()
    assert reduction.high_ns.max() == times.max()
    assert reduction.sum_ns.sum() == reduction.wall_ns == times.sum()
    assert reduction.count.sum() == reduction.histogram.counts.sum() == frames
    shape = envelope(reduction, columns)
    assert shape.low_ms.min() == pytest.approx(times.min() * 1e-6)
    assert shape.high_ms.max() == pytest.approx(times.max() * 1e-6)
    assert (np.diff(shape.column) > 0).all()
    assert shape.column[0] == 0 and shape.column[-1] < columns
    assert (shape.low_ms <= shape.mean_ms + 1e-9).all() and (shape.mean_ms <= shape.high_ms + 1e-9).all()
    assert reduction.slowest[0] == pytest.approx(times.max() * 1e-6)


@given(st.integers(1, 40_000), st.data(), st.integers(1, 200))
@settings(max_examples=60, deadline=None)
def test_one_spike_survives_wherever_it_is(frames: int, data: st.DataObject, columns: int):
    where = data.draw(st.integers(0, frames - 1))
    times = np.full(frames, 1000)
    times[where] = 50_000
    shape = envelope(reduced(times, [where, where + 1]), columns)
    assert shape.high_ms.max() == pytest.approx(0.05)
    began = times[:where].sum() / times.sum() * columns
    near = np.abs(shape.column[np.argmax(shape.high_ms)] - began)
    # A bucket stands where its first frame began.
    assert near <= 1 + columns / MOST_BUCKETS * 2


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=200), st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_each_frame_is_in_the_fine_bin_that_holds_it(values: list[int], bins: int):
    times = np.array(values)
    histogram = reduce_frames([times], len(times)).histogram
    edges = histogram.edges_ns
    counts, _ = np.histogram(times.astype(np.float64), edges)
    # The last bin of numpy's has its upper edge inside, ours has not: no frame may be on it.
    assert (times < edges[-1]).all() and (counts == histogram.counts).all()
    assert (np.diff(edges) <= np.maximum(1, edges[1:] / 2048)).all()
    spread = np.linspace(edges[0], edges[-1], bins + 1)
    assert histogram.rebinned(spread).sum() == pytest.approx(len(times))


def test_quantiles_are_those_of_the_data_within_a_fine_bin():
    times = times_of(1, 50_000)
    histogram = reduce_frames([times], len(times)).histogram
    for part in (0.01, 0.5, 0.99):
        assert histogram.quantile_ns(part) == pytest.approx(np.quantile(times, part), rel=5e-3)


@pytest.mark.parametrize("said", [0, 9, 11])
def test_a_wrong_number_of_frames_is_refused(said: int):
    with pytest.raises(ValueError, match="frame"):
        reduce_frames([np.full(10, 5)], said)


def test_a_reduction_that_nobody_waits_for_ends():
    answers = iter([True, False])
    seen = []

    def parts():
        for _ in range(4):
            seen.append(1)
            yield np.full(10, 5)

    with pytest.raises(Unwanted):
        reduce_frames(parts(), 40, lambda: next(answers))
    assert len(seen) == 2


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=1, max_size=50), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_merged_histograms_are_that_of_all_frames(trials: list[list[int]]):
    arrays = [np.array(values) for values in trials]
    whole = np.concatenate(arrays)
    together = merged([reduce_frames([times], len(times)).histogram for times in arrays])
    expected = reduce_frames([whole], len(whole)).histogram
    assert together.counts.tolist() == expected.counts.tolist()
    assert together.edges_ns.tolist() == expected.edges_ns.tolist()
