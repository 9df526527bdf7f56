"""The first screen: scenes, backends and settings, and what they add up to."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.events import DescendantFocus
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, OptionList, Static

from engine.preflight import BackendStatus
from profiles.errors import ProfileError
from profiles.profile import Profile
from tui.dashboard.choose import PURPOSE
from tui.dashboard.choose.about import (
    about_backend,
    about_scene,
    about_setting,
    backend_mark,
    backend_note,
    scene_note,
    totals,
)
from tui.dashboard.choose.case_panel import CasePanel
from tui.dashboard.choose.check_list import CheckList, Line, Mark
from tui.dashboard.choose.description import Description
from tui.dashboard.choose.fetch_dialog import FetchDialog
from tui.dashboard.choose.probing import SILENCE_LIMIT_S, Probe, probe, probe_in_background, silent_status
from tui.dashboard.choose.settings_panel import SettingsPanel
from tui.dashboard.choose.state import ChooseState, add_scene
from tui.dashboard.dialogs import AskDialog
from tui.dashboard.explain.wanted import Wanted, meant
from tui.output.tables import scene_title
from tui.text import printable

_LIST_ACTIONS = ("fetch", "add_scene", "retry")


class ChooseScreen(Screen[None]):
    """Usable at once; the backends fill in while they are tried.

    Args:
        profile: what is chosen at first.
        ascii_only: do without characters beyond ASCII.
        probe: tries one backend, in a thread of its own.
        silence_limit_s: how long a backend may say nothing of itself.
    """

    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (118, "-wide")]  # noqa: RUF012 (Textual's own has no ClassVar)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f5",
            "start",
            "Measure",
            key_display="F5",
            id="choose.start",
            tooltip="Measure what is chosen",
            priority=True,
        ),
        Binding("f", "fetch", "Fetch", id="choose.fetch", tooltip="Fetch the models that the scene lacks"),
        Binding(
            "a", "add_scene", "Add", id="choose.add", tooltip="Add a scene: an MJCF file or a Menagerie model"
        ),
        Binding("r", "retry", "Retry", id="choose.retry", tooltip="Try the backends again"),
        Binding(
            "x", "explain", "Explain", id="choose.explain", show=False, tooltip="What makes one case slow"
        ),
        Binding("escape", "leave_input", "To the lists", id="choose.leave", show=False),
    ]

    class Started(Message):
        """A person wants this profile measured."""

        def __init__(self, profile: Profile) -> None:
            super().__init__()
            self.profile = profile

    class ExplainWanted(Message):
        """A person wants to know what makes a case slow."""

        def __init__(self, wanted: Wanted) -> None:
            super().__init__()
            self.wanted = wanted

    class Changed(Message):
        """Something else is chosen."""

        def __init__(self, profile: Profile | None) -> None:
            super().__init__()
            self.profile = profile
            """None while what is chosen is not valid."""

    class Tried(Message):
        """A backend was tried."""

        def __init__(self, status: BackendStatus, attempt: int) -> None:
            super().__init__()
            self.status = status
            self.attempt = attempt

    def __init__(
        self,
        profile: Profile,
        ascii_only: bool = False,
        probe: Probe = probe,
        silence_limit_s: float = SILENCE_LIMIT_S,
    ) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._state = ChooseState(profile)
        self._ascii_only = ascii_only
        self._probe = probe
        self._silence_limit_s = silence_limit_s
        self._attempt = 0
        self._trying: dict[str, int] = {}
        """The attempt that each backend is being tried in."""
        self._starts_when_tried = False
        self._title = ""
        self._profile: Profile | None = profile
        self._error = ""
        self._offered: list[bool] = []

    def compose(self) -> ComposeResult:
        with Horizontal(id="title"):
            yield Static(PURPOSE, id="purpose", markup=False)
            yield Static(id="name", markup=False)
        with Container(id="body"):
            with Horizontal(id="lists"):
                yield CheckList("Scenes", "space choose  a add", "scenes", self._ascii_only)
                yield CheckList("Backends", "space choose  r retry", "backends", self._ascii_only)
            yield SettingsPanel(self._state.texts, id="settings")
        with Container(id="below"):
            yield Description(self._ascii_only, id="description")
            yield CasePanel(self._state, "cases", self._ascii_only)
        yield Static(id="summary", markup=False)
        yield Static(id="verdict", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show what is chosen, and try the backends."""
        self.query_one("#description").border_title = "About"
        self.show_name(self._title)
        self._show()
        self.query_one("#scenes").focus()
        self._try_backends()

    # What the app uses

    @property
    def current_profile(self) -> Profile | None:
        """The profile that is chosen, or None while something of it is not valid."""
        return self._profile

    def load(self, profile: Profile) -> None:
        """Put another profile into all lists and fields."""
        self._state.load(profile)
        for panel in self.query(SettingsPanel):
            panel.fill(self._state.texts)
            self._check()
            self._try_backends()

    def show_name(self, text: str) -> None:
        """Show in the title which profile is open."""
        self._title = text
        for title in self.query("#name").results(Static):
            title.update(f"Profile {printable(text)}" if text else "")

    # Trying the backends

    def _try_backends(self) -> None:
        self._attempt += 1
        attempt = self._attempt
        names = [name for name in self._state.untried if name not in self._trying]
        self._trying |= dict.fromkeys(names, attempt)

        def tell(status: BackendStatus) -> None:
            self.post_message(self.Tried(status, attempt))

        probe_in_background(names, tell, self._probe)
        self.set_timer(self._silence_limit_s, lambda: self._give_up(attempt))

    def _give_up(self, attempt: int) -> None:
        for name in [name for name, tried_in in self._trying.items() if tried_in == attempt]:
            self.post_message(self.Tried(silent_status(name, self._silence_limit_s), attempt))

    @on(Tried)
    def _fill_in(self, message: Tried) -> None:
        if self._trying.get(message.status.backend) != message.attempt:
            return
        del self._trying[message.status.backend]
        self._state.learn(message.status)
        self._add_up()
        if self._starts_when_tried and not self._trying:
            self._starts_when_tried = False
            self.action_start()

    def action_retry(self) -> None:
        """Try all backends again."""
        if self._trying:
            self.app.bell()
            return
        self._state.forget_statuses()
        self._try_backends()
        self._show()

    # Choosing

    @on(CheckList.Toggled)
    def _toggle(self, event: CheckList.Toggled) -> None:
        is_scene = event.check_list.id == "scenes"
        toggle = self._state.toggle_scene if is_scene else self._state.toggle_backend
        if toggle(event.value):
            self._check()
        else:
            self.app.bell()

    @on(SettingsPanel.Edited)
    def _edit(self, event: SettingsPanel.Edited) -> None:
        others = self._state.set_text(event.key, event.text)
        self.query_one(SettingsPanel).fill(others)
        self._check()

    @on(OptionList.OptionHighlighted)
    def _move(self) -> None:
        self._describe()

    @on(DescendantFocus)
    def _go(self) -> None:
        self._describe()

    def action_add_scene(self) -> None:
        """Ask for a scene, and choose it."""
        question = "Add a scene: the path of an MJCF file, or menagerie:NAME"
        self.app.push_screen(AskDialog(question, check=_scene_error), self._add_scene)

    def _add_scene(self, text: str | None) -> None:
        if text is None:
            return
        name = add_scene(text)
        self._state.add_scene(name)
        self._check()
        self.query_one("#scenes", CheckList).go_to(name)

    def action_fetch(self) -> None:
        """Offer to fetch what the scene under the cursor lacks."""
        facts = self._state.scenes[self.query_one("#scenes", CheckList).current or ""]
        self.app.push_screen(FetchDialog(facts.missing, self._ascii_only), self._fetched)

    def _fetched(self, _: bool | None) -> None:
        self._state.look_at_scenes()
        self._check()

    def action_start(self) -> None:
        """Hand the profile up where it can be measured, once nothing else makes the machine busy."""
        if self._profile is None or self._state.obstacle(self._profile):
            self.app.bell()
        elif self._trying:
            self._starts_when_tried = True
            self._show()
        else:
            self.post_message(self.Started(self._profile))

    def action_explain(self) -> None:
        """Ask what makes the case slow that is chosen, or of several the one under the cursors."""
        state, profile = self._state, self._profile
        chosen = [name for name in state.scenes if state.is_scene_chosen(name)]
        scene = meant(chosen, self.query_one("#scenes", CheckList).current, state.scenes)
        backend = meant(
            state.chosen_backends(), self.query_one("#backends", CheckList).current, state.backends
        )
        wanted = Wanted.chosen(profile, scene, backend) if profile and scene and backend else None
        if wanted is None:
            self.app.bell()
        else:
            self.post_message(self.ExplainWanted(wanted))

    def action_leave_input(self) -> None:
        """Go back to the lists."""
        self.query_one("#scenes").focus()

    def scroll_to_center(self, widget: Widget, animate: bool = True, **options: Any) -> None:
        """Bring what has the focus into view, and move its box no farther than that."""
        self.scroll_to_widget(widget, animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer keys only where they do something."""
        if action in _LIST_ACTIONS and self.query(CheckList):
            scenes, backends = self.query_one("#scenes", CheckList), self.query_one("#backends", CheckList)
            lacks = bool(self._state.scenes[scenes.current].missing) if scenes.current else False
            return {
                "fetch": scenes.has_focus and lacks,
                "add_scene": scenes.has_focus and not lacks,
                "retry": backends.has_focus,
            }[action]
        return True

    # Showing

    def _check(self) -> None:
        """A person has changed something: tell what it adds up to."""
        self._starts_when_tried = False
        self._add_up()

    def _add_up(self) -> None:
        before = self._profile
        try:
            self._profile, self._error = self._state.profile(), ""
        except ProfileError as error:
            self._profile, self._error = None, str(error)
        self._show()
        if self._profile != before:
            self.post_message(self.Changed(self._profile))

    def _say(self, widget_id: str, text: str) -> None:
        """Show text of several lines, whatever stands in it, as text."""
        shown = "\n".join(printable(line) for line in text.splitlines())
        shown = shown.replace("…", "...") if self._ascii_only else shown
        widget = self.query_one(f"#{widget_id}", Static)
        if widget.content != shown:
            widget.update(shown)

    def _show(self) -> None:
        state = self._state
        self.query_one("#scenes", CheckList).show(self._scene_lines())
        self.query_one("#backends", CheckList).show(self._backend_lines())
        self.query_one(SettingsPanel).mark(state.setting_errors())
        self.query_one(CasePanel).show(self._profile)
        self._say("summary", totals(state, self._profile))
        self._show_verdict()
        self._describe()

    def _show_verdict(self) -> None:
        """Say what F5 does now, or why it does nothing."""
        obstacle = self._error or (self._state.obstacle(self._profile) if self._profile else "")
        untried = ", ".join(self._trying)
        if obstacle:
            text = f"! F5 cannot start: {obstacle}"
        elif self._starts_when_tried:
            text = f"It starts by itself when all backends are tried: {untried} ..."
        elif untried:
            text = f"F5 measures them as soon as all backends are tried: {untried} ..."
        else:
            text = "F5 measures them, one after the other; every session is saved by itself"
        self._say("verdict", text)
        self.query_one("#verdict").set_class(bool(obstacle), "-obstacle")

    def _scene_lines(self) -> list[Line]:
        return [
            Line(
                name,
                scene_title(name),
                scene_note(facts),
                Mark.of(self._state.is_scene_chosen(name), facts.works),
            )
            for name, facts in self._state.scenes.items()
        ]

    def _backend_lines(self) -> list[Line]:
        state, chosen = self._state, self._state.chosen_backends()
        width = max(len(name) for name in state.backends)
        return [
            Line(
                name,
                name.ljust(width),
                backend_note(name, state.statuses.get(name)),
                Mark.of(name in chosen, not state.is_broken(name)),
                backend_mark(state.statuses.get(name)),
            )
            for name in state.backends
        ]

    def _describe(self) -> None:
        """Tell more of what the cursor is on than a line has room for."""
        state, panel = self._state, self.query_one(SettingsPanel)
        scene, backend = self.query_one("#scenes", CheckList), self.query_one("#backends", CheckList)
        text = ""
        if panel.current is not None:
            error = state.setting_errors().get(panel.current, "")
            text = about_setting(panel.current, state, "" if error == self._error else error)
        elif backend.has_focus and backend.current:
            chosen = backend.current in state.chosen_backends()
            text = about_backend(backend.current, state.statuses.get(backend.current), chosen)
        elif scene.current:
            text = about_scene(state.scenes[scene.current], state.is_scene_chosen(scene.current))
        self._say("description", text)
        offered = [bool(self.check_action(action, ())) for action in _LIST_ACTIONS]
        if offered != self._offered:
            # The footer is made anew for this, which is work.
            self._offered = offered
            self.refresh_bindings()


def _scene_error(text: str) -> str:
    """What is wrong with the scene that a person types, or ""."""
    try:
        add_scene(text)
    except ProfileError as error:
        return str(error)
    return ""
