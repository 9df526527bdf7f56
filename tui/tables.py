"""Tables for people, made with Rich; text from outside never reaches it as markup."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from engine.case import Physics
from tui.rows import NOT_REACHED, Row, make_rows, relative_to_fastest
from tui.text import NO_VALUE, counted, printable, short_renderer, three_digits

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from engine.case import Case
    from engine.messages import Drawn
    from profiles.session import CaseRecord, Session

_GAP = 3
"""Columns between two cells in our tables."""
NOT_WHOLE = "*"
"""Beside a figure that does not hold all that was asked for; a note of the same mark says why."""
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

    @property
    def width(self) -> int:
        """Characters that the widest cell takes."""
        return max(len(self.title), *(cell.cell_len for cell in self.cells), 0)


def result_table(session: Session, width: int, relative: bool = False) -> Table:
    """The table that a person reads first: one row a case.

    Args:
        session: what was measured.
        width: characters that there is room for; columns that matter less are left out to fit.
        relative: add the speed as a part of the fastest backend's for the same picture.
    """
    return fitted_table(_columns(make_rows(session), relative), width)


def fitted_table(columns: list[Column], width: int) -> Table:
    """A table without the columns of the highest rank where `width` characters hold not all of them."""
    columns = list(columns)
    while sum(column.width + _GAP for column in columns) - _GAP > width and any(
        column.rank for column in columns
    ):
        columns.remove(max(columns, key=lambda column: column.rank))
    table = make_table(
        *(column.title for column in columns), right=[column.title for column in columns if column.number]
    )
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*cells)
    return table


def _columns(rows: list[Row], relative: bool) -> list[Column]:
    columns = [
        Column("scene", _scene_cells(rows)),
        Column("backend", [plain(row.case.backend) for row in rows]),
        Column("size", [plain(row.case.resolution) for row in rows]),
        Column("effects", [plain(row.case.effects) for row in rows]),
        *_count_columns(rows),
        Column("FPS", [plain(rate_cell(row)) for row in rows], number=True),
    ]
    if any(row.trials > 1 for row in rows):
        spread = [f"{three_digits(row.fps_low)}..{three_digits(row.fps_high)}" for row in rows]
        columns.append(Column("of trials", [plain(text) for text in spread], number=True, rank=3))
    if relative:
        speeds = [entry.speed for entry in relative_to_fastest(rows)]
        shown = [NO_VALUE if speed is None else f"{speed:.3f}" for speed in speeds]
        columns.append(Column("relative", [plain(text) for text in shown], number=True, rank=1))
    for title, name, rank in (("p50 ms", "p50_ms", 4), ("p99 ms", "p99_ms", 2), ("1% low", "low1_fps", 5)):
        figures = [plain(three_digits(getattr(row, name))) for row in rows]
        columns.append(Column(title, figures, number=True, rank=rank))
    columns.append(Column("most time", [plain(most_time(row)) for row in rows], rank=8))
    columns += _measured_columns(rows)
    columns.append(Column("driver", [driver_cell(row) for row in rows]))
    missing = [plain(", ".join(not_drawn(row)) or NO_VALUE) for row in rows]
    if any(not_drawn(row) for row in rows):
        columns.append(Column("not drawn", missing, rank=7))
    return columns


def _count_columns(rows: list[Row]) -> list[Column]:
    """Workers and worlds, where there are several; how fair the workers were to one another."""
    return [
        Column(name, [plain(getattr(row.case, name)) for row in rows], number=True)
        for name in ("workers", "worlds")
        if any(getattr(row.case, name) > 1 for row in rows)
    ]


def _measured_columns(rows: list[Row]) -> list[Column]:
    """What some cases have figures of: the device's own time, fairness, memory."""
    columns = []
    if any(row.device_ms is not None for row in rows):
        shown = [plain(three_digits(row.device_ms)) for row in rows]
        columns.append(Column("device ms", shown, number=True, rank=3))
    if any(row.fairness is not None for row in rows):
        shown = [plain(NO_VALUE if row.fairness is None else f"{row.fairness:.2f}") for row in rows]
        columns.append(Column("fairness", shown, number=True, rank=4))
    if any(row.case.workers > 1 or row.case.worlds > 1 for row in rows):
        shown = [plain(NO_VALUE if row.host_mib is None else f"{row.host_mib:.0f}") for row in rows]
        columns.append(Column("MiB each", shown, number=True, rank=6))
    return columns


def not_drawn(row: Row) -> tuple[str, ...]:
    """What the scene and the effects ask for and the backend cannot draw."""
    return row.case.drawn.not_drawn if row.case.drawn else ()


def _scene_cells(rows: list[Row]) -> list[Text]:
    scenes = [row.case.scene for row in rows]
    return [
        plain("\u2033" if index and scene == scenes[index - 1] else scene_title(scene))
        for index, scene in enumerate(scenes)
    ]


def rate_cell(row: Row) -> str:
    """The FPS of a case, marked where not all of it was measured to the end."""
    if row.fps is not None:
        return three_digits(row.fps) + (NOT_WHOLE if row.reason else "")
    return row.reason if row.reason in ("interrupted", "skipped", NOT_REACHED) else "failed"


