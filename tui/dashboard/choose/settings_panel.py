"""The settings as fields; which are wrong is told from outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Label

from tui.dashboard.choose.more import title_with_more
from tui.dashboard.choose.settings import SETTINGS, Setting
from tui.dashboard.plain_input import PlainInput

_TITLE = "Settings"


class Toggles(Widget, can_focus=True):
    """A few choices in one line; its value is their names, as a person would type them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", "Choose", tooltip="Choose what the cursor is on, or no longer"),
        Binding("left", "move(-1)", "Left", show=False),
        Binding("right", "move(1)", "Right", show=False),
        Binding("enter", "submit", "Next", show=False),
    ]

    value: reactive[str] = reactive("")
    cursor: reactive[int] = reactive(0)

    class Changed(Message):
        """Other ones are chosen."""

        def __init__(self, toggles: Toggles) -> None:
            super().__init__()
            self.toggles = toggles

    class Submitted(Message):
        """A person is done with it."""

    def __init__(self, choices: tuple[str, ...], value: str, id: str, is_single: bool = False) -> None:
        super().__init__(id=id)
        self._choices = choices
        self._is_single = is_single
        self.set_reactive(Toggles.value, value)

    def render(self) -> Content:
        """Draw all choices with their marks."""
        parts = []
        for index, choice in enumerate(self._choices):
            left, right = "()" if self._is_single else "[]"
            mark = f"{left}{'x' if choice in self.value.split() else ' '}{right}"
            here = self.has_focus and index == self.cursor
            parts.append(Content.styled(f"{mark} {choice}", "reverse" if here else ""))
        return Content(" ").join(parts)

    def action_choose(self, index: int | None = None) -> None:
        """Choose one, or no longer."""
        self.cursor = self.cursor if index is None else index
        here = {self._choices[self.cursor]}
        chosen = here if self._is_single else set(self.value.split()) ^ here
        self.value = " ".join(choice for choice in self._choices if choice in chosen)
        self.post_message(self.Changed(self))

    def action_move(self, step: int) -> None:
        """Go to the next choice."""
        self.cursor = max(0, min(len(self._choices) - 1, self.cursor + step))

    def action_submit(self) -> None:
        """Be done with it."""
        self.post_message(self.Submitted())

    def on_click(self, event: Click) -> None:
        """Toggle what the mouse is on."""
        start = 0
        for index, choice in enumerate(self._choices):
            start += len(choice) + 5
            if event.x < start:
                self.action_choose(index)
                return

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()


class Field(Horizontal):
    """One setting: its label and what a person types."""

    def __init__(self, setting: Setting, text: str) -> None:
        super().__init__(classes="field -two" if setting.is_wide else "field")
        self.setting = setting
        self._text = text

    def compose(self) -> ComposeResult:
        setting = self.setting
        yield Label(f"  {setting.label}", markup=False)
        if setting.choices:
            yield Toggles(setting.choices, self._text, setting.widget_id, setting.is_single)
        else:
            yield PlainInput(self._text, setting.placeholder, id=setting.widget_id, compact=True)

    @property
    def control(self) -> Input | Toggles:
        """What a person types or chooses in."""
        return self.query_one(Toggles) if self.setting.choices else self.query_one(Input)

    def fill(self, text: str) -> None:
        """Put another text in the place of what was typed."""
        with self.prevent(Input.Changed):
            self.control.value = text

    def mark(self, is_wrong: bool) -> None:
        """Show whether the text is wrong."""
        self.set_class(is_wrong, "-wrong")
        self.query_one(Label).update(f"{'!' if is_wrong else ' '} {self.setting.label}")


class SettingsPanel(Grid):
    """All fields; up and down go to the field above and below, enter to the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Field above", show=False),
        Binding("down", "move(1)", "Field below", show=False),
    ]

    class Edited(Message):
        """A person has changed a setting."""

        def __init__(self, key: str, text: str) -> None:
            super().__init__()
            self.key = key
            self.text = text

    def __init__(self, texts: Mapping[str, str], id: str) -> None:
        super().__init__(id=id)
        self.border_title = _TITLE
        self.border_subtitle = "enter next  escape to the lists"
        self._texts = texts

    def compose(self) -> ComposeResult:
        for setting in SETTINGS:
            yield Field(setting, self._texts[setting.key])

    def on_resize(self) -> None:
        """Say whether there is more than is seen."""
        self.call_after_refresh(self._say_more)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say where there is more."""
        super().watch_scroll_y(old_value, new_value)
        self._say_more()

    def _say_more(self) -> None:
        title = title_with_more(_TITLE, self)
        if title != self.border_title:
            self.border_title = title

    def fill(self, texts: Mapping[str, str]) -> None:
        """Put other texts, by key, in the place of what was typed."""
        for field in self.query(Field):
            if field.setting.key in texts:
                field.fill(texts[field.setting.key])

    def mark(self, wrong: Collection[str]) -> None:
        """Show which settings are wrong, by key; what was typed since it was judged stays."""
        for field in self.query(Field):
            field.mark(field.setting.key in wrong)

    @property
    def current(self) -> str | None:
        """The key of the field that has the focus."""
        return next((field.setting.key for field in self.query(Field) if field.control.has_focus), None)

    def action_move(self, step: int) -> None:
        """Go to the nearest field of the next row, as they stand on the screen."""
        here = next((field for field in self.query(Field) if field.control.has_focus), None)
        if here is None:
            return
        rows = [field for field in self.query(Field) if (field.region.y - here.region.y) * step > 0]
        if rows:
            nearest = min(
                rows,
                key=lambda field: (abs(field.region.y - here.region.y), abs(field.region.x - here.region.x)),
            )
            nearest.control.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._tell(event.input, event)

    @on(Toggles.Changed)
    def _toggled(self, event: Toggles.Changed) -> None:
        self._tell(event.toggles, event)

    @on(Input.Submitted)
    @on(Toggles.Submitted)
    def _next(self, event: Message) -> None:
        event.stop()
        self.screen.focus_next()

    def _tell(self, control: Input | Toggles, event: Message) -> None:
        event.stop()
        field = next(field for field in self.query(Field) if field.control is control)
        self.post_message(self.Edited(field.setting.key, control.value))
