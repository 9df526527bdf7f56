"""What a person wants explained: the case that a screen names, and what is known of how long it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.case import Effects
from tui.estimate import ASSUMED_FPS, START_UP_S

if TYPE_CHECKING:
    from engine.case import Case
    from profiles.profile import Profile
    from tui.output.rows import Row


@dataclass(frozen=True)
class Wanted:
    """One case, and how fast it is as far as one knows."""

    profile: Profile
    """Asks for this case among others; its camera, seed, physics and readback hold."""
    case: Case
    fps: float = ASSUMED_FPS
    start_up_s: float = START_UP_S
    """An engine process until its first frame."""

    @classmethod
    def measured(cls, profile: Profile, row: Row) -> Wanted:
        """A case that was measured: how long it takes is known."""
        starts = [trial.start_up for trial in row.case.trials if trial.start_up is not None]
        # Kernels are compiled once: what the quickest start took is what all the further ones take.
        seconds = [
            one.process_s + one.import_s + one.scene_s + one.compile_s + one.open_s + one.kernels_s
            for one in starts
        ]
        return cls(profile, row.case.case, row.fps or ASSUMED_FPS, min(seconds, default=START_UP_S))

    @classmethod
    def chosen(cls, profile: Profile, scene: str, backend: str) -> Wanted | None:
        """The first case of a scene and a backend, with its effects where any has them; None without any."""
        cases = [one for one in profile.cases([backend]) if (one.scene, one.backend) == (scene, backend)]
        cases.sort(key=lambda case: case.effects is not Effects.SCENE)
        return cls(profile, cases[0]) if cases else None


def meant(chosen: Collection[str], current: str | None, listed: Iterable[str]) -> str | None:
    """Which of a list a person means: the one that is chosen alone, or the one under the cursor.

    Where several are chosen and the cursor is on none of them, it is the first that is chosen.
    """
    if current in chosen and len(chosen) > 1:
        return current
    return next((name for name in listed if name in chosen), current)
