"""Tables for people, made with Rich; text from outside never reaches it as markup."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from profiles.session import Session
from tui.rows import Row, make_rows, relative_to_fastest
from tui.text import NO_VALUE, printable, short_renderer, three_digits

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

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


def make_table(*columns: str, right: Sequence[str] = ()) -> Table:
    """A table with the look of all of ours; columns in `right` hold numbers."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        number = column in right
        table.add_column(column, justify="right" if number else "left", no_wrap=number, overflow="fold")
    return table


def result_table(session: Session, relative: bool = False) -> Table:
    """The table that a person reads first: one row a case.

    Args:
        session: what was measured.
        relative: add the speed as a part of the fastest backend's for the same picture.
    """
    rows = make_rows(session)
    speeds = [entry.speed for entry in relative_to_fastest(rows)]
    several = any(row.trials > 1 for row in rows)
    numbers = ["FPS", *(["trials"] if several else []), *(["relative"] if relative else [])]
    numbers += ["p50 ms", "p99 ms", "1% low"]
    table = make_table("scene", "backend", "size", "effects", *numbers, "most time", "driver", right=numbers)
    before = ""
    for row, speed in zip(rows, speeds, strict=True):
        scene = row.case.scene
        cells = [plain("″" if scene == before else scene_title(scene)), plain(row.case.backend)]
        cells += [plain(row.case.resolution), plain(row.case.effects)]
        before = scene
        if row.fps is None:
            cells += [plain("failed" if row.case.state == "failed" else row.reason)]
            cells += [plain("") for _ in numbers[1:]]
        else:
            spread = f"{three_digits(row.fps_low)}..{three_digits(row.fps_high)}" if row.trials > 1 else "1"
            figures = [three_digits(row.fps), *([spread] if several else [])]
            figures += [f"{speed:.3f}" if speed is not None else NO_VALUE] if relative else []
            figures += [three_digits(value) for value in (row.p50_ms, row.p99_ms, row.low1_fps)]
            cells += [plain(figure) for figure in figures]
        table.add_row(*cells, plain(most_time(row)), driver_cell(row))
    return table


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
    notes = []
    drivers: dict[str, list[str]] = {}
    for case in session.cases:
        if case.renderer is not None:
            said = f"{case.renderer.renderer}, {case.renderer.vendor}, {case.renderer.version}".strip(", ")
            mark = ", SOFTWARE: it draws on the processor" if case.renderer.software else ""
            backends = drivers.setdefault(said + mark, [])
            if case.backend not in backends:
                backends.append(case.backend)
    notes += [f"{', '.join(backends)}: {said}" for said, backends in drivers.items()]
    for row in make_rows(session):
        if row.reason and row.reason != "not reached":
            fix = f" Fix: {row.fix}." if row.fix else ""
            notes.append(f"{row.case.id}: {row.reason.rstrip('.')}.{fix}")
    missing = [row for row in make_rows(session) if row.reason == "not reached"]
    if missing:
        notes.append(f"{len(missing)} of {len(session.cases)} cases were not reached.")
    if any(row.fps is not None and row.low1_fps is None for row in make_rows(session)):
        notes.append("1% low needs 901 frames of a trial: measure longer to see it.")
    return [printable(note) for note in notes]


def machine_line(session: Session) -> str:
    """The machine in one line."""
    machine = session.machine
    gpus = ", ".join(f"{gpu.name} ({gpu.driver})" for gpu in machine.gpus) or "no GPU"
    memory_gib = machine.memory.total_mib / 1024
    versions = f"MuJoCo {machine.versions.get('mujoco', '?')}, Python {machine.versions.get('python', '?')}"
    cpus = f"{machine.cpu.model}, {machine.cpu.usable} CPUs"
    return printable(f"{cpus}, {memory_gib:.0f} GiB, {gpus}; {machine.os}; {versions}")
