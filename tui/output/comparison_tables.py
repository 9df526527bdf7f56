"""Two sessions held against one another, for people, for a pull request, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.uncertainty.comparison import Comparison
from engine.uncertainty.digits import written_with
from profiles.case_figures import case_figures
from profiles.comparing import counted_rates
from tui.output.figure_texts import (
    INDEPENDENT,
    figure_text,
    ratio_interval_text,
    ratio_text,
    reach_text,
)
from tui.output.markdown import markdown_list, markdown_table
from tui.output.tables import Column, backend_title, fitted_table, plain, scene_title
from tui.text import counted, printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from profiles.comparing import ComparedCase, ComparedSessions
    from profiles.session import CaseRecord

NOT_COMPARABLE = "not comparable"
NO_FIGURES = "no figures"
_HEADS = ("scene", "backend", "size", "effects", "base FPS", "FPS", "ratio", "95% interval", "verdict")


def comparison_table(compared: ComparedSessions, width: int) -> RenderableType:
    """One row for each case of both; columns that matter less are left out to fit."""
    rows = [_cells(case) for case in compared.cases]
    ranks = {"size": 3, "effects": 2, "base FPS": 5, "FPS": 4}
    numbers = ("base FPS", "FPS", "ratio")
    columns = [
        Column(head, [plain(row[index]) for row in rows], number=head in numbers, rank=ranks.get(head, 0))
        for index, head in enumerate(_HEADS)
    ]
    return fitted_table(columns, width)


def comparison_notes(compared: ComparedSessions) -> list[str]:
    """What has to be said below the table, each in a line."""
    notes = [f"{case.other.id}: {note}" for case in compared.cases if (note := case_note(case))]
    notes += [overall_text(compared)] if compared.overall is not None else []
    for cases, where in ((compared.only_base, "the base"), (compared.only_other, "the other session")):
        if cases:
            notes.append(f"Only in {where}: {', '.join(case.id for case in cases)}.")
    return [printable(note) for note in notes]


def overall_text(compared: ComparedSessions) -> str:
    """The geometric mean over all cases that compare, in a sentence; "" for fewer than two."""
    if compared.overall is None:
        return ""
    return f"All of them together, geometric mean: {comparison_text(compared.overall)}."


def case_note(case: ComparedCase) -> str:
    """What has to be known of one case besides its ratio, in a sentence; "" where it has no figures."""
    if case.obstacles:
        return f"{NOT_COMPARABLE}, it differs in {'; '.join(case.obstacles)}."
    if case.comparison is None:
        return ""
    if case.comparison.interval is None:
        return f"{_without_interval(case.comparison)}."
    return f"{reach_text(case.comparison, INDEPENDENT)}."


def comparison_text(comparison: Comparison) -> str:
    """A comparison in words: ratio, interval, verdict, and what would settle it."""
    ratio = f"ratio {ratio_text(comparison.ratio, comparison)}"
    if comparison.interval is None:
        return f"{ratio}, {_without_interval(comparison)}"
    low, high = written_with(comparison.ratio, comparison.interval)[1:]
    text = f"{ratio} (95%: {low} to {high}), {_word(comparison)}"
    return f"{text}; {reach_text(comparison, INDEPENDENT)}" if comparison.smallest_seen is not None else text


def _without_interval(comparison: Comparison) -> str:
    return (
        f"{_word(comparison)}: {counted(comparison.rounds, 'trial')}, and fewer than three have no interval"
    )


def _word(comparison: Comparison) -> str:
    return comparison.verdict.upper() if comparison.verdict is not None else "advisory"


def _cells(case: ComparedCase) -> list[str]:
    record = case.other
    head = [scene_title(record.scene), backend_title(record), str(record.resolution), str(record.effects)]
    rates = [case_rate(record) for record in (case.base, case.other)]
    ratio = case.comparison.ratio if case.comparison is not None else None
    spans = [ratio_text(ratio, case.comparison), ratio_interval_text(case.comparison)]
    return [*head, *rates, *spans, verdict_word(case)]


def verdict_word(case: ComparedCase) -> str:
    """What a case's figures say: FASTER, SLOWER, SAME, UNCLEAR, or why they say nothing."""
    if case.comparison is None:
        return NO_FIGURES
    return NOT_COMPARABLE if case.obstacles else _word(case.comparison)


def case_rate(record: CaseRecord) -> str:
    """FPS of one side, the geometric mean over its trials, of which the ratio is made."""
    rates = counted_rates(record)
    if not rates or min(rates) <= 0:
        return "failed"
    return figure_text(case_figures(record).figures["fps"])


def comparison_markdown(compared: ComparedSessions) -> str:
    """The table and its notes, as they go into a pull request."""
    lines = markdown_table(_HEADS, map(_cells, compared.cases))
    lines += ["", *markdown_list(comparison_notes(compared))]
    return "\n".join(lines).rstrip() + "\n"


def comparison_document(compared: ComparedSessions) -> dict[str, Any]:
    """All of it as JSON takes it."""
    import msgspec

    return {
        "base": compared.base.session.id,
        "other": compared.other.session.id,
        "cases": [
            {
                "case": case.other.id,
                "not_comparable": list(case.obstacles),
                "comparison": msgspec.to_builtins(case.comparison),
            }
            for case in compared.cases
        ],
        "overall": msgspec.to_builtins(compared.overall),
        "only_base": [case.id for case in compared.only_base],
        "only_other": [case.id for case in compared.only_other],
    }
