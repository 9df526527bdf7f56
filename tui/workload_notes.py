"""What has to be said of workers, worlds, memory and the device's own time below a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.rows import Row, make_rows
from tui.tables import backend_title, scene_title
from tui.text import counted, three_digits

if TYPE_CHECKING:
    from profiles.session import Session

SLOWER_THAN_DEVICE = 1.2
"""Above this ratio of wall time to device time a note is due."""


def workload_notes(session: Session) -> list[str]:
    """Each note in a line; none where every case has one worker, one world, and no time of a device."""
    rows = make_rows(session)
    notes = []
    if any(row.case.worlds > 1 for row in rows):
        notes.append("With several worlds p50 and p99 are of a whole batch; FPS counts every image.")
    if any(row.case.workers > 1 for row in rows):
        notes.append(
            "With several workers FPS is all their frames over the time in which all of them drew; fairness "
            "is the slowest over the fastest."
        )
    return notes + _thread_notes(rows) + _memory_notes(rows) + _device_notes(rows)


def _thread_notes(rows: list[Row]) -> list[str]:
    groups: dict[int, list[str]] = {}
    for row in rows:
        if row.case.rasterizer_threads:
            groups.setdefault(row.case.rasterizer_threads, []).append(backend_title(row.case))
    return [
        f"{', '.join(dict.fromkeys(names))}: LP_NUM_THREADS={threads} was set for each worker, so that they "
        "share the processors; set it yourself to have another number."
        for threads, names in groups.items()
    ]


def _memory_notes(rows: list[Row]) -> list[str]:
    """Memory of an engine process and of each world; once for all numbers of workers, who share nothing."""
    told: dict[tuple[object, ...], str] = {}
    for row in rows:
        case = row.case
        if row.host_mib is None or (case.worlds == 1 and row.device_mib is None):
            continue
        name = f"{scene_title(case.scene)}, {case.effects} on {case.backend}, {case.resolution}"
        said = [_memory_text(row.host_mib, row.host_scene_mib, case.worlds, "a worker")]
        if row.device_mib is not None:
            said.append(_memory_text(row.device_mib, row.device_mib, case.worlds, "of the device a worker"))
        key = (name, case.worlds)
        told.setdefault(key, f"memory of {name}, {counted(case.worlds, 'world')}: {'; '.join(said)}.")
    return list(told.values())


def _memory_text(whole_mib: float, shared_mib: float | None, worlds: int, of: str) -> str:
    said = f"{whole_mib:.0f} MiB {of}"
    if worlds > 1 and shared_mib is not None:
        said += f", with its scene {three_digits(shared_mib / worlds)} MiB a world"
    return said


def _device_notes(rows: list[Row]) -> list[str]:
    return [note for row in rows if (note := _device_note(row))]


def _device_note(row: Row) -> str:
    """Say that drawing takes clearly longer than the device needs for it, where it does."""
    if not row.device_ms or row.render_ms is None or row.render_ms <= SLOWER_THAN_DEVICE * row.device_ms:
        return ""
    wall, device = three_digits(row.render_ms), three_digits(row.device_ms)
    return (
        f"{_name(row)}: render takes {wall} ms of wall time, {row.render_ms / row.device_ms:.1f} times the "
        f"{device} ms that the device says it drew ({row.device_source}): the driver and the processor make "
        "the rest, so a faster GPU alone would gain little."
    )


def _name(row: Row) -> str:
    case = row.case
    return f"{scene_title(case.scene)}, {case.effects} on {backend_title(case)}, {case.resolution}"
