"""What does the harness cost a frame? The wall time of frames on `null`, streamed to this process.

Run as `python tests/perf/null_harness.py [--frames 2000000] [--rounds 5]`. Beside it stands a bare loop that
makes the same five calls of the clock and nothing else, in this process: what no harness can go below.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter_ns

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import FramesMeasured, TrialEnded
from engine.process.launcher import SpawnLauncher
from engine.runner import Plan, run


def harness_ns(frames: int) -> float:
    """Nanoseconds a frame through an engine process, every frame streamed and counted here."""
    case = Case(scene="none", backend="null", resolution=Resolution.parse("64x64"), effects=Effects.SCENE)
    streamed = 0
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan([case], Settings(duration_s=None, frames=frames), Path(folder), {})
        for event in run(plan, SpawnLauncher(), Control()):
            if isinstance(event, FramesMeasured) and not event.warm_up:
                streamed += len(event.phases["step"])
            if isinstance(event, TrialEnded):
                assert streamed == frames, f"{frames - streamed} frames were lost"
                metrics = event.result.metrics
                assert metrics is not None
                return metrics.wall_time_s * 1e9 / metrics.frames
    raise AssertionError("the run ended without a trial")


def clock_ns(frames: int) -> float:
    """Nanoseconds for five calls of the clock."""
    start = perf_counter_ns()
    for _ in range(frames):
        perf_counter_ns()
        perf_counter_ns()
        perf_counter_ns()
        perf_counter_ns()
        perf_counter_ns()
    return (perf_counter_ns() - start) / frames


def main() -> None:
    """Alternate both and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    harness, clock = [], []
    for _ in range(options.rounds):
        harness.append(harness_ns(options.frames))
        clock.append(clock_ns(200_000))
    print(f"harness, streamed: {statistics.median(harness):7.0f} ns a frame (median of {options.rounds})")
    print(f"five clock calls:  {statistics.median(clock):7.0f} ns")


if __name__ == "__main__":
    main()
