"""How close to the limit every case of a session is, as a table, a sentence, and columns."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.floor import MANY_FRAMES, hours_to_draw
from profiles.limits import trial_limit
from tui.output.limit_texts import long_time_text, pixel_rate_parts, pixel_rate_text, room_text, share_text
from tui.output.markdown import markdown_list, markdown_table
from tui.output.rows import Row, make_rows
from tui.output.tables import (
    Column,
    backend_title,
    change_columns,
    count_columns,
    fitted_table,
    plain,
    scene_cells,
    scene_title,
)

if TYPE_CHECKING:
    from rich.console import Console

    from profiles.session import Session, TrialRecord

LIMIT_COLUMNS = ("empty_draw_ms", "copy_ms", "copy_bytes", "least_ms", "least_share", "hours_100m_frames")
_HEAD = ("scene", "backend", "size", "effects", "at least", "left to win", "pixels/s", "100 million frames")
_TITLE = "How close to the limit:"
_MEANING = (
    "At least: the part of a frame that this machine needs for an empty picture and a copy of its pixels; "
    "the rest is what the scene, its effects and its physics take."
)
_UNKNOWN = "Not known where no empty picture was drawn: the backend cannot, or the session is older."


@dataclass(frozen=True)
class CaseLimit:
    """How close one case comes to what its machine can do."""

    row: Row
    share: float | None
    """The part of the mean frame time that the machine needs at the least, the median over the trials; None
    where that is not known."""
    room: float | None
    """By how many times a frame could be quicker at the most."""
    pixels_per_s: float
    hours: float
    """To draw a hundred million frames."""


def case_limit(row: Row) -> CaseLimit | None:
    """Hold a case against its limit; None where it has no figures or nothing is drawn."""
    from engine.changes.terms import drawn_resolution

    limits = [limit for trial in row.case.counted if (limit := trial_limit(trial)) is not None]
    if not row.fps or not limits:
        return None
    shares = [limit.share for limit in limits if limit.share is not None]
    share = statistics.median(shares) if shares else None
    return CaseLimit(
        row=row,
        share=share,
        room=1 / share if share else None,
        pixels_per_s=row.fps * drawn_resolution(row.case.case).pixels,
        hours=hours_to_draw(MANY_FRAMES, row.fps),
    )


def session_limits(session: Session) -> list[CaseLimit]:
    """The limits of all cases that have any, in the session's order."""
    return [limit for row in make_rows(session) if (limit := case_limit(row)) is not None]


def limit_sentence(row: Row) -> str:
    """The limit of one case in a sentence; "" where its least was not looked for."""
    limit = case_limit(row)
    if limit is None or not any(trial.floor for trial in row.case.counted):
        return ""
    least = f"Needs {share_text(limit.share)} of a frame at least"
    if limit.share is None:
        least = "The least it needs is not known"
    hours = long_time_text(limit.hours)
    return f"{least}; {pixel_rate_text(limit.pixels_per_s)}; 100M frames: {hours}."


def limit_cells(trial: TrialRecord) -> list[object]:
    """What `LIMIT_COLUMNS` hold of a trial; None where there is nothing."""
    floor, limit = trial.floor, trial_limit(trial)
    cells: list[object] = [floor.empty_draw_ms, floor.copy_ms, floor.copy_bytes] if floor else [None] * 3
    return [*cells, *([limit.least_ms, limit.share, limit.hours] if limit else [None] * 3)]


def print_limits(session: Session, screen: Console) -> None:
    """Print one line for each case that has figures; nothing where none has."""
    limits = session_limits(session)
    if not limits:
        return
    screen.print()
    screen.print(plain(_TITLE))
    screen.print(fitted_table(_columns(limits), screen.width))
    for note in _notes(limits):
        screen.print(plain(note), soft_wrap=not screen.is_terminal)


def _columns(limits: Sequence[CaseLimit]) -> list[Column]:
    cases = [limit.row.case for limit in limits]
    rates = [" ".join(pixel_rate_parts(limit.pixels_per_s)).rstrip() for limit in limits]
    return [
        Column("scene", scene_cells([case.scene for case in cases]), heads=True),
        Column("backend", [plain(case.backend) for case in cases]),
        Column("size", [plain(case.resolution) for case in cases]),
        Column("effects", [plain(case.effects) for case in cases]),
        *count_columns(cases),
        *change_columns(cases),
        Column("at least", [plain(share_text(limit.share)) for limit in limits], number=True),
        Column("left to win", [plain(room_text(limit.room)) for limit in limits], number=True, rank=2),
        Column("pixels/s", [plain(rate) for rate in rates], number=True, rank=1),
        Column("100M frames", [plain(long_time_text(limit.hours)) for limit in limits], number=True),
    ]


def limits_markdown(session: Session) -> str:
    """The same table for a pull request; "" where no case has figures."""
    limits = session_limits(session)
    if not limits:
        return ""
    rows = []
    for limit in limits:
        case = limit.row.case
        cells = [scene_title(case.scene), backend_title(case), str(case.resolution), str(case.effects)]
        cells += [share_text(limit.share), room_text(limit.room), pixel_rate_text(limit.pixels_per_s)]
        cells.append(long_time_text(limit.hours))
        rows.append(cells)
    lines = [f"**{_TITLE}**", "", *markdown_table(_HEAD, rows), "", *markdown_list(_notes(limits))]
    return "\n" + "\n".join(lines) + "\n"


def _notes(limits: Sequence[CaseLimit]) -> list[str]:
    known = any(limit.share is not None for limit in limits)
    unknown = any(limit.share is None for limit in limits)
    return [*([_MEANING] if known else []), *([_UNKNOWN] if unknown else [])]
