"""What the screen of an explanation says, without an app: order, figures, reasons, and what fits a width."""

import msgspec
import pytest
from rich.cells import cell_len

from engine.changes.registry import all_changes
from tests.tui.dashboard.explain.explained import (
    CASE,
    REASONS,
    changed,
    statuses,
    write_explanation,
)
from tui.dashboard.explain.entries import Entry, explanation_entries
from tui.dashboard.explain.lines import fit
from tui.explanation import Explanation, explain_session, explained_records
from tui.output.explanation_output import print_explanation


@pytest.fixture
def explanation(tmp_path) -> Explanation:
    session = write_explanation(tmp_path / "session")
    return explain_session(session, statuses(), explained_records(session, CASE))


def entry(entries: list[Entry], name: str) -> Entry:
    return next(one for one in entries if one.name == name)


def test_settings_come_in_order_of_saving_then_geometry_then_the_best_then_what_cannot_be(explanation):
    names = [one.name for one in explanation_entries(explanation)]
    assert names[:5] == [
        "no-shadows", "no-multisampling", "quarter-shadow-map", "half-shadow-map", "quarter-resolution",
    ]  # fmt: skip
    assert set(names[5:7]) == {"one-light", "no-physics"}
    assert names[7:10] == ["other geometry", "no-group-2", "box-meshes"]
    assert names[10:15] == [
        "together", "best with shadows", "best at this size", "fastest of all", "bare",
    ]  # fmt: skip
    assert names[15:26] == ["not applicable", *REASONS, "notes"]
    assert all(len(one.about) > 0 for one in explanation_entries(explanation))


def test_a_change_tells_saving_speed_up_and_the_whole_line(explanation):
    entries = explanation_entries(explanation)
    first = entry(entries, "no-shadows")
    assert first.text == "model.light_castshadow[:] = False"
    title, figures, line = first.about
    assert title == "no-shadows: shadows off"
    # 200 ms a frame, a drift of 2 to 5% in it, and three quarters of it are saved.
    assert figures.startswith("saves 15")
    assert " ms of 20" in figures
    assert "x the speed (95%: " in figures
    assert figures.endswith("; 3 rounds")
    assert line == "made by: model.light_castshadow[:] = False"
    assert not first.is_faint


def test_what_may_save_nothing_says_so(explanation):
    entries = explanation_entries(explanation)
    for name in ("one-light", "no-physics"):
        unsure = entry(entries, name)
        assert unsure.is_faint
        assert unsure.cells[0].endswith(" ?")
        assert "The interval holds 0: this may save nothing." in unsure.about[-1]
    assert "It stands in no combination" in entry(entries, "no-group-2").about[-1]


def test_the_best_are_told_with_their_parts(explanation):
    entries = explanation_entries(explanation)
    keeps = entry(entries, "best with shadows")
    assert keeps.text == "quarter-shadow-map + no-multisampling + box-meshes"
    assert keeps.about[0] == f"the best that keeps shadows: {keeps.text}"
    assert 'quarter-shadow-map: <visual><quality shadowsize="512"/></visual>' in keeps.about
    assert "no-multisampling" not in keeps.cells[0]
    assert entry(entries, "fastest of all").text == "box-meshes + quarter-resolution + bare"


def test_the_same_stands_there_as_in_the_output_of_the_command(explanation, capsys):
    print_explanation(explanation)
    printed = capsys.readouterr().out
    for one in explanation_entries(explanation):
        for cell in one.cells:
            assert cell in printed, one.name
        if not one.is_head:
            assert one.text in printed, one.name


def test_without_an_answer_of_the_scene_its_lines_are_general(explanation):
    plain = tuple(msgspec.structs.replace(status, reason="") for status in statuses())
    session = explanation.session
    records = explained_records(session, CASE)
    looking = explanation_entries(explain_session(session, plain, records), survey_error=None)
    (told,) = [one for one in looking if one.key == "looking"]
    assert "being looked at" in told.text
    failed = explanation_entries(explain_session(session, plain, records), "no such\x1b file")
    (told,) = [one for one in failed if one.key == "looking"]
    assert "cannot be looked at: no such\\x1b file" in told.text
    assert not any(one.key.startswith("refused") for one in looking + failed)


