"""The result table: every line has the room of a terminal, and what matters is among what is shown."""

import re

import pytest
from rich.console import Console

from engine.messages import MemoryUse, RendererIdentity
from tests.tui.dashboard.results.made import Made, write_session
from tui.output.figure_texts import ratio_text
from tui.output.tables import result_table

GPU = RendererIdentity("NVIDIA Corporation", "NVIDIA L40S/PCIe/SSE2", "4.6.0 NVIDIA 570", software=False)
MEMORY = MemoryUse(host_mib=250.0, host_scene_mib=100.0)
SCENES = ("menagerie:boston_dynamics_spot", "menagerie:unitree_g1")


def shown(session, width: int, relative: bool = False) -> list[str]:
    screen = Console(width=width, markup=False, highlight=False, emoji=False)
    with screen.capture() as capture:
        screen.print(result_table(session, width, relative))
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.fixture
def small(tmp_path):
    """What a first look at workers and worlds gives."""
    cases = [
        Made(backend, 2.0, "64x64", scene="primitives", workers=workers, worlds=worlds, memory=MEMORY)
        for backend, most in (("egl", 1), ("mjwarp", 16))
        for workers in (1, 2)
        for worlds in {1, most}
    ]
    return write_session(tmp_path / "small", *cases)


@pytest.fixture
def large(tmp_path):
    """The longest names, and all that can have a column."""
    cases = [
        Made(
            "madrona-raytrace", 2.0, "1280x720", scene=scene, workers=workers, worlds=worlds, renderer=GPU,
            memory=MEMORY, device_ms=1.5, not_drawn=("haze", "reflections"), frames=200,
        )
        for scene in SCENES
        for workers in (1, 16)
        for worlds in (1, 65536)
    ]  # fmt: skip
    return write_session(tmp_path / "large", *cases)


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_folded_and_none_is_wider_than_the_terminal(small, large, width):
    for session in (small, large):
        lines = shown(session, width)
        assert all(len(line) <= width for line in lines), lines
        rows = [line for line in lines if re.search(r"\d+x\d+", line)]
        assert len(rows) == len(session.cases)
        for row, case in zip(rows, session.cases, strict=True):
            words = row.split()
            assert case.backend in words
            place = words.index(str(case.effects))
            assert words[place + 1 : place + 3] == [str(case.workers), str(case.worlds)]


def test_eighty_columns_keep_the_rate_and_who_draws(small, large):
    lines = shown(small, 80)
    titles = ["scene", "backend", "size", "effects", "workers", "worlds", "FPS", "driver"]
    assert lines[0].split() == titles
    assert sum("SOFTWARE" in line for line in lines) == len(small.cases)
    lines = shown(large, 80)
    assert [line for line in lines if line in SCENES] == list(SCENES)
    # Tens of millions of images a second leave no room for the driver: the notes tell it.
    assert lines[0].split()[: len(titles) - 2] == titles[1:-1]
    assert "driver" not in lines[0]


def test_a_name_that_hardly_fits_is_kept_with_its_beginning(tmp_path):
    cases = [Made("madrona-raytrace", 2.0, scene=scene, worlds=16, renderer=GPU) for scene in SCENES]
    lines = shown(write_session(tmp_path / "gpu", *cases), 80)
    assert sum(line.endswith("NVIDIA L40S") for line in lines) == len(cases)


def test_a_wide_table_has_all_columns(large):
    (head, *_) = shown(large, 260, relative=True)
    for title in ("workers", "worlds", "relative", "p50 ms", "p99 ms", "device ms", "fairness", "MiB each"):
        assert title in head
    assert "not drawn" in head
    assert not [line for line in shown(large, 260) if line in SCENES]


def test_columns_that_would_say_nothing_are_left_out(tmp_path):
    session = write_session(tmp_path / "plain", Made("egl", 2.0), Made("osmesa", 9.0))
    (head, *_) = shown(session, 240)
    for title in ("workers", "worlds", "device ms", "fairness", "MiB each", "not drawn"):
        assert title not in head


@pytest.mark.parametrize(
    ("speed", "text"), [(1.0, "1.000"), (0.1234, "0.123"), (0.000961, "0.000961"), (None, "–")]
)
def test_a_small_part_of_the_fastest_is_not_told_as_nothing(speed, text):
    assert ratio_text(speed) == text
