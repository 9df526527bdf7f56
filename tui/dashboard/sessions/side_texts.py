"""Two sessions side by side, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.dashboard.sessions.columns import Column
from tui.dashboard.sessions.comparison import Comparison, Pair, Side, Verdict
from tui.dashboard.sessions.texts import local_minute
from tui.rows import Row
from tui.tables import NOT_WHOLE, backend_title, rate_cell, scene_title
from tui.text import NO_VALUE, counted, printable, three_digits

_SHORT = {Verdict.WITHIN: "within spread"}
_OF_ONE = (Verdict.FASTER, Verdict.SLOWER, Verdict.SAME)
"""What is said less surely where a session has one trial."""


def side_line(letter: str, side: Side) -> str:
    """Which session a letter stands for."""
    info, machine = side.session.session, side.session.machine.hostname
    return printable(f"{letter}  {side.name}   {local_minute(info.started_at)}   {machine}   {info.status}")


def verdict_text(pair: Pair, short: bool = False) -> str:
    """What the figures say of B, as a part of a table or of a sentence."""
    words = _SHORT.get(pair.verdict, str(pair.verdict)) if short else str(pair.verdict)
    return f"{words}, one trial" if pair.single and pair.verdict in _OF_ONE else words


def pair_columns(pairs: Sequence[Pair]) -> tuple[Column[Pair], ...]:
    """The columns of the table."""
    several = any(row is not None and row.trials > 1 for pair in pairs for row in (pair.a, pair.b))
    ranges: tuple[Column[Pair], ...] = (
        Column("A of trials", lambda pair: _range(pair.a), number=True, rank=3),
        Column("B of trials", lambda pair: _range(pair.b), number=True, rank=3),
    )
    one_effect = len({pair.case.effects for pair in pairs}) < 2
    return (
        Column(
            "scene", lambda pair: printable(scene_title(pair.scene)), longest=30, gives=True, keeps_end=True
        ),
        Column("backend", lambda pair: printable(pair.case.backend), longest=20),
        Column("size", lambda pair: str(pair.case.resolution), number=True),
        Column("effects", lambda pair: str(pair.case.effects), rank=4 if one_effect else 2),
        *_count_columns(pairs),
        Column("FPS A", lambda pair: _rate(pair.a), number=True),
        *(ranges[:1] if several else ()),
        Column("FPS B", lambda pair: _rate(pair.b), number=True),
        *(ranges[1:] if several else ()),
        Column("B/A", lambda pair: three_digits(pair.ratio), number=True),
        Column("B is", lambda pair: verdict_text(pair, short=True), longest=20, rank=1),
    )


def _count_columns(pairs: Sequence[Pair]) -> list[Column[Pair]]:
    """Workers and worlds, where there are several."""
    texts: dict[str, Callable[[Pair], str]] = {
        "workers": lambda pair: str(pair.case.workers),
        "worlds": lambda pair: str(pair.case.worlds),
    }
    return [
        Column(name, text, number=True)
        for name, text in texts.items()
        if any(text(pair) != "1" for pair in pairs)
    ]


def pair_lines(pair: Pair) -> list[str]:
    """All of one case, also where its columns have no room."""
    case = pair.case
    name = f"{scene_title(pair.scene)}, {backend_title(case)}, {case.resolution}, {case.effects}"
    lines = [name, f"A: {_side(pair.a)}   B: {_side(pair.b)}", _sentence(pair)]
    reasons = [
        f"{letter}: {row.reason}" for letter, row in (("A", pair.a), ("B", pair.b)) if row and row.reason
    ]
    return [printable(line) for line in [*lines, *reasons]]


def _sentence(pair: Pair) -> str:
    if pair.ratio is None:
        return f"Nothing to compare: {pair.verdict}."
    ratio = three_digits(pair.ratio)
    if pair.verdict is Verdict.WITHIN:
        return f"B has {ratio} times the FPS of A: {pair.verdict}, so neither can be called faster."
    if pair.single:
        return f"B has {ratio} times the FPS of A; with one trial nothing is known of the spread."
    return f"B has {ratio} times the FPS of A: {pair.verdict}, beyond the spread of the trials."


def difference_lines(comparison: Comparison) -> list[tuple[str, str, str]]:
    """What is not the same in both: its name, then how A has it and how B has it."""
    return [(printable(one.what), printable(one.a), printable(one.b)) for one in comparison.differences]


def differences_title(comparison: Comparison) -> str:
    """How much of the circumstances differs."""
    count = len(comparison.differences)
    if not count:
        return "Same settings, machine, software and drivers"
    return f"{counted(count, 'thing')} besides the figures {'differs' if count == 1 else 'differ'}"


def _rate(row: Row | None) -> str:
    if row is None:
        return NO_VALUE
    if row.fps is not None:
        return three_digits(row.fps) + (NOT_WHOLE if row.reason else "")
    return printable(rate_cell(row))


def _range(row: Row | None) -> str:
    if row is None or row.trials < 2:
        return NO_VALUE
    return f"{three_digits(row.fps_low)}..{three_digits(row.fps_high)}"


def _side(row: Row | None) -> str:
    if row is None or row.fps is None:
        return _rate(row)
    trials = f" ({_range(row)} of {row.trials} trials)" if row.trials > 1 else " (one trial)"
    return f"{_rate(row)} FPS{trials}"
