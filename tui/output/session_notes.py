"""What has to be said below a result table, each thing in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.case import Physics
from engine.pictures.records import CHECKED
from tui.output.rows import NOT_REACHED, Row, make_rows
from tui.output.tables import NOT_WHOLE, scene_title
from tui.text import counted, printable

if TYPE_CHECKING:
    from engine.messages import Drawn
    from profiles.session import Session


def session_notes(session: Session, relative: bool = False) -> list[str]:
    """What has to be said below the table, each in a line.

    Args:
        session: what was measured.
        relative: whether the table holds each case against the fastest.
    """
    from tui.output.finding_notes import finding_notes
    from tui.output.standing_notes import standing_notes
    from tui.output.uncertainty_notes import uncertainty_notes
    from tui.output.workload_notes import workload_notes

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
    rows = make_rows(session)
    notes += _reason_notes(rows)
    notes += uncertainty_notes(rows, relative)
    notes += standing_notes(session)
    notes += finding_notes(session)
    notes += _unseen_notes(session)
    notes += _left_out_notes(session.session.left_out)
    missing = [row for row in rows if row.reason == NOT_REACHED]
    if missing:
        notes.append(f"{len(missing)} of {len(session.cases)} cases were not reached.")
    if any(row.fps is not None and row.low1_fps is None for row in rows):
        batches = ", with several worlds as many batches" if any(row.case.worlds > 1 for row in rows) else ""
        notes.append(f"1% low needs 901 frames of a trial{batches}: measure longer to see it.")
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


def _unseen_notes(session: Session) -> list[str]:
    """Why nobody looked at the pictures of some cases, each reason once with all of its backends."""
    groups: dict[str, list[str]] = {}
    for case in session.cases:
        for trial in case.trials:
            if trial.pictures not in ("", CHECKED) and case.backend not in groups.get(trial.pictures, []):
                groups.setdefault(trial.pictures, []).append(case.backend)
    return [f"pictures of {', '.join(names)} were not looked at: {why}." for why, names in groups.items()]


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
            name = f"{case.backend} {case.change}".rstrip()
            if name not in backends:
                backends.append(name)
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
