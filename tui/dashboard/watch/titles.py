"""What a case is called in a list: only what tells it from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from engine.case import Case
from tui.dashboard.sessions.columns import cut
from tui.output.tables import counts_text, scene_title
from tui.text import counted, printable

_SHORTEST_SCENE = 6
_WORDS = ("resolution", "effects", "change")
"""What stands in a name where it differs from case to case."""
_COUNTS = {"workers": "worker", "worlds": "world"}
"""The numbers of a case that have columns of their own, and what each counts."""


@dataclass(frozen=True)
class ShortTitle:
    """The name of a case in a list; it says nothing of workers and worlds, which have columns."""

    scene: str
    rest: str
    """The backend, and what else differs between the cases."""

    def __str__(self) -> str:
        """All of it."""
        return f"{self.scene} {self.rest}"

    def fitted(self, width: int, ascii_only: bool = False) -> str:
        """The name in at most `width` characters: the scene is cut, and the rest stays whole."""
        room = width - cell_len(self.rest) - 1
        if cell_len(str(self)) <= width or room < _SHORTEST_SCENE:
            return cut(str(self), width, ascii_only=ascii_only)
        return f"{short_scene(self.scene, room, ascii_only)} {self.rest}"


def short_scene(title: str, width: int, ascii_only: bool = False) -> str:
    """The title of a scene in at most `width` characters: of a Menagerie model its end tells more."""
    if cell_len(title) <= width:
        return title
    name = title.removeprefix("menagerie:")
    return cut(name, width, keeps_end=name != title, ascii_only=ascii_only)


def full_title(case: Case) -> str:
    """All words of a case."""
    words = (
        scene_title(case.scene),
        case.backend,
        case.resolution,
        case.effects,
        counts_text(case),
        case.change,
    )
    return printable(" ".join(str(word) for word in words if word))


def differing_counts(cases: Sequence[Case]) -> tuple[str, ...]:
    """Which of workers and worlds is not the same for all of some cases."""
    return tuple(name for name in _COUNTS if len({getattr(case, name) for case in cases}) > 1)


def _differing_words(case: Case) -> dict[str, str]:
    words = (str(case.resolution), str(case.effects), case.change)
    return dict(zip(_WORDS, words, strict=True))


def short_titles(cases: Sequence[Case]) -> tuple[list[ShortTitle], str]:
    """Name each of some cases, and say in words what all of them share.

    Scene and backend always stand in a name; resolution, effects and change where they differ.
    """
    parts = [_differing_words(case) for case in cases]
    shared = [name for name in _WORDS if len({words[name] for words in parts}) == 1]
    titles = []
    for case, words in zip(cases, parts, strict=True):
        rest = [case.backend, *(word for name, word in words.items() if word and name not in shared)]
        titles.append(ShortTitle(printable(scene_title(case.scene)), printable(" ".join(rest))))
    # Alone, the word of the effects would be taken for a scene's name.
    said = [f"effects {parts[0][name]}" if name == "effects" else parts[0][name] for name in shared]
    said = [word for word in said if word]
    differing = differing_counts(cases)
    for name, thing in _COUNTS.items():
        number = getattr(cases[0], name) if cases else 1
        said += [counted(number, thing)] if name not in differing and number > 1 else []
    return titles, printable(", ".join(said))