def test_a_run_that_was_stopped_shows_what_it_has(tmp_path, capsys):
    session = write_explanation(tmp_path / "cut", cut_after=4)
    explanation = explain_session(session, statuses(), explained_records(session, CASE))
    assert explanation.incomplete.startswith("INCOMPLETE: this run is interrupted, after 4 trials.")
    entries = explanation_entries(explanation)
    first = entry(entries, "no-shadows")
    assert first.cells[0].endswith(" ?")
    assert first.cells[1] == "–"
    assert "fewer than 3 rounds" in first.about[-1]
    assert entry(entries, "best with shadows").text == "nothing that fits surely saves time"
    notes = "\n".join(one.text for one in entries if one.key.startswith("note "))
    assert "No figure for no-multisampling, box-meshes, one-light" in notes.replace("no-textures, ", "")
    print_explanation(explanation)
    assert "INCOMPLETE: this run is interrupted" in capsys.readouterr().out


def test_a_run_that_was_stopped_at_once_says_that_there_is_nothing(tmp_path):
    session = write_explanation(tmp_path / "none", cut_after=0)
    entries = explanation_entries(explain_session(session, statuses(), explained_records(session, CASE)))
    assert entries[0].text == "Nothing of it was measured beside the unchanged case."
    assert {one.name for one in entries} >= {"together", "not applicable", *REASONS}
    assert fit(entries, 78).line(entries[0]).rstrip() == entries[0].text


def test_a_case_is_explained_by_those_that_differ_in_the_change_alone(tmp_path):
    session = write_explanation(tmp_path / "session")
    records = explained_records(session, changed("no-shadows"))
    assert records[0].change == ""
    assert len(records) == len(session.cases)
    # Of another backend and of a change that nobody knows.
    other = [msgspec.structs.replace(one, backend="osmesa", id=f"o{one.id}") for one in session.cases[:3]]
    unknown = msgspec.structs.replace(session.cases[1], change="no-such-thing", id="unknown")
    mixed = msgspec.structs.replace(session, cases=(*reversed(other), unknown, *session.cases))
    assert explained_records(mixed, CASE) == records
    of_other = explained_records(mixed, msgspec.structs.replace(CASE, backend="osmesa"))
    assert {one.backend for one in of_other} == {"osmesa"}
    assert of_other[0].change == ""
    explanation = explain_session(mixed, statuses(), of_other)
    assert {saving.change for saving in explanation.single} == {"no-shadows", "quarter-shadow-map"}


@pytest.mark.parametrize("left", [[0], [1, 2]])
def test_no_unchanged_case_or_no_changed_one_explains_nothing(tmp_path, left):
    session = write_explanation(tmp_path / "session")
    cases = tuple(session.cases[index] for index in left)
    assert explained_records(msgspec.structs.replace(session, cases=cases), CASE) == ()


def test_what_was_measured_is_applicable_whatever_the_scene_says_now(tmp_path):
    session = write_explanation(tmp_path / "session")
    now = tuple(msgspec.structs.replace(status, reason="the scene is another") for status in statuses())
    explanation = explain_session(session, now, explained_records(session, CASE))
    measured = {record.change for record in session.cases}
    assert {status.id for status in explanation.refused} == {one.id for one in all_changes()} - measured


@pytest.mark.parametrize("width", [78, 98, 138])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_lines_fit_and_their_figures_stand_below_one_another(explanation, width, ascii_only):
    entries = explanation_entries(explanation)
    layout = fit(entries, width, ascii_only)
    lines = [layout.line(one) for one in entries]
    assert all(cell_len(line) <= width for line in [layout.head, *lines])
    assert ("made by" in layout.head) == (width >= 120)
    ends = set()
    for one, line in zip(entries, lines, strict=True):
        if one.cells:
            assert line.startswith(one.name)
            before, _, _ = line.partition(one.cells[3])
            ends.add(cell_len(before) + cell_len(one.cells[3]))
            assert all(cell in before for cell in one.cells[:3])
    assert len(ends) == 1
    if ascii_only:
        assert all(line.isascii() for line in lines)
    assert lines[entries.index(entry(entries, "no-fog"))].split()[1:4] == ["it", "is", "off"]
