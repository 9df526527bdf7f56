"""The lines of the watching screen, as text."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_case
from rich.cells import cell_len

from engine.case import Case, Effects, Resolution
from engine.messages import RendererIdentity
from tui.dashboard.watch.figures import figure_lines
from tui.dashboard.watch.history import RatePoint
from tui.dashboard.watch.lines import case_head, case_line, fit_columns
from tui.dashboard.watch.state import CaseStatus, CaseView
from tui.dashboard.watch.titles import ShortTitle, differing_counts, short_scene, short_titles


def case(scene: str = "apartment", backend: str = "egl", width: int = 640, bare: bool = False) -> Case:
    effects = Effects.BARE if bare else Effects.SCENE
    return Case(scene=scene, backend=backend, resolution=Resolution(width=width, height=480), effects=effects)


def case_of(**changes: Any) -> Case:
    return replace_case(case(), **changes)


def view(status: CaseStatus = CaseStatus.RUNNING, scene: str = "apartment", **changes: Any) -> CaseView:
    """A case with figures."""
    points = tuple(RatePoint(fps, fps, fps, 10.0, 1500.0 / fps) for fps in (60.0, 15.0, 60.0))
    figures: dict[str, Any] = {
        "trial": 1, "frames": 1200, "fps": 61.0, "fps_now": 58.5, "points": points, "seconds_a_point": 0.5,
        "p50_ms": 16.0, "p99_ms": 20.0, "low1_fps": 44.0, "shares": {"step": 0.2, "render": 0.8},
        "renderer": RendererIdentity(vendor="Mesa", renderer="llvmpipe (LLVM)", version="4.5", software=True),
        "reason": "", "fix": "", "log": "", "cpu_cores": 0.98, "memory_mib": 240.0, "gpu_percent": None,
        "worker_fps": (),
    }  # fmt: skip
    return CaseView(**{"case": case(scene), "status": status, **figures, **changes})


def line(view: CaseView, width: int = 140, ascii_only: bool = False, chosen: bool = False) -> str:
    case = view.case
    (short,), _ = short_titles([case])
    title = ShortTitle(short.scene, f"{short.rest} {case.resolution} {case.effects}")
    return case_line(view, title, fit_columns(width, len(str(title))), chosen, ascii_only)


def test_live_figures_are_marked_and_final_ones_are_not():
    assert "~58.5" in line(view())
    done = line(view(CaseStatus.DONE))
    assert "61.0" in done
    assert "~" not in done


@pytest.mark.parametrize("status", list(CaseStatus))
def test_every_state_has_a_glyph_and_a_word_of_its_own(status):
    others = {line(view(other))[:13] for other in CaseStatus if other is not status}
    assert line(view(status))[:13] not in others
    assert line(view(status), 80, ascii_only=True).isascii()


def test_the_case_that_is_looked_at_has_a_mark_that_needs_no_colour():
    assert line(view(), chosen=True)[0] != line(view())[0]


@pytest.mark.parametrize("width", [80, 140])
def test_head_and_lines_stand_in_the_same_columns(width):
    head, shown = case_head(fit_columns(width, 27)), line(view(CaseStatus.DONE), width)
    assert len(head) == len(shown) == width
    for title, figure in (("FPS", "61.0"), ("p50 ms", "16.0"), ("p99 ms", "20.0")):
        assert head.index(title) + len(title) == shown.index(figure) + len(figure)


def test_what_matters_least_goes_first_where_there_is_no_room():
    assert "phases" in case_head(fit_columns(140, 30))
    narrow = case_head(fit_columns(80, 20))
    assert "phases" not in narrow
    assert "p99 ms" in narrow
    assert case_head(fit_columns(40, 30)).split() == ["state", "case", "FPS"]


@given(st.text(max_size=80), st.integers(20, 200), st.sampled_from(CaseStatus), st.booleans())
def test_a_line_has_its_width_and_no_control_characters_whatever_the_scene(scene, width, status, chosen):
    shown = line(view(status, scene=scene or "x"), width, chosen=chosen)
    assert cell_len(shown) == width
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in shown)


def named(*cases: Case) -> tuple[list[str], str]:
    titles, shared = short_titles(cases)
    return [str(title) for title in titles], shared


def test_a_name_holds_only_what_tells_a_case_from_the_others():
    assert named(case(), case(backend="osmesa")) == (
        ["apartment egl", "apartment osmesa"],
        "640x480, effects scene",
    )
    assert named(case(), case(width=320)) == (
        ["apartment egl 640x480", "apartment egl 320x480"],
        "effects scene",
    )
    assert named(case(), case(bare=True))[0] == ["apartment egl scene", "apartment egl bare"]


def test_workers_and_worlds_have_a_column_where_they_differ_and_are_said_once_where_not():
    two, alone = replace_case(case(), workers=2), case()
    assert named(two, replace_case(two, backend="osmesa"))[1] == "640x480, effects scene, 2 workers"
    assert (differing_counts([two, two]), differing_counts([two, alone])) == ((), ("workers",))
    assert named(two, alone) == (["apartment egl", "apartment egl"], "640x480, effects scene")
    many = replace_case(two, worlds=64)
    counts = differing_counts([many, alone])
    layout = fit_columns(80, 13, counts)
    title = short_titles([many])[0][0]
    shown = case_line(view(case=many), title, layout, False)
    head = case_head(layout)
    assert [word for word in head.split() if word in counts] == ["workers", "worlds"]
    assert [shown[: head.index(name) + len(name)].split()[-1] for name in counts] == ["2", "64"]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_names_of_eighty_columns_tell_the_longest_cases_apart(ascii_only):
    cases = [
        Case(f"menagerie:{scene}", backend, Resolution(1280, height), effects, workers, worlds)
        for scene in ("boston_dynamics_spot/spot_arm", "boston_dynamics_spot/spot", "robotis_op3")
        for backend in ("madrona-raytrace", "filament-vulkan")
        for height in (720, 960)
        for effects in Effects
        for workers in (1, 16)
        for worlds in (1, 65536)
    ]
    titles, _ = short_titles(cases)
    layout = fit_columns(80, max(len(str(title)) for title in titles), differing_counts(cases))
    shown = [
        case_line(view(case=case), title, layout, False, ascii_only)
        for case, title in zip(cases, titles, strict=True)
    ]
    assert len(set(shown)) == len(cases)
    assert all("~58.5" in line for line in shown)
    assert all(line.isascii() for line in shown) or not ascii_only


def test_figures_say_software_phases_in_ms_and_that_they_are_provisional():
    text = "\n".join(figure_lines(view(), 80))
    assert "SOFTWARE" in text
    assert "render       13.1 ms  80%" in text
    assert "58.5 now, 61.0 overall, provisional" in text
    assert "10.0 to 100 ms" in text
    assert "0.98 cores, 240 MiB" in text
    assert "GPU" not in "".join(figure_lines(view(renderer=None), 80))
    assert "GPU 34% busy" in "".join(figure_lines(view(gpu_percent=34.0), 80))
    assert "provisional" not in "".join(figure_lines(view(CaseStatus.DONE), 80))


def test_figures_tell_of_workers_and_of_batches():
    several = case_of(workers=2, worlds=8)
    text = "\n".join(figure_lines(view(case=several, fps=800.0, worker_fps=(300.0, 500.0)), 80))
    assert "workers 300, 500 FPS, fairness 0.60" in text
    assert "batch   p50 16.0 ms" in text
    # A batch of 8 takes each of two workers 20 ms.
    assert "render       16.0 ms  80%" in text
    many = case_of(workers=16)
    rates = tuple(float(100 + number) for number in range(16))
    text = "\n".join(figure_lines(view(case=many, fps=sum(rates), worker_fps=rates), 80))
    assert "workers 100 to 115 FPS, fairness 0.87" in text
    assert "workers" not in "\n".join(figure_lines(view(), 80))


def test_a_failed_case_shows_reason_and_fix():
    failed = view(CaseStatus.FAILED, reason="it [red]hung[/] \x1b[2J", fix="wait")
    text = "\n".join(figure_lines(failed, 80))
    assert "it [red]hung[/] \\x1b[2J" in text
    assert "fix     wait" in text


@pytest.mark.parametrize("status", list(CaseStatus))
def test_figures_do_without_other_characters_where_asked(status):
    for changes in ({}, {"fps": None, "p50_ms": None, "low1_fps": None, "shares": {}, "points": ()}):
        assert "".join(figure_lines(view(status, **changes), 80, ascii_only=True)).isascii()


@pytest.mark.parametrize(
    ("title", "width", "short"),
    [
        ("apartment", 9, "apartment"),
        ("menagerie:unitree_g1", 12, "unitree_g1"),
        ("menagerie:boston_dynamics_spot/arm", 9, "~spot/arm"),
        ("a_long_robot_scene.xml", 10, "a_long_ro~"),
    ],
)
def test_of_a_scene_stays_what_tells_most(title, width, short):
    assert short_scene(title, width, ascii_only=True) == short
