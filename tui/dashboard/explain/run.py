"""The run that explains a case: its changes one by one, then the best of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.events import Event, TrialEnded, TrialStarted
from tui.dashboard.session_run import SessionRun
from tui.explaining import Question, plan_combinations
from tui.explanation import RateKeeper

if TYPE_CHECKING:
    from tui.preparation import Preparation
    from tui.recording import Recording

NAME = "explain"
"""What the session says that was asked for."""


class ExplainRun(SessionRun):
    """Measures what was asked about, in rounds beside the unchanged case, as `explain` does.

    Args:
        question: the case, and what can be changed of it.
    """

    opens_itself = True
    after = "enter shows what each change saves; all of it is saved"

    def __init__(self, question: Question) -> None:
        super().__init__(question.profile, NAME)
        self.question = question
        self.note = "first one by one, then the best together"

    def _prepare(self) -> Preparation:
        """What was prepared to ask."""
        return self.question.preparation

    def _events(self, recording: Recording) -> Iterator[Event]:
        """Measure the changes by themselves, then what surely saves time together."""
        question, state, keeper = self.question, self.state, RateKeeper()
        assert state is not None
        alone = len(question.preparation.cases) * question.rounds
        state.clock.expect(alone + question.most_combined_trials)
        yield from keeper.watch(recording.measure())
        ends = self._control.stop_requested or self._control.stop_after_requested
        cases = () if ends else plan_combinations(question, keeper.rates, recording)
        if cases:
            self.note = "now the best together"
            state.extend(cases)
            state.clock.expect(alone + len(cases) * question.rounds)
            for event in recording.measure():
                yield _numbered_on(event, alone)
        recording.finish()


def _numbered_on(event: Event, before: int) -> Event:
    """An event of a run that goes on after so many trials."""
    if isinstance(event, TrialStarted | TrialEnded):
        return replace(event, position=before + event.position, total=before + event.total)
    return event
