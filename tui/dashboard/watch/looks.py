"""One vocabulary of states: a glyph, a word and a coloured kind, so that none has to be seen alone."""

from dataclasses import dataclass

from tui.dashboard.watch.state import CaseStatus


@dataclass(frozen=True)
class Look:
    """How a state is shown."""

    glyph: str
    ascii_glyph: str
    word: str
    kind: str
    """Names the component class that gives its colour: waiting, live, done, failed or stopped."""


LOOKS = {
    CaseStatus.WAITING: Look("·", ".", "waiting", "waiting"),
    CaseStatus.STARTING: Look("▸", ">", "starting", "live"),
    CaseStatus.COMPILING: Look("▸", ">", "compiles", "live"),
    CaseStatus.WARMING_UP: Look("▸", ">", "warm-up", "live"),
    CaseStatus.RUNNING: Look("▶", "@", "running", "live"),
    CaseStatus.DONE: Look("✓", "+", "done", "done"),
    CaseStatus.FAILED: Look("✗", "x", "failed", "failed"),
    CaseStatus.SKIPPED: Look("»", "-", "skipped", "stopped"),
    CaseStatus.INTERRUPTED: Look("■", "#", "stopped", "stopped"),
}
