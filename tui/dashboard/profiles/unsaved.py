"""The question before changes to a profile are lost."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.text import printable


class Unsaved(StrEnum):
    """What becomes of changes."""

    SAVE = "save"
    DISCARD = "discard"
    STAY = "stay"
    """Nothing is left, and nothing lost."""


class UnsavedDialog(ModalScreen[Unsaved]):
    """Asks whether changes are saved, lost or gone on with.

    Args:
        label: what the profile is called.
        can_save: False where saving asks for a name.
        next_step: what a person is about to do, in words.
    """

    CSS_PATH = ["../dialogs.tcss", "unsaved.tcss"]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "answer('save')", "Save", id="unsaved.save"),
        Binding("d", "answer('discard')", "Lose them", id="unsaved.discard"),
        Binding("escape", "answer('stay')", "Stay", id="unsaved.stay"),
    ]

    def __init__(self, label: str, can_save: bool, next_step: str) -> None:
        super().__init__()
        self._label, self._can_save, self._next_step = label, can_save, next_step

    def compose(self) -> ComposeResult:
        save = "save them" if self._can_save else "save them as a profile of your own"
        step = printable(self._next_step)
        keys = f"s       {save}, then {step}\nd       lose them, and {step}\nescape  stay here"
        with Vertical(classes="dialog"):
            yield Static(printable(f"Changes to {self._label} are not saved."), id="question", markup=False)
            yield Static(keys, classes="keys", markup=False)

    def action_answer(self, answer: str) -> None:
        """Hand the answer down."""
        self.dismiss(Unsaved(answer))
