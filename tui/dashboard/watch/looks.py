"""One vocabulary of states: a glyph, a word and a colour, so that none of them has to be seen alone."""

from dataclasses import dataclass

from tui.dashboard.watch.state import CaseStatus


@dataclass(frozen=True)
class Look:
    """How a state is shown."""

    glyph: str
    ascii_glyph: str
    word: str
    colour: str
    """A Rich style of the terminal's own sixteen colours."""


LOOKS = {
    CaseStatus.WAITING: Look("·", ".", "waiting", "dim"),
    CaseStatus.STARTING: Look("▸", ">", "starting", "cyan"),
    CaseStatus.WARMING_UP: Look("▸", ">", "warm-up", "cyan"),
    CaseStatus.RUNNING: Look("▶", ">", "running", "bold cyan"),
    CaseStatus.DONE: Look("✓", "+", "done", "green"),
    CaseStatus.FAILED: Look("✗", "x", "failed", "bold red"),
    CaseStatus.INTERRUPTED: Look("■", "#", "stopped", "yellow"),
}
