"""The second screen: a run, from its first engine process to its session on the disk."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.dashboard.session_run import RunPhase, SessionRun
from tui.dashboard.watch.case_list import CaseList
from tui.dashboard.watch.fps_graph import FpsGraph
from tui.dashboard.watch.lines import detail_lines
from tui.dashboard.watch.state import CaseView
from tui.estimate import run_seconds
from tui.text import duration, printable

REFRESH_S = 0.5
"""The slow clock: everything that is shown of a run is looked at this often."""


class WatchScreen(Screen[None]):
    """Looks at a run twice a second; the run does not know of it."""

    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "stop", "Stop", id="watch.stop", tooltip="Stop and save; again: at once"),
        Binding("p", "pause", "Pause display", id="watch.pause", tooltip="The run goes on"),
        Binding("up", "look(-1)", "Case", id="watch.up", show=False),
        Binding("down", "look(1)", "Case", id="watch.down", show=False),
        Binding("b", "back", "Back", id="watch.back", tooltip="Choose again"),
    ]

    class Left(Message):
        """A person goes back to choosing."""

    def __init__(self, run: SessionRun, ascii_only: bool = False) -> None:
        super().__init__()
        self._run = run
        self._ascii_only = ascii_only
        self._paused = False
        self._look: int | None = None
        self._texts: dict[str, str] = {}
        self._started = time.monotonic()
        self._cpu_started = time.process_time()
        self._expected_s = 0.0

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield CaseList(self._ascii_only, id="cases")
        yield FpsGraph(self._ascii_only, id="graph")
        yield Static(id="details", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Start the slow clock."""
        self._show()
        self.set_interval(REFRESH_S, self._show)

    def _show(self) -> None:
        run = self._run
        if run.is_over:
            self.refresh_bindings()
        if self._paused and not run.is_over:
            return
        self._set("title", self._title())
        if run.state is None:
            self._set("details", printable(run.error))
            return
        views = run.state.views()
        self.query_one(CaseList).show(views)
        view = self._looked_at(views)
        self.query_one(FpsGraph).show(view.points)
        self._set("details", "\n".join(detail_lines(view, self._time_left())))

    def _looked_at(self, views: list[CaseView]) -> CaseView:
        if self._look is None and self._run.state is not None:
            current = self._run.state.current
            return next((view for view in views if view.case.id == current), views[0])
        return views[min(self._look or 0, len(views) - 1)]

    def _title(self) -> str:
        run = self._run
        if run.phase is RunPhase.PREPARING:
            return "Trying the backends and loading the scenes ..."
        if run.phase is RunPhase.REFUSED:
            return "Nothing was measured"
        if run.state is not None and run.phase is RunPhase.RUNNING:
            done, total = run.state.progress
            observer = (time.process_time() - self._cpu_started) / max(
                0.001, time.monotonic() - self._started
            )
            paused = "   DISPLAY PAUSED" if self._paused else ""
            return f"{done} of {total} trials done   observer {observer:.1%} of a core{paused}"
        status = run.session.session.status if run.session is not None else ""
        return printable(f"Session {status}: {run.folder.name if run.folder else ''}")

    def _time_left(self) -> str:
        run = self._run
        if run.is_over or run.state is None:
            return ""
        if not self._expected_s:
            cases = [view.case for view in run.state.views()]
            self._expected_s = run_seconds(cases, run.state.settings)
        gone = time.monotonic() - self._started
        done, total = run.state.progress
        expected = gone / done * total if done else self._expected_s
        return f"time    {duration(gone)} gone, about {duration(max(0.0, expected - gone))} left"

    def _set(self, name: str, text: str) -> None:
        """Write into a Static, only what it does not already say."""
        if self._texts.get(name) != text:
            self._texts[name] = text
            self.query_one(f"#{name}", Static).update(text, layout=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what can be done now."""
        if action in ("stop", "pause"):
            return not self._run.is_over
        if action == "back":
            return self._run.is_over
        return True

    def action_stop(self) -> None:
        """End the run in order; asked again, at once."""
        self._run.request_stop()
        self.notify("Stopping after this frame; s again ends it at once.", markup=False)

    def action_pause(self) -> None:
        """Hold the display; the run goes on."""
        self._paused = not self._paused
        self._set("title", self._title())

    def action_look(self, step: int) -> None:
        """Look at another case than the one that runs."""
        if self._run.state is None:
            return
        views = self._run.state.views()
        if self._look is None:
            self._look = views.index(self._looked_at(views))
        self._look = max(0, min(len(views) - 1, self._look + step))
        self._show()

    def action_back(self) -> None:
        """Choose again."""
        self.post_message(self.Left())
