"""What `--dry-run` shows: every trial in its order, what is known to fail, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.messages import FailureKind
from tui.output.tables import (
    Column,
    change_columns,
    count_columns,
    fitted_table,
    plain,
    scene_cells,
    scene_title,
)
from tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from engine.case import Case
    from engine.results import Failure

_FAILS = "fails"


def plan_table(
    order: Sequence[tuple[Case, int]], failures: Mapping[str, Failure], width: int
) -> RenderableType:
    """A line for each trial.

    Args:
        order: cases and the numbers of their trials, as they are measured.
        failures: cases, by id, that cannot be measured here.
        width: characters that there is room for.
    """
    cases = [case for case, _ in order]
    columns = [
        Column("#", [plain(number) for number in range(1, len(order) + 1)], number=True),
        Column("scene", scene_cells([case.scene for case in cases]), heads=True),
        Column("backend", [plain(case.backend) for case in cases]),
        Column("size", [plain(case.resolution) for case in cases]),
        Column("effects", [plain(case.effects) for case in cases]),
        *count_columns(cases),
        *change_columns(cases),
    ]
    if any(trial > 1 for _, trial in order):
        columns.append(Column("trial", [plain(trial) for _, trial in order], number=True))
    notes = [_FAILS if case.id in failures else "" for case in cases]
    if any(notes):
        columns.append(Column("note", [plain(note) for note in notes]))
    return fitted_table(columns, width)


def plan_notes(cases: Sequence[Case], failures: Mapping[str, Failure]) -> list[str]:
    """Why some cases will fail, each scene or backend once."""
    reasons: dict[str, str] = {}
    for case in cases:
        failure = failures.get(case.id)
        if failure is not None:
            name = scene_title(case.scene) if failure.kind is FailureKind.SCENE else case.backend
            reason = failure.reason.removeprefix(f"{name} ").removeprefix(f"{name}: ").rstrip(".")
            fix = f" Fix: {failure.fix.rstrip('.')}." if failure.fix else ""
            reasons.setdefault(name, f"{reason}.{fix}")
    return [printable(f"{name} will fail: {reason}") for name, reason in reasons.items()]
