"""What do several workers cost? FPS of workers of the engine over that of as many bare processes.

Run as `python tests/perf/workers.py [--scene apartment] [--backend egl] [--workers 2] [--rounds 7]`.

The bare processes begin their loops together, and each has as many rasterizer threads as a worker has. FPS
are counted in the same way for both: over the time in which all processes drew.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from harness import measure_once
from turns import geometric_mean

from engine.case import Case, Effects, Resolution, Settings
from engine.process.environment import engine_environment
from engine.timings import PHASES, TrialTimings, WorkerSpan
from engine.workers import common_interval
from scenes.registry import find_scene

BARE_WORKER = Path(__file__).with_name("bare_worker.py")


def engine_fps(case: Case, settings: Settings) -> float:
    """Measure one trial of the case through the engine."""
    return measure_once(case, settings).fps


def bare_fps(case: Case, settings: Settings) -> float:
    """Let as many bare processes draw at the same time, and count as the engine counts."""
    size = case.resolution
    work = (case.scene, size.width, size.height, case.effects, settings.frames, settings.warmup_frames)
    command = [sys.executable, str(BARE_WORKER), *map(str, work)]
    changes = engine_environment(case.backend, case.workers)
    environment = {name: value for name, value in {**os.environ, **changes}.items() if value is not None}
    with contextlib.ExitStack() as ending:
        processes = [
            subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(case.workers)
        ]
        for process in processes:
            ending.enter_context(process)
            ending.callback(process.kill)
        for process in processes:
            if process.stdout.readline() != "ready\n":
                sys.exit("a bare process failed")
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        moments = [np.array(process.stdout.readline().split(), np.int64) for process in processes]
    return _fps(moments)


def _fps(moments: list[np.ndarray]) -> float:
    """Frames a second of all processes, from the moment each began and the ends of its frames."""
    begun = min(int(own[0]) for own in moments)
    times = np.concatenate([np.diff(own) for own in moments])
    timings = TrialTimings(
        warmup={},
        timed={name: times if name == "render" else np.zeros_like(times) for name in PHASES},
        workers=tuple(WorkerSpan(len(own) - 1, 0, int(own[0]) - begun) for own in moments),
    )
    interval = common_interval(timings)
    if interval is None:
        sys.exit("the bare processes did not draw at the same time: more --frames are needed")
    return sum(interval.worker_rates)


def main() -> None:
    """Alternate both and print medians and ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scene", default="apartment")
    parser.add_argument("--backend", default="egl", choices=("egl", "osmesa", "glfw"))
    parser.add_argument("--resolution", default="640x480")
    parser.add_argument("--effects", default=Effects.SCENE, type=Effects, choices=tuple(Effects))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--frames", type=int, default=60, help="of each process")
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    case = Case(
        scene=find_scene(options.scene).name,
        backend=options.backend,
        resolution=Resolution.parse(options.resolution),
        effects=options.effects,
        workers=options.workers,
    )
    settings = Settings(duration_s=None, frames=options.frames, warmup_frames=options.warmup)
    measure = {"engine": engine_fps, "bare": bare_fps}
    measured: dict[str, list[float]] = {name: [] for name in measure}
    for number in range(options.rounds):
        for name in list(measure) if number % 2 == 0 else list(reversed(measure)):
            measured[name].append(measure[name](case, settings))
        print(f"round {number + 1}: " + ", ".join(f"{name} {measured[name][-1]:.2f}" for name in measure))
    medians = {name: statistics.median(values) for name, values in measured.items()}
    ratios = [ours / theirs for ours, theirs in zip(measured["engine"], measured["bare"], strict=True)]
    print(f"{case.id}, {options.frames} frames a process")
    for name, median in medians.items():
        print(f"  {name:<6} {median:8.2f} FPS (median of {options.rounds})")
    print(
        f"  engine / bare {medians['engine'] / medians['bare']:.4f} of medians, "
        f"round by round {geometric_mean(ratios)}, median {statistics.median(ratios):.4f}"
    )


if __name__ == "__main__":
    main()
