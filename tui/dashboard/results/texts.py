"""What the screen of a session says in words: pure functions of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.case import Resolution
from engine.timings import PHASES
from profiles.session import Session, SessionStatus, TrialRecord
from tui.dashboard.results.columns import driver_text, look_of
from tui.dashboard.results.pictures import sizes_of
from tui.dashboard.results.size_plot import series_letters
from tui.dashboard.results.why import phase_means_ms
from tui.dashboard.sessions.texts import local_minute
from tui.dashboard.watch.blocks import PHASE_LETTERS
from tui.rows import NOT_REACHED, Row
from tui.tables import (
    NOT_WHOLE,
    backend_title,
    machine_line,
    most_time,
    not_drawn,
    rate_cell,
    scene_title,
    session_notes,
)
from tui.text import counted, printable, three_digits

if TYPE_CHECKING:
    from tui.dashboard.results.reduction import Reduction

_STATUS_GLYPHS = {
    SessionStatus.COMPLETE: ("✓", "+"),
    SessionStatus.INTERRUPTED: ("■", "#"),
    SessionStatus.INCOMPLETE: ("■", "#"),
    SessionStatus.FAILED: ("✗", "x"),
}
_NARROW = 78


def title_line(session: Session, ascii_only: bool = False) -> str:
    """Which session this is, in one line."""
    info = session.session
    glyph = _STATUS_GLYPHS[info.status][ascii_only]
    begun = local_minute(info.started_at)
    parts = [f"{glyph} {info.status}", counted(len(session.cases), "case"), begun, session.machine.hostname]
    return printable(f"{info.profile_name}   {'   '.join(parts)}")


def case_line(row: Row, number: int, of: int) -> str:
    """Which case a plot is of."""
    case = row.case
    name = f"{scene_title(case.scene)}, {backend_title(case)}, {case.resolution}, {case.effects}"
    return printable(f"{name}   (case {number} of {of}, up and down choose)")


def detail_lines(row: Row, ascii_only: bool = False) -> list[str]:
    """All that the table knows of a case, also where its columns have no room, and what went wrong."""
    look = look_of(row)
    start = f"{look.ascii_glyph if ascii_only else look.glyph} {look.word}: {row.case.id}"
    if row.fps is None:
        return [printable(line) for line in [start, *_reason(row)]]
    figures = [f"{rate_cell(row)} FPS"]
    if row.trials > 1:
        figures[0] += f" ({three_digits(row.fps_low)}..{three_digits(row.fps_high)} of {row.trials} trials)"
    figures += [f"p50 {three_digits(row.p50_ms)} ms", f"p99 {three_digits(row.p99_ms)} ms"]
    figures += [f"1% low {three_digits(row.low1_fps)} FPS"] if row.low1_fps is not None else []
    if row.fairness is not None:
        figures.append(f"fairness {row.fairness:.2f}")
    if row.device_ms is not None:
        figures.append(f"device {three_digits(row.device_ms)} ms")
    if row.host_mib is not None:
        figures.append(
            f"{row.host_mib:.0f} MiB a worker" if row.case.workers > 1 else f"{row.host_mib:.0f} MiB"
        )
    figures += [most_time(row)] + ([driver_text(row)] if row.case.renderer else [])
    missing = not_drawn(row)
    lines = [start, ", ".join(figures), *([f"Not drawn: {', '.join(missing)}."] if missing else [])]
    lines += _reason(row)
    return [printable(line) for line in lines]


def _reason(row: Row) -> list[str]:
    if not row.reason or row.reason == NOT_REACHED:
        return ["The run ended before this case."] if row.reason else []
    mark = f"{NOT_WHOLE} " if row.fps is not None else ""
    fix = f" Fix: {row.fix.rstrip('.')}." if row.fix else ""
    return [f"{mark}{row.reason.rstrip('.')}.{fix}"]


def trial_line(trial: TrialRecord, of: int) -> str:
    """Which trial a plot is of, and how to see another."""
    if of < 2:
        return "one trial"
    return f"trial {trial.trial} of {of} ([ and ] choose)"


def frames_note(reduction: Reduction, trial: TrialRecord, of: int, beyond: int, ascii_only: bool) -> str:
    """What is said below the plot of frame times."""
    slowest_ms, at_s = reduction.slowest
    low, mean = ("|", "o") if ascii_only else ("░", "⠒")
    said = [f"{low} fastest to slowest  {mean} mean   {trial_line(trial, of)}"]
    if metrics_of_workers := trial.metrics and len(trial.metrics.worker_fps):
        said[0] += f"   frames of {metrics_of_workers} workers, one worker after the other"
    wall_s = reduction.wall_ns / 1e9
    held = f"{counted(reduction.frames, 'frame')} in {three_digits(wall_s)} s"
    said.append(f"{held}; the slowest took {three_digits(slowest_ms)} ms, about {three_digits(at_s)} s in.")
    metrics = trial.metrics
    if metrics is not None and metrics.warmup_frames:
        first = three_digits(metrics.first_frame_ms)
        said[-1] += (
            f" {counted(metrics.warmup_frames, 'warm-up frame')} before them left out (first {first} ms)."
        )
    if beyond:
        said.append(f"{counted(beyond, 'frame')} slower than the upper edge: z shows all.")
    return "\n".join(said)


def histogram_note(trial: TrialRecord, of: int, beyond_left: int, beyond_right: int, frames: int) -> str:
    """What is said below the histogram."""
    said = [f"{counted(frames, 'frame')}   {trial_line(trial, of)}"]
    if beyond_right:
        slowest = f" (the slowest {three_digits(trial.metrics.max_ms)} ms)" if trial.metrics else ""
        said.append(f"{counted(beyond_right, 'frame')} beyond the right edge{slowest}.")
    if beyond_left:
        said.append(f"{counted(beyond_left, 'frame')} beyond the left edge.")
    return "\n".join([said[0], " ".join(said[1:])]) if said[1:] else said[0]


def phase_table(rows: Sequence[Row]) -> list[str]:
    """Mean ms a frame and share of each phase, one line a backend; the letters are those of the bars."""
    heads = [f"{PHASE_LETTERS[phase]} {phase}" for phase in PHASES]
    wide = max([len("ms a frame"), *(len(printable(backend_title(row.case))) for row in rows)])
    # Eighty columns hold the shares beside short names only.
    each = 13 if wide + 13 * len(PHASES) <= _NARROW else 12
    lines = [f"{'ms a frame':<{wide}}" + "".join(f"{head:>{each}}" for head in heads)]
    for row in rows:
        means = phase_means_ms(row)
        total = sum(means.values())
        shares = [f" {ms / total if total else 0:>3.0%}" if each > 12 else "" for ms in means.values()]
        cells = [three_digits(ms) + share for ms, share in zip(means.values(), shares, strict=True)]
        shown = "".join(f"{cell:>{each}}" for cell in cells) if means else f"  {rate_cell(row)}"
        lines.append(f"{printable(backend_title(row.case)):<{wide}}" + shown)
    return lines


def size_table(series: Mapping[str, Sequence[tuple[Resolution, float]]]) -> list[str]:
    """FPS by backend and resolution; the letters are those of the plot."""
    sizes = sizes_of(series)
    letters = series_letters(list(series))
    names = {name: f"{letters[name]} {printable(name)}" for name in series}
    wide = max([len("FPS"), *map(len, names.values())])
    lines = [f"{'FPS':<{wide}}" + "".join(f"{size!s:>11}" for size in sizes)]
    for name, points in series.items():
        found = dict(points)
        cells = [three_digits(found.get(size)) for size in sizes]
        lines.append(f"{names[name]:<{wide}}" + "".join(f"{cell:>11}" for cell in cells))
    return lines


def about_lines(session: Session, folder: Path) -> list[str]:
    """Everything else that a session says of itself."""
    info, settings = session.session, session.profile.settings()
    asked = f"{settings.frames} frames" if settings.frames else f"{three_digits(settings.duration_s)} s"
    warm_up = counted(settings.warmup_frames, "warm-up frame")
    measured = f"{counted(settings.trials, 'trial')} of {asked} after {warm_up}, seed {settings.seed}"
    lines = [
        f"session   {info.id}",
        f"status    {info.status}",
        f"profile   {info.profile_name}",
        f"measured  {info.started_at} to {info.finished_at}",
        f"settings  {measured}",
        f"folder    {folder}",
        f"tool      mjbench-tui {info.tool_version}",
        f"machine   {machine_line(session)}",
    ]
    lines += [f"lost      {info.lost}"] if info.lost else []
    notes = session_notes(session)
    return [printable(line) for line in [*lines, "", *notes]]


def not_drawn_note(rows: Sequence[Row], drawn: Sequence[Row]) -> str:
    """Say what is left out of a plot because it draws nothing."""
    hidden = [row for row in rows if row not in drawn]
    rates = [f"{row.case.backend} {rate_cell(row)} FPS" for row in hidden]
    return printable(f"Not in the plot, since it draws nothing: {', '.join(rates)}.") if rates else ""
