"""What the facts mean to a person who is about to measure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from engine.record import Record

if TYPE_CHECKING:
    from engine.doctor.facts import Facts


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARN = "warn"
    """A measurement still says something, though not what it seems to."""
    PROBLEM = "problem"
    """Something does not work, or draws in a way that nobody with this machine wants."""


class Finding(Record, frozen=True):
    """One thing that was found out."""

    id: str
    """A name that stays the same, for programs: "egl-on-processor"."""
    level: Level
    what: str
    """What is so, in one sentence without its full stop."""
    fix: str = ""
    """What to do about it; "" where nothing has to be done."""


def make_findings(facts: Facts) -> tuple[Finding, ...]:
    """Tell what was found about a machine, what matters most first.

    The findings about drawing come before those about measuring; each of the two has one of the level "ok"
    where nothing else was found.
    """
    from engine.doctor.drawing import find_drawing
    from engine.doctor.measuring import find_measuring

    found = [*find_drawing(facts), *find_measuring(facts)]
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.level)))


_ORDER = (Level.PROBLEM, Level.WARN, Level.OK)
