"""What does the dashboard cost? The real app in a pseudo-terminal of 140x45, on real engine processes.

Run as `python tests/perf/dashboard.py [cost] [fps] [paint] [keys]`; without a word, all four.

- `cost`: CPU time over wall time of its process and bytes to the terminal, while the first of six cases runs.
- `fps`: FPS of a case with the dashboard open over FPS headless, alternated.
- `paint`: from the start of the command to its first paint, over that of an empty Textual app, alternated.
- `keys`: from a key to its effect on the terminal, while four engine processes stream frames of `null`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
from pty_app import PtyApp

from profiles.sessions import load_session

COMMAND = str(Path(sys.executable).with_name("mjbench-tui"))
MEASURE = b"\x1b[15~"  # F5
FOUR_RUNS = Path(__file__).with_name("four_runs.py")
EMPTY_APP = """
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("here it is")

Empty().run()
"""


def own_folders(folder: Path) -> dict[str, str]:
    """Variables that keep all that is saved in one folder."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    return {name: str(folder / name.lower()) for name in names}


def write_profile(folder: Path, length: str, effects: str, resolutions: tuple[str, ...]) -> Path:
    """A profile of `apartment` on egl; a trial is as long as `length` says in TOML."""
    sizes = ", ".join(f'"{size}"' for size in resolutions)
    path = folder / "profile.toml"
    path.write_text(
        f'schema = 1\nscenes = ["apartment"]\nbackends = ["egl"]\neffects = {effects}\n'
        f"resolutions = [{sizes}]\n[measure]\n{length}\n"
    )
    return path


# What it takes while a case runs


def cost(options: argparse.Namespace) -> None:
    """Print CPU share and traffic, with the preview off and on."""
    for preview in (False, True):
        shares, rates = [], []
        for _ in range(options.rounds):
            share, rate = _cost_once(options, preview)
            shares.append(share)
            rates.append(rate)
        print(
            f"cost, preview {'on ' if preview else 'off'}: {statistics.median(shares):.1%} of a core "
            f"({min(shares):.1%} to {max(shares):.1%}), {statistics.median(rates) / 1000:.1f} kB/s "
            f"({min(rates) / 1000:.1f} to {max(rates) / 1000:.1f}), windows of {options.seconds:g} s"
        )


def _cost_once(options: argparse.Namespace, preview: bool) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        effects = '["scene", "bare"]' if options.effects == "scene" else '["bare", "scene"]'
        profile = write_profile(folder, "duration = 3600", effects, ("640x480", "320x240", "160x120"))
        app = PtyApp([COMMAND, "--profile", str(profile)], own_folders(folder))
        try:
            app.wait_for(b"6 cases")
            start(app)
            app.wait_for(b"provisional")
            if not preview:
                app.press(b"v")
            # Past what the first frames bring with them: imports, the first paint of every panel.
            time.sleep(options.settle)
            process = psutil.Process(app.process.pid)
            begun, before = time.perf_counter(), process.cpu_times()
            written = app.count
            time.sleep(options.seconds)
            after = process.cpu_times()
            elapsed = time.perf_counter() - begun
            used = after.user + after.system - before.user - before.system
            return used / elapsed, (app.count - written) / elapsed
        finally:
            app.end()


def start(app: PtyApp) -> None:
    """Measure, once the backends are tried: until then the key only asks for it."""
    app.wait_for(b"one after the other")
    app.press(MEASURE)


# What it costs the measurement


def fps(options: argparse.Namespace) -> None:
    """Print the ratio of FPS with the dashboard over headless."""
    for name in ("preview off", "preview on"):
        ours, theirs = [], []
        for number in range(options.turns):
            pair = {}
            order = ("dashboard", "headless") if number % 2 else ("headless", "dashboard")
            for face in order:
                pair[face] = (
                    _dashboard_fps(options, name == "preview on")
                    if face == "dashboard"
                    else _headless_fps(options)
                )
            ours.append(pair["dashboard"])
            theirs.append(pair["headless"])
            print(f"  {name}, turn {number + 1}: dashboard {ours[-1]:.3f}, headless {theirs[-1]:.3f}")
        paired = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        print(
            f"fps, {name}: {statistics.median(ours) / statistics.median(theirs):.3f} of medians, "
            f"{statistics.median(paired):.3f} median of pairs ({min(paired):.3f} to {max(paired):.3f})"
        )


def _one_case(options: argparse.Namespace, folder: Path) -> Path:
    return write_profile(folder, f"frames = {options.frames}", f'["{options.effects}"]', ("640x480",))


