"""Small questions over a screen: yes or no, and one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.dashboard.plain_input import PlainInput
from tui.text import printable


class ConfirmDialog(ModalScreen[bool]):
    """Asks one question; hands down True for yes.

    Args:
        question: what is asked, as plain text.
        yes: what `y` does, in words.
        no: what `n` and escape do, in words.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no"),
    ]

    def __init__(self, question: str, yes: str, no: str = "leave it as it is") -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(printable(self._question), id="question", markup=False)
            yield Static(f"y  {printable(self._yes)}\nn  {printable(self._no)}", classes="keys", markup=False)

    def action_answer(self, yes: bool) -> None:
        """Hand the answer down."""
        self.dismiss(yes)


class AskDialog(ModalScreen[str | None]):
    """Asks for one line of text; hands it down, or None where escape was pressed.

    Args:
        question: what is asked, as plain text.
        value: what stands there at first.
        check: tells what is wrong with a text, in one sentence, or "".
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", id="ask.cancel")]

    def __init__(self, question: str, value: str = "", check: Callable[[str], str] = lambda text: "") -> None:
        super().__init__()
        self._question, self._value, self._check = question, value, check

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(printable(self._question), id="question", markup=False)
            yield PlainInput(self._value, id="answer", compact=True)
            # What is wrong from the beginning has to have its room from the beginning.
            problem = printable(self._check(self._value)) if self._value else ""
            yield Static(problem, id="problem", classes="problem", markup=False)
            yield Static("enter  take it\nescape  leave it as it is", classes="keys", markup=False)

    @on(Input.Changed)
    def check(self, event: Input.Changed) -> None:
        """Say what is wrong as it is typed."""
        self.query_one("#problem", Static).update(printable(self._check(event.value.strip())))

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """Hand the text down where nothing is wrong with it."""
        text = event.value.strip()
        if text and not self._check(text):
            self.dismiss(text)
        else:
            self.app.bell()

    def action_cancel(self) -> None:
        """Hand nothing down."""
        self.dismiss(None)
