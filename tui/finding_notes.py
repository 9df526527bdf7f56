"""What was noticed while trials ran, below a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.tables import backend_title, scene_title

if TYPE_CHECKING:
    from engine.interference.records import Finding
    from profiles.session import CaseRecord, Session, TrialRecord

WARNING = "!"
"""Before what makes figures doubtful."""
_MOST_CASES = 3
"""Where more cases have the same to say, one line says it for all of them."""


@dataclass(frozen=True)
class _Noticed:
    """One finding, and where it was made."""

    case: CaseRecord
    trial: TrialRecord
    finding: Finding


def finding_notes(session: Session) -> list[str]:
    """Each note in a line: first what spoils trials, then what is only to be known."""
    groups: dict[tuple[str, bool], list[_Noticed]] = {}
    for case in session.cases:
        for trial in case.trials:
            for finding in trial.findings:
                key = (finding.kind, finding.spoils)
                groups.setdefault(key, []).append(_Noticed(case, trial, finding))
    ordered = sorted(groups.items(), key=lambda group: not group[0][1])
    return [note for _, noticed in ordered for note in _notes(noticed)]


def _notes(noticed: list[_Noticed]) -> list[str]:
    """A line for each case, with the trial that had most of it; one line where there are many cases."""
    cases: dict[str, list[_Noticed]] = {}
    for one in noticed:
        cases.setdefault(one.case.id, []).append(one)
    if len(cases) > _MOST_CASES:
        return [_note(noticed)]
    return [_note(of_case) for of_case in cases.values()]


def _note(noticed: list[_Noticed]) -> str:
    worst = max(noticed, key=lambda one: one.finding.size)
    mark = f"{WARNING} " if worst.finding.spoils else ""
    of = f", the worst of {len(noticed)} trials" if len(noticed) > 1 else ""
    where = f"{_name(worst.case)}, trial {worst.trial.trial}{of}"
    return f"{mark}{where}: {worst.finding.what}; {worst.finding.fix}."


def _name(case: CaseRecord) -> str:
    return f"{scene_title(case.scene)}, {case.effects} on {backend_title(case)}, {case.resolution}"
