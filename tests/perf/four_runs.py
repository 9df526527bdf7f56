"""The dashboard with four runs at once, one of them watched; `dashboard.py keys` presses its keys.

Run as `python four_runs.py null`, or with `misbehaving`, which takes as long as MJBENCH_MISBEHAVIOUR says.
Writes the frames/s that reached the four states beside the sessions, every five seconds.
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from profiles.profile import Profile
from tui.dashboard.app import Dashboard
from tui.dashboard.lifeline import Lifeline
from tui.dashboard.session_run import SessionRun
from tui.dashboard.watch.screen import WatchScreen

PROCESSES = 4


class FourRuns(Dashboard):
    """Starts by itself."""

    # Relative paths are looked for beside the class.
    CSS_PATH = Path(sys.modules[Dashboard.__module__].__file__).with_name("app.tcss")

    def _open_choosing(self) -> None:
        super()._open_choosing()
        values = {"backends": [sys.argv[1]], "resolutions": ["64x64"], "effects": ["scene"]}
        profile = Profile().override({**values, "measure.duration": 3600})
        self.runs = [SessionRun(profile, f"run {number}") for number in range(PROCESSES)]
        for run in self.runs:
            run.start()
        self.push_screen(WatchScreen(self.runs[0]))
        self._before = (time.perf_counter(), 0)
        self.set_interval(5, self._write_rate)

    def _write_rate(self) -> None:
        now, frames = time.perf_counter(), self._frames()
        rate = (frames - self._before[1]) / (now - self._before[0])
        self._before = now, frames
        folder = Path(os.environ["XDG_DATA_HOME"])
        # On a slow machine there may be no session yet.
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "frames_per_second").write_text(f"{rate}")

    def _frames(self) -> int:
        return sum(run.state.views()[0].frames for run in self.runs if run.state is not None)


if __name__ == "__main__":
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    app = FourRuns(Profile(), "quick")
    with Lifeline(app.end_soon, app.save_runs):
        app.run()
