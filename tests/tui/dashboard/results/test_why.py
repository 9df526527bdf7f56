"""The sentence on why one backend is faster."""

from tests.tui.dashboard.results.made import Made
from tui.dashboard.results.why import why_faster
from tui.output.rows import make_rows


def sentences(session) -> list[str]:
    rows = make_rows(session)
    return [why_faster(rows, row) for row in rows]


def test_the_phases_that_make_the_difference_are_named(make_session):
    session, _ = make_session(
        Made("egl", 5.0, readback_ms=1.0), Made("osmesa", 9.0), Made("glfw", None), Made("null", 0.001)
    )
    egl, osmesa, glfw, null = sentences(session)
    assert egl == osmesa
    assert egl.startswith("egl is 1.4")
    assert "x as fast as osmesa: a frame takes 4.0" in egl
    assert "ms less in render, 0." in egl
    assert egl.endswith("ms more in readback.")
    assert "step" not in egl and "null" not in egl
    assert glfw == ""
    assert "null draws nothing" in null


def test_another_picture_is_no_rival(make_session):
    session, _ = make_session(Made("egl", 5.0), Made("osmesa", 9.0, size="320x240"))
    assert all("nothing to compare" in sentence for sentence in sentences(session))


def test_what_may_be_chance_is_not_told_as_a_fact(make_session):
    session, _ = make_session(Made("egl", 5.0, spread=0.2), Made("osmesa", 5.0, spread=0.2), name="equal")
    assert "within 2%" in sentences(session)[0]
    session, _ = make_session(Made("egl", 5.0), Made("osmesa", 5.3), name="close")
    assert sentences(session)[0].endswith("Fewer than three rounds are too few to be sure of that.")
    session, _ = make_session(Made("egl", 5.0, trials=3), Made("osmesa", 5.3, trials=3), name="clear")
    assert sentences(session)[0].endswith("in render.")
    assert "x (95% 1.0" in sentences(session)[0]
    session, _ = make_session(Made("egl", 5.0, trials=3, spread=3), Made("osmesa", 5.0, trials=3, spread=3))
    assert "cannot be told apart" in sentences(session)[0]
    assert "would have been seen" in sentences(session)[0]


def test_a_part_of_the_frames_is_said_to_be_one(make_session):
    session, _ = make_session(Made("egl", 5.0, status="interrupted"), Made("osmesa", 9.0))
    assert sentences(session)[1].endswith("Figures marked * hold a part only.")


def test_a_changed_case_is_held_against_the_unchanged_one(make_session):
    session, _ = make_session(
        Made("egl", 5.0),
        Made("egl", 2.0, change="no-shadows", not_drawn=("shadows",)),
        Made("egl", 1.0, change="bare-floor"),
    )
    plain, shadows, floor = sentences(session)
    assert "nothing to compare" in plain
    assert shadows.startswith("egl no-shadows is 2.") and "as fast as egl:" in shadows
    assert "did not draw the same" not in shadows
    assert "as fast as egl:" in floor


def test_of_the_same_change_the_other_backend_is_the_rival(make_session):
    session, _ = make_session(
        Made("egl", 5.0), Made("egl", 2.0, change="no-shadows"), Made("osmesa", 4.0, change="no-shadows")
    )
    assert "as fast as osmesa no-shadows:" in sentences(session)[1]
