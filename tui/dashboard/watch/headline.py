"""The first lines of a run: how far it is, how long it still takes, and what the dashboard itself takes."""

from __future__ import annotations

from engine.interference.records import FindingKind
from tui.dashboard.session_run import RunPhase, SessionRun
from tui.dashboard.watch.state import CaseView
from tui.dashboard.watch.titles import short_titles
from tui.estimate import time_text
from tui.output.standing_notes import round_line
from tui.progress import total_text
from tui.text import duration, printable


def headline(run: SessionRun, observer_share: float, paused: bool, width: int) -> str:
    """Say where a run is, in one line of at most `width` characters."""
    if run.phase is RunPhase.PREPARING:
        return "Trying the backends and loading the scenes ..."
    if run.phase is RunPhase.REFUSED:
        return "Nothing was measured:"
    if run.phase is RunPhase.ENDED or run.state is None:
        status = run.session.session.status if run.session is not None else ""
        name = run.folder.name if run.folder is not None else ""
        return printable(f"Session {status}: {name}")[:width]
    done, total = run.state.progress
    clock = run.state.clock
    words = [
        f"trial {min(done + 1, total)} of {total_text(total, run.state.most_trials)}",
        f"{duration(clock.gone_s)} gone, {time_text(clock.left_s, clock.most_left_s)} left",
    ]
    if run.stop_requested:
        words.append("STOPPING")
    elif run.stop_after_requested:
        words.append("STOPS AFTER THIS CASE")
    if paused:
        words.append("DISPLAY HELD")
    left = "   ".join(word for word in words if word)
    right = f"observer {observer_share:.1%} of a core"
    if len(left) + len(right) + 2 > width:
        right = f"observer {observer_share:.1%}"
    return f"{left}{right:>{max(2 + len(right), width - len(left))}}"[:width]


def _other_instance(views: list[CaseView], current: str) -> str:
    """Tell of another instance of this tool that disturbs the case that runs; "" without one."""
    findings = [found for view in views if view.case.id == current for found in view.findings]
    told = [found.what for found in findings if found.kind is FindingKind.OTHER_INSTANCE]
    return f"! {printable(told[0])}" if told else ""


def note_line(run: SessionRun, width: int) -> str:
    """Say below it what is known and what all cases share, where there is room; at the end, what to do."""
    if run.error:
        return printable(run.error)
    if run.state is None:
        return ""
    if run.is_over:
        return run.after
    settings = run.state.settings
    views = run.state.views()
    if warning := _other_instance(views, run.state.current):
        return warning[:width]
    _, shared = short_titles([view.case for view in views])
    length = f"{settings.frames} frames" if settings.frames is not None else f"{settings.duration_s:g} s"
    standing = run.state.standing
    known = round_line(standing, settings.until) if settings.until and standing else ""
    line = ""
    for part in (known, shared, f"{length} a trial", run.note):
        longer = ", ".join(word for word in (line, part) if word)
        if line and len(longer) > width:
            break
        line = longer
    return line
