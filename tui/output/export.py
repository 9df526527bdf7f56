"""Results as data on stdout: JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from engine.metrics import WITH_INTERVALS, BenchmarkMetrics
from profiles.session import CaseRecord, Session
from tui.output.figure_texts import (
    figure_text,
    interval_text,
    noise_text,
    ratio_interval_text,
    ratio_text,
    verdict_text,
)
from tui.output.limit_tables import LIMIT_COLUMNS, limit_cells, limits_markdown
from tui.output.markdown import markdown_line, markdown_list, markdown_table
from tui.output.rows import make_rows, relative_to_fastest
from tui.output.scaling_document import scaling_document
from tui.output.scaling_tables import scaling_markdown
from tui.output.session_notes import session_notes
from tui.output.tables import (
    backend_title,
    machine_line,
    most_time,
    rate_cell,
    scene_title,
)
from tui.text import NO_VALUE, printable, three_digits

_FIGURES = (
    "frames", "warmup_frames", "wall_time_s", "fps", "mean_ms", "std_ms", "p50_ms", "p90_ms", "p95_ms",
    "p99_ms", "p999_ms", "max_ms", "low1_fps", "low01_fps", "stutter_share", "pixels_per_s",
    "first_frame_ms", "warmup_mean_ms", "fairness",
)  # fmt: skip

_STEADY = ("frames_left_out", "settled")
_MEMORY = ("host_mib", "host_scene_mib", "device_mib")
_DRAWN = ("geoms", "lights", "shadow_casters", "samples", "shadow_size")
_FORMULA = re.compile(r"(^|;)( *[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""What a spreadsheet takes for a formula, at the start of a cell or behind what separates cells elsewhere."""


def as_json(session: Session, folder: str) -> str:
    """Everything that `metrics.json` holds, where it is, and the curves over sizes."""
    from profiles.metrics_file import metrics_document

    curves = {"scaling": scaling_document(session)}
    document: dict[str, Any] = {"folder": folder, **metrics_document(session), **curves}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def as_csv(session: Session) -> str:
    """One row a trial, with the figures of `BenchmarkMetrics` and the share of each phase."""
    from engine.timings import PHASES

    shares = [f"{phase}_share" for phase in PHASES]
    head = ["session", "case", "scene", "backend", "width", "height", "effects", "workers", "worlds"]
    head += ["change", "trial", "attempt", "counts", "spoiled", "status", "renderer", "software"]
    head += [*_DRAWN, "not_drawn", "physics", "readback"]
    head += ["rasterizer_threads", "reason", *_FIGURES, *shares, *_MEMORY, "device_ms", "device_source"]
    head += [*_STEADY, *(f"{name}_{end}" for name in WITH_INTERVALS for end in ("low", "high"))]
    head += LIMIT_COLUMNS
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    for case in session.cases:
        counted = case.counted
        for trial in case.trials:
            metrics = trial.metrics
            figures = [getattr(metrics, name) if metrics else None for name in _FIGURES]
            figures += [metrics.phases[phase].share if metrics else None for phase in PHASES]
            resolution = case.resolution
            row = [session.session.id, case.id, case.scene, case.backend, resolution.width, resolution.height]
            row += [str(case.effects), case.workers, case.worlds, case.change, trial.trial, trial.attempt]
            row += [_true_false(trial in counted), _true_false(trial.is_spoiled), trial.status]
            row += [case.renderer.renderer if case.renderer else "", _yes_no(case.renderer)]
            row += [getattr(case.drawn, name) if case.drawn else None for name in _DRAWN]
            row += _workload(case)
            row += [trial.failure.reason if trial.failure else "", *figures]
            row += [getattr(trial.memory, name) if trial.memory else None for name in _MEMORY]
            row += [trial.device.mean_ms, trial.device.source] if trial.device else [None, ""]
            row += _steadiness(metrics)
            row += limit_cells(trial)
            writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _steadiness(metrics: BenchmarkMetrics | None) -> list[object]:
    """What was left out, whether the trial settled, and the ends of its intervals."""
    if metrics is None:
        return [None] * (len(_STEADY) + 2 * len(WITH_INTERVALS))
    settled = metrics.steady.settled if metrics.steady is not None else None
    told: list[object] = [metrics.frames_left_out, None if settled is None else _true_false(settled)]
    for name in WITH_INTERVALS:
        interval = metrics.intervals.get(name)
        told += [interval.low, interval.high] if interval is not None else [None, None]
    return told


def _workload(case: CaseRecord) -> list[object]:
    drawn = case.drawn
    told: list[object] = ["", "", ""]
    if drawn is not None:
        told = [" ".join(drawn.not_drawn), str(drawn.physics), "true" if drawn.readback else "false"]
    return [*told, case.rasterizer_threads or None]


def _yes_no(renderer: Any) -> str:
    return "" if renderer is None else _true_false(renderer.software)


def _true_false(value: bool) -> str:
    return "true" if value else "false"


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: an apostrophe before it makes it text.

    The text as it came stands in the session's own files and in its JSON.
    """
    if value is None:
        return ""
    return _FORMULA.sub(r"\1'\2", printable(value)) if isinstance(value, str) else value


def as_markdown(session: Session, relative: bool = False) -> str:
    """The table for people, as it goes into a pull request."""
    head = ["scene", "backend", "size", "effects", "FPS", "95% interval"]
    head += ["relative", "its 95%", "verdict"] if relative else []
    head += ["p50 ms", "p99 ms", "1% low", "frame noise", "trial noise", "most time", "driver"]
    rows = []
    for entry in relative_to_fastest(make_rows(session)):
        row, case = entry.row, entry.row.case
        cells = [scene_title(case.scene), backend_title(case), str(case.resolution), str(case.effects)]
        cells += [rate_cell(row), interval_text(row.figure("fps"))]
        if relative:
            cells += [ratio_text(entry.speed, entry.comparison), ratio_interval_text(entry.comparison)]
            cells.append(verdict_text(entry.comparison))
        cells += [figure_text(row.figure(name)) for name in ("p50_ms", "p99_ms")]
        noise = row.measured.noise
        cells += [three_digits(row.low1_fps), noise_text(noise.frame), noise_text(noise.trial)]
        driver = (
            case.renderer.renderer + (" SOFTWARE" if case.renderer.software else "") if case.renderer else ""
        )
        rows.append([*cells, most_time(row), driver or NO_VALUE])
    lines = [*markdown_table(head, rows), "", markdown_line(machine_line(session)), ""]
    lines += markdown_list(session_notes(session, relative))
    return "\n".join(lines).rstrip() + "\n" + limits_markdown(session) + scaling_markdown(session)
