"""What is said of explaining a case before it is measured: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tui.dashboard.watch.titles import full_title
from tui.text import counted, duration, marked_renderer

if TYPE_CHECKING:
    from engine.case import Case
    from engine.messages import RendererIdentity
    from tui.explaining import Question


def case_words(case: Case, renderer: RendererIdentity | None = None) -> str:
    """Which case it is, without its change, and what draws it where that is known."""
    driver = f" ({marked_renderer(renderer.renderer, renderer.software)})" if renderer is not None else ""
    return full_title(msgspec.structs.replace(case, change="")) + driver


def cost_lines(question: Question, fps: float, start_up_s: float) -> list[str]:
    """How much is measured and how long it takes, in lines.

    Args:
        question: what is to be measured.
        fps: of the unchanged case, as far as one knows.
        start_up_s: an engine process until its first frame.
    """
    settings = question.preparation.settings
    refused = sum(bool(status.reason) for status in question.changes)
    changes = len(question.changes) - refused
    length = f"{settings.frames} frames" if settings.frames is not None else f"{settings.duration_s:g} s"
    alone_s, together_s = question.seconds(fps, start_up_s)
    rounds = f"{question.rounds} rounds of {length}, unchanged and with each"
    together = "then the best of them together, at the most"
    width = max(len(rounds), len(together))
    return [
        f"{counted(changes, 'change')} can be made" + (f", {refused} cannot" if refused else ""),
        f"{rounds:{width}}  about {duration(alone_s)}",
        f"{together:{width}}  about {duration(together_s)}",
        "",
        "The more rounds, the narrower the intervals.",
        "A run that is stopped shows what it has measured.",
    ]
