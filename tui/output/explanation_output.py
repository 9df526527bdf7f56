"""What `explain` prints: what each change saves in order, the best of them together, and what cannot be."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.changes.combinations import Purpose
from engine.changes.registry import JOIN, Kind, all_changes, change_ids, find_change
from engine.uncertainty.digits import written_with
from tui.explanation import Explanation
from tui.output.finding_notes import finding_notes
from tui.output.tables import Column, backend_title, console, fitted_table, machine_line, plain, scene_title
from tui.text import NO_VALUE, counted, marked_renderer, printable, three_digits

if TYPE_CHECKING:
    from rich.console import Console

    from engine.changes.savings import FrameTime, Saving
    from engine.messages import ChangeStatus
    from engine.uncertainty.records import Interval

PURPOSES = {
    Purpose.KEEPS_SHADOWS: "the best that keeps shadows",
    Purpose.SAME_REQUEST: "the best at this size",
    Purpose.FASTEST: "the fastest of all",
}
BUNDLE = "all effects off (bare)"
NOTHING_SAVES = "No change surely saves time here."
NONE_SAVES = "nothing that fits surely saves time"
SETTINGS, GEOMETRY = "the same things", "other geometry"
"""Heads of two parts: what leaves the shapes in the picture as they are, and what does not."""
UNSURE = "?"
"""Behind a saving that may be none."""
_NAMED = re.compile(r"  \S+ +")
"""What stands before the reason in one of `refused_lines`."""
HEADS = ("saves ms", "95%", "speed-up", "95%")
"""Above the figures of `saving_cells`."""


def print_explanation(explanation: Explanation) -> None:
    """Print all of it on stdout."""
    screen = console()
    screen.print(plain(machine_line(explanation.session)))
    _print_line(screen, heading(explanation))
    if explanation.incomplete:
        _print_line(screen, explanation.incomplete)
    screen.print()
    if explanation.single:
        _print_savings(screen, explanation)
        _print_best(screen, explanation)
    for note in [*explanation_notes(explanation), *refused_lines(explanation.changes)]:
        _print_line(screen, note)


def refused_lines(changes: Sequence[ChangeStatus]) -> list[str]:
    """What cannot be changed, each with its reason, under a heading; nothing where all can be."""
    refused = [status for status in changes if status.reason]
    if not refused:
        return []
    width = max(len(status.id) for status in refused)
    return ["not applicable:", *(f"  {status.id:{width}}  {status.reason}" for status in refused)]


def explanation_document(explanation: Explanation, folder: str) -> dict[str, Any]:
    """All of it as data: milliseconds of wall time a frame, speed-ups as ratios, 95% intervals."""
    record, unchanged = explanation.record, explanation.unchanged
    measured = {saving.change: saving for saving in (*explanation.single, *explanation.combined)}
    return {
        "schema": 1,
        "folder": folder,
        "session": explanation.session.session.id,
        "status": str(explanation.session.session.status),
        "case": record.id,
        "scene": record.scene,
        "backend": record.backend,
        "width": record.resolution.width,
        "height": record.resolution.height,
        "effects": str(record.effects),
        "renderer": record.renderer.renderer if record.renderer else None,
        "software": record.renderer.software if record.renderer else None,
        "unchanged": None
        if unchanged is None
        else {"frame_ms": _figure(unchanged.ms, unchanged.interval), "rounds": unchanged.rounds},
        "changes": [_single_document(saving, explanation) for saving in explanation.single],
        "combinations": {
            str(purpose): None if saving is None else _saving_document(saving)
            for purpose, saving in explanation.best.items()
        },
        "combined": [_saving_document(saving) for saving in explanation.combined],
        "not_measured": [
            {"change": change, "reason": reason}
            for change, reason in explanation.missing.items()
            if change not in measured
        ],
        "not_applicable": [
            {"change": status.id, "title": find_change(status.id).title, "reason": status.reason}
            for status in explanation.refused
        ],
    }


def _single_document(saving: Saving, explanation: Explanation) -> dict[str, Any]:
    info = find_change(saving.change)
    return {
        **_saving_document(saving),
        "title": info.title,
        "line": explanation.line(saving.change),
        "keeps_shadows": info.keeps_shadows,
        "geometry": info.is_geometry,
    }


def _saving_document(saving: Saving) -> dict[str, Any]:
    return {
        "change": saving.change,
        "changes": list(change_ids(saving.change)),
        "saving_ms": _figure(saving.ms, saving.interval),
        "speed_up": _figure(saving.speed_up.ratio, saving.speed_up.interval),
        "sure": saving.is_sure,
        "rounds": saving.speed_up.rounds,
    }


def _figure(value: float, interval: Interval | None) -> dict[str, float | None]:
    return {
        "value": value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def heading(explanation: Explanation) -> str:
    """Which case it is, what draws it, and what a frame of it takes as it is."""
    record, unchanged = explanation.record, explanation.unchanged
    driver = ""
    if record.renderer is not None:
        driver = f" ({marked_renderer(record.renderer.renderer, record.renderer.software)})"
    what = f"{scene_title(record.scene)} on {backend_title(record)}{driver}, {record.resolution}"
    what += f", effects {record.effects}"
    if unchanged is None:
        return f"{what}: the unchanged case was not measured"
    ms, interval = _with_interval(unchanged.ms, unchanged.interval)
    told = f" (95%: {interval})" if interval != NO_VALUE else ""
    return f"{what}: {ms} ms a frame unchanged{told}, {counted(unchanged.rounds, 'round')}"


def _print_savings(screen: Console, explanation: Explanation) -> None:
    """The savings in order: of settings, then of what changes the geometry."""
    for title, savings in ((SETTINGS, explanation.settings), (GEOMETRY, explanation.geometry)):
        if savings:
            _print_part(screen, title, savings, explanation)


def _print_part(screen: Console, title: str, savings: Sequence[Saving], explanation: Explanation) -> None:
    """Some savings, with the lines in the table, or below it where there is no room."""
    columns = _saving_columns(title, [saving.change for saving in savings], savings)
    lines = [explanation.line(saving.change) for saving in savings]
    line_column = Column("made by", [plain(line) for line in lines])
    gaps = 3 * len(columns)
    fits = sum(column.width for column in columns) + line_column.width + gaps <= screen.width
    screen.print(fitted_table([*columns, line_column] if fits else columns, screen.width))
    if not fits:
        screen.print()
        for saving, line in zip(savings, lines, strict=True):
            _print_line(screen, f"{saving.change}: {line}")
    screen.print()


def _print_best(screen: Console, explanation: Explanation) -> None:
    best = best_savings(explanation)
    found = [(title, saving) for title, saving in best if saving is not None]
    if not found:
        _print_line(screen, NOTHING_SAVES)
        return
    savings = [saving for _, saving in found]
    screen.print(
        fitted_table(_saving_columns("together", [title for title, _ in found], savings), screen.width)
    )
    for title, saving in best:
        _print_line(screen, f"{title}: {best_text(title, saving, explanation)}")
    screen.print()


def best_savings(explanation: Explanation) -> list[tuple[str, Saving | None]]:
    """The best that was measured for each purpose, and all effects off, each under what it is called.

    None stands where no change that fits the purpose surely saves time.
    """
    found: list[tuple[str, Saving | None]] = [
        (PURPOSES[purpose], saving) for purpose, saving in explanation.best.items()
    ]
    return found + [(BUNDLE, saving) for saving in explanation.combined if saving.change == "bare"]


def best_text(title: str, saving: Saving | None, explanation: Explanation) -> str:
    """Of which changes something together is made."""
    if saving is None:
        return NONE_SAVES
    return explanation.line("bare") if title == BUNDLE else saving.change.replace(JOIN, f" {JOIN} ")


def _saving_columns(title: str, names: Sequence[str], savings: Sequence[Saving]) -> list[Column]:
    cells = [saving_cells(saving) for saving in savings]
    figures = [
        Column(head, [plain(row[index]) for row in cells], number=True) for index, head in enumerate(HEADS)
    ]
    return [Column(title, [plain(name) for name in names]), *figures]


def saving_cells(saving: Saving) -> tuple[str, str, str, str]:
    """Milliseconds saved, marked where they may be none, and speed-up, each with its 95% interval."""
    ms, ms_interval = _with_interval(saving.ms, saving.interval)
    ratio, ratio_interval = _with_interval(saving.speed_up.ratio, saving.speed_up.interval)
    return (ms if saving.is_sure else f"{ms} {UNSURE}", ms_interval, f"{ratio}x", ratio_interval)


def frame_time_text(unchanged: FrameTime) -> str:
    """Milliseconds of an unchanged frame, with the digits that its interval supports."""
    return _with_interval(unchanged.ms, unchanged.interval)[0]


def _with_interval(value: float, interval: Interval | None) -> tuple[str, str]:
    if interval is None:
        return three_digits(value), NO_VALUE
    # A small negative number rounded to none has no sign.
    figure, low, high = (
        text.lstrip("-") if float(text) == 0 else text for text in written_with(value, interval)
    )
    return figure, f"{low} to {high}"


def explanation_notes(explanation: Explanation) -> list[str]:
    """What has to be known to read the figures, in sentences."""
    notes = []
    measured = (*explanation.single, *explanation.combined)
    if measured and explanation.unchanged is not None:
        ms = frame_time_text(explanation.unchanged)
        notes.append(f"Savings are of these {ms} ms, and their intervals are those of the speed-ups.")
    if any(not saving.is_sure for saving in measured):
        unknown = any(saving.interval is None for saving in measured)
        few = ", or there are too few rounds for one" if unknown else ""
        notes.append(f"{UNSURE} the interval holds 0{few}: this may save nothing.")
    if explanation.combined:
        notes.append("What stands together was measured together, and is not added up.")
    left = [info.id for info in all_changes() if info.kind is Kind.CONTENT]
    if any(saving.change in left and saving.is_sure for saving in explanation.single):
        notes.append("Groups of geoms are left out of it: without them the picture is another.")
    return [*notes, *_missing_lines(explanation.missing), *finding_notes(explanation.session)]


def _missing_lines(missing: Mapping[str, str]) -> list[str]:
    """The changes without a figure, those with the same reason in one line."""
    return [
        f"No figure for {', '.join(name for name, why in missing.items() if why == reason)}: {reason}."
        for reason in dict.fromkeys(missing.values())
    ]


def _print_line(screen: Console, line: str) -> None:
    """Print one line; on a terminal, what has no room stands below, farther in than other lines begin."""
    line = printable(line)
    if screen.is_terminal:
        named = _NAMED.match(line)
        hang = " " * (named.end() if named else 2)
        line = textwrap.fill(line, screen.width, subsequent_indent=hang, break_on_hyphens=False)
        for part in line.splitlines():
            screen.print(plain(part))
    else:
        screen.print(plain(line), soft_wrap=True)
