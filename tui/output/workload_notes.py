"""What has to be said of workers, worlds, memory and the device's own time below a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.case import Resolution
from tui.output.rows import Row, make_rows
from tui.output.tables import backend_title, counts_text, scene_title
from tui.text import counted, three_digits

if TYPE_CHECKING:
    from profiles.session import Session

_Load = tuple[str, Resolution, int]
"""Scene, resolution and worlds: what memory depends on."""
_MOST = 6
"""Of more cases the others are left to the files."""
_NOISE_MIB = 1.0
"""Two processes of the same work differ by so much."""
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
    """What one worker of each backend holds: the most, over all effects and numbers of workers."""
    backends: dict[str, dict[_Load, Row]] = {}
    batches = {row.case.backend for row in rows if row.case.worlds > 1}
    for row in rows:
        case = row.case
        if row.host_mib is None or (case.backend not in batches and row.device_mib is None):
            continue
        loads = backends.setdefault(case.backend, {})
        load = (case.scene, case.resolution, case.worlds)
        if load not in loads or row.host_mib > (loads[load].host_mib or 0.0):
            loads[load] = row
    return [f"memory of a worker on {name}: {_memories(loads)}." for name, loads in backends.items()]


def _memories(loads: dict[_Load, Row]) -> str:
    said = [_memory(row) + _growth(load, loads) for load, row in loads.items()]
    more = len(said) - _MOST
    return "; ".join(said[:_MOST]) + (f"; {more} more in --csv" if more > 0 else "")


def _memory(row: Row) -> str:
    case = row.case
    worlds = f", {counted(case.worlds, 'world')}" if case.worlds > 1 else ""
    said = f"{scene_title(case.scene)}, {case.resolution}{worlds} {row.host_mib:.0f} MiB"
    return said + (f" and {row.device_mib:.0f} MiB on the device" if row.device_mib is not None else "")


def _growth(load: _Load, loads: dict[_Load, Row]) -> str:
    """What each world more adds, beside the case with the most worlds; "" where that cannot be told."""
    scene, resolution, worlds = load
    fewer = [one for one in loads if one[:2] == (scene, resolution) and one[2] < worlds]
    if not fewer or any(one[:2] == (scene, resolution) and one[2] > worlds for one in loads):
        return ""
    least = min(fewer, key=lambda one: one[2])
    parts = [("", loads[least].host_mib, loads[load].host_mib)]
    parts.append((" on the device", loads[least].device_mib, loads[load].device_mib))
    said = [
        f"{three_digits((most - few) / (worlds - least[2]))} MiB{where}"
        for where, few, most in parts
        if few is not None and most is not None and most - few > _NOISE_MIB
    ]
    return f", each world more {' and '.join(said)}" if said else ""


def _device_notes(rows: list[Row]) -> list[str]:
    """Say, once for each backend, that drawing takes clearly longer than the device needs, where it does."""
    backends: dict[tuple[str, str], list[tuple[float, Row]]] = {}
    for row in rows:
        if row.device_ms and row.render_ms is not None:
            ratio = row.render_ms / row.device_ms
            if ratio > SLOWER_THAN_DEVICE:
                backends.setdefault((row.case.backend, row.device_source), []).append((ratio, row))
    return [_device_note(name, source, found) for (name, source), found in backends.items()]


def _device_note(name: str, source: str, found: list[tuple[float, Row]]) -> str:
    least, (most, row) = min(found, key=_ratio)[0], max(found, key=_ratio)
    case = row.case
    times = f"{least:.1f} to {most:.1f}" if f"{least:.1f}" != f"{most:.1f}" else f"{most:.1f}"
    where = f"{scene_title(case.scene)}, {case.effects}, {case.resolution}"
    where += f", {counts_text(case)}" if counts_text(case) else ""
    return (
        f"{name}: render takes {times} times as long as the device says it drew ({source}), such as "
        f"{three_digits(row.render_ms)} ms of wall time for {three_digits(row.device_ms)} ms ({where}): the "
        "driver and the processor make the rest, so a faster GPU alone would gain little."
    )


def _ratio(found: tuple[float, Row]) -> float:
    return found[0]
