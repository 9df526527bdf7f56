"""Tables for people, made with Rich; text from outside never reaches it as markup."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TextIO

from tui.output.figure_texts import (
    figure_text,
    interval_text,
    noise_text,
    ratio_interval_text,
    ratio_text,
    verdict_text,
)
from tui.output.rows import NOT_REACHED, Row, make_rows, relative_to_fastest
from tui.text import NO_VALUE, counted, printable, short_renderer, three_digits

if TYPE_CHECKING:
    from rich.console import Console, Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    from engine.case import Case
    from profiles.session import CaseRecord, Session

_GAP = 3
"""Columns between two cells in our tables."""
DITTO = "\u2033"
NOT_WHOLE = "*"
"""Beside a figure that does not hold all that was asked for; a note of the same mark says why."""
_SHORT_DRIVER = 12
_WIDTH_OF_A_PIPE = 200
"""Columns where no terminal says how wide it is: a table in a file has room."""


def console(file: TextIO | None = None) -> Console:
    """A console for stdout or another stream; without a terminal it neither colours nor wraps."""
    from rich.console import Console

    stream = file if file is not None else sys.stdout
    width = None if stream.isatty() else _WIDTH_OF_A_PIPE
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def plain(text: object) -> Text:
    """Text from outside, with nothing in it that is more than text."""
    from rich.text import Text

    return Text(printable(str(text)))


def make_table(*columns: str, right: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """A table with the look of all of ours; columns in `right` hold numbers, those in `whole` never fold."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        number = column in right
        table.add_column(
            column, justify="right" if number else "left", no_wrap=number or column in whole, overflow="fold"
        )
    return table


@dataclass(frozen=True)
class Column:
    """One column of the result table."""

    title: str
    cells: list[Text]
    number: bool = False
    rank: int = 0
    """Where there is no room, the column of the highest rank goes first; 0 always stays."""
    short: list[Text] | None = None
    """The same in fewer characters, for where those that always stay have no room."""
    heads: bool = False
    """Whether its cells may stand in lines of their own above the rows that share them."""

    @property
    def width(self) -> int:
        """Characters that the widest cell takes."""
        return max(len(self.title), *(cell.cell_len for cell in self.cells), 0)


def result_table(session: Session, width: int, relative: bool = False) -> RenderableType:
    """The table that a person reads first: one row a case.

    Args:
        session: what was measured.
        width: characters that there is room for; columns that matter less are left out to fit.
        relative: add the speed as a part of the fastest backend's for the same picture.
    """
    return fitted_table(_columns(make_rows(session), relative), width)


def fitted_table(columns: list[Column], width: int) -> RenderableType:
    """A table for `width` characters.

    Without the columns of the highest rank where not all of them fit. Where even those that always stay do
    not, some are shortened, then what `heads` stands in lines of its own, and at last what is short goes.
    """

    def is_too_wide() -> bool:
        return _width([column for column in kept if not column.rank]) > width

    kept, head = list(columns), None
    if is_too_wide():
        kept = [replace(column, cells=column.short) if column.short else column for column in kept]
    if is_too_wide() and (head := next((column for column in kept if column.heads), None)):
        kept.remove(head)
    if is_too_wide():
        kept = [column for column in kept if not column.short]
    while _width(kept) > width and any(column.rank for column in kept):
        kept.remove(max(kept, key=lambda column: column.rank))
    return _plain_table(kept) if head is None else _headed_table(head, kept)


def _width(columns: Sequence[Column]) -> int:
    return sum(column.width + _GAP for column in columns) - _GAP


def _plain_table(columns: Sequence[Column]) -> Table:
    numbers = [column.title for column in columns if column.number]
    table = make_table(*(column.title for column in columns), right=numbers)
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*cells)
    return table


def _headed_table(head: Column, columns: Sequence[Column]) -> Group:
    """Tables of the same widths below one another, each with a cell of `head` above it."""
    from rich.console import Group

    starts = [index for index, cell in enumerate(head.cells) if not index or cell.plain != DITTO]
    parts: list[RenderableType] = [_part_of_table(columns, 0, 0)]
    for start, end in itertools.pairwise([*starts, len(head.cells)]):
        parts += [head.cells[start], _part_of_table(columns, start, end)]
    return Group(*parts)


