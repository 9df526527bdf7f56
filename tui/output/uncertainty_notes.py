"""What has to be said of how sure the figures are, below a table."""

from __future__ import annotations

from collections.abc import Sequence

from engine.uncertainty.comparison import Verdict
from engine.uncertainty.intervals import MIN_TRIALS
from profiles.relative_speed import over_scenes
from tui.output.figure_texts import (
    PAIRED,
    WITHIN,
    is_within_trial,
    ratio_interval_text,
    ratio_text,
    reach_text,
    verdict_text,
)
from tui.output.finding_notes import MOST_CASES
from tui.output.rows import Row, relative_to_fastest
from tui.output.tables import backend_title, case_title
from tui.text import counted


def uncertainty_notes(rows: Sequence[Row], relative: bool) -> list[str]:
    """Each note in a line.

    Args:
        rows: all cases.
        relative: whether the speed is shown as a part of the fastest backend's.
    """
    notes = _interval_notes(rows) + _steady_notes(rows)
    return notes + _relative_notes(rows) + _over_scenes_notes(rows) if relative else notes


def _interval_notes(rows: Sequence[Row]) -> list[str]:
    figures = [figure for row in rows if (figure := row.figure("fps")) is not None]
    if any(figure.interval is not None and is_within_trial(figure.interval) for figure in figures):
        return [
            f"{WITHIN} 95% interval within this trial only: another trial may well lie outside of it. "
            f"Intervals from trials need {MIN_TRIALS} of them: --trials 5."
        ]
    return []


def _steady_notes(rows: Sequence[Row]) -> list[str]:
    notes = []
    left_out = [row for row in rows if row.measured.left_out]
    if len(left_out) > MOST_CASES:
        total = sum(row.measured.left_out for row in left_out)
        notes.append(f"{counted(total, 'frame')} before the steady state left out, in {len(left_out)} cases.")
    else:
        notes += [
            f"{case_title(case)}: {counted(measured.left_out, 'frame')} before the steady state left out."
            for case, measured in ((row.case, row.measured) for row in left_out)
        ]
    unsettled = [row for row in rows if row.measured.unsettled]
    return notes + [_unsettled(row) for row in unsettled]


def _unsettled(row: Row) -> str:
    """Which trials of a case never settled, and by how much the worst of them drifted."""
    numbers = row.measured.unsettled
    trials = [trial for trial in row.case.counted if trial.trial in numbers]
    changes = [
        trial.metrics.steady.change
        for trial in trials
        if trial.metrics and trial.metrics.steady and trial.metrics.steady.change is not None
    ]
    drift = ""
    if changes:
        # The change is that of the beginning over the rest: the frame time went the other way.
        later = 1 / (1 + max(changes, key=abs)) - 1
        drift = (
            f": its frame time {'rose' if later > 0 else 'fell'} by {abs(later):.0%} while it was measured"
        )
    which = f"trial {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} of {row.trials} trials"
    return f"{case_title(row.case)}: {which} never settled{drift}; warm up longer, or see what else runs."


def _relative_notes(rows: Sequence[Row]) -> list[str]:
    """What could have been seen, and what would settle it, of each case whose verdict needs words."""
    notes, short = [], False
    for told in relative_to_fastest(rows):
        comparison = told.comparison
        if comparison is None or told.base is None:
            continue
        if comparison.interval is None:
            short = True
        elif comparison.verdict in (Verdict.UNCLEAR, Verdict.SAME):
            against = f"against {backend_title(told.base)}"
            notes.append(f"{case_title(told.row.case)} {against}: {reach_text(comparison, PAIRED)}.")
    if short:
        notes.append(
            f"UNCLEAR with fewer than {MIN_TRIALS} rounds in which both were measured: --trials 5 tells more."
        )
    return notes


def _over_scenes_notes(rows: Sequence[Row]) -> list[str]:
    notes = []
    for told in over_scenes(row.case for row in rows):
        case, comparison = told.case, told.comparison
        span = f" (95% {ratio_interval_text(comparison)})" if comparison.interval else ""
        ratio = ratio_text(comparison.ratio, comparison)
        notes.append(
            f"Over {counted(len(told.scenes), 'scene')} at {case.resolution}, {case.effects}: "
            f"{backend_title(case)} has {ratio} of {told.base_backend}'s speed, "
            f"geometric mean{span}, {verdict_text(comparison)}."
        )
    return notes
