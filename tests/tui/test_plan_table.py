"""What a dry run shows, also where the cases have long names and long reasons to fail."""

import pytest
from rich.console import Console

from engine.case import Case, Effects, Resolution
from engine.messages import FailureKind, Stage
from engine.results import Failure
from tui.output.plan_table import plan_notes, plan_table

SIZE = Resolution(1280, 720)
NO_MODEL = Failure(FailureKind.SCENE, Stage.SCENE, "it is not here, and the folder is /a/long/path" * 3)
NO_TORCH = Failure(
    FailureKind.BACKEND, Stage.OPEN, "madrona-raytrace needs torch [b]\x1b", fix="pip install."
)


def cases() -> list[Case]:
    return [
        Case(scene, backend, SIZE, Effects.SCENE, workers, worlds)
        for scene in ("menagerie:boston_dynamics_spot", "apartment")
        for backend in ("madrona-raytrace", "egl")
        for workers in (1, 2)
        for worlds in ((1, 4096) if backend != "egl" else (1,))
    ]


def failures() -> dict[str, Failure]:
    return {
        case.id: NO_MODEL if case.scene != "apartment" else NO_TORCH
        for case in cases()
        if case.scene != "apartment" or case.backend == "madrona-raytrace"
    }


def shown(table: object, width: int) -> list[str]:
    screen = Console(width=width, markup=False, highlight=False, emoji=False)
    with screen.capture() as capture:
        screen.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.mark.parametrize("width", [80, 200])
def test_every_trial_has_a_line_and_no_more(width):
    order = [(case, trial) for trial in (1, 2) for case in cases()]
    lines = shown(plan_table(order, failures(), width), width)
    rows = [line for line in lines if "1280x720" in line]
    assert len(rows) == len(order)
    assert [row.split()[0] for row in rows] == [str(number) for number in range(1, len(order) + 1)]
    assert all(len(line) <= width for line in lines)
    failing = [row.endswith(" fails") for row in rows]
    assert failing == [case.id in failures() for case, _ in order]
    head = next(line for line in lines if line.lstrip().startswith("#"))
    assert {"workers", "worlds", "trial"} <= set(head.split())


def test_what_is_one_everywhere_has_no_column():
    order = [(Case("apartment", "egl", SIZE, Effects.SCENE), 1)]
    assert shown(plan_table(order, {}, 80), 80)[0].split() == ["#", "scene", "backend", "size", "effects"]


def test_each_reason_is_told_once_and_as_text():
    scene, backend = plan_notes(cases(), failures())
    assert scene.startswith("menagerie:boston_dynamics_spot will fail: it is not here")
    assert backend == "madrona-raytrace will fail: needs torch [b]\\x1b. Fix: pip install."
    assert plan_notes(cases(), {}) == []
