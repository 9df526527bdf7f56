"""What is known after the rounds so far, where rounds are added until it is enough: in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.uncertainty.stopping import Decision, Standing, Until, larger_text
from tui.output.finding_notes import MOST_CASES, WARNING
from tui.output.tables import case_title
from tui.text import counted, printable

if TYPE_CHECKING:
    from engine.case import Settings
    from profiles.session import Session

_NO_RESULT = "no trial has a result"


def round_line(standing: Standing, until: Until) -> str:
    """Say in one line where a run stands after a round."""
    return printable(_round_line(standing, until))


def _round_line(standing: Standing, until: Until) -> str:
    widest = _widest_text(standing, until)
    if standing.decision is Decision.DONE:
        return f"round {standing.rounds}, enough is known: {widest}"
    if standing.decision is Decision.LIMIT:
        return f"round {standing.rounds}, the limit of {standing.limit} is reached: {widest}"
    most = f"at most {until.max_trials}"
    if standing.rounds < until.min_trials:
        most = f"{until.min_trials} to {until.max_trials}"
    return f"round {standing.rounds} of {most}, {widest}"


def _widest_text(standing: Standing, until: Until) -> str:
    if standing.widest is None:
        return "no interval yet"
    if standing.widest > until.relative_error:
        return f"widest interval {larger_text(standing.widest, until.relative_error)}"
    return f"widest interval {100 * standing.widest:.2g}%"


def trials_text(settings: Settings) -> str:
    """How many trials each case has: "3 trials", or "until known to 1%, 5 to 30 trials"."""
    until = settings.until
    if until is None:
        return counted(settings.trials, "trial")
    return f"until known to {percent(until.relative_error)}, {until.min_trials} to {until.max_trials} trials"


def until_note(until: Until) -> str:
    """Say beside a plan which rounds may follow."""
    return (
        f"further rounds follow until the FPS of each case is known to {percent(until.relative_error)}: "
        f"at most {until.max_trials} trials of each, and no new round after {until.max_duration_s:g} s"
    )


def percent(part: float) -> str:
    """Write a part as a percentage, with all of its digits: 1%, 0.25%."""
    return f"{100 * part:.12g}%"


def standing_notes(session: Session) -> list[str]:
    """Each note in a line: that enough is known, or what is not, with both numbers and what ended it."""
    until, standing = session.profile.settings().until, session.session.standing
    if until is None or not any(trial.metrics for case in session.cases for trial in case.trials):
        return []
    if standing is None:
        return [f"{WARNING} The run ended within its first round: how well a case is known cannot be told."]
    unmet = [
        (name, reason)
        for name, _, reason in (line.partition(": ") for line in standing.unmet)
        if reason != _NO_RESULT
    ]
    if standing.decision is Decision.DONE:
        known = f"FPS is known to {percent(until.relative_error)} or better"
        return [f"Stopped after {counted(standing.rounds, 'round')}: {known}."]
    ended = f"when the run ended, after {counted(standing.rounds, 'round')}"
    if standing.limit is not None:
        ended = f"at the limit of {standing.limit}, after {counted(standing.rounds, 'round')}"
        ended += f": raise {_limit_key(standing.limit)}, or let each trial take longer"
    if len(unmet) > MOST_CASES:
        # All of them stand in the session.
        name, reason = max(unmet, key=lambda line: _size(line[1]))
        return [
            f"{WARNING} {len(unmet)} of {len(session.cases)} cases are not known well enough, "
            f"the worst {_title(session, name)}: {reason} {ended}."
        ]
    return [f"{WARNING} {_title(session, name)}: {reason} {ended}." for name, reason in unmet]


def _size(reason: str) -> float:
    """How wide an interval is, by the line that says it; of one that there is not yet, without end."""
    error, is_error, _ = reason.partition("% > ")
    return float(error) if is_error else math.inf


def _limit_key(limit: str) -> str:
    return "max_duration" if limit.endswith(" s") else "max_trials"


def _title(session: Session, name: str) -> str:
    """A case of this id in words; the id itself where there is none."""
    for case in session.cases:
        if case.id == name:
            return case_title(case)
    return name
