"""The rounds of a run: in which order its trials come, and whether there are enough of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.case import Case, Settings
from engine.results import TrialResult
from engine.uncertainty.stopping import Decision, Standing, standing


@dataclass(frozen=True)
class Place:
    """Where in a session a trial stands."""

    case: Case
    trial: int
    position: int
    total: int
    """Trials that are certain yet; see `engine.events.TrialStarted`."""
    most: int | None = None
    attempt: int = 1


def trial_order(cases: Sequence[Case], trials: int, first: int = 1) -> list[tuple[Case, int]]:
    """Order the trials in rounds, every other one backwards: A B C, C B A, ...

    A machine that drifts while it is measured is so unfair to no case. Rounds are numbered from `first` on.
    """
    order = []
    for trial in range(first, first + trials):
        order += [(case, trial) for case in (cases if trial % 2 else reversed(cases))]
    return order


class Rounds:
    """As many rounds as the settings ask for; with `until`, further ones while too little is known.

    Args:
        cases: what each round measures.
        settings: of the run.
        first: the number of the first round.
    """

    def __init__(self, cases: Sequence[Case], settings: Settings, first: int = 1) -> None:
        self._cases = tuple(cases)
        self._until = settings.until
        self._first = first
        self._certain = settings.trials if cases else 0
        self._begun = 0
        self._rates: dict[str, dict[int, float]] = {case.id: {} for case in cases}

    def begin(self) -> list[Place]:
        """The trials of the next round, in their order; none where enough was measured."""
        if self._begun >= self._certain:
            return []
        before = self._begun * len(self._cases)
        order = trial_order(self._cases, 1, self._first + self._begun)
        self._begun += 1
        total, most = self._certain * len(self._cases), None
        if self._until is not None:
            most = max(self._certain, self._until.max_trials) * len(self._cases)
        return [
            Place(case, trial, position, total, most)
            for position, (case, trial) in enumerate(order, before + 1)
        ]

    def count(self, result: TrialResult) -> None:
        """Take in what a trial measured; of several attempts the last one that was done counts."""
        if result.status == "done" and result.metrics is not None:
            self._rates[result.case.id][result.trial] = result.metrics.fps

    def end(self, elapsed_s: float, left_out: Collection[str] = ()) -> Standing | None:
        """Decide after a round whether another one follows; None where the settings have decided before.

        Args:
            elapsed_s: seconds since the first round began.
            left_out: ids of cases that are measured no more: nobody waits for these.
        """
        if self._until is None:
            return None
        rates = {
            name: tuple(by_trial.values()) for name, by_trial in self._rates.items() if name not in left_out
        }
        found = standing(self._until, rates, elapsed_s, self._begun)
        if found.decision is Decision.GO_ON:
            self._certain = max(self._certain, self._begun + 1)
        else:
            self._certain = self._begun
        return found
