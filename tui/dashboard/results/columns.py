"""The columns of the result table: what stands in them, how they sort, and which of them a width holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.dashboard.sessions.columns import cut
from tui.dashboard.watch.looks import LOOKS, Look
from tui.dashboard.watch.state import CaseStatus
from tui.output.figure_texts import (
    figure_text,
    interval_text,
    noise_text,
    ratio_interval_text,
    ratio_text,
    verdict_text,
)
from tui.output.rows import NOT_REACHED, Relative, Row
from tui.output.tables import most_time, not_drawn, rate_cell, scene_title
from tui.text import NO_VALUE, marked_renderer, printable, short_renderer, three_digits

_LONGEST_CELL = 30
_SHORTEST_SCENE = 10
_PADDING = 2
"""Columns that a DataTable leaves empty beside each cell, both sides together."""


@dataclass(frozen=True)
class Column:
    """One column of the table."""

    id: str
    title: str
    text: Callable[[Relative], str]
    key: Callable[[Relative], object]
    """What it sorts by; None where there is no value."""
    number: bool = False
    rank: int = 0
    """Where there is no room, the column of the highest rank goes first; 0 always stays."""


@dataclass(frozen=True)
class Order:
    """What the table is sorted by."""

    column: str = ""
    """A column's id, or "" for the session's own order."""
    reverse: bool = False


def _figure(name: str) -> tuple[Callable[[Relative], str], Callable[[Relative], object]]:
    return (
        lambda entry: three_digits(getattr(entry.row, name)),
        lambda entry: getattr(entry.row, name),
    )


def _measured(name: str) -> tuple[Callable[[Relative], str], Callable[[Relative], object]]:
    """A figure that has an interval."""
    return (
        lambda entry: figure_text(entry.row.figure(name)),
        lambda entry: getattr(entry.row, name),
    )


def _noise(name: str) -> tuple[Callable[[Relative], str], Callable[[Relative], object]]:
    return (
        lambda entry: noise_text(getattr(entry.row.measured.noise, name)),
        lambda entry: getattr(entry.row.measured.noise, name),
    )


def _half_width(entry: Relative) -> float | None:
    """How wide the interval of FPS is, as a part of it."""
    figure = entry.row.figure("fps")
    return figure.interval.relative_error if figure is not None and figure.interval is not None else None


def _run_again(row: Row) -> int:
    """How many attempts were measured again, and are in no figure."""
    return len(row.case.trials) - len(row.case.counted)


def _driver(entry: Relative) -> str | None:
    return driver_text(entry.row) if entry.row.case.renderer else None


def driver_text(row: Row) -> str:
    """The driver's short name, and whether it draws on the processor."""
    renderer = row.case.renderer
    if renderer is None:
        return NO_VALUE
    return marked_renderer(renderer.renderer, renderer.software)


def _driver_cell(row: Row) -> str:
    """The driver in a cell: of a long name the end is cut, and SOFTWARE stays."""
    renderer = row.case.renderer
    if renderer is None or not renderer.software:
        return driver_text(row)
    mark = " SOFTWARE"
    return cut(short_renderer(renderer.renderer), _LONGEST_CELL - len(mark)) + mark


def look_of(row: Row) -> Look:
    """The state of a case in the dashboard's one vocabulary."""
    if row.reason == NOT_REACHED:
        return Look("·", ".", NOT_REACHED, "waiting")
    return LOOKS[CaseStatus(row.case.state)]


COLUMNS = (
    Column("scene", "scene", lambda e: scene_title(e.row.case.scene), lambda e: e.row.case.scene),
    Column("backend", "backend", lambda e: e.row.case.backend, lambda e: e.row.case.backend),
    Column(
        "size",
        "size",
        lambda e: str(e.row.case.resolution),
        lambda e: (e.row.case.resolution.pixels, e.row.case.resolution.width),
        number=True,
    ),
    Column("effects", "effects", lambda e: str(e.row.case.effects), lambda e: str(e.row.case.effects)),
    Column(
        "workers", "workers", lambda e: str(e.row.case.workers), lambda e: e.row.case.workers, number=True
    ),
    Column("worlds", "worlds", lambda e: str(e.row.case.worlds), lambda e: e.row.case.worlds, number=True),
    Column("change", "change", lambda e: e.row.case.change or NO_VALUE, lambda e: e.row.case.change or None),
    Column("fps", "FPS", lambda e: rate_cell(e.row), lambda e: e.row.fps, number=True),
    Column(
        "interval",
        "95% interval",
        lambda e: interval_text(e.row.figure("fps")),
        _half_width,
        number=True,
        rank=2,
    ),
    Column(
        "relative",
        "relative",
        lambda e: ratio_text(e.speed, e.comparison),
        lambda e: e.speed,
        number=True,
        rank=1,
    ),
    Column(
        "relative_interval",
        "its 95%",
        lambda e: ratio_interval_text(e.comparison),
        lambda e: e.speed,
        number=True,
        rank=8,
    ),
    Column("verdict", "verdict", lambda e: verdict_text(e.comparison), lambda e: e.speed, rank=4),
    Column("p50", "p50 ms", *_measured("p50_ms"), number=True, rank=6),
    Column("p99", "p99 ms", *_measured("p99_ms"), number=True, rank=3),
    Column("low1", "1% low", *_figure("low1_fps"), number=True, rank=9),
    Column("frame_noise", "frame noise", *_noise("frame"), number=True, rank=10),
    Column("trial_noise", "trial noise", *_noise("trial"), number=True, rank=7),
    Column(
        "most",
        "most time",
        lambda e: most_time(e.row),
        lambda e: max(e.row.shares.items(), key=lambda item: item[1]) if e.row.shares else None,
        rank=11,
    ),
    Column("device", "device ms", *_figure("device_ms"), number=True, rank=13),
    Column("fairness", "fairness", *_figure("fairness"), number=True, rank=14),
    Column("memory", "MiB each", *_figure("host_mib"), number=True, rank=15),
    Column("driver", "driver", lambda e: _driver_cell(e.row), _driver, rank=5),
    Column(
        "again",
        "run again",
        lambda e: str(_run_again(e.row) or NO_VALUE),
        lambda e: _run_again(e.row) or None,
        number=True,
        rank=5,
    ),
    Column(
        "missing",
        "not drawn",
        lambda e: ", ".join(not_drawn(e.row)) or NO_VALUE,
        lambda e: not_drawn(e.row) or None,
        rank=16,
    ),
    Column("state", "state", lambda e: look_of(e.row).word, lambda e: look_of(e.row).word, rank=12),
)


