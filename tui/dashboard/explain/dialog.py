"""What explaining a case will cost: asked before anything is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.changes.savings import MIN_ROUNDS
from profiles.errors import ProfileError
from tui.dashboard.explain.asking import ask_in_background
from tui.dashboard.explain.texts import case_words, cost_lines
from tui.dashboard.explain.wanted import Wanted
from tui.explaining import profile_of_case
from tui.text import printable

if TYPE_CHECKING:
    from tui.explaining import Question

_MOST_ROUNDS = 99
_LOOKING = "Looking at what can be changed of it ..."
_WAITING_KEYS = "n  leave it"
_ASKING_KEYS = "y  measure them\n+  more rounds   -  fewer\nn  leave it"


class ExplainDialog(ModalScreen["Question | None"]):
    """Looks at what can be changed of a case and tells what that takes; hands down what is to be measured.

    Args:
        wanted: the case.
    """

    CSS_PATH = ["../dialogs.tcss", "dialog.tcss"]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "measure", "Measure", id="explain.measure"),
        Binding("plus,equals_sign,right", "rounds(1)", "More rounds", key_display="+", id="explain.more"),
        Binding("minus,left", "rounds(-1)", "Fewer rounds", key_display="-", id="explain.fewer"),
        Binding("n,escape", "leave", "Leave it", id="explain.leave"),
    ]

    class Answered(Message):
        """What can be changed is known, or why it cannot be."""

        def __init__(self, answer: Question | str) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self._wanted = wanted
        self._question: Question | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="explain"):
            yield Static("What makes this case slow?", id="question", markup=False)
            yield Static(printable(case_words(self._wanted.case)), id="case", markup=False)
            yield Static(_LOOKING, id="cost", markup=False)
            yield Static(_WAITING_KEYS, classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin to look."""
        try:
            profile = profile_of_case(self._wanted.profile, self._wanted.case)
        except ProfileError as error:
            self._refuse(str(error))
        else:
            ask_in_background(profile, lambda answer: self.post_message(self.Answered(answer)))

    @on(Answered)
    def show_answer(self, message: Answered) -> None:
        """Tell what it takes, or what is wrong."""
        if isinstance(message.answer, str):
            self._refuse(message.answer)
        else:
            self._question = message.answer
            self._show_cost()

    def _refuse(self, reason: str) -> None:
        cost = self.query_one("#cost", Static)
        cost.add_class("problem")
        cost.update(printable(reason))

    def _show_cost(self) -> None:
        if self._question is None:
            return
        wanted = self._wanted
        lines = cost_lines(self._question, wanted.fps, wanted.start_up_s)
        self.query_one("#case", Static).update(printable(case_words(wanted.case, self._question.renderer)))
        self.query_one("#cost", Static).update("\n".join(map(printable, lines)))
        self.query_one(".keys", Static).update(_ASKING_KEYS)

    def action_rounds(self, step: int) -> None:
        """Measure more or less often."""
        if self._question is not None:
            rounds = max(MIN_ROUNDS, min(_MOST_ROUNDS, self._question.rounds + step))
            self._question = self._question.with_rounds(rounds)
            self._show_cost()

    def action_measure(self) -> None:
        """Hand down what is to be measured."""
        if self._question is None:
            self.app.bell()
        else:
            self.dismiss(self._question)

    def action_leave(self) -> None:
        """Hand nothing down."""
        self.dismiss(None)
