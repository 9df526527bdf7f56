"""What came out of `explain`: what each change saves, from the session that holds its trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.changes.combinations import Purpose, best_for
from engine.changes.registry import change_ids, find_change
from engine.changes.savings import FrameTime, Saving, find_savings, unchanged_time

if TYPE_CHECKING:
    from engine.events import Event
    from engine.messages import ChangeStatus
    from profiles.session import CaseRecord, Session


@dataclass(frozen=True)
class Explanation:
    """One case, and what each of its changes saves."""

    session: Session
    record: CaseRecord
    """The unchanged case."""
    unchanged: FrameTime | None
    """None where it was never measured."""
    single: tuple[Saving, ...]
    """Of each thing that is changed by itself, the most first."""
    combined: tuple[Saving, ...]
    """Of several together, as measured, the most first."""
    best: dict[Purpose, Saving | None]
    """The best that was measured for each purpose."""
    changes: tuple[ChangeStatus, ...]
    """Every change, in the order of listing."""
    missing: dict[str, str]
    """Changes that were to be measured and have no figure, and why."""

    def line(self, change: str) -> str:
        """The lines of MJCF or Python that make a change."""
        lines = {status.id: status.line for status in self.changes}
        return "; ".join(lines[name] for name in change_ids(change) if name in lines)


class RateKeeper:
    """Keeps the rates of a run's trials, by change and round, as its events go by."""

    def __init__(self) -> None:
        self.rates: dict[str, dict[int, float]] = {}

    def watch(self, events: Iterable[Event]) -> Iterable[Event]:
        """Pass events on and take note of each trial that was done."""
        from engine.events import TrialEnded

        for event in events:
            if isinstance(event, TrialEnded) and not event.is_repeated:
                result = event.result
                if result.status == "done" and result.metrics is not None:
                    self.rates.setdefault(result.case.change, {})[result.trial] = result.metrics.fps
            yield event


def explain_session(session: Session, changes: Sequence[ChangeStatus]) -> Explanation:
    """Reckon what each change saves in a session of one case, unchanged and changed."""
    records = session.cases
    rates = {record.change: _rates(record) for record in records}
    savings = find_savings(rates)
    known = {saving.change for saving in savings}
    missing = {record.change: _reason(record) for record in records if record.change not in {"", *known}}
    return Explanation(
        session=session,
        record=next(record for record in records if not record.change),
        unchanged=unchanged_time(rates),
        single=tuple(saving for saving in savings if not _is_several(saving.change)),
        combined=tuple(saving for saving in savings if _is_several(saving.change)),
        best={purpose: best_for(purpose, savings) for purpose in Purpose},
        changes=tuple(changes),
        missing=missing,
    )


def _is_several(change: str) -> bool:
    names = change_ids(change)
    return len(names) > 1 or any(find_change(name).is_bundle for name in names)


def _rates(record: CaseRecord) -> dict[int, float]:
    return {
        trial.trial: trial.metrics.fps
        for trial in record.counted
        if trial.status == "done" and trial.metrics is not None
    }


def _reason(record: CaseRecord) -> str:
    failure = next((trial.failure for trial in record.trials if trial.failure is not None), None)
    return failure.reason if failure is not None else "no round was measured to its end"
