"""The lines of the watching screen, as text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case import Case, Effects, Resolution
from engine.messages import RendererIdentity
from tui.dashboard.watch.lines import case_head, case_line, detail_lines
from tui.dashboard.watch.state import CaseStatus, CaseView


def view(status: CaseStatus = CaseStatus.RUNNING, scene: str = "apartment", **changes: object) -> CaseView:
    """A case with figures."""
    case = Case(
        scene=scene, backend="egl", resolution=Resolution(width=640, height=480), effects=Effects.SCENE
    )
    figures = {
        "trial": 1, "frames": 1200, "fps": 61.0, "fps_now": 58.5, "points": (60.0, 15.0, 60.0),
        "p50_ms": 16.0, "p99_ms": 20.0, "low1_fps": 44.0, "shares": {"step": 0.2, "render": 0.8},
        "renderer": RendererIdentity(vendor="Mesa", renderer="llvmpipe (LLVM)", version="4.5", software=True),
        "reason": "", "fix": "", "log": "",
    }  # fmt: skip
    return CaseView(case=case, status=status, **{**figures, **changes})


def test_live_figures_are_marked_and_final_ones_are_not():
    assert "~58.5" in case_line(view(), 140)
    done = case_line(view(CaseStatus.DONE), 140)
    assert "61.0" in done
    assert "~" not in done


@pytest.mark.parametrize("status", list(CaseStatus))
def test_every_state_has_a_glyph_and_a_word_of_its_own(status):
    others = {case_line(view(other), 140)[:11] for other in CaseStatus if other is not status}
    assert case_line(view(status), 140)[:11] not in others
    assert case_line(view(status), 80, ascii_only=True)[:11].isascii()


@pytest.mark.parametrize("width", [80, 140])
def test_head_and_lines_stand_in_the_same_columns(width):
    head, line = case_head(width), case_line(view(CaseStatus.DONE), width)
    assert len(head) == len(line) == width
    for title, figure in (("FPS", "61.0"), ("p50 ms", "16.0"), ("p99 ms", "20.0")):
        assert head.index(title) + len(title) == line.index(figure) + len(figure)


@given(st.text(max_size=80), st.integers(20, 200), st.sampled_from(CaseStatus))
def test_a_line_has_its_width_and_no_control_characters_whatever_the_scene(scene, width, status):
    line = case_line(view(status, scene=scene or "x"), width)
    assert len(line) == width
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in line)


def test_details_say_software_phases_in_ms_and_that_figures_are_provisional():
    text = "\n".join(detail_lines(view(), "0:10 left"))
    assert "SOFTWARE" in text
    assert "render 13.1, step 3.28" in text
    assert "provisional" in text
    assert "0:10 left" in text


def test_a_failed_case_shows_reason_fix_and_the_end_of_its_log():
    failed = view(CaseStatus.FAILED, reason="it [red]hung[/]", fix="wait", log="one\ntwo \x1b[2J")
    text = "\n".join(detail_lines(failed, ""))
    assert "it [red]hung[/]" in text
    assert "fix     wait" in text
    assert "two \\x1b[2J" in text
