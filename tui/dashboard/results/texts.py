"""What the screen of a session says in words: pure functions of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.case import Resolution
from engine.timings import PHASES
from profiles.session import Session, SessionStatus, TrialRecord
from tui.dashboard.results.bar_plot import around
from tui.dashboard.results.columns import driver_text, look_of
from tui.dashboard.results.labels import backend_labels
from tui.dashboard.results.pictures import sizes_of
from tui.dashboard.results.size_plot import series_letters
from tui.dashboard.results.why import phase_means_ms
from tui.dashboard.sessions.texts import local_minute
from tui.dashboard.watch.blocks import PHASE_LETTERS
from tui.output.figure_texts import figure_text, interval_text, is_within_trial, noise_text
from tui.output.limit_tables import limit_sentence
from tui.output.rows import NOT_REACHED, Row
from tui.output.session_notes import session_notes
from tui.output.standing_notes import trials_text
from tui.output.tables import (
    NOT_WHOLE,
    backend_title,
    machine_line,
    most_time,
    not_drawn,
    rate_cell,
    scene_title,
)
from tui.text import NO_VALUE, cell_width, counted, padded, printable, three_digits

if TYPE_CHECKING:
    from tui.dashboard.results.reduction import Reduction

_STATUS_GLYPHS = {
    SessionStatus.COMPLETE: ("✓", "+"),
    SessionStatus.INTERRUPTED: ("■", "#"),
    SessionStatus.INCOMPLETE: ("■", "#"),
    SessionStatus.FAILED: ("✗", "x"),
}
_PERCENTILES = {"p50": "p50_ms", "p99": "p99_ms"}
_CELLS = (13, 12, 11)
"""Columns of a phase in their table: with its share, with room, and just apart."""
_SIZE = 11
"""Columns of a resolution."""


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
    return printable(f"case {number} of {of}: {name}   (up and down choose)")


def detail_lines(row: Row, ascii_only: bool = False) -> list[str]:
    """All that the table knows of a case, also where its columns have no room, and what went wrong."""
    look = look_of(row)
    start = f"{look.ascii_glyph if ascii_only else look.glyph} {look.word}: {row.case.id}"
    if row.fps is None:
        return [printable(line) for line in [start, *_reason(row)]]
    figures = [f"{rate_cell(row)} FPS{_sureness(row)}"]
    figures += [f"{name} {_with_interval(row, metric)}" for name, metric in _PERCENTILES.items()]
    noise = row.measured.noise
    figures += [f"frame noise {noise_text(noise.frame)}"] if noise.frame is not None else []
    figures += [f"trial noise {noise_text(noise.trial)}"] if noise.trial is not None else []
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
    lines += [said] if (said := limit_sentence(row)) else []
    lines += _reason(row)
    return [printable(line) for line in lines]


def _sureness(row: Row) -> str:
    """Between what the FPS lies, of how many trials; "" where nothing is known."""
    figure = row.figure("fps")
    if figure is None or figure.interval is None:
        return f" ({three_digits(row.fps_low)}..{three_digits(row.fps_high)})" if row.trials > 1 else ""
    if is_within_trial(figure.interval):
        return f" (95% {interval_text(figure)} within this trial only)"
    return f" (95% {interval_text(figure)} of {row.trials} trials)"


def _with_interval(row: Row, metric: str) -> str:
    figure = row.figure(metric)
    span = interval_text(figure)
    return f"{figure_text(figure)} ms" + (f" ({span})" if span != NO_VALUE else "")


def _reason(row: Row) -> list[str]:
    if not row.reason or row.reason == NOT_REACHED:
        return ["The run ended before this case."] if row.reason else []
    mark = f"{NOT_WHOLE} " if row.fps is not None else ""
    fix = f" Fix: {row.fix.rstrip('.')}." if row.fix else ""
    return [f"{mark}{row.reason.rstrip('.')}.{fix}"]


def trial_line(trial: TrialRecord, of: int, name: str = "") -> str:
    """Which trial a plot is of, and how to see another; `name` where its number alone does not tell."""
    if of < 2 and not name:
        return "one trial"
    return f"trial {name or trial.trial} of {of} ([ and ] choose)"


def frames_note(
    reduction: Reduction,
    trial: TrialRecord,
    of: int,
    beyond: int,
    ascii_only: bool,
    *,
    worlds: int = 1,
    name: str = "",
) -> str:
    """What is said below the plot of frame times."""
    slowest_ms, at_s = reduction.slowest
    low, mean = ("|", "o") if ascii_only else ("░", "⠒")
    said = [f"{low} fastest to slowest  {mean} mean   {trial_line(trial, of, name)}"]
    wall_s = reduction.wall_ns / 1e9
    metrics = trial.metrics
    workers = len(metrics.worker_fps) if metrics is not None else 0
    held = _frames(reduction.frames, worlds)
    slowest = f"the slowest took {three_digits(slowest_ms)} ms"
    if workers > 1:
        said.append(f"{held} of {workers} workers, one worker after the other; {slowest}.")
    else:
        said.append(f"{held} in {three_digits(wall_s)} s; {slowest}, about {three_digits(at_s)} s in.")
    if metrics is not None and metrics.warmup_frames:
        first = three_digits(metrics.first_frame_ms)
        said[-1] += (
            f" {counted(metrics.warmup_frames, 'warm-up frame')} before them left out (first {first} ms)."
        )
    if metrics is not None and metrics.frames_left_out:
        early = _frames(metrics.frames_left_out // worlds, worlds)
        said[-1] += f" The first {early} are before the steady state, and in no figure."
    if beyond:
        said.append(f"{_frames(beyond, worlds)} slower than the upper edge: z shows all.")
    return "\n".join(said)


def _frames(number: int, worlds: int) -> str:
    """So many passes of the timed loop: frames, or with several worlds batches of them."""
    if worlds == 1:
        return counted(number, "frame")
    return f"{number} {'batch' if number == 1 else 'batches'} of {worlds} worlds"


def histogram_note(
    trial: TrialRecord,
    of: int,
    beyond_left: int,
    beyond_right: int,
    frames: int,
    *,
    worlds: int = 1,
    name: str = "",
) -> str:
    """What is said below the histogram."""
    said = [f"{_frames(frames, worlds)}   {trial_line(trial, of, name)}"]
    if beyond_right:
        slowest = f" (the slowest {three_digits(trial.metrics.max_ms)} ms)" if trial.metrics else ""
        said.append(f"{_frames(beyond_right, worlds)} beyond the right edge{slowest}.")
    if beyond_left:
        said.append(f"{_frames(beyond_left, worlds)} beyond the left edge.")
    return "\n".join([said[0], " ".join(said[1:])]) if said[1:] else said[0]


def phase_table(
    rows: Sequence[Row], width: int, most: int, chosen: Row, ascii_only: bool = False
) -> list[str]:
    """Mean ms a frame and share of each phase, one line a backend; the letters are those of the bars.

    Args:
        rows: cases of one picture.
        width: characters of a line; where they are few, shares are left out and names are short.
        most: lines that there is room for, the head among them.
        chosen: the case that is among those that are shown.
        ascii_only: do without other characters of ours.
    """
    heads = [f"{PHASE_LETTERS[phase]} {phase}" for phase in PHASES]
    head = "ms a frame"
    whole = backend_labels([row.case for row in rows], width)
    each = next((each for each in _CELLS if max(len(head), whole.widest) + each * len(PHASES) <= width), 0)
    labels, each = whole, each or _CELLS[-1]
    if max(len(head), whole.widest) + each * len(PHASES) > width:
        labels = backend_labels([row.case for row in rows], width - each * len(PHASES), ascii_only)
    wide = max(len(head), labels.widest)
    lines = [f"{head:<{wide}}" + "".join(f"{title:>{each}}" for title in heads)]
    legend = [labels.legend] if labels.legend else []
    room = max(1, most - len(lines) - len(legend))
    shown = rows if len(rows) <= room else around(rows, _place(rows, chosen), max(1, room - 1))
    for row in shown:
        name = labels.names[backend_title(row.case)]
        lines.append(padded(name, wide) + _phase_cells(row, each))
    if len(shown) < len(rows):
        lines.append(f"... and {len(rows) - len(shown)} more: up and down show them")
    return lines + legend


def _place(rows: Sequence[Row], chosen: Row) -> int:
    return next((index for index, row in enumerate(rows) if row is chosen), 0)


def _phase_cells(row: Row, each: int) -> str:
    means = phase_means_ms(row)
    total = sum(means.values())
    shares = [f" {ms / total if total else 0:>3.0%}" if each >= _CELLS[0] else "" for ms in means.values()]
    cells = [three_digits(ms) + share for ms, share in zip(means.values(), shares, strict=True)]
    return "".join(f"{cell:>{each}}" for cell in cells) if means else f"  {rate_cell(row)}"


def size_columns(series: Mapping[str, Sequence[tuple[Resolution, float]]]) -> int:
    """How many characters the figures of all sizes take."""
    return _SIZE * len(sizes_of(series))


def size_table(
    series: Mapping[str, Sequence[tuple[Resolution, float]]],
    labels: Mapping[str, str] | None = None,
) -> list[str]:
    """FPS by backend and resolution; the letters are those of the plot.

    Args:
        series: sizes in ascending order and FPS, by backend.
        labels: what each backend is called in the place of its whole name.
    """
    sizes = sizes_of(series)
    letters = series_letters(list(series))
    names = {name: f"{letters[name]} {(labels or {}).get(name, printable(name))}" for name in series}
    wide = max([len("FPS"), *map(cell_width, names.values())])
    lines = [f"{'FPS':<{wide}}" + "".join(f"{size!s:>{_SIZE}}" for size in sizes)]
    for name, points in series.items():
        found = dict(points)
        cells = [three_digits(found.get(size)) for size in sizes]
        lines.append(padded(names[name], wide) + "".join(f"{cell:>{_SIZE}}" for cell in cells))
    return lines


def about_lines(session: Session, folder: Path) -> list[str]:
    """Everything else that a session says of itself."""
    info, settings = session.session, session.profile.settings()
    asked = f"{settings.frames} frames" if settings.frames else f"{three_digits(settings.duration_s)} s"
    warm_up = counted(settings.warmup_frames, "warm-up frame")
    measured = f"{trials_text(settings)} of {asked} after {warm_up}, seed {settings.seed}"
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
    rates = [f"{backend_title(row.case)} {rate_cell(row)} FPS" for row in hidden]
    return printable(f"Not in the plot, since it draws nothing: {'; '.join(rates)}.") if rates else ""