def _part_of_table(columns: Sequence[Column], start: int, end: int) -> Table:
    """Some rows, in columns as wide as those of all; without any, the head."""
    table = _plain_table([replace(column, cells=column.cells[start:end]) for column in columns])
    table.show_header = start == end
    for column, made in zip(columns, table.columns, strict=True):
        made.min_width = column.width
    return table


def _columns(rows: list[Row], relative: bool) -> list[Column]:
    columns = [
        Column("scene", scene_cells([row.case.scene for row in rows]), heads=True),
        Column("backend", [plain(row.case.backend) for row in rows]),
        Column("size", [plain(row.case.resolution) for row in rows]),
        Column("effects", [plain(row.case.effects) for row in rows]),
        *count_columns([row.case for row in rows]),
        *change_columns([row.case for row in rows]),
        Column("FPS", [plain(rate_cell(row)) for row in rows], number=True),
        *_interval_columns(rows),
    ]
    if relative:
        columns += _relative_columns(rows)
    columns += [
        Column("p50 ms", _figures(rows, "p50_ms"), number=True, rank=6),
        Column("p99 ms", _figures(rows, "p99_ms"), number=True, rank=4),
        Column("1% low", [plain(three_digits(row.low1_fps)) for row in rows], number=True, rank=9),
        *_noise_columns(rows),
    ]
    columns.append(Column("most time", [plain(most_time(row)) for row in rows], rank=10))
    columns += _measured_columns(rows)
    short = [short_driver_cell(row) for row in rows]
    columns.append(Column("driver", [driver_cell(row) for row in rows], short=short))
    missing = [plain(", ".join(not_drawn(row)) or NO_VALUE) for row in rows]
    if any(not_drawn(row) for row in rows):
        columns.append(Column("not drawn", missing, rank=6))
    return columns


def _figures(rows: list[Row], name: str) -> list[Text]:
    return [plain(figure_text(row.figure(name))) for row in rows]


def _interval_columns(rows: list[Row]) -> list[Column]:
    """Between what FPS lies; nothing where no case has an interval."""
    shown = [interval_text(row.figure("fps")) for row in rows]
    if all(text == NO_VALUE for text in shown):
        return []
    return [Column("95% interval", [plain(text) for text in shown], number=True, rank=3)]


def _noise_columns(rows: list[Row]) -> list[Column]:
    """How much frames differ from each other, and trials."""
    noises = [(row.measured.noise.frame, row.measured.noise.trial) for row in rows]
    columns = []
    if any(frame is not None for frame, _ in noises):
        shown = [plain(noise_text(frame)) for frame, _ in noises]
        columns.append(Column("frame noise", shown, number=True, rank=7))
    if any(trial is not None for _, trial in noises):
        shown = [plain(noise_text(trial)) for _, trial in noises]
        columns.append(Column("trial noise", shown, number=True, rank=5))
    return columns


def _relative_columns(rows: list[Row]) -> list[Column]:
    """The speed as a part of the fastest one's for the same picture, its interval, and a verdict."""
    told = relative_to_fastest(rows)
    speeds = [plain(ratio_text(entry.speed, entry.comparison)) for entry in told]
    columns = [Column("relative", speeds, number=True, rank=1)]
    if any(entry.comparison is not None and entry.comparison.interval for entry in told):
        spans = [plain(ratio_interval_text(entry.comparison)) for entry in told]
        columns.append(Column("its 95%", spans, number=True, rank=5))
    if any(entry.comparison is not None for entry in told):
        verdicts = [plain(verdict_text(entry.comparison)) for entry in told]
        columns.append(Column("verdict", verdicts, rank=2))
    return columns


def count_columns(cases: Sequence[Case | CaseRecord]) -> list[Column]:
    """Workers and worlds, each where there are several."""
    return [
        Column(name, [plain(getattr(case, name)) for case in cases], number=True)
        for name in ("workers", "worlds")
        if any(getattr(case, name) > 1 for case in cases)
    ]


def change_columns(cases: Sequence[Case | CaseRecord]) -> list[Column]:
    """What is changed in each case, where anything is in any."""
    if not any(case.change for case in cases):
        return []
    return [Column("change", [plain(case.change or NO_VALUE) for case in cases])]


