"""How long does a session of ten million frames take to open, and each of its plots to draw?

Run as `python tests/perf/reading.py [--frames 10000000] [--cases 2] [--turns 3]`.

Makes a session with frame times out of a random generator, opens it in the real dashboard, and prints the
seconds from the key to the painted screen. Files are in the page cache, as they are just after a run.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

import numpy as np
from textual.widgets import Tabs

from engine.case import Case, Effects, Resolution
from engine.machine.reader import read_machine
from engine.results import TrialResult
from engine.statistics import benchmark_metrics
from engine.timings import PHASES, TrialTimings
from profiles.profile import Measure, Profile
from profiles.sessions import load_session
from profiles.writer import SessionWriter
from tui.dashboard.app import Dashboard
from tui.dashboard.choose.screen import ChooseScreen
from tui.dashboard.results.plot import Plot
from tui.dashboard.results.screen import TABS, ResultScreen

_MEANS_NS = {"step": 300_000, "update": 40_000, "render": 7_000_000, "readback": 90_000, "overhead": 6_000}
_MOMENTS = ("2025-01-31T12:00:00.000+00:00", "2025-01-31T12:00:03.000+00:00")


def make_session(folder: Path, frames: int, cases: int) -> None:
    """Write a session with this many frames, divided among cases on different backends, one trial each."""
    backends = ("egl", "osmesa", "glfw", "filament-vulkan", "filament-opengl")[:cases]
    size = Resolution(width=640, height=480)
    all_cases = [
        Case(scene="apartment", backend=name, resolution=size, effects=Effects.SCENE) for name in backends
    ]
    profile = Profile(backends=backends, measure=Measure(frames=frames // cases))
    writer = SessionWriter.create(profile, "reading", read_machine(), all_cases, output=folder)
    random = np.random.default_rng(0)
    for number, case in enumerate(all_cases, 1):
        timings = TrialTimings(
            warmup={phase: np.full(10, mean) for phase, mean in _MEANS_NS.items()},
            timed={
                phase: random.gamma(20, _MEANS_NS[phase] * number / 20, frames // cases).astype(np.int64)
                for phase in PHASES
            },
        )
        timings.timed["render"][frames // cases // 3] *= 20
        begun, ended = _MOMENTS
        metrics = benchmark_metrics(timings, size.pixels)
        result = TrialResult(
            case=case, trial=1, status="done", started_at=begun, ended_at=ended, metrics=metrics,
            timings=timings,
        )  # fmt: skip
        writer.append(result)
    writer.close("complete")


class _Draws:
    """When plots were drawn, and how long plotext took for it."""

    def __init__(self) -> None:
        self.ended = 0.0
        self.took = 0.0
        render = Plot.render

        def timed(plot: Plot) -> object:
            begun = time.perf_counter()
            drawn = render(plot)
            if drawn:
                self.ended = time.perf_counter()
                self.took = self.ended - begun
            return drawn

        Plot.render = timed  # type: ignore[method-assign, assignment]

    async def after(self, moment: float) -> float:
        """Wait for a plot that is drawn after a moment; seconds since then."""
        while self.ended < moment:
            await asyncio.sleep(0.001)
        return self.ended - moment


async def _read(folder: Path, size: tuple[int, int], draws: _Draws) -> dict[str, tuple[float, float]]:
    """Open the session and each of its tabs: seconds until it was painted, and of that plotext's."""
    took: dict[str, tuple[float, float]] = {}
    app = Dashboard(Profile(), "quick")
    async with app.run_test(size=size) as pilot:
        while not isinstance(app.screen, ChooseScreen):
            await pilot.pause()
        begun = time.perf_counter()
        screen = ResultScreen(load_session(folder), folder)
        await app.push_screen(screen)
        painted = asyncio.Event()
        screen.call_after_refresh(painted.set)
        await painted.wait()
        took["open"] = (time.perf_counter() - begun, 0.0)
        for number, name in enumerate(TABS, 1):
            if name not in ("table", "about", "sizes"):
                # A wide screen shows its first plot at once.
                if screen.query_one(Tabs).active != name:
                    begun = time.perf_counter()
                    await pilot.press(str(number))
                took[name] = (await draws.after(begun), draws.took)
    return took


def main() -> None:
    """Make the session, open it some times, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=10_000_000)
    parser.add_argument("--cases", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    draws = _Draws()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "session"
        make_session(folder, options.frames, options.cases)
        mib = (folder / "timings.npz").stat().st_size / 2**20
        print(f"{options.frames} frames in {options.cases} cases, {mib:.0f} MiB")
        for size in ((80, 24), (140, 45)):
            turns = [asyncio.run(_read(folder, size, draws)) for _ in range(options.turns)]
            for name in turns[0]:
                whole, plotext = (statistics.median(turn[name][part] for turn in turns) for part in (0, 1))
                print(f"  {size[0]}x{size[1]}  {name:<10} {whole:.3f} s, plotext {plotext:.3f} s of it")


if __name__ == "__main__":
    main()
