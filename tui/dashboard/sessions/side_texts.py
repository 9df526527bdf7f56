"""Two sessions side by side, in words; what is said of a ratio is what `compare` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.uncertainty.comparison import Verdict
from tui.dashboard.sessions.columns import Column
from tui.dashboard.sessions.comparison import ONLY_A, ONLY_B, Comparison, Pair, Side
from tui.dashboard.sessions.texts import local_minute
from tui.dashboard.watch.titles import short_scene
from tui.output.comparison_tables import (
    NO_FIGURES,
    NOT_COMPARABLE,
    case_note,
    comparison_text,
    overall_text,
)
from tui.output.figure_texts import (
    interval_text,
    is_within_trial,
    ratio_interval_text,
    ratio_text,
    smallest_text,
)
from tui.output.rows import Row
from tui.output.tables import NOT_WHOLE, backend_title, rate_cell, scene_title
from tui.text import NO_VALUE, counted, printable

_SIGNS = {
    "FASTER": ("▲", "^"),
    "SLOWER": ("▼", "v"),
    "SAME": ("=", "="),
    "UNCLEAR": ("?", "?"),
    NOT_COMPARABLE: ("≠", "!"),
    NO_FIGURES: ("✗", "x"),
    ONLY_A: ("·", "."),
    ONLY_B: ("·", "."),
}
_SHORTEST_WORD = len("✗ no figures")
"""Every verdict is whole, and of `not comparable` as much as tells it."""
_CHANGE = 8
_KINDS = {"FASTER": "good", "SLOWER": "bad", "UNCLEAR": "unsure"}


def side_line(letter: str, side: Side) -> str:
    """Which session a letter stands for."""
    info, machine = side.session.session, side.session.machine.hostname
    return printable(f"{letter}  {side.name}   {local_minute(info.started_at)}   {machine}   {info.status}")


def signed_word(pair: Pair, ascii_only: bool = False) -> str:
    """What is said of B, with a sign of its own."""
    return f"{_SIGNS[pair.word][ascii_only]} {pair.word}"


def kind_of(pair: Pair) -> str:
    """How a case is coloured: good, bad, unsure, or "" for no colour."""
    return _KINDS.get(pair.word, "")


def pair_columns(
    pairs: Sequence[Pair], ascii_only: bool = False, order: str = "", reverse: bool = False
) -> tuple[Column[Pair], ...]:
    """The columns of the table, with an arrow in the head of the one that it is sorted by."""
    arrow = (("^", "v") if ascii_only else ("▲", "▼"))[reverse]
    one_effect, one_size = (
        len({getattr(pair.case, fact) for pair in pairs}) < 2 for fact in ("effects", "resolution")
    )
    interval = any(_interval(pair) != NO_VALUE for pair in pairs)
    unclear = any(_further(pair) != NO_VALUE for pair in pairs)
    return (
        Column("scene", _scene, longest=30, gives=True, shorten=short_scene),
        Column("backend", lambda pair: printable(pair.case.backend), longest=20),
        Column("size", lambda pair: str(pair.case.resolution), number=True, rank=3 if one_size else 0),
        Column("effects", lambda pair: str(pair.case.effects), rank=7 if one_effect else 2),
        *_count_columns(pairs),
        Column("FPS A", lambda pair: _rate(pair.a), number=True, rank=4),
        Column("FPS B", lambda pair: _rate(pair.b), number=True, rank=4),
        Column("B/A" + (arrow if order == "B/A" else ""), _ratio, number=True),
        *([Column("95% interval", _interval, number=True, rank=1)] if interval else ()),
        Column(
            "B is" + (arrow if order == "verdict" else ""),
            lambda pair: signed_word(pair, ascii_only),
            gives=True,
            shortest=_SHORTEST_WORD,
        ),
        *([Column("seen from", _smallest, number=True, rank=6)] if interval else ()),
        *([Column("settled by", _further, rank=6)] if unclear else ()),
    )


def _scene(pair: Pair) -> str:
    return printable(scene_title(pair.case.scene))


def _ratio(pair: Pair) -> str:
    return ratio_text(pair.ratio, pair.compared.comparison if pair.compared else None)


def _interval(pair: Pair) -> str:
    return ratio_interval_text(pair.compared.comparison if pair.compared else None)


def _smallest(pair: Pair) -> str:
    return smallest_text(pair.compared.comparison if pair.compared else None)


def _further(pair: Pair) -> str:
    """How many more trials on each side would settle what is unclear."""
    found = pair.compared.comparison if pair.compared else None
    if found is None or found.interval is None or pair.word != Verdict.UNCLEAR.upper():
        return NO_VALUE
    return f"+{counted(found.further_rounds, 'trial')}" if found.further_rounds else "over 1000 trials"


def _count_columns(pairs: Sequence[Pair]) -> list[Column[Pair]]:
    """Workers and worlds where there are several, and what is changed where anything is."""
    texts: dict[str, tuple[Callable[[Pair], str], str]] = {
        "workers": (lambda pair: str(pair.case.workers), "1"),
        "worlds": (lambda pair: str(pair.case.worlds), "1"),
        "change": (lambda pair: printable(pair.case.change) or NO_VALUE, NO_VALUE),
    }
    return [
        Column(name, text, number=name != "change", longest=24, gives=name == "change", shortest=_CHANGE)
        for name, (text, usual) in texts.items()
        if any(text(pair) != usual for pair in pairs)
    ]


def pair_title(pair: Pair) -> str:
    """Which case this is."""
    case = pair.case
    return printable(f"{_scene(pair)}, {backend_title(case)}, {case.resolution}, {case.effects}")


def pair_lines(pair: Pair, ascii_only: bool = False) -> list[str]:
    """All of one case, also where its columns have no room."""
    lines = [
        f"{signed_word(pair, ascii_only)}: {pair_title(pair)}",
        f"A: {_side(pair.a)}   B: {_side(pair.b)}",
        pair_sentence(pair),
    ]
    reasons = [
        f"{letter}: {row.reason}" for letter, row in (("A", pair.a), ("B", pair.b)) if row and row.reason
    ]
    return [printable(line) for line in [*lines, *reasons]]


def pair_sentence(pair: Pair) -> str:
    """What is known of the ratio, in a sentence."""
    if pair.compared is None:
        return f"Nothing to compare: it is {pair.word}."
    comparison = pair.compared.comparison
    if comparison is None:
        return "Nothing to compare: a side has no figures."
    if not pair.compared.obstacles:
        return f"B over A: {comparison_text(comparison)}."
    note = case_note(pair.compared)
    return f"{note[0].upper()}{note[1:]} The ratio, {_ratio(pair)}, speaks of that too."


def summary_lines(comparison: Comparison) -> list[str]:
    """What is to be said of both sessions as a whole."""
    said = overall_text(comparison.compared)
    return [printable(line) for line in (differences_title(comparison), said) if line]


def difference_lines(comparison: Comparison) -> list[tuple[str, str, str]]:
    """What is not the same in both: its name, then how A has it and how B has it."""
    return [(printable(one.what), printable(one.a), printable(one.b)) for one in comparison.differences]


def differences_title(comparison: Comparison) -> str:
    """How much of the circumstances differs."""
    count = len(comparison.differences)
    if not count:
        return "Same settings, machine, software and drivers."
    rest = "differs: 4 shows it" if count == 1 else "differ: 4 shows them"
    return f"{counted(count, 'thing')} besides the figures {rest}."


def _rate(row: Row | None) -> str:
    return NO_VALUE if row is None else printable(rate_cell(row))


def _side(row: Row | None) -> str:
    """FPS of one side, its interval, and of which trials they are."""
    if row is None or row.fps is None:
        return _rate(row)
    figure = row.figure("fps")
    known = figure is not None and figure.interval is not None and not is_within_trial(figure.interval)
    said = [f"95%: {interval_text(figure)}"] if known else []
    said.append(counted(row.trials, "trial"))
    spoiled = sum(trial.is_spoiled for trial in row.case.counted)
    said += [f"{spoiled} spoiled"] if spoiled else []
    again = len(row.case.trials) - len(row.case.counted)
    said += [f"{again} run again"] if again else []
    mark = f" {NOT_WHOLE}" if row.reason else ""
    return f"{_rate(row).removesuffix(NOT_WHOLE)} FPS{mark} ({', '.join(said)})"
