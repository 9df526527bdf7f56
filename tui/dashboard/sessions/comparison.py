"""Two sessions side by side as plain data: each case of either, what it is called, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from profiles.comparing import ComparedCase, ComparedSessions, hold_against
from profiles.session import CaseRecord, Session
from tui.dashboard.sessions.differences import Difference, differences
from tui.output.comparison_tables import NO_FIGURES, NOT_COMPARABLE, verdict_word
from tui.output.rows import Row, make_rows

ONLY_A, ONLY_B = "only in A", "only in B"
_BY_NEED = ("SLOWER", "FASTER", "UNCLEAR", NOT_COMPARABLE, "SAME", NO_FIGURES, ONLY_A, ONLY_B)
"""What is said of cases, what a person has to look at first."""
ORDERS = ("", "verdict", "B/A")
"""What the cases can be sorted by; first the order of A."""


@dataclass(frozen=True)
class Side:
    """One of the two sessions."""

    session: Session
    folder: Path

    @property
    def name(self) -> str:
        """What the session is called: the name of its folder."""
        return self.folder.name


@dataclass(frozen=True)
class Pair:
    """One case of either session."""

    a: Row | None
    b: Row | None
    compared: ComparedCase | None
    """None where only one session has it."""

    @property
    def case(self) -> CaseRecord:
        """The case as A has it, or B where only B has it."""
        row = self.a or self.b
        assert row is not None
        return row.case

    @property
    def ratio(self) -> float | None:
        """FPS of B divided by FPS of A; None where one of them is missing."""
        found = self.compared.comparison if self.compared is not None else None
        return found.ratio if found is not None else None

    @property
    def word(self) -> str:
        """What is said of B against A, in a word or two."""
        if self.compared is not None:
            return verdict_word(self.compared)
        return ONLY_A if self.a is not None else ONLY_B


@dataclass(frozen=True)
class Comparison:
    """All that can be said of two sessions."""

    a: Side
    b: Side
    compared: ComparedSessions
    pairs: tuple[Pair, ...]
    """The cases of A in their order, then those that only B has."""
    differences: tuple[Difference, ...]
    """What was asked for first, then the machine, then what drew."""


def compare(a: Side, b: Side) -> Comparison:
    """Hold B against A."""
    compared = hold_against(a.session, b.session)
    rows_a, rows_b = ({row.case.case: row for row in make_rows(side.session)} for side in (a, b))
    both = {case.base.case: case for case in compared.cases}
    pairs = [
        Pair(row, rows_b[both[name].other.case], both[name]) if name in both else Pair(row, None, None)
        for name, row in rows_a.items()
    ]
    pairs += [Pair(None, rows_b[case.case], None) for case in compared.only_other]
    records = [(case.base, case.other) for case in compared.cases]
    return Comparison(a, b, compared, tuple(pairs), differences(a.session, b.session, records))


def sorted_pairs(pairs: Sequence[Pair], order: str, reverse: bool = False) -> list[Pair]:
    """Put the cases in one of `ORDERS`; by ratio, what has none comes last both ways."""
    if order == "verdict":
        return sorted(pairs, key=lambda pair: _BY_NEED.index(pair.word), reverse=reverse)
    if order == "B/A":
        known = [pair for pair in pairs if pair.ratio is not None]
        unknown = [pair for pair in pairs if pair.ratio is None]
        return sorted(known, key=lambda pair: pair.ratio or 0.0, reverse=reverse) + unknown
    return list(reversed(pairs)) if reverse else list(pairs)
