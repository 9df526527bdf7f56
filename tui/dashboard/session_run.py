"""One run of a profile in a thread of its own, for a face that has other things to do."""

from __future__ import annotations

import glob
import threading
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from engine.control import Control
from engine.process.log import read_tail
from profiles.errors import SessionError
from profiles.profile import Profile
from tui.completing import complete_killed_sessions
from tui.dashboard.watch.state import RunState
from tui.exit_codes import CommandError
from tui.preparation import Preparation, prepare

if TYPE_CHECKING:
    from engine.events import Event
    from profiles.session import Session
    from tui.recording import Recording


_LOG_LINES = 200


class RunPhase(StrEnum):
    """How far a run has come."""

    PREPARING = "preparing"
    """Backends are tried and scenes are loaded."""
    RUNNING = "running"
    ENDED = "ended"
    """There is a session on the disk."""
    REFUSED = "refused"
    """Nothing was measured; `error` says why."""


class SessionRun:
    """Prepares, measures and saves; what it shows is read from another thread.

    Args:
        profile: what is measured.
        profile_name: what the session says that was asked for.
    """

    opens_itself = False
    """Whether what came out is shown as soon as it is there."""
    after = "enter reads the results; they are saved"
    """What to do once it is over."""

    def __init__(self, profile: Profile, profile_name: str) -> None:
        self.profile = profile
        self.note = ""
        """What has to be known of it beside its cases."""
        self.phase = RunPhase.PREPARING
        self.error = ""
        self.state: RunState | None = None
        self.session: Session | None = None
        self.folder: Path | None = None
        self._profile_name = profile_name
        self._control = Control()
        self._thread = threading.Thread(target=self._run, name="session-run", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def request_stop(self) -> None:
        """Ask for an orderly end; asked a second time, end at once."""
        self._control.request_stop()

    @property
    def stop_requested(self) -> bool:
        """True once an end was asked for."""
        return self._control.stop_requested

    def request_stop_after(self) -> None:
        """Ask for an end after the trial in progress; asked a second time, go on."""
        self._control.request_stop_after()

    @property
    def stop_after_requested(self) -> bool:
        """True while an end after the trial in progress is asked for."""
        return self._control.stop_after_requested

    def skip(self, case_id: str) -> None:
        """Measure no more of a case; what was measured of it is kept."""
        self._control.skip(case_id)

    def request_preview(self) -> None:
        """Ask for a picture of what is drawn; it comes into the state, at most one a second."""
        self._control.request_preview()

    def hold(self, timeout_s: float) -> bool:
        """Give up the trial in progress and measure nothing until `release`; True once nothing is timed."""
        self._control.hold_requested = True
        deadline = time.monotonic() + timeout_s
        while not self._is_quiet and time.monotonic() < deadline:
            time.sleep(0.01)
        return self._is_quiet

    @property
    def _is_quiet(self) -> bool:
        return self.phase is not RunPhase.RUNNING or self._control.is_held

    def release(self) -> None:
        """Go on after `hold`; the trial that was given up is measured anew."""
        self._control.hold_requested = False

    def log_tail(self, case_id: str) -> str:
        """Read the last lines that the engine processes of a case printed; "" where there are none."""
        if self.folder is None:
            return ""
        logs = sorted((self.folder / "logs").glob(f"{glob.escape(case_id)}.*.log"), key=_trial_number)
        return read_tail(logs[-1], _LOG_LINES) if logs else ""

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all is saved; False where that takes longer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_over(self) -> bool:
        """True when nothing more will happen."""
        return self.phase in (RunPhase.ENDED, RunPhase.REFUSED)

    def _run(self) -> None:
        try:
            # Also where the app has begun with it: nothing is measured meanwhile.
            complete_killed_sessions()
            self._measure(self._prepare())
            self.phase = RunPhase.ENDED
        except (CommandError, SessionError) as error:
            self.error = str(error)
            self.phase = RunPhase.REFUSED
        except Exception as error:
            self.error = f"{type(error).__name__}: {' '.join(str(error).split())}"
            self.phase = RunPhase.REFUSED
            raise

    def _prepare(self) -> Preparation:
        return prepare(self.profile, control=self._control)

    def _events(self, recording: Recording) -> Iterator[Event]:
        return recording.events()

    def _measure(self, preparation: Preparation) -> None:
        from tui.recording import Recording

        if self._control.stop_requested:
            self.error = "stopped before anything was measured"
            self.phase = RunPhase.REFUSED
            return
        recording = Recording.start(
            self.profile, self._profile_name, preparation, self._control, watch_usage=True
        )
        self.folder = recording.folder
        self.state = RunState(preparation.cases, preparation.settings)
        self.phase = RunPhase.RUNNING
        try:
            for event in self._events(recording):
                self.state.fold(event)
        finally:
            # Also where the disk is full: nothing goes on any more.
            self.state.clock.end()
        self.session = recording.session


def _trial_number(log: Path) -> int:
    number = log.name.split(".")[-2]
    return int(number) if number.isdigit() else 0
