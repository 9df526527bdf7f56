"""What was noticed while trials ran, below a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.output.tables import case_title

if TYPE_CHECKING:
    from engine.interference.records import Finding
    from profiles.session import CaseRecord, Session, TrialRecord

WARNING = "!"
"""Before what makes figures doubtful."""
MOST_CASES = 3
"""Where more cases have the same to say, one line says it for all of them."""


@dataclass(frozen=True)
class _Noticed:
    """One finding, and where it was made."""

    case: CaseRecord
    trial: TrialRecord
    finding: Finding
    counts: bool
    """False of an attempt that was measured again: its figures are in no statistics."""


def finding_notes(session: Session) -> list[str]:
    """Each note in a line: what spoils trials, then what is only to be known, then what does not count."""
    groups: dict[tuple[bool, bool, str], list[_Noticed]] = {}
    for one in _all_noticed(session):
        groups.setdefault((not one.counts, not one.finding.spoils, one.finding.kind), []).append(one)
    # Kinds stay in the order of their first finding.
    ordered = sorted(groups.items(), key=lambda group: group[0][:2])
    return [note for _, noticed in ordered for note in _notes(noticed)]


def _all_noticed(session: Session) -> Iterator[_Noticed]:
    for case in session.cases:
        counted = case.counted
        for trial in case.trials:
            counts = trial in counted
            for finding in trial.findings:
                if counts or finding.spoils:
                    yield _Noticed(case, trial, finding, counts)


def _notes(noticed: list[_Noticed]) -> list[str]:
    """A line for each case, with the trial that had most of it; one line where there are many cases."""
    cases: dict[str, list[_Noticed]] = {}
    for one in noticed:
        cases.setdefault(one.case.id, []).append(one)
    if len(cases) > MOST_CASES:
        return [_note(noticed)]
    return [_note(of_case) for of_case in cases.values()]


def _note(noticed: list[_Noticed]) -> str:
    worst = max(noticed, key=lambda one: one.finding.size)
    case, trial, finding = worst.case, worst.trial, worst.finding
    where = f"{case_title(case)}, trial {trial.trial}"
    if sum(other.trial == trial.trial for other in case.trials) > 1:
        where += f", attempt {trial.attempt}"
    if len(noticed) > 1:
        where += f", the worst of {len(noticed)} {'trials' if worst.counts else 'attempts'}"
    if not worst.counts:
        return f"{where}: {finding.what}; it was measured again, and this does not count."
    mark = f"{WARNING} " if finding.spoils else ""
    return f"{mark}{where}: {finding.what}; {finding.fix}."
