"""Before something is measured: sessions that killed runs have left are completed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tui.text import counted, printable

if TYPE_CHECKING:
    from profiles.killed import KilledRun

_completing = threading.Lock()
"""Held meanwhile: a run waits until nothing but itself is busy, and finds nothing left to do."""


def complete_killed_sessions() -> list[str]:
    """Complete them, and tell it in a line or two; whatever is wrong with one stops nobody."""
    try:
        from profiles.killed import complete_killed

        with _completing:
            runs = complete_killed()
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        return [printable(f"sessions whose runs were killed could not be looked for ({words})")]
    return [printable(line) for line in _lines(runs)]


def _lines(runs: tuple[KilledRun, ...]) -> list[str]:
    completed = [run for run in runs if run.session is not None]
    lines = []
    if completed:
        trials = sum(len(case.trials) for run in completed if run.session for case in run.session.cases)
        what = completed[0].folder.name
        if len(completed) > 1:
            what = f"{counted(len(completed), 'session')} (the newest is {what})"
        lines.append(f"completed after its run was killed: {what}, {counted(trials, 'trial')}")
    lost = [run for run in runs if run.session is None]
    if lost:
        command = f"mjbench-tui sessions recover {lost[0].folder.name}"
        lines.append(f"not completed after its run was killed: {lost[0].error}; try again with {command}")
    return lines
