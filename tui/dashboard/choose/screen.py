"""The first screen: scenes, backends and settings, and what they add up to."""

from __future__ import annotations

import threading
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Input, Label, SelectionList, Static
from textual.widgets.selection_list import Selection

from engine.backends.registry import all_backends
from engine.launcher import SpawnLauncher
from engine.preflight import BackendStatus, probe_backends
from profiles.errors import ProfileError
from profiles.profile import AUTO, Profile
from scenes.assets import missing_models
from scenes.registry import builtin_scenes, find_scene
from tui.dashboard.choose.check_list import CheckList
from tui.dashboard.choose.choice import SETTINGS, Choice, backend_line, setting_texts, summary
from tui.tables import scene_title
from tui.text import printable


class ChooseScreen(Screen[None]):
    """Usable at once; the backends fill in while they are tried."""

    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "start", "Measure", id="choose.start", tooltip="Measure what is chosen", priority=True),
        Binding("escape", "leave_input", "To the lists", id="choose.leave", show=False),
    ]

    class Started(Message):
        """A person wants this profile measured."""

        def __init__(self, profile: Profile) -> None:
            super().__init__()
            self.profile = profile

    class Probed(Message):
        """All backends were tried."""

        def __init__(self, found: dict[str, BackendStatus]) -> None:
            super().__init__()
            self.found = found

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._start = profile
        self._profile: Profile | None = None
        self._probed: dict[str, BackendStatus] = {}

    def compose(self) -> ComposeResult:
        with Horizontal(id="lists"):
            yield CheckList(*self._scenes(), id="scenes")
            yield CheckList(*self._backends(), id="backends")
        texts = setting_texts(self._start)
        with Grid(id="settings"):
            for setting in SETTINGS:
                yield Label(setting.label)
                name = setting.key.replace(".", "-")
                yield Input(texts[setting.key], placeholder=setting.hint, id=name, compact=True)
        yield Static(id="description", markup=False)
        yield Static(id="problem", markup=False)
        yield Static(id="summary", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Name the parts, and try the backends."""
        self.query_one("#scenes").border_title = "Scenes"
        self.query_one("#backends").border_title = "Backends"
        self.query_one("#settings").border_title = "Settings"
        self.query_one("#scenes").focus()
        self._check()
        threading.Thread(target=self._probe, name="probe", daemon=True).start()

    def _probe(self) -> None:
        found = probe_backends([info.name for info in all_backends()], SpawnLauncher())
        self.post_message(self.Probed(found))

    def _scenes(self) -> list[Selection[str]]:
        known = {info.name: info for info in builtin_scenes()}
        known |= {name: find_scene(name) for name in self._start.scenes if name not in known}
        lines = []
        for name, info in known.items():
            missing = missing_models(info)
            note = f" (missing: mjbench-tui assets fetch {missing[0]})" if missing else ""
            chosen = name in self._start.scenes and not missing
            prompt = printable(f"{scene_title(name)}{note}").replace("[", "\\[")
            lines.append(Selection(prompt, name, chosen, disabled=bool(missing)))
        return lines

    def _backends(self) -> list[Selection[str]]:
        wanted = self._start.backends
        lines = []
        for info in all_backends():
            status = self._probed.get(info.name)
            works = status is not None and status.works
            chosen = info.name in wanted or (AUTO in wanted and info.draws)
            line = backend_line(info.name, status).replace("[", "\\[")
            lines.append(Selection(line, info.name, chosen and works, disabled=not works))
        return lines

    @on(Probed)
    def show_backends(self, message: Probed) -> None:
        """Fill in what the backends said of themselves."""
        self._probed = message.found
        backends = self.query_one("#backends", CheckList)
        highlighted = backends.highlighted
        backends.clear_options()
        backends.add_options(self._backends())
        backends.highlighted = highlighted
        self._check()

    @on(SelectionList.SelectedChanged)
    @on(Input.Changed)
    def check_again(self) -> None:
        """Whatever was changed, say what it adds up to."""
        self._check()

    @on(SelectionList.SelectionHighlighted)
    def describe(self, event: SelectionList.SelectionHighlighted[str]) -> None:
        """Tell more of the line under the cursor than it has room for."""
        value = event.selection.value
        if event.selection_list.id == "scenes":
            text = find_scene(value).description
        else:
            text = backend_line(value, self._probed.get(value))
        self.query_one("#description", Static).update(printable(text))

    def _check(self) -> None:
        texts = {
            setting.key: self.query_one(f"#{setting.key.replace('.', '-')}", Input).value
            for setting in SETTINGS
        }
        choice = Choice(
            self.query_one("#scenes", CheckList).selected,
            self.query_one("#backends", CheckList).selected,
            texts,
        )
        problem = self.query_one("#problem", Static)
        total = self.query_one("#summary", Static)
        try:
            self._profile = choice.profile(self._start)
        except ProfileError as error:
            self._profile = None
            waiting = not self._probed and not choice.backends
            problem.update("" if waiting else f"! {error}")
            total.update("trying the backends ..." if waiting else "")
        else:
            problem.update("")
            total.update(f"{summary(self._profile)}   F5 measures")

    def action_start(self) -> None:
        """Hand the profile up, where it is valid."""
        if self._profile is not None:
            self.post_message(self.Started(self._profile))
        else:
            self.app.bell()

    def action_leave_input(self) -> None:
        """Go back to the list of scenes."""
        self.query_one("#scenes").focus()
