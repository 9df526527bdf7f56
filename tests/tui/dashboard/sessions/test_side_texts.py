"""Two sessions side by side, in words: also where their cases have workers and worlds."""

import pytest

from tests.tui.dashboard.results.made import Made, write_session
from tui.dashboard.sessions.columns import layout
from tui.dashboard.sessions.comparison import Side, compare
from tui.dashboard.sessions.side_texts import pair_columns, pair_lines

SCENE = "menagerie:boston_dynamics_spot"
CASES = (
    Made("madrona-raytrace", 4.0, "1280x720", scene=SCENE, worlds=64, frames=30),
    Made("madrona-raytrace", 4.0, "1280x720", scene=SCENE, worlds=65536, frames=30),
    Made("madrona-raytrace", 4.0, "1280x720", scene=SCENE, workers=2, worlds=64, frames=30),
)


def compared(tmp_path, first, second):
    sides = []
    for name, cases in (("a", first), ("b", second)):
        session = write_session(tmp_path / name, *cases)
        sides.append(Side(session, tmp_path / name))
    return compare(*sides)


@pytest.mark.parametrize("room", [79, 139])
def test_cases_that_differ_in_workers_or_worlds_are_told_apart(tmp_path, room):
    pairs = compared(tmp_path, CASES, CASES).pairs
    fitted = layout(pair_columns(pairs), pairs, room)
    lines = [fitted.line(pair) for pair in pairs]
    assert len({line.split("FPS")[0] for line in lines}) == len(CASES)
    assert {"workers", "worlds"} <= set(fitted.head.split())
    assert all("madrona-raytrace" in line and "spot" in line for line in lines)
    assert len(fitted.head) <= room
    assert "B/A" in fitted.head
    assert pair_lines(pairs[2])[0] == f"{SCENE}, madrona-raytrace 2 workers, 64 worlds, 1280x720, scene"


def test_one_worker_and_one_world_have_no_column(tmp_path):
    pairs = compared(tmp_path, [Made("egl", 1.0)], [Made("egl", 2.0)]).pairs
    titles = [column.title for column in pair_columns(pairs)]
    assert not {"workers", "worlds"} & set(titles)


def test_another_number_of_worlds_is_another_case(tmp_path):
    pairs = compared(tmp_path, CASES[:1], CASES[1:2]).pairs
    assert [str(pair.verdict) for pair in pairs] == ["only in A", "only in B"]
