"""Two sessions held against one another, for people, for a pull request, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.uncertainty.comparison import Comparison, Verdict
from tui.tables import Column, backend_title, fitted_table, plain, scene_title
from tui.text import NO_VALUE, counted, printable, three_digits

if TYPE_CHECKING:
    from rich.console import RenderableType

    from profiles.comparing import ComparedCase, ComparedSessions

NOT_COMPARABLE = "not comparable"
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
    notes = [note for case in compared.cases if (note := _note(case))]
    if compared.overall is not None:
        notes.append(f"All of them together, geometric mean: {comparison_text(compared.overall)}.")
    for cases, where in ((compared.only_base, "the base"), (compared.only_other, "the other session")):
        if cases:
            notes.append(f"Only in {where}: {', '.join(case.id for case in cases)}.")
    return [printable(note) for note in notes]


def comparison_text(comparison: Comparison) -> str:
    """A comparison in words: ratio, interval, verdict, and what would settle it."""
    ratio = f"{comparison.ratio:.3f}"
    if comparison.interval is None:
        return f"ratio {ratio}, {_without_interval(comparison)}"
    low, high = comparison.interval.low, comparison.interval.high
    text = f"ratio {ratio} (95%: {low:.3f} to {high:.3f}), {_word(comparison)}"
    return f"{text}; {_reach(comparison)}" if comparison.smallest_seen is not None else text


def _without_interval(comparison: Comparison) -> str:
    return (
        f"{_word(comparison)}: {counted(comparison.rounds, 'trial')}, and fewer than three have no interval"
    )


def _word(comparison: Comparison) -> str:
    return comparison.verdict.upper() if comparison.verdict is not None else "advisory"


def _reach(comparison: Comparison) -> str:
    """What could have been seen, and how many trials would settle it."""
    text = f"a difference of {_percent(comparison.smallest_seen)} would have been seen"
    if comparison.verdict is not Verdict.UNCLEAR:
        return text
    if comparison.further_rounds is None:
        return f"{text}, and a thousand more trials would not settle {comparison.threshold:.0%}"
    more = counted(comparison.further_rounds, "more trial")
    return f"{text}, {more} on each side would settle {comparison.threshold:.0%}"


def _percent(part: float | None) -> str:
    return NO_VALUE if part is None else f"{three_digits(100 * part)}%"


def _cells(case: ComparedCase) -> list[str]:
    base, other = _rate(case, 0), _rate(case, 1)
    record = case.other
    head = [scene_title(record.scene), backend_title(record), str(record.resolution), str(record.effects)]
    comparison = case.comparison
    if comparison is None:
        return [*head, base, other, NO_VALUE, NO_VALUE, "no figures"]
    interval = comparison.interval
    span = f"{interval.low:.3f} to {interval.high:.3f}" if interval else NO_VALUE
    verdict = NOT_COMPARABLE if case.obstacles else _word(comparison)
    return [*head, base, other, f"{comparison.ratio:.3f}", span, verdict]


def _rate(case: ComparedCase, side: int) -> str:
    rates = [trial.metrics.fps for trial in (case.base, case.other)[side].trials if trial.metrics]
    return three_digits(sorted(rates)[len(rates) // 2]) if rates else "failed"


def _note(case: ComparedCase) -> str:
    if case.obstacles:
        return f"{case.other.id}: not comparable, it differs in {'; '.join(case.obstacles)}."
    if case.comparison is None:
        return ""
    if case.comparison.interval is None:
        return f"{case.other.id}: {_without_interval(case.comparison)}."
    return f"{case.other.id}: {_reach(case.comparison)}."


def comparison_markdown(compared: ComparedSessions) -> str:
    """The table and its notes, as they go into a pull request."""
    lines = ["| " + " | ".join(_HEADS) + " |", "| " + " | ".join("---" for _ in _HEADS) + " |"]
    lines += ["| " + " | ".join(_escaped(cell) for cell in _cells(case)) + " |" for case in compared.cases]
    lines += ["", *(f"- {_escaped(note)}" for note in comparison_notes(compared))]
    return "\n".join(lines).rstrip() + "\n"


def _escaped(text: str) -> str:
    from tui.export import escaped_markdown

    return escaped_markdown(text)


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
