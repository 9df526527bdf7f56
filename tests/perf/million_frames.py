"""How long do the statistics of a trial take? Beside it the least that they need: its frames sorted once.

Run as `python tests/perf/million_frames.py [--frames 1000000] [--rounds 5]`. The frame times are made up,
with noise, a slow beginning and spikes, of several lengths: the window of the stutter depends on the mean.
"""

import argparse
import statistics
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from engine.statistics import benchmark_metrics
from engine.timings import PHASES, TrialTimings, frame_times_ns


def made_trial(frames: int, mean_ms: float) -> TrialTimings:
    """A trial whose first hundredth is half as fast again, and every thousandth frame ten times as long."""
    random = np.random.default_rng(0)
    times = mean_ms * 1e6 / len(PHASES) * random.lognormal(0, 0.1, frames)
    times[: frames // 100] *= 1.5
    times[::1000] *= 10
    column = times.astype(np.int64)
    return TrialTimings(
        warmup=dict.fromkeys(PHASES, column[:10]), timed={phase: column.copy() for phase in PHASES}
    )


def main() -> None:
    """Print the medians for frames of several lengths."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for mean_ms in (0.01, 1.0, 10.0, 100.0):
        timings = made_trial(options.frames, mean_ms)
        whole, once = [], []
        for _ in range(options.rounds):
            start = perf_counter()
            metrics = benchmark_metrics(timings, 64 * 64)
            whole.append(perf_counter() - start)
            start = perf_counter()
            np.sort(frame_times_ns(timings.timed))
            once.append(perf_counter() - start)
        took, sorting = statistics.median(whole), statistics.median(once)
        print(
            f"{mean_ms:6g} ms a frame: statistics {took:.2f} s, {took / sorting:.1f} times sorting once; "
            f"{metrics.frames_left_out} frames before the steady state"
        )


if __name__ == "__main__":
    main()
