"""What does measuring cost? The engine's FPS over that of bare loops that draw the same frames.

Run as `python tests/perf/harness.py [--scene apartment] [--backend egl] [--resolution 640x480] [--rounds 7]`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import TrialEnded
from engine.metrics import BenchmarkMetrics
from engine.process.launcher import SpawnLauncher
from engine.runner import Plan, run
from scenes.registry import find_scene

BARE_LOOPS = Path(__file__).with_name("bare_loops.py")
NAMES = {"engine": "engine process", "calls": "bare MuJoCo calls", "renderer": "mujoco.Renderer"}


def measure_once(case: Case, settings: Settings) -> BenchmarkMetrics:
    """Measure one trial of a case through the engine."""
    with tempfile.TemporaryDirectory() as folder:
        for event in run(Plan([case], settings, Path(folder), {}), SpawnLauncher(), Control()):
            if isinstance(event, TrialEnded):
                if event.result.metrics is None:
                    sys.exit(f"the engine failed: {event.result.failure}")
                return event.result.metrics
    raise AssertionError("the run ended without a trial")


def engine_fps(options: argparse.Namespace) -> float:
    """Measure one trial through the engine."""
    case = Case(
        scene=find_scene(options.scene).name,
        backend=options.backend,
        resolution=Resolution.parse(options.resolution),
        effects=Effects.SCENE,
    )
    return measure_once(
        case, Settings(duration_s=None, frames=options.frames, warmup_frames=options.warmup)
    ).fps


def bare_fps(kind: str, options: argparse.Namespace) -> float:
    """Time a bare loop in a process of its own."""
    resolution = Resolution.parse(options.resolution)
    arguments = (kind, options.scene, resolution.width, resolution.height, options.frames, options.warmup)
    output = subprocess.run(
        [sys.executable, str(BARE_LOOPS), *map(str, arguments)],
        env={**os.environ, "MUJOCO_GL": options.backend},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(output.stdout)


def main() -> None:
    """Alternate the three and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scene", default="apartment")
    parser.add_argument("--backend", default="egl", choices=("egl", "osmesa", "glfw"))
    parser.add_argument("--resolution", default="640x480")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    measured: dict[str, list[float]] = {name: [] for name in NAMES}
    for number in range(options.rounds):
        order = list(NAMES) if number % 2 == 0 else list(reversed(NAMES))
        for name in order:
            measured[name].append(engine_fps(options) if name == "engine" else bare_fps(name, options))
        print(f"round {number + 1}: " + ", ".join(f"{name} {measured[name][-1]:.2f}" for name in NAMES))
    medians = {name: statistics.median(values) for name, values in measured.items()}
    print(f"{options.scene} on {options.backend}, {options.resolution}, {options.frames} frames a run")
    for name, title in NAMES.items():
        print(f"  {title:<18} {medians[name]:8.2f} FPS (median of {options.rounds})")
    for name in ("calls", "renderer"):
        paired = statistics.median(
            ours / theirs for ours, theirs in zip(measured["engine"], measured[name], strict=True)
        )
        ratio = medians["engine"] / medians[name]
        print(f"  engine / {NAMES[name]:<18} {ratio:.3f} of medians, {paired:.3f} median of paired ratios")


if __name__ == "__main__":
    main()
