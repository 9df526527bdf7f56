"""Which cases of a session belong in one plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.case import Resolution
from tui.output.rows import Row
from tui.output.tables import backend_title


def same_picture(rows: Sequence[Row], chosen: Row) -> list[Row]:
    """The cases of the same scene, resolution and effects, in the session's order; `chosen` is one."""
    return [row for row in rows if _picture(row) == _picture(chosen)]


def same_scene(row: Row, chosen: Row) -> bool:
    """Whether two cases differ in backend and resolution only."""
    return row.case.scene == chosen.case.scene and row.case.effects == chosen.case.effects


def across_sizes(rows: Sequence[Row], chosen: Row) -> dict[str, list[tuple[Resolution, float]]]:
    """FPS by resolution for each backend (with its workers and worlds) that has figures; sizes ascend.

    All of the same scene and effects as `chosen`.
    """
    found: dict[str, list[tuple[Resolution, float]]] = {}
    for row in rows:
        if same_scene(row, chosen) and row.fps is not None:
            found.setdefault(backend_title(row.case), []).append((row.case.resolution, row.fps))
    return {
        backend: sorted(points, key=lambda point: (point[0].pixels, point[0].width))
        for backend, points in found.items()
    }


def sizes_of(series: Mapping[str, Sequence[tuple[Resolution, float]]]) -> list[Resolution]:
    """All resolutions of some series, ascending."""
    sizes = {size for points in series.values() for size, _ in points}
    return sorted(sizes, key=lambda size: (size.pixels, size.width))


def drawing(rows: Sequence[Row]) -> list[Row]:
    """Without the backend that draws nothing, where there is any other: its rate would hide all others."""
    return [row for row in rows if row.case.backend != "null"] or list(rows)


def _picture(row: Row) -> tuple[str, Resolution, str]:
    return (row.case.scene, row.case.resolution, str(row.case.effects))
