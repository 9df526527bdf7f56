"""What does the dashboard cost the measurement? FPS of one run while it is stopped and while it runs.

Run as `python tests/perf/dashboard_stopped.py [--window 3] [--windows 60] [--effects scene] [--preview]`.

SIGSTOP and SIGCONT in turns, on one engine process: finer than whole runs, which on a shared machine differ
from each other by more than the dashboard takes. The engine process goes on meanwhile: its pipe holds what it
sends.
"""

import argparse
import itertools
import math
import signal
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from dashboard import COMMAND, own_folders, start, write_profile
from pty_app import PtyApp

from engine.timings import PHASES
from profiles.sessions import load_session
from profiles.timings_file import read_timings

_EDGE_S = 0.3
"""Frames this near to a change are left out: they belong to both sides."""


def main() -> None:
    """Alternate both and print the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--window", type=float, default=3.0, help="seconds of each")
    parser.add_argument("--windows", type=int, default=60)
    parser.add_argument("--effects", default="scene", choices=("scene", "bare"))
    parser.add_argument("--preview", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        turns = _run(options, folder)
        ends_s, frames_s = _frames(folder)
    rates: dict[bool, list[float]] = {True: [], False: []}
    for (begun, runs), (ended, _) in itertools.pairwise(turns):
        inside = (ends_s > begun + _EDGE_S) & (ends_s < ended - _EDGE_S)
        rates[runs].append(1 / frames_s[inside].mean())
    logs = [math.log(ours / theirs) for ours, theirs in zip(rates[True], rates[False], strict=True)]
    half = 1.96 * statistics.stdev(logs) / math.sqrt(len(logs))
    ratio, low, high = (math.exp(statistics.fmean(logs) + shift) for shift in (0, -half, half))
    print(
        f"{options.effects}, preview {'on' if options.preview else 'off'}: "
        f"{statistics.median(rates[True]):.2f} FPS while it runs, "
        f"{statistics.median(rates[False]):.2f} while stopped; "
        f"ratio {ratio:.3f} ({low:.3f} to {high:.3f}), {len(logs)} pairs"
    )


def _run(options: argparse.Namespace, folder: Path) -> list[tuple[float, bool]]:
    """Measure; when each window began, and whether the dashboard ran in it."""
    profile = write_profile(folder, "duration = 3600", f'["{options.effects}"]', ("640x480",))
    app = PtyApp([COMMAND, "--profile", str(profile)], own_folders(folder))
    turns = []
    try:
        start(app)
        app.wait_for(b"provisional")
        if not options.preview:
            app.press(b"v")
        time.sleep(5)
        for number in range(options.windows // 2 * 2):
            runs = number % 4 in (0, 3)
            app.process.send_signal(signal.SIGCONT if runs else signal.SIGSTOP)
            turns.append((time.time(), runs))
            time.sleep(options.window)
        app.process.send_signal(signal.SIGCONT)
        turns.append((time.time(), True))
    finally:
        app.process.send_signal(signal.SIGCONT)
        app.end()
    return turns


def _frames(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """When each frame ended, in seconds as `time.time` has them, and how long it took."""
    (session_folder,) = (folder / "xdg_data_home" / "mjbench" / "sessions").iterdir()
    (case,) = load_session(session_folder).cases
    (trial,) = case.trials
    timings = read_timings(session_folder, trial.timings)
    frames_s = sum(timings.timed[phase] for phase in PHASES) * 1e-9
    ended = datetime.fromisoformat(trial.ended_at).timestamp()
    return ended - frames_s.sum() + np.cumsum(frames_s), frames_s


if __name__ == "__main__":
    main()