def counts_text(case: Case | CaseRecord) -> str:
    """Workers and worlds of a case in words; "" for one of each."""
    counts = [(case.workers, "worker"), (case.worlds, "world")]
    return ", ".join(counted(number, thing) for number, thing in counts if number > 1)


def backend_title(case: Case | CaseRecord) -> str:
    """A backend with the workers and worlds that it draws with."""
    counts = counts_text(case)
    return f"{case.backend} {counts}" if counts else case.backend


def scene_title(scene: str) -> str:
    """A scene's name, of a path only its last part."""
    return scene.rpartition("/")[2] if scene.startswith("/") else scene


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


def session_notes(session: Session) -> list[str]:
    """What has to be said below the table, each in a line."""
    from tui.finding_notes import finding_notes
    from tui.workload_notes import workload_notes

    notes = []
    drivers: dict[str, list[str]] = {}
    for case in session.cases:
        if case.renderer is not None:
            parts = (case.renderer.renderer, case.renderer.vendor, case.renderer.version)
            said = ", ".join(part for part in parts if part)
            mark = ", SOFTWARE: it draws on the processor" if case.renderer.software else ""
            backends = drivers.setdefault(said + mark, [])
            if case.backend not in backends:
                backends.append(case.backend)
    notes += [f"{', '.join(backends)}: {said}" for said, backends in drivers.items()]
    notes += _drawn_notes(session)
    notes += workload_notes(session)
    notes += _reason_notes(make_rows(session))
    notes += finding_notes(session)
    notes += _left_out_notes(session.session.left_out)
    missing = [row for row in make_rows(session) if row.reason == NOT_REACHED]
    if missing:
        notes.append(f"{len(missing)} of {len(session.cases)} cases were not reached.")
    if any(row.fps is not None and row.low1_fps is None for row in make_rows(session)):
        notes.append("1% low needs 901 frames of a trial: measure longer to see it.")
    return [printable(note) for note in notes]


def _reason_notes(rows: list[Row]) -> list[str]:
    """Why cases have no figures or only some, each reason once with all of its cases."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.reason and row.reason != NOT_REACHED:
            fix = f" Fix: {row.fix.rstrip('.')}." if row.fix else ""
            mark = f"{NOT_WHOLE} " if row.fps is not None else ""
            groups.setdefault((mark, f"{row.reason.rstrip('.')}.{fix}"), []).append(row.case.id)
    return [f"{mark}{', '.join(cases)}: {reason}" for (mark, reason), cases in groups.items()]


def _left_out_notes(left_out: Mapping[str, str]) -> list[str]:
    """What `auto` left out, each reason once with all of its backends."""
    groups: dict[str, list[str]] = {}
    for name, why in left_out.items():
        groups.setdefault(why.removeprefix(f"{name} ").removeprefix(f"{name}: "), []).append(name)
    return [f"auto left out {', '.join(names)}: {why.rstrip('.')}." for why, names in groups.items()]


def _drawn_notes(session: Session) -> list[str]:
    """What a frame held, once for all backends that drew the same."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for case in session.cases:
        if case.drawn is not None and case.drawn.geoms:
            key = (scene_title(case.scene), str(case.effects), describe_drawn(case.drawn))
            backends = groups.setdefault(key, [])
            if case.backend not in backends:
                backends.append(case.backend)
    return [
        f"{scene}, {effects} on {', '.join(names)}: {said}"
        for (scene, effects, said), names in groups.items()
    ]


def describe_drawn(drawn: Drawn) -> str:
    """What a frame held, in words."""
    shadows = f"{drawn.shadow_casters} of them casting shadows" if drawn.shadow_casters else "no shadows"
    side = f" ({drawn.shadow_size}x{drawn.shadow_size} map)" if drawn.shadow_size else ""
    samples = f"{drawn.samples} samples a pixel" if drawn.samples else "no multisampling"
    held = f"{counted(drawn.geoms, 'geom')}, {counted(drawn.lights, 'light')}"
    parts = [held, shadows + side, samples]
    if drawn.not_drawn:
        parts.append(f"NOT drawn: {' and '.join(drawn.not_drawn)}")
    if drawn.physics is not Physics.MUJOCO:
        parts.append(f"moved by {drawn.physics}")
    if not drawn.readback:
        parts.append("the pixels stay on the device")
    return ", ".join(parts)


def machine_line(session: Session) -> str:
    """The machine in one line."""
    machine = session.machine
    gpus = ", ".join(f"{gpu.name} ({gpu.driver})" for gpu in machine.gpus) or "no GPU"
    memory_gib = machine.memory.total_mib / 1024
    versions = f"MuJoCo {machine.versions.get('mujoco', '?')}, Python {machine.versions.get('python', '?')}"
    cpus = f"{machine.cpu.model}, {machine.cpu.usable} CPUs"
    return printable(f"{cpus}, {memory_gib:.0f} GiB, {gpus}; {machine.os}; {versions}")