def _measured_columns(rows: list[Row]) -> list[Column]:
    """What some cases have figures of: the device's own time, fairness, memory."""
    columns = []
    if any(row.device_ms is not None for row in rows):
        shown = [plain(three_digits(row.device_ms)) for row in rows]
        columns.append(Column("device ms", shown, number=True, rank=4))
    if any(row.fairness is not None for row in rows):
        shown = [plain(NO_VALUE if row.fairness is None else f"{row.fairness:.2f}") for row in rows]
        columns.append(Column("fairness", shown, number=True, rank=5))
    if any(row.case.workers > 1 or row.case.worlds > 1 for row in rows):
        shown = [plain(NO_VALUE if row.host_mib is None else f"{row.host_mib:.0f}") for row in rows]
        columns.append(Column("MiB each", shown, number=True, rank=8))
    return columns


def not_drawn(row: Row) -> tuple[str, ...]:
    """What the scene and the effects ask for and the backend cannot draw."""
    return row.case.drawn.not_drawn if row.case.drawn else ()


def scene_cells(scenes: Sequence[str]) -> list[Text]:
    """The titles of scenes; of those that follow one another and are the same, the first one."""
    return [
        plain(DITTO if index and scene == scenes[index - 1] else scene_title(scene))
        for index, scene in enumerate(scenes)
    ]


def rate_cell(row: Row) -> str:
    """The FPS of a case, marked where not all of it was measured to the end."""
    if row.fps is not None:
        return figure_text(row.figure("fps")) + (NOT_WHOLE if row.reason else "")
    return row.reason if row.reason in ("interrupted", "skipped", NOT_REACHED) else "failed"


def counts_text(case: Case | CaseRecord) -> str:
    """Workers and worlds of a case in words; "" for one of each."""
    counts = [(case.workers, "worker"), (case.worlds, "world")]
    return ", ".join(counted(number, thing) for number, thing in counts if number > 1)


def backend_title(case: Case | CaseRecord) -> str:
    """A backend with the workers and worlds that it draws with, and with what is changed."""
    more = ", ".join(part for part in (counts_text(case), case.change) if part)
    return f"{case.backend} {more}" if more else case.backend


def scene_title(scene: str) -> str:
    """A scene's name, of a path only its last part."""
    return scene.rpartition("/")[2] if scene.startswith("/") else scene


def case_title(case: Case | CaseRecord) -> str:
    """A case in the words of a sentence: scene, effects, backend and size."""
    return f"{scene_title(case.scene)}, {case.effects} on {backend_title(case)}, {case.resolution}"


def most_time(row: Row) -> str:
    """The phase that took most of the time, and its share."""
    if not row.shares:
        return NO_VALUE
    phase, share = max(row.shares.items(), key=lambda item: item[1])
    return f"{phase} {share:.0%}"


def driver_cell(row: Row) -> Text:
    """The driver's short name, marked when it draws on the CPU."""
    from rich.text import Text

    renderer = row.case.renderer
    if renderer is None:
        return plain(NO_VALUE)
    text = Text(short_renderer(renderer.renderer))
    if renderer.software:
        text.append(" SOFTWARE", style="bold yellow")
    return text


def short_driver_cell(row: Row) -> Text:
    """That it draws on the CPU, or else the beginning of the driver's name: what the notes tell whole."""
    from rich.text import Text

    renderer = row.case.renderer
    if renderer is None:
        return plain(NO_VALUE)
    if renderer.software:
        return Text("SOFTWARE", style="bold yellow")
    name = short_renderer(renderer.renderer).partition(",")[0]
    return plain(name if len(name) <= _SHORT_DRIVER else f"{name[: _SHORT_DRIVER - 1].rstrip()}…")


def machine_line(session: Session) -> str:
    """The machine in one line."""
    machine = session.machine
    gpus = ", ".join(f"{gpu.name} ({gpu.driver})" for gpu in machine.gpus) or "no GPU"
    memory_gib = machine.memory.total_mib / 1024
    versions = f"MuJoCo {machine.versions.get('mujoco', '?')}, Python {machine.versions.get('python', '?')}"
    cpus = f"{machine.cpu.model}, {machine.cpu.usable} CPUs"
    return printable(f"{cpus}, {memory_gib:.0f} GiB, {gpus}; {machine.os}; {versions}")
