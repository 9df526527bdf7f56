"""A session on the screen: its table, its plots, and what it says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import ContentSwitcher, Footer, Static, Tab, Tabs
from textual.worker import Worker, WorkerState, get_current_worker

from profiles.errors import SessionError
from profiles.profile import Profile
from profiles.session import Session, TrialRecord
from tui.dashboard.results.pane import PlotPane
from tui.dashboard.results.session_plots import SessionPlots, View
from tui.dashboard.results.table import ResultTable
from tui.dashboard.results.texts import about_lines, detail_lines, title_line
from tui.dashboard.results.trial_reader import TrialReader
from tui.dashboard.results.why import why_faster
from tui.dashboard.tabbed_screen import TabbedScreen
from tui.output.rows import Row, make_rows, relative_to_fastest

if TYPE_CHECKING:
    from tui.dashboard.results.reduction import Reduction

TABS = {
    "table": "Table",
    "frames": "Frame times",
    "histogram": "Histogram",
    "phases": "Phases",
    "backends": "Backends",
    "sizes": "Sizes",
    "about": "About",
}
_OF_A_TRIAL = ("frames", "histogram")


class ResultScreen(TabbedScreen):
    """Shows one session; it changes nothing.

    Args:
        session: what was measured.
        folder: where it lies.
        ascii_only: do without block characters.
    """

    CSS_PATH = ["../tabbed_screen.tcss", "screen.tcss"]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,escape", "leave", "Back", id="results.back", tooltip="Leave this session"),
        Binding("tab", "next_tab", "Next tab", id="results.next", show=False, tooltip="Also 1 to 7"),
        Binding("shift+tab", "previous_tab", "Tab before", id="results.previous", show=False),
        Binding("s", "sort", "Sort", id="results.sort", tooltip="By the next column of the table"),
        Binding("S", "reverse", "Reverse", id="results.reverse", tooltip="Sort the other way round"),
        Binding("up", "case(-1)", "Case before", id="results.up", show=False),
        Binding("down", "case(1)", "Next case", id="results.down", show=False),
        Binding("left_square_bracket", "trial(-1)", "Trial before", id="results.trial-before", show=False),
        Binding(
            "right_square_bracket", "trial(1)", "Next trial", id="results.trial-next", tooltip="[ goes back"
        ),
        Binding("z", "zoom", "Zoom", id="results.zoom", tooltip="The usual frames, or all of them"),
        Binding("v", "turn", "Next plot", id="results.turn", tooltip="Over pixels, workers and worlds"),
        Binding("e", "export", "Export", id="results.export", tooltip="As JSON, CSV or Markdown"),
        Binding("x", "explain", "Explain", id="results.explain", tooltip="What makes this case slow"),
        Binding("g", "run_again", "Run again", id="results.again", tooltip="Measure the same once more"),
        *(
            Binding(str(number), f"tab('{name}')", title, id=f"results.tab-{name}", show=False)
            for number, (name, title) in enumerate(TABS.items(), 1)
        ),
    ]

    class Left(Message):
        """A person goes back."""

    class ExportWanted(Message):
        """A person wants the session in another form."""

        def __init__(self, session: Session, folder: Path) -> None:
            super().__init__()
            self.session = session
            self.folder = folder

    class RunAgain(Message):
        """A person wants the same measured once more."""

        def __init__(self, profile: Profile, name: str) -> None:
            super().__init__()
            self.profile = profile
            self.name = name
            """What the session says that was asked for."""

    class ExplainWanted(Message):
        """A person wants to know what makes a case slow."""

        def __init__(self, session: Session, folder: Path, row: Row) -> None:
            super().__init__()
            self.session, self.folder, self.row = session, folder, row

    class Reduced(Message):
        """The frame times of a trial were read, or could not be."""

        def __init__(self, key: str, reduction: Reduction | None, error: str = "") -> None:
            super().__init__()
            self.key = key
            self.reduction = reduction
            self.error = error

    def __init__(self, session: Session, folder: Path, ascii_only: bool = False) -> None:
        super().__init__("about", ascii_only)
        self._session, self._folder = session, folder
        self._rows = make_rows(session)
        self._entries = relative_to_fastest(self._rows)
        self._reader = TrialReader(folder)
        self._plots = SessionPlots(self._rows, ascii_only)
        self._case = 0
        self._trials: dict[int, int] = {}
        self._zoomed = False
        self._turn = 0

    def compose(self) -> ComposeResult:
        yield Static(self._text(title_line(self._session, self._ascii_only)), id="title", markup=False)
        with Vertical(id="body"):
            yield Tabs(*(Tab(f"{n} {title}", id=name) for n, (name, title) in enumerate(TABS.items(), 1)))
            yield ResultTable(self._entries, self._ascii_only)
            # Of one height for all cases, or the table would jump as the cursor moves.
            with Vertical(id="said"):
                yield Static(id="why", markup=False)
                yield Static(id="detail", markup=False)
            with ContentSwitcher(id="panes", initial=None):
                for name in TABS:
                    if name not in ("table", "about"):
                        yield PlotPane(f"{name}-pane", self._ascii_only)
                with VerticalScroll(id="about-pane"):
                    text = "\n".join(about_lines(self._session, self._folder))
                    yield Static(self._text(text), markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the table."""
        self.query_one(Tabs).can_focus = False
        self._arrange()
        self._tell()
        self._table_widget.focus()

    @property
    def _table_widget(self) -> ResultTable:
        return self.query_one(ResultTable)

    @on(ResultTable.Chosen)
    def choose(self, message: ResultTable.Chosen) -> None:
        """Tell of another case, and draw it when the choice rests."""
        self._case = message.index
        self._tell()
        self._draw_at_rest()
        self.refresh_bindings()

    @on(ResultTable.RowSelected)
    def look_closer(self) -> None:
        """Enter on a case opens its first plot."""
        if self._tab == "table":
            self.action_tab("frames")

    def _tell(self) -> None:
        if not self._rows:
            self.query_one("#detail", Static).update("This session holds no case.")
            return
        row = self._rows[self._case]
        why = why_faster(self._rows, row)
        self.query_one("#why", Static).display = bool(why)
        self.query_one("#why", Static).update(self._text(why))
        detail = "\n".join(detail_lines(row, self._ascii_only))
        self.query_one("#detail", Static).update(self._text(detail))

    def _draw(self) -> None:
        """Draw what the open tab shows of the chosen case."""
        if self._tab in ("table", "about") or not self._rows:
            return
        pane = self.query_one(f"#{self._tab}-pane", PlotPane)
        view = View(self._case, self._trial, self._zoomed, self._turn)
        if self._tab not in _OF_A_TRIAL:
            self._plots.show(pane, self._tab, view, None)
            return
        trial = self._trial
        if trial is None or trial.timings is None:
            pane.say(self._plots.heading(view), self._plots.why_no_frames(view))
        elif (known := self._reader.known(trial.timings)) is not None:
            self._plots.show(pane, self._tab, view, known)
        else:
            self._read(trial.timings)

    @property
    def _measured(self) -> list[TrialRecord]:
        """The chosen case's trials that have timings, spoiled attempts among them, else all of them."""
        trials = self._rows[self._case].case.trials if self._rows else ()
        return [trial for trial in trials if trial.timings is not None] or list(trials)

    @property
    def _trial(self) -> TrialRecord | None:
        trials = self._measured
        return trials[self._trial_index] if trials else None

    @property
    def _trial_index(self) -> int:
        """Which of the measured trials is looked at: at first the first one that is in the figures."""
        trials = self._measured
        if self._case in self._trials:
            return min(self._trials[self._case], len(trials) - 1)
        counted = self._rows[self._case].case.counted
        return next((n for n, trial in enumerate(trials) if any(trial is one for one in counted)), 0)

    @work(thread=True, exclusive=True, group="timings", exit_on_error=False)
    def _read(self, key: str) -> None:
        from tui.dashboard.results.reduction import Unwanted

        worker = get_current_worker()
        try:
            reduction = self._reader.read(key, lambda: not worker.is_cancelled)
        except SessionError as error:
            self.post_message(self.Reduced(key, None, str(error)))
        except Unwanted:
            return
        else:
            self.post_message(self.Reduced(key, reduction))

    @on(Worker.StateChanged)
    def say_what_failed(self, event: Worker.StateChanged) -> None:
        """Put what nobody foresaw into a sentence."""
        if event.state is WorkerState.ERROR and self._trial is not None and self._trial.timings:
            error = event.worker.error
            said = f"these timings cannot be read: {error or type(error).__name__}"
            self.post_message(self.Reduced(self._trial.timings, None, said))

    @on(Reduced)
    def show_frames(self, message: Reduced) -> None:
        """Draw a trial that was read, where it is still the one that is looked at."""
        trial = self._trial
        if trial is None or trial.timings != message.key or self._tab not in _OF_A_TRIAL:
            return
        pane = self.query_one(f"#{self._tab}-pane", PlotPane)
        view = View(self._case, trial, self._zoomed)
        if message.reduction is None:
            pane.say(self._plots.heading(view), message.error)
        else:
            self._plots.show(pane, self._tab, view, message.reduction)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what can be done now."""
        if action in ("sort", "reverse"):
            return self._has_room or self._tab == "table"
        if action == "trial":
            return self._tab in _OF_A_TRIAL and len(self._measured) > 1
        if action == "zoom":
            return self._tab == "frames"
        if action == "turn":
            return self._tab == "sizes" and self._plots.sizes_plots(self._case) > 1
        return True

    def action_leave(self) -> None:
        """Go back."""
        self.post_message(self.Left())

    def action_export(self) -> None:
        """Ask for another form of it."""
        self.post_message(self.ExportWanted(self._session, self._folder))

    def action_run_again(self) -> None:
        """Ask for another run of it."""
        self.post_message(self.RunAgain(self._session.profile, self._session.session.profile_name))

    def action_explain(self) -> None:
        """Ask what makes the chosen case slow."""
        if self._rows:
            self.post_message(self.ExplainWanted(self._session, self._folder, self._rows[self._case]))

    def action_case(self, step: int) -> None:
        """Choose another case, also where the table is hidden."""
        table = self._table_widget
        table.move_cursor(row=table.cursor_row + step, animate=False)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._table_widget.sort_by_next()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._table_widget.sort_reversed()

    def action_trial(self, step: int) -> None:
        """Look at another trial of the case."""
        last = len(self._measured) - 1
        self._trials[self._case] = max(0, min(last, self._trial_index + step))
        self._draw()

    def action_zoom(self) -> None:
        """Change between the usual frames and all of them."""
        self._zoomed = not self._zoomed
        self._draw()

    def action_turn(self) -> None:
        """Show the next plot of this tab."""
        self._turn = (self._turn + 1) % max(1, self._plots.sizes_plots(self._case))
        self._draw()
