"""Watching a run, from its first engine process to its session on the disk."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static, Tab, Tabs

from engine.backends.registry import find_backend
from tui.dashboard.session_run import SessionRun
from tui.dashboard.sessions.columns import cut
from tui.dashboard.watch.case_list import CaseList
from tui.dashboard.watch.figures import figure_lines
from tui.dashboard.watch.fps_graph import FpsGraph
from tui.dashboard.watch.headline import headline, note_line
from tui.dashboard.watch.log_panel import LogPanel
from tui.dashboard.watch.observer import Observer
from tui.dashboard.watch.preview import Preview
from tui.dashboard.watch.state import CaseStatus, CaseView
from tui.dashboard.watch.text_panel import TextPanel
from tui.dashboard.watch.titles import full_title

REFRESH_S = 0.5
"""The slow clock: everything that is shown of a run is looked at this often."""
_PREVIEW_S = 1.0
_LOG_S = 2.0
_AROUND_TITLE = 6
"""Columns of a panel's upper border beside its title."""
_PANELS = {"graph": "FPS over time", "figures": "Figures", "preview": "Preview", "log": "Log"}


class WatchScreen(Screen[None]):
    """Looks at a run twice a second; the run does not know of it."""

    CSS_PATH = "screen.tcss"
    # The names of the panels would have it, and be drawn as if in two pieces.
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 (Textual's own has no ClassVar)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "results", "Results", id="watch.results", tooltip="Read the session's results"),
        Binding("s", "stop", "Stop", id="watch.stop", tooltip="Stop now and save; again: without waiting"),
        Binding("a", "stop_after", "Stop after", id="watch.stop-after", tooltip="Stop after this case"),
        Binding("k", "skip", "Skip", id="watch.skip", tooltip="Skip the case that is marked"),
        Binding("p", "pause", "Hold display", id="watch.pause", tooltip="The run goes on"),
        Binding("v", "preview", "Preview", id="watch.preview", tooltip="Show what is drawn, or not"),
        Binding("up", "look(-1)", "Above", id="watch.up", show=False, tooltip="Look at the case above"),
        Binding("down", "look(1)", "Below", id="watch.down", show=False, tooltip="Look at the case below"),
        Binding("f", "follow", "Follow", id="watch.follow", show=False, tooltip="Look at the case that runs"),
        *(
            Binding(
                str(number),
                f"panel('{name}')",
                title,
                id=f"watch.{name}",
                show=False,
                tooltip="Show it",
            )
            for number, (name, title) in enumerate(_PANELS.items(), 1)
        ),
        Binding("b", "back", "Back", id="watch.back", tooltip="Choose again"),
    ]

    class Left(Message):
        """A person goes back to choosing."""

    class ResultsWanted(Message):
        """A person wants to read what a run has measured."""

        def __init__(self, run: SessionRun) -> None:
            super().__init__()
            self.run = run

    def __init__(self, run: SessionRun, ascii_only: bool = False, preview: bool = True) -> None:
        super().__init__()
        self._run = run
        self._ascii_only = ascii_only
        self._preview_on = preview
        self._paused = False
        self._was_over = False
        self._look: int | None = None
        self._texts: dict[str, str] = {}
        self._observer = Observer()
        self._preview_seen = 0
        self._due = {"preview": 0.0, "log": 0.0}

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="note", markup=False)
        yield CaseList(self._ascii_only, id="cases")
        yield Tabs(
            *(Tab(f"{number} {title}", id=name) for number, (name, title) in enumerate(_PANELS.items(), 1)),
            id="tabs",
        )
        with Container(id="panels"):
            yield FpsGraph(self._ascii_only, id="graph").add_class("panel", "-shown")
            yield Preview(self._ascii_only, id="preview").add_class("panel")
            yield TextPanel(hang=8, id="figures", classes="panel")
            yield LogPanel(id="log", classes="panel")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start the slow clock."""
        self.query_one(Tabs).can_focus = False
        self.query_one("#preview").border_title = "Preview"
        self._show()
        self.set_interval(REFRESH_S, self._show)

    def _show(self) -> None:
        """Look at the run and write down what differs."""
        run = self._run
        share = self._observer.share()
        # A screen behind another one counts as current where the other might be transparent.
        if self.app.screen is not self:
            return
        if run.is_over != self._was_over:
            # The footer is made anew for this, which is work.
            self._was_over = run.is_over
            self.refresh_bindings()
            if run.opens_itself and run.session is not None:
                self.action_results()
        self._set("title", headline(run, share, self._paused, self.size.width))
        self._set("note", note_line(run, self.size.width))
        if run.state is None:
            return
        if self._paused and not run.is_over:
            return
        views = run.state.views()
        index = self._index(views)
        cases = self.query_one(CaseList)
        room = max(3, self.size.height // 3)
        if cases.styles.height is None or cases.styles.height.value != min(len(views) + 1, room):
            cases.styles.height = min(len(views) + 1, room)
        cases.show(views, index)
        self._show_case(views[index])

    def _show_case(self, view: CaseView) -> None:
        graph, figures = self.query_one(FpsGraph), self.query_one("#figures", TextPanel)
        self._title_of(figures, full_title(view.case))
        if graph.display:
            graph.show(view.points, view.seconds_a_point)
        if figures.display:
            figures.show(figure_lines(view, max(20, figures.size.width), self._ascii_only))
        self._show_preview(view)
        self._show_log(view)

    def _show_preview(self, view: CaseView) -> None:
        preview, state = self.query_one(Preview), self._run.state
        if not preview.display or state is None:
            return
        if not self._preview_on:
            preview.show_note("off: v shows what is drawn")
            return
        if not find_backend(view.case.backend).draws:
            preview.show_note(f"{view.case.backend} draws nothing")
            return
        newest = state.preview
        if newest is not None and newest.case == view.case.id:
            if newest.number != self._preview_seen:
                self._preview_seen = newest.number
                preview.show(newest.width, newest.height, newest.pixels)
        else:
            self._preview_seen = 0
            preview.show_note("no picture yet" if view.status.is_live else "shown while the case runs")
        if view.status is CaseStatus.RUNNING and self._is_due("preview", _PREVIEW_S):
            self._run.request_preview()

    def _show_log(self, view: CaseView) -> None:
        panel = self.query_one(LogPanel)
        self._title_of(panel, f"Log of {full_title(view.case)}")
        if panel.display and self._is_due("log", _LOG_S):
            panel.show_log(self._run.log_tail(view.case.id))

    def _is_due(self, name: str, every_s: float) -> bool:
        now = time.monotonic()
        # The clock's ticks come a little early or late: half a tick is close enough.
        if now < self._due[name] + every_s - REFRESH_S / 2:
            return False
        self._due[name] = now
        return True

    def _index(self, views: list[CaseView]) -> int:
        """Which case is looked at: the one that a person chose, or the one that runs."""
        if self._look is not None:
            return min(self._look, len(views) - 1)
        current = self._run.state.current if self._run.state is not None else ""
        return next((i for i, view in enumerate(views) if view.case.id == current), 0)

    def _set(self, name: str, text: str) -> None:
        """Write into a Static, only what it does not already say."""
        if self._texts.get(name) != text:
            self._texts[name] = text
            self.query_one(f"#{name}", Static).update(text, layout=False)

    def _title_of(self, widget: Widget, title: str) -> None:
        """Name a panel, only where it is not already called so; a case's name is no markup."""
        key = f"title of {widget.id}"
        width = widget.outer_size.width
        if width:
            # Textual would cut it as well, with a mark that is not ASCII.
            title = cut(title, max(1, width - _AROUND_TITLE), ascii_only=self._ascii_only)
        if self._texts.get(key) != title:
            self._texts[key] = title
            # What the border gives back need not be what was written: it cannot be compared with.
            widget.border_title = Content(title)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what can be done now."""
        over = self._run.is_over
        if action in ("stop", "stop_after", "skip", "pause", "preview"):
            return not over
        if action == "back":
            return over
        if action == "results":
            return over and self._run.session is not None
        return True

    def action_stop(self) -> None:
        """End the run in order; asked again, at once."""
        self._run.request_stop()
        self.notify("Stopping after this frame; s again ends it at once.", markup=False)

    def action_stop_after(self) -> None:
        """End the run after the trial that is being measured; asked again, go on."""
        self._run.request_stop_after()
        self._show()

    def action_skip(self) -> None:
        """Measure no more of the case that is looked at."""
        if self._run.state is None:
            return
        views = self._run.state.views()
        view = views[self._index(views)]
        settings = self._run.state.settings
        comes_again = view.trial < settings.trials or settings.until is not None
        if view.status is not CaseStatus.SKIPPED and (comes_again or view.status.is_live):
            self._run.skip(view.case.id)
            self.notify(f"Skipping {full_title(view.case)}.", markup=False)
        else:
            self.notify(f"{full_title(view.case)} is over.", severity="warning", markup=False)

    def action_pause(self) -> None:
        """Hold the display; the run goes on."""
        self._paused = not self._paused
        self._show()

    def action_preview(self) -> None:
        """Show what is drawn, or do not."""
        self._preview_on = not self._preview_on
        self._preview_seen = 0
        self._show()

    def action_look(self, step: int) -> None:
        """Look at another case than the one that runs."""
        if self._run.state is None:
            return
        views = self._run.state.views()
        self._look_at(max(0, min(len(views) - 1, self._index(views) + step)))

    def action_follow(self) -> None:
        """Look at whatever case runs."""
        self._look_at(None)

    @on(CaseList.Pointed)
    def look_where_clicked(self, message: CaseList.Pointed) -> None:
        """Look at the case below the mouse."""
        self._look_at(message.index)

    def _look_at(self, index: int | None) -> None:
        self._look = index
        self._preview_seen = 0
        self._due = dict.fromkeys(self._due, 0.0)
        self._show()

    def action_panel(self, name: str) -> None:
        """Show one of the panels where there is room for one only."""
        self.query_one(Tabs).active = name

    @on(Tabs.TabActivated)
    def show_panel(self, event: Tabs.TabActivated) -> None:
        """Put the chosen panel in the place of the other."""
        for name in _PANELS:
            self.query_one(f"#{name}").set_class(event.tab.id == name, "-shown")
        self._due = dict.fromkeys(self._due, 0.0)
        self.call_after_refresh(self._show)

    def action_results(self) -> None:
        """Read the session."""
        self.post_message(self.ResultsWanted(self._run))

    def action_back(self) -> None:
        """Choose again."""
        self.post_message(self.Left())
