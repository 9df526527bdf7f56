"""Asks in which form and where a session is written, and writes it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from profiles.session import Session
from tui.dashboard.dialogs import ConfirmDialog
from tui.dashboard.plain_input import PlainInput
from tui.dashboard.sessions.export_file import (
    ExportError,
    FileThereError,
    Form,
    default_name,
    export_path,
    session_text,
    with_suffix,
    write_export,
)
from tui.text import printable

_FORMS = tuple(Form)


class ExportDialog(ModalScreen[None]):
    """Lies over the screen that a person sees; whatever comes of it, it tells by itself.

    Args:
        session: what is written.
        folder: where it lies.
        ascii_only: do without other characters of ours.
    """

    CSS_PATH = ["../dialogs.tcss", "export_dialog.tcss"]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "form(-1)", "Form before", id="export.before", priority=True),
        Binding("down", "form(1)", "Next form", id="export.next", priority=True),
        Binding("escape", "cancel", "Cancel", id="export.cancel", tooltip="Write nothing"),
    ]

    def __init__(self, session: Session, folder: Path, ascii_only: bool = False) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._session, self._folder = session, folder
        self._mark = ">" if ascii_only else "›"
        self._form = _FORMS[0]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(printable(f"Export {self._folder.name} as"), id="question", markup=False)
            forms = OptionList(*(Option(Content(self._line(form))) for form in _FORMS), id="forms")
            forms.can_focus = False
            yield forms
            yield Static(id="where", markup=False)
            yield PlainInput(default_name(self._folder, self._form), id="path", compact=True)
            yield Static(id="problem", classes="problem", markup=False)
            keys = "up, down  choose the form\nenter  write it\nescape  leave"
            yield Static(keys, classes="keys", markup=False)

    def on_mount(self) -> None:
        """Say from where a name counts."""
        try:
            here = f"into a file in {os.getcwd()}"  # noqa: PTH109 (its error is the same)
        except OSError:
            here = "into the file"
        self.query_one("#where", Static).update(printable(f"{here}, or any other path:"))
        self.query_one(OptionList).highlighted = 0
        self.query_one(Input).focus()

    def _line(self, form: Form) -> str:
        mark = self._mark if form is self._form else " "
        return f"{mark} {form.title:<9} {form.words}"

    def action_form(self, step: int) -> None:
        """Choose another form."""
        self._choose(_FORMS[(_FORMS.index(self._form) + step) % len(_FORMS)])

    @on(OptionList.OptionSelected)
    def choose_by_click(self, event: OptionList.OptionSelected) -> None:
        """Choose the form that was clicked."""
        self._choose(_FORMS[event.option_index])

    def _choose(self, form: Form) -> None:
        box = self.query_one(Input)
        box.value = with_suffix(box.value, self._form, form)
        self._form = form
        forms = self.query_one(OptionList)
        forms.highlighted = _FORMS.index(form)
        for index, other in enumerate(_FORMS):
            forms.replace_option_prompt_at_index(index, Content(self._line(other)))

    @on(Input.Changed)
    def forget_problem(self) -> None:
        """What was said was about another path."""
        self._complain("")

    @on(Input.Submitted)
    def write(self) -> None:
        """Write the file, after a question where one of this name exists."""
        self._write(replace=False)

    def _write(self, replace: bool) -> None:
        try:
            path = export_path(self.query_one(Input).value)
            if self._form is Form.SVG:
                if os.path.lexists(path) and not replace:
                    raise FileThereError(f"{path} exists already")
                self.dismiss()
                # The picture is of the screen without this question.
                self.app.call_after_refresh(_write_picture, self.app, path, replace)
                return
            write_export(path, session_text(self._session, self._folder, self._form), replace)
        except FileThereError as error:
            question = ConfirmDialog(f"{error}.", "replace it", "choose another name")
            self.app.push_screen(question, partial(self._answered))
        except ExportError as error:
            self._complain(str(error))
        else:
            _tell(self.app, path)
            self.dismiss()

    def _answered(self, yes: bool | None) -> None:
        if yes:
            self._write(replace=True)

    def action_cancel(self) -> None:
        """Write nothing."""
        self.dismiss()

    def _complain(self, sentence: str) -> None:
        self.query_one("#problem", Static).update(printable(sentence))


def _write_picture(app: App[Any], path: Path, replace: bool) -> None:
    try:
        write_export(path, app.export_screenshot(), replace)
    except ExportError as error:
        app.notify(printable(str(error)), markup=False, severity="error")
    else:
        _tell(app, path)


def _tell(app: App[Any], path: Path) -> None:
    app.notify(printable(f"Written: {path}"), markup=False)
