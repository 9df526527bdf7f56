"""What came out of `explain`: what each change saves, from the session that holds its trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from engine.changes.combinations import Purpose, best_for
from engine.changes.registry import UnknownChangeError, change_ids, find_change
from engine.changes.savings import MIN_ROUNDS, FrameTime, Saving, find_savings, unchanged_time
from profiles.session import SessionStatus
from tui.text import counted

if TYPE_CHECKING:
    from engine.case import Case
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
    """Of each thing that is changed by itself, the most first: settings, then what changes the geometry."""
    combined: tuple[Saving, ...]
    """Of several together, as measured, the most first."""
    best: dict[Purpose, Saving | None]
    """The best that was measured for each purpose."""
    changes: tuple[ChangeStatus, ...]
    """Every change, in the order of listing."""
    missing: dict[str, str]
    """Changes that were to be measured and have no figure, and why."""
    incomplete: str
    """What there is of a run that did not come to its end, in one sentence; "" of one that did."""

    @property
    def settings(self) -> tuple[Saving, ...]:
        """Of `single`, what leaves the same things in the picture."""
        return tuple(saving for saving in self.single if not _is_geometry(saving))

    @property
    def geometry(self) -> tuple[Saving, ...]:
        """Of `single`, what takes things away or draws others in their place."""
        return tuple(saving for saving in self.single if _is_geometry(saving))

    @property
    def refused(self) -> tuple[ChangeStatus, ...]:
        """The changes that cannot be made, each with its reason."""
        return tuple(status for status in self.changes if status.reason)

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


def explained_records(session: Session, of: Case) -> tuple[CaseRecord, ...]:
    """The cases of a session that explain one of them: the same without a change, and with any.

    Returns:
        The unchanged case first; nothing where the session lacks it, or has no changed one.
    """
    unchanged = msgspec.structs.replace(of, change="")
    records = [
        record
        for record in session.cases
        if msgspec.structs.replace(record.case, change="") == unchanged and _is_known(record.change)
    ]
    records.sort(key=lambda record: bool(record.change))
    return tuple(records) if len(records) > 1 and not records[0].change else ()


def explain_session(
    session: Session, changes: Sequence[ChangeStatus], records: Sequence[CaseRecord] = ()
) -> Explanation:
    """Reckon what each change saves of one case, which a session holds unchanged and changed.

    Args:
        session: holds the case.
        changes: every change that may be made of it, in the order of listing.
        records: of `explained_records`; without any, all cases of the session.
    """
    records = records or session.cases
    rates = {record.change: _rates(record) for record in records}
    savings = find_savings(rates)
    known = {saving.change for saving in savings}
    missing = {record.change: _reason(record) for record in records if record.change not in {"", *known}}
    return Explanation(
        session=session,
        record=next(record for record in records if not record.change),
        unchanged=unchanged_time(rates),
        single=tuple(
            sorted((saving for saving in savings if not _is_several(saving.change)), key=_is_geometry)
        ),
        combined=tuple(saving for saving in savings if _is_several(saving.change)),
        best={purpose: best_for(purpose, savings) for purpose in Purpose},
        changes=tuple(
            # The scene may be another one since: what was measured could be made.
            msgspec.structs.replace(status, reason="") if status.id in known else status
            for status in changes
        ),
        missing=missing,
        incomplete=_incomplete(session, records),
    )


def _is_several(change: str) -> bool:
    names = change_ids(change)
    return len(names) > 1 or any(find_change(name).is_bundle for name in names)


def _is_geometry(saving: Saving) -> bool:
    return any(find_change(name).is_geometry for name in change_ids(saving.change))


def _is_known(change: str) -> bool:
    """Whether a change is one of ours: a session from elsewhere may hold others."""
    try:
        return all(find_change(name) for name in change_ids(change))
    except UnknownChangeError:
        return False


def _rates(record: CaseRecord) -> dict[int, float]:
    return {
        trial.trial: trial.metrics.fps
        for trial in record.counted
        if trial.status == "done" and trial.metrics is not None
    }


def _reason(record: CaseRecord) -> str:
    failure = next((trial.failure for trial in record.trials if trial.failure is not None), None)
    return failure.reason if failure is not None else "no round was measured beside the unchanged case"


def _incomplete(session: Session, records: Sequence[CaseRecord]) -> str:
    status = session.session.status
    if status is SessionStatus.COMPLETE:
        return ""
    trials = counted(sum(len(_rates(record)) for record in records), "trial")
    return (
        f"INCOMPLETE: this run is {status}, after {trials}. What it did not reach has no figure, and what "
        f"was measured less than {MIN_ROUNDS} times has no interval."
    )
