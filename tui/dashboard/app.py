"""The dashboard: choose, watch, choose again."""

from __future__ import annotations

import asyncio
import signal
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType

from profiles.profile import Profile
from tui.dashboard.choose.screen import ChooseScreen
from tui.dashboard.dialogs import ConfirmDialog
from tui.dashboard.session_run import SessionRun
from tui.dashboard.watch.screen import WatchScreen

_SAVING_LIMIT_S = 20.0
"""How long a run that was told to stop may take to save what it has."""


class Dashboard(App[None]):
    """The whole of it.

    Args:
        profile: what the first screen starts from.
        profile_name: what sessions say that was asked for.
        ascii_only: do without block characters.
    """

    TITLE = "mjbench-tui"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "ask_quit", "Quit", id="app.quit", tooltip="Asks first while a run goes on"),
        Binding("ctrl+q", "ask_quit", "Quit", id="app.quit-anywhere", show=False, priority=True),
    ]

    def __init__(self, profile: Profile, profile_name: str, ascii_only: bool = False) -> None:
        super().__init__()
        self._profile = profile
        self._profile_name = profile_name
        self._ascii_only = ascii_only
        self.runs: list[SessionRun] = []
        """Every run of this sitting, the last one last."""

    def on_mount(self) -> None:
        """Open the first screen, and end in order where the terminal goes away."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(name, self._end)
        self.push_screen(ChooseScreen(self._profile))

    @on(ChooseScreen.Started)
    def measure(self, message: ChooseScreen.Started) -> None:
        """Start a run and watch it."""
        run = SessionRun(message.profile, self._profile_name)
        self.runs.append(run)
        run.start()
        self.push_screen(WatchScreen(run, self._ascii_only))

    @on(WatchScreen.Left)
    def choose_again(self) -> None:
        """Go back to the first screen."""
        self.pop_screen()

    def action_ask_quit(self) -> None:
        """Quit, after a question where a run goes on."""
        if self.runs and not self.runs[-1].is_over:
            question = ConfirmDialog("A run goes on.", "stop it, save what it has, and quit", "go on")
            self.push_screen(question, self._answered)
        else:
            self.exit()

    def _answered(self, quits: bool | None) -> None:
        if quits:
            self._end()

    def _end(self) -> None:
        if self.runs:
            self.runs[-1].request_stop()
        self.exit()

    def save_runs(self) -> None:
        """After the app is closed, wait until the last run is saved."""
        if not self.runs:
            return
        last = self.runs[-1]
        if not last.is_over:
            last.request_stop()
        if not last.wait(_SAVING_LIMIT_S):
            last.request_stop()
            last.wait(_SAVING_LIMIT_S)
