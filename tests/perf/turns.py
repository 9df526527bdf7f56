"""Loops that take turns in one process: on a machine whose speed drifts, all of them meet the same drift."""

import argparse
import math
import random
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter_ns

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from engine.backends.base import Backend
from engine.case import Effects, Resolution
from engine.loop import FrameLoop, FramePhases
from scenes.registry import find_scene

ENGINE = "engine"
MOST_DIFFERENCE = 1.0
"""Of 255, on average: Filament dithers each frame in another way."""


def turn_parser(
    description: str | None, resolution: str, turns: int, frames: int, scene: str = "apartment"
) -> argparse.ArgumentParser:
    """The arguments that scripts of this kind share, with a script's own defaults."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scene", nargs="?", default=scene, type=lambda text: find_scene(text).name)
    parser.add_argument("resolution", nargs="?", default=resolution, type=Resolution.parse)
    parser.add_argument("--effects", default=Effects.SCENE, type=Effects, choices=tuple(Effects))
    parser.add_argument("--turns", type=int, default=turns)
    parser.add_argument("--frames", type=int, default=frames, help="frames, or batches, that each turn has")
    return parser


def engine_loop(step: Callable[[], object], backend: Backend) -> Callable[[int], object]:
    """The engine's timed loop with a backend that is open; its stamps go nowhere."""
    phases = FramePhases(step, backend.update, backend.render, backend.readback)
    return FrameLoop(phases, lambda *_: None, lambda: True).run


def take_turns(
    loops: Mapping[str, Callable[[int], object]], turns: int, frames: int, warm_up: int = 2
) -> dict[str, list[int]]:
    """Run every loop for `frames` frames, `turns` times: nanoseconds of each turn of each loop."""
    shuffle = random.Random(0)
    times: dict[str, list[int]] = {name: [] for name in loops}
    for turn in range(-warm_up, turns):
        # A fixed order would give the one in the middle other neighbours than the ones at the ends.
        for name in shuffle.sample(list(loops), len(loops)):
            start = perf_counter_ns()
            loops[name](frames)
            if turn >= 0:
                times[name].append(perf_counter_ns() - start)
    return times


def print_ratios(times: Mapping[str, list[int]], frames: int) -> None:
    """Print FPS of the engine over that of every other loop.

    Turn by turn is the geometric mean of the turns' own ratios, with its interval (95 %): the arithmetic mean
    of noisy ratios is above 1 even where both loops are the same.
    """
    median = {name: statistics.median(taken) for name, taken in times.items()}
    print("  " + ", ".join(f"{name} {frames * 1e9 / taken:.2f} FPS" for name, taken in median.items()))
    for name in times:
        if name != ENGINE:
            ratios = [theirs / ours for ours, theirs in zip(times[ENGINE], times[name], strict=True)]
            print(
                f"  FPS of the engine / {name:<9} {median[name] / median[ENGINE]:.4f} of medians, "
                f"turn by turn {geometric_mean(ratios)}, median {statistics.median(ratios):.4f}"
            )


def check_pictures(ours: np.ndarray, theirs: np.ndarray) -> None:
    """End with a sentence where two pictures of one state are not the same: the work was not either."""
    difference = float(np.abs(ours.astype(int) - theirs).mean())
    print(f"  pictures of the same state differ by {difference:.3f} of 255 on average")
    if difference > MOST_DIFFERENCE or not theirs.any():
        sys.exit("that is too much: this was no comparison of equal work")


def geometric_mean(ratios: Sequence[float]) -> str:
    """The geometric mean of two ratios or more, and its interval (95 %)."""
    logarithms = [math.log(ratio) for ratio in ratios]
    mean = statistics.mean(logarithms)
    half = 1.96 * statistics.stdev(logarithms) / len(logarithms) ** 0.5
    return f"{math.exp(mean):.4f} ({math.exp(mean - half):.4f} to {math.exp(mean + half):.4f})"