def columns_of(entries: Sequence[Relative]) -> list[Column]:
    """The columns that say something of these cases."""
    rows = [entry.row for entry in entries]
    says_something = {
        "interval": any(_half_width(entry) is not None for entry in entries),
        "relative_interval": any(entry.comparison and entry.comparison.interval for entry in entries),
        "verdict": any(entry.comparison and entry.comparison.interval for entry in entries),
        "trial_noise": any(row.measured.noise.trial is not None for row in rows),
        "workers": any(row.case.workers > 1 for row in rows),
        "worlds": any(row.case.worlds > 1 for row in rows),
        "change": any(row.case.change for row in rows),
        "device": any(row.device_ms is not None for row in rows),
        "fairness": any(row.fairness is not None for row in rows),
        "memory": any(row.case.workers > 1 or row.case.worlds > 1 for row in rows),
        "again": any(_run_again(row) for row in rows),
        "missing": any(not_drawn(row) for row in rows),
    }
    return [column for column in COLUMNS if says_something.get(column.id, True)]


def sorted_entries(entries: Sequence[Relative], order: Order) -> list[Relative]:
    """Sort by a column; what has no value comes last both ways, equal ones keep the session's order."""
    column = next((column for column in COLUMNS if column.id == order.column), None)
    if column is None:
        return list(reversed(entries)) if order.reverse else list(entries)
    known = [entry for entry in entries if column.key(entry) is not None]
    unknown = [entry for entry in entries if column.key(entry) is None]
    return sorted(known, key=column.key, reverse=order.reverse) + unknown  # type: ignore[arg-type]


def cell_text(column: Column, entry: Relative, ascii_only: bool = False) -> str:
    """What stands in a cell, fit for a screen."""
    text = printable(column.text(entry))
    if column.id == "state":
        look = look_of(entry.row)
        text = f"{look.ascii_glyph if ascii_only else look.glyph} {text}"
    return plain_ascii(text) if ascii_only else text


def plain_ascii(text: str) -> str:
    """Without the characters of ours that a terminal may lack."""
    return text.translate(_PLAIN)


_PLAIN = str.maketrans({NO_VALUE: "-", "…": "~", "·": "|", "✓": "+", "✗": "x", "■": "#", "»": "-", "›": ">"})


def head_text(column: Column, order: Order, ascii_only: bool = False) -> str:
    """A column's title, with an arrow where the table is sorted by it."""
    if column.id != order.column:
        return column.title
    up, down = ("^", "v") if ascii_only else ("▲", "▼")
    return column.title + (down if order.reverse else up)


def width_of(column: Column, entries: Sequence[Relative]) -> int:
    """Characters of a column: of its widest cell, and of its title with an arrow."""
    from rich.cells import cell_len

    widest = max((cell_len(cell_text(column, entry)) for entry in entries), default=0)
    return max(len(column.title) + 1, min(widest, _LONGEST_CELL))


def fitted(
    columns: Sequence[Column], entries: Sequence[Relative], room: int, order: Order
) -> dict[Column, int]:
    """Leave out the columns that matter least until the rest fit; the one that is sorted by stays.

    Where even those that always stay are too wide, the names of scenes are cut.

    Args:
        columns: in their order on the screen.
        entries: all cases.
        room: characters of a line.
        order: what the table is sorted by.

    Returns:
        The columns that are left, with the characters of each.
    """
    kept = list(columns)
    widths = {column.id: width_of(column, entries) for column in columns}
    least = [column for column in columns if not column.rank or column.id == order.column]
    beyond = sum(widths[column.id] + _PADDING for column in least) - room
    if beyond > 0 and "scene" in widths:
        widths["scene"] = max(min(_SHORTEST_SCENE, widths["scene"]), widths["scene"] - beyond)
    taken = {name: width + _PADDING for name, width in widths.items()}
    while sum(taken[column.id] for column in kept) > room:
        spare = [column for column in kept if column.rank and column.id != order.column]
        if not spare:
            break
        kept.remove(max(spare, key=lambda column: column.rank))
    # A wide column that had to go may leave room for narrow ones of less importance.
    for column in sorted(columns, key=lambda column: column.rank):
        if column not in kept and sum(taken[one.id] for one in (*kept, column)) <= room:
            kept.append(column)
    return {column: widths[column.id] for column in columns if column in kept}


def next_order(columns: Sequence[Column], order: Order) -> Order:
    """What comes after an order when the columns are gone through; the session's own after the last."""
    ids = [column.id for column in columns] + [""]
    where = ids.index(order.column) if order.column in ids else len(ids) - 1
    return Order(ids[(where + 1) % len(ids)])