def _headless_fps(options: argparse.Namespace) -> float:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command = [COMMAND, "--headless", "--quiet", "--profile", str(_one_case(options, folder))]
        subprocess.run(
            command, env={**os.environ, **own_folders(folder)}, check=True, stdout=subprocess.DEVNULL
        )
        return _session_fps(folder)


def _dashboard_fps(options: argparse.Namespace, preview: bool) -> float:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command = [COMMAND, "--profile", str(_one_case(options, folder))]
        app = PtyApp(command, own_folders(folder))
        try:
            start(app)
            if not preview:
                app.wait_for(b"FPS so far")
                app.press(b"v")
            app.wait_for(b"Session complete", limit_s=600)
        finally:
            app.end()
        return _session_fps(folder)


def _session_fps(folder: Path) -> float:
    (session,) = (folder / "xdg_data_home" / "mjbench" / "sessions").iterdir()
    metrics = load_session(session).cases[0].trials[0].metrics
    assert metrics is not None
    return metrics.fps


# How soon it is there


def paint(options: argparse.Namespace) -> None:
    """Print how long the first paint takes, and the lists, over the first paint of an empty app."""
    ours, lists, theirs = [], [], []
    for number in range(options.turns + 1):
        with tempfile.TemporaryDirectory() as place:
            environment = own_folders(Path(place))
            first, full = _paints([COMMAND], environment, b"Choose what is measured", b"Scenes")
            (empty,) = _paints([sys.executable, "-c", EMPTY_APP], environment, b"here it is")
        # The first turn reads files from the disk.
        if number:
            ours.append(first)
            lists.append(full)
            theirs.append(empty)
    print(f"paint: empty app {statistics.median(theirs):.3f} s")
    for name, times in (("first paint", ours), ("lists", lists)):
        ratios = [mine / other for mine, other in zip(times, theirs, strict=True)]
        print(
            f"paint: {name} {statistics.median(times):.3f} s, "
            f"{statistics.median(times) / statistics.median(theirs):.2f} of medians, "
            f"{statistics.median(ratios):.2f} median of pairs ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def _paints(command: list[str], environment: Mapping[str, str], *texts: bytes) -> list[float]:
    """Seconds from the start of a command until each of the texts was written."""
    app = PtyApp(command, environment)
    try:
        return [app.wait_for(text) - app.started_s for text in texts]
    finally:
        app.end()


# How soon a key has its effect


def keys(options: argparse.Namespace) -> None:
    """Print the time from a key to what it changes, while four engine processes stream."""
    _keys_while(options, "misbehaving", "50,000 frames/s paced")
    _keys_while(options, "null", "null as fast as it goes")


def _keys_while(options: argparse.Namespace, backend: str, title: str) -> None:
    pace = {"MJBENCH_MISBEHAVIOUR": "frame_ms=0.035"}
    with tempfile.TemporaryDirectory() as place:
        app = PtyApp([sys.executable, str(FOUR_RUNS), backend], {**own_folders(Path(place)), **pace})
        try:
            app.wait_for(b"provisional")
            time.sleep(options.settle)
            took = []
            for _ in range(options.presses):
                pressed, count = app.press(b"p")
                took.append((app.wait_for(b"DISPLAY HELD", count) - pressed) * 1000)
                app.press(b"p")
                # Off the slow clock's beat, so that presses come at any moment of it.
                time.sleep(0.83)
            rate = _frames_a_second(Path(place))
        finally:
            app.end()
    took.sort()
    late = sum(ms > 50 for ms in took)
    print(
        f"keys, {title}: median {statistics.median(took):.1f} ms, longest {took[-1]:.1f} ms, "
        f"{late} of {len(took)} over 50 ms, while {rate:,.0f} frames/s came from four processes"
    )


def _frames_a_second(folder: Path) -> float:
    return float((folder / "xdg_data_home" / "frames_per_second").read_text())


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = {"cost": cost, "fps": fps, "paint": paint, "keys": keys}
    parser.add_argument("kinds", nargs="*", default=list(kinds))
    parser.add_argument("--rounds", type=int, default=3, help="windows of cost")
    parser.add_argument("--seconds", type=float, default=30, help="length of a window")
    parser.add_argument("--settle", type=float, default=8, help="seconds left out before it")
    parser.add_argument("--turns", type=int, default=9, help="alternated runs of fps and paint")
    parser.add_argument("--frames", type=int, default=60, help="frames of a run of fps")
    parser.add_argument("--effects", default="scene", choices=("scene", "bare"))
    parser.add_argument("--presses", type=int, default=40)
    options = parser.parse_args()
    for kind in options.kinds:
        kinds[kind](options)


if __name__ == "__main__":
    main()
