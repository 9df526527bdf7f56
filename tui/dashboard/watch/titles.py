"""What a case is called in a list: only what tells it from the others."""

from __future__ import annotations

from collections.abc import Sequence

from engine.case import Case
from tui.tables import counts_text, scene_title
from tui.text import printable


def parts_of(case: Case) -> dict[str, str]:
    """The words of a case, in the order of reading."""
    return {
        "scene": scene_title(case.scene),
        "backend": case.backend,
        "resolution": str(case.resolution),
        "effects": str(case.effects),
        "counts": counts_text(case),
    }


def full_title(case: Case) -> str:
    """All words of a case."""
    return printable(" ".join(filter(None, parts_of(case).values())))


def short_titles(cases: Sequence[Case]) -> tuple[list[str], str]:
    """Name each of some cases, and say in words what all of them share.

    Scene and backend always stand in a name; resolution, effects, workers and worlds where they differ.
    """
    parts = [parts_of(case) for case in cases]
    shared = [
        name
        for name in ("resolution", "effects", "counts")
        if len(parts) > 0 and len({words[name] for words in parts}) == 1
    ]
    titles = [
        printable(" ".join(word for name, word in words.items() if word and name not in shared))
        for words in parts
    ]
    # Alone, the word of the effects would be taken for a scene's name.
    words = [f"effects {parts[0][name]}" if name == "effects" else parts[0][name] for name in shared]
    return titles, printable(", ".join(filter(None, words)))
