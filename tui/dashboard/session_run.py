"""One run of a profile in a thread of its own, for a face that has other things to do."""

from __future__ import annotations

import threading
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from engine.control import Control
from engine.events import TrialEnded
from profiles.errors import SessionError
from profiles.profile import Profile
from tui.dashboard.watch.state import RunState
from tui.exit_codes import CommandError
from tui.preparation import Preparation, prepare

if TYPE_CHECKING:
    from profiles.session import Session


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

    def __init__(self, profile: Profile, profile_name: str) -> None:
        self.profile = profile
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
            self._measure(prepare(self.profile))
            self.phase = RunPhase.ENDED
        except (CommandError, SessionError) as error:
            self.error = str(error)
            self.phase = RunPhase.REFUSED
        except Exception as error:
            self.error = f"{type(error).__name__}: {' '.join(str(error).split())}"
            self.phase = RunPhase.REFUSED
            raise

    def _measure(self, preparation: Preparation) -> None:
        from engine.launcher import SpawnLauncher
        from engine.machine import read_machine
        from engine.runner import Plan, run
        from profiles.writer import SessionWriter

        if self._control.stop_requested:
            self.error = "stopped before anything was measured"
            self.phase = RunPhase.REFUSED
            return
        writer = SessionWriter.create(self.profile, self._profile_name, read_machine(), preparation.cases)
        self.folder = writer.folder
        self.state = RunState(preparation.cases, preparation.settings)
        self.phase = RunPhase.RUNNING
        plan = Plan(preparation.cases, preparation.settings, writer.folder, preparation.known_failures)
        for event in run(plan, SpawnLauncher(), self._control):
            if isinstance(event, TrialEnded):
                writer.append(event.result)
            self.state.fold(event)
        self.session = writer.close("interrupted" if self._control.stop_requested else "complete")
