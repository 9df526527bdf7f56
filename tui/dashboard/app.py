"""The dashboard: choose, watch, read, and what has to be true whichever screen is open.

No screen is imported with it: a person sees the first line of the first one the sooner.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.actions import SkipAction
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widgets import Input, Static

from profiles.profile import Profile
from tui.completing import complete_killed_sessions
from tui.dashboard.choose import PURPOSE
from tui.dashboard.plain_scroll_bar import PlainScrollBar
from tui.dashboard.suspending import Background
from tui.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from profiles.session import Session
    from tui.dashboard.choose.screen import ChooseScreen
    from tui.dashboard.explain.screen import ExplanationScreen
    from tui.dashboard.explain.wanted import Wanted
    from tui.dashboard.profiles.keeping import ProfileKeeper
    from tui.dashboard.profiles.screen import ProfilesScreen
    from tui.dashboard.results.screen import ResultScreen
    from tui.dashboard.session_run import SessionRun
    from tui.dashboard.sessions.screen import SessionsScreen
    from tui.dashboard.watch.screen import WatchScreen
    from tui.explaining import Question

_SAVING_LIMIT_S = 20.0
"""How long a run that was told to stop may take to save what it has."""
_HOLDING_LIMIT_S = 5.0
_BUILDING_S = 0.05
_SCREEN_NAMES = {
    "ChooseScreen": "choosing",
    "WatchScreen": "watching a run",
    "ResultScreen": "reading a session",
    "ExplanationScreen": "what each change saves",
    "SessionsScreen": "past sessions",
    "SideBySideScreen": "two sessions side by side",
    "ProfilesScreen": "profiles",
}


class Dashboard(App[None]):
    """The whole of it.

    Args:
        profile: what the first screen starts from.
        profile_name: what sessions say that was asked for.
        ascii_only: do without block characters.
        theme: the colours, where these are known here.
        note: what a person has to be told at the start.
    """

    TITLE = "mjbench-tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f1,question_mark", "help", "Help", key_display="F1", id="app.help", tooltip="All keys and words"
        ),
        Binding(
            "f2",
            "profiles",
            "Profiles",
            key_display="F2",
            id="app.profiles",
            tooltip="List them",
        ),
        Binding("f3", "sessions", "Sessions", key_display="F3", id="app.sessions", tooltip="Read past ones"),
        Binding("f6", "save", "Save", key_display="F6", id="app.save", tooltip="Save the profile"),
        Binding(
            "f7",
            "save_as",
            "Save as",
            key_display="F7",
            id="app.save-as",
            show=False,
            tooltip="Under another name",
        ),
        Binding("q", "ask_quit", "Quit", id="app.quit", tooltip="Asks first while a run goes on"),
        Binding("ctrl+q", "ask_quit", "Quit", id="app.quit-anywhere", show=False, priority=True),
        Binding(
            "ctrl+c",
            "interrupt",
            "Quit",
            id="app.interrupt",
            show=False,
            priority=True,
            tooltip="Where a text is selected, copies it; a second time quits without a question",
        ),
        Binding("t", "theme", "Dark or light", id="app.theme", show=False, tooltip="Change the colours"),
        Binding(
            "ctrl+z",
            "suspend",
            "Suspend",
            id="app.suspend",
            show=False,
            tooltip="fg comes back",
        ),
    ]

    def __init__(
        self,
        profile: Profile,
        profile_name: str,
        ascii_only: bool = False,
        theme: str = "",
        note: str = "",
    ) -> None:
        super().__init__()
        self._profile = profile
        self._choose: ChooseScreen | None = None
        self._profile_name = profile_name
        self._ascii_only = ascii_only
        self._note = note
        if ascii_only:
            self.add_class("-ascii")
            ScrollBar.renderer = PlainScrollBar
        self.runs: list[SessionRun] = []
        """Every run of this sitting, the last one last."""
        self._background: Background | None = None
        self._asked_by_interrupt: Screen[Any] | None = None
        """The question that a Ctrl+C has brought up."""
        if theme in self.available_themes:
            self.theme = theme

    def compose(self) -> ComposeResult:
        # Stands there while the first screen is imported.
        yield Static(PURPOSE, id="first-line")

    def on_mount(self) -> None:
        """Open the first screen, once something is there to be seen."""
        if self._driver is not None and not self.is_headless:
            self._background = Background(self._driver, self._suspend_soon, self._come_back)
            self._background.listen()
        self.call_after_refresh(self._open_choosing)

    def _open_choosing(self) -> None:
        from tui.dashboard.choose.screen import ChooseScreen

        self._choose = ChooseScreen(self._profile, self._ascii_only)
        self.push_screen(self._choose)
        self._show_name()
        if self._note:
            self._say(self._note, "warning")
        threading.Thread(target=self._complete_killed, name="completing", daemon=True).start()

    def _complete_killed(self) -> None:
        """Complete the sessions that killed runs have left, beside the app; a run waits for that."""
        for line in complete_killed_sessions():
            with contextlib.suppress(RuntimeError):  # Its loop is closed: it has ended.
                self.call_later(self._say, line)

    @cached_property
    def _keeper(self) -> ProfileKeeper:
        """What is saved of the profile that is loaded."""
        from tui.dashboard.profiles.keeping import ProfileKeeper

        return ProfileKeeper.at_start(self._profile_name, self._profile)

    @property
    def chosen(self) -> tuple[Profile, str]:
        """What stands on the first screen, or stood there when it was last valid, and what loads it."""
        return self._chosen_profile or self._keeper.saved, self._keeper.name

    @property
    def _chosen_profile(self) -> Profile | None:
        """What stands on the first screen; None where that is not valid."""
        return self._choose.current_profile if self._choose is not None else self._profile

    # What can be done anywhere

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in the palette what the keys of a screen do, and the themes."""
        seen = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.description and not binding.system and active.enabled and binding.action not in seen:
                seen.add(binding.action)
                run = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description, binding.tooltip, run)
        yield SystemCommand("Theme", "Choose among all themes", self.action_change_theme)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what belongs to the screen that is open, and nothing that would disturb a run."""
        if action in ("profiles", "sessions", "save", "save_as"):
            return self.screen is self._choose
        return True

    def get_key_display(self, binding: Binding) -> str:
        """Name a key; without arrows where only ASCII can be shown."""
        shown = super().get_key_display(binding)
        return shown if shown.isascii() or not self._ascii_only else binding.key

    def action_help(self) -> None:
        """Tell the keys of the screen that is open."""
        from tui.dashboard.help_screen import HelpScreen

        if isinstance(self.screen, HelpScreen):
            return
        name = _SCREEN_NAMES.get(type(self.screen).__name__, self.TITLE)
        self.push_screen(HelpScreen(self.screen.active_bindings.values(), name))

    def action_theme(self) -> None:
        """Change between dark and light."""
        kind = "ansi" if self.theme.startswith("ansi") else "textual"
        self.theme = f"{kind}-light" if self.current_theme.dark else f"{kind}-dark"

    def _say(self, sentence: str, severity: str = "information") -> None:
        self.notify(printable(sentence), markup=False, severity=severity)  # type: ignore[arg-type]

    # Profiles

    def on_choose_screen_changed(self) -> None:
        """Say in the title whether what is chosen is saved."""
        self._show_name()

    def _show_name(self) -> None:
        profile = self._chosen_profile
        changed = profile is not None and self._keeper.is_changed(profile)
        if self._choose is not None:
            self._choose.show_name(self._keeper.label + (" (changed)" if changed else ""))

    def action_profiles(self) -> None:
        """List the profiles."""
        from tui.dashboard.profiles.screen import ProfilesScreen

        self.push_screen(ProfilesScreen(self._keeper.name, self._ascii_only))

    def on_profiles_screen_loaded(self, message: ProfilesScreen.Loaded) -> None:
        """Put another profile on the first screen, after a question where changes would be lost."""
        from tui.dashboard.profiles.saving import ask_before_leaving

        def load() -> None:
            self._keeper = message.keeper
            self.pop_screen()
            if self._choose is not None:
                self._choose.load(message.profile)
            self._show_name()

        profile = self._chosen_profile
        ask_before_leaving(self, profile, self._keeper, f"load {message.keeper.label}", load)

    def on_profiles_screen_renamed(self, message: ProfilesScreen.Renamed) -> None:
        """Go on saving to the same file."""
        self._keeper.follow_rename(message.old, message.new)
        self._show_name()

    def on_profiles_screen_deleted(self, message: ProfilesScreen.Deleted) -> None:
        """Know that there is no file any more."""
        self._keeper.follow_deletion(message.name)
        self._show_name()

    def on_profiles_screen_left(self) -> None:
        """Go back to the first screen."""
        self.pop_screen()

    def action_save(self) -> None:
        """Save the profile to its file, or under a new name where it is none of the person's own."""
        from tui.dashboard.profiles.saving import ask_to_save

        profile = self._chosen_profile
        if profile is None:
            self._say("What is chosen is not valid, so it cannot be saved.", "error")
        else:
            ask_to_save(self, profile, self._keeper, self._show_name)

    def action_save_as(self) -> None:
        """Save the profile under another name."""
        from tui.dashboard.profiles.saving import ask_to_save_as

        profile = self._chosen_profile
        if profile is None:
            self._say("What is chosen is not valid, so it cannot be saved.", "error")
        else:
            ask_to_save_as(self, profile, self._keeper, self._show_name)

    # Runs

    def on_choose_screen_started(self, message: ChooseScreen.Started) -> None:
        """Start a run and watch it."""
        self._measure(message.profile, self._keeper.name or self._profile_name)

    def _measure(self, profile: Profile, name: str) -> None:
        from tui.dashboard.session_run import SessionRun

        self._watch(SessionRun(profile, name))

    def _watch(self, run: SessionRun) -> None:
        from tui.dashboard.watch.screen import WatchScreen

        self.runs.append(run)
        run.start()
        self.push_screen(WatchScreen(run, self._ascii_only))

    def on_watch_screen_left(self) -> None:
        """Go back to the first screen."""
        self._return_to_choosing()

    def _return_to_choosing(self) -> None:
        while self._choose in self.screen_stack and self.screen is not self._choose:
            self.pop_screen()

    # Results

    def on_watch_screen_results_wanted(self, message: WatchScreen.ResultsWanted) -> None:
        """Read what was measured."""
        run = message.run
        if run.session is None or run.folder is None:
            return
        if run.opens_itself:
            from tui.dashboard.explain.opening import open_explanation_of

            open_explanation_of(self, run, self._ascii_only)
        else:
            self._read(run.session, run.folder)

    def _read(self, session: Session, folder: Path) -> None:
        from tui.dashboard.results.screen import ResultScreen

        self.push_screen(ResultScreen(session, folder, self._ascii_only))

    def on_result_screen_left(self) -> None:
        """Go back to where the session was opened."""
        self.pop_screen()

    def on_result_screen_run_again(self, message: ResultScreen.RunAgain) -> None:
        """Measure the same once more."""
        self._return_to_choosing()
        self._measure(message.profile, message.name)

    # What makes a case slow

    def on_choose_screen_explain_wanted(self, message: ChooseScreen.ExplainWanted) -> None:
        """Ask whether the case is to be measured with its changes."""
        self._ask_to_explain(message.wanted)

    def on_result_screen_explain_wanted(self, message: ResultScreen.ExplainWanted) -> None:
        """Show what makes the case slow where the session knows it, else ask whether to measure that."""
        from tui.dashboard.explain.opening import open_explanation
        from tui.dashboard.explain.wanted import Wanted

        session, row = message.session, message.row
        if not open_explanation(self, session, message.folder, row.case.case, ascii_only=self._ascii_only):
            self._ask_to_explain(Wanted.measured(session.profile, row))

    def _ask_to_explain(self, wanted: Wanted) -> None:
        from tui.dashboard.explain.dialog import ExplainDialog
        from tui.dashboard.explain.run import ExplainRun

        def answered(question: Question | None) -> None:
            if question is not None:
                self._return_to_choosing()
                self._watch(ExplainRun(question))

        self.push_screen(ExplainDialog(wanted), answered)

    def on_explanation_screen_again_wanted(self, message: ExplanationScreen.AgainWanted) -> None:
        """Ask whether the case is to be measured once more."""
        self._ask_to_explain(message.wanted)

    def on_explanation_screen_results_wanted(self, message: ExplanationScreen.ResultsWanted) -> None:
        """Read all figures of the session."""
        from tui.dashboard.results.screen import ResultScreen

        if isinstance(self.screen_stack[-2], ResultScreen):
            self.pop_screen()
        else:
            self._read(message.session, message.folder)

    def on_explanation_screen_left(self) -> None:
        """Go back to where the explanation was opened."""
        self.pop_screen()

    @property
    def is_measuring(self) -> bool:
        """True while a run goes on."""
        return bool(self.runs) and not self.runs[-1].is_over

    async def action_suspend(self) -> None:
        """Go back to the shell until `fg`.

        The trial in progress is given up and measured anew afterwards: a dashboard that is stopped takes no
        timings, and an engine process that waits for it would book that as its own time.
        """
        run = self.runs[-1] if self.is_measuring else None
        if run is not None and not await asyncio.to_thread(run.hold, _HOLDING_LIMIT_S):
            run.release()
            self._say("The engine process does not end, so the run goes on.", "error")
            return
        if self._background is None:
            self.action_suspend_process()
            self._come_back()
        else:
            self._background.stop()

    def _suspend_soon(self) -> None:
        self.call_later(self.action_suspend)

    def _come_back(self) -> None:
        """Go on after `action_suspend`, with the whole screen drawn anew."""
        if self.is_measuring:
            self.runs[-1].release()
        self.refresh(layout=True)

    # Past sessions

    def action_sessions(self) -> None:
        """List the sessions of this machine."""
        from tui.dashboard.sessions.screen import SessionsScreen

        self.push_screen(SessionsScreen(self._ascii_only))

    def on_sessions_screen_opened(self, message: SessionsScreen.Opened) -> None:
        """Read one of them."""
        self._read(message.session, message.folder)

    def on_sessions_screen_compared(self, message: SessionsScreen.Compared) -> None:
        """Hold two of them side by side."""
        from tui.dashboard.sessions.side_by_side import SideBySideScreen

        self.push_screen(SideBySideScreen(message.first, message.second, self._ascii_only))

    def on_sessions_screen_run_again(self, message: SessionsScreen.RunAgain) -> None:
        """Measure the same once more."""
        self._return_to_choosing()
        self._measure(message.profile, message.name)

    def on_sessions_screen_renamed(self, message: SessionsScreen.Renamed) -> None:
        """Know the new folder of a session that was measured in this sitting."""
        for run in self.runs:
            if run.folder == message.old:
                run.folder = message.new

    def on_sessions_screen_deleted(self, message: SessionsScreen.Deleted) -> None:
        """Tell nothing more at the end of a session that is gone."""
        self.runs = [run for run in self.runs if run.folder != message.folder]

    def on_sessions_screen_left(self) -> None:
        """Go back to the first screen."""
        self.pop_screen()

    def on_side_by_side_screen_left(self) -> None:
        """Go back to the list."""
        self.pop_screen()

    def on_result_screen_export_wanted(self, message: ResultScreen.ExportWanted) -> None:
        """Write the session in another form."""
        from tui.dashboard.sessions.export_dialog import ExportDialog

        self.push_screen(ExportDialog(message.session, message.folder, self._ascii_only))

    # The end

    def action_ask_quit(self) -> None:
        """Quit, after a question where a run goes on or changes to a file would be lost."""
        from tui.dashboard.dialogs import ConfirmDialog
        from tui.dashboard.profiles.saving import ask_before_leaving

        profile = self._chosen_profile
        if self.is_measuring:
            question = ConfirmDialog("A run goes on.", "stop it, save what it has, and quit", "go on")
            self.push_screen(question, self._answered)
        elif self._keeper.asks_before_quitting(profile):
            ask_before_leaving(self, profile, self._keeper, "quit", self._close)
        else:
            self._close()

    def action_interrupt(self) -> None:
        """Ctrl+C: copy where something is selected, else quit; a second time without an answer."""
        focused, before = self.focused, self.screen
        if before.get_selected_text() or (isinstance(focused, Input) and focused.selected_text):
            raise SkipAction
        if before is self._asked_by_interrupt:
            self._end()
            return
        self.action_ask_quit()
        self._asked_by_interrupt = self.screen if self.screen is not before else None

    def _answered(self, quits: bool | None) -> None:
        if quits:
            self._end()

    def _end(self) -> None:
        if self.is_measuring and not self.runs[-1].stop_requested:
            self.runs[-1].request_stop()
        self._close()

    def _close(self) -> None:
        """Exit, once the first screen stands: torn down while it is built, it would miss its own parts."""
        if self._choose is not None and self._choose.is_mounted:
            if self._background is not None:
                self._background.end()
            self.exit()
        else:
            self.set_timer(_BUILDING_S, self._close)

    def end_soon(self) -> None:
        """Stop the run that goes on, if any, and quit; from any thread."""
        with contextlib.suppress(RuntimeError):  # Its loop is closed: it has ended.
            self.call_later(self._end)

    def hurry(self) -> None:
        """Let a run that was told to stop end at once; may be called in a signal handler."""
        if self.is_measuring:
            self.runs[-1].request_stop()

    def save_runs(self) -> None:
        """After the app is closed, wait until the last run is saved."""
        if not self.runs:
            return
        last = self.runs[-1]
        if not last.is_over and not last.stop_requested:
            last.request_stop()
        if not last.wait(_SAVING_LIMIT_S):
            last.request_stop()
            last.wait(_SAVING_LIMIT_S)
