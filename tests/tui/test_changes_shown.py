"""Cases that differ in nothing but their change are told apart wherever cases are named."""

from pathlib import Path

import msgspec

from profiles.session import Session
from tests.profiles.session_builders import CASES, PROFILE, metrics, new_writer, trial
from tui.dashboard.results.columns import cell_text, columns_of
from tui.dashboard.sessions.comparison import Side, compare
from tui.dashboard.watch.titles import full_title, short_titles
from tui.output import export
from tui.output.plan_table import plan_table
from tui.output.rows import make_rows, relative_to_fastest
from tui.output.session_notes import session_notes
from tui.output.tables import console, result_table
from tui.progress import case_title

PLAIN = CASES[0]
CHANGED = msgspec.structs.replace(PLAIN, change="no-shadows")


def session(folder: Path, fps: float = 20.0) -> Session:
    """The same case without and with a change, which makes it four times as fast."""
    asked = msgspec.structs.replace(PROFILE, changes=("none", "no-shadows"))
    writer = new_writer(folder, profile=asked, cases=(PLAIN, CHANGED))
    writer.append(trial(PLAIN, metrics=metrics(fps=fps)))
    writer.append(trial(CHANGED, metrics=metrics(fps=4 * fps)))
    return writer.close("complete")


def printed(capsys, table) -> list[str]:
    console().print(table)
    return capsys.readouterr().out.splitlines()


def test_the_table_has_a_column_of_changes_where_there_are_any(tmp_path, capsys):
    made = session(tmp_path / "s")
    head, _, plain, changed = printed(capsys, result_table(made, 200))
    at = head.index("change")
    assert [row[at:].split()[0] for row in (plain, changed)] == ["–", "no-shadows"]
    without = msgspec.structs.replace(made, cases=made.cases[:1])
    assert "change" not in printed(capsys, result_table(without, 200))[0]
    plan = printed(capsys, plan_table([(PLAIN, 1), (CHANGED, 1)], {}, 200))
    assert "change" in plan[0]
    assert "no-shadows" in plan[3]


def test_another_picture_is_not_held_against_the_unchanged_one(tmp_path):
    entries = relative_to_fastest(make_rows(session(tmp_path / "s")))
    assert [entry.speed for entry in entries] == [1.0, 1.0]


def test_names_and_notes_tell_the_change(tmp_path):
    made = session(tmp_path / "s")
    assert case_title(PLAIN) + " no-shadows" == case_title(CHANGED)
    assert full_title(PLAIN) + " no-shadows" == full_title(CHANGED)
    titles, shared = short_titles([PLAIN, CHANGED])
    assert [str(title) for title in titles] == ["apartment egl", "apartment egl no-shadows"]
    assert shared == "64x48, effects scene"
    assert short_titles([PLAIN])[1] == "64x48, effects scene"
    assert short_titles([CHANGED])[1] == "64x48, effects scene, no-shadows"
    assert any("on egl, egl no-shadows: " in note for note in session_notes(made))
    assert "| egl no-shadows |" in export.as_markdown(made).replace("\\", "")


def test_the_dashboard_shows_and_compares_them_apart(tmp_path):
    a, b = session(tmp_path / "a"), session(tmp_path / "b", fps=10.0)
    entries = relative_to_fastest(make_rows(a))
    (column,) = (column for column in columns_of(entries) if column.id == "change")
    assert [cell_text(column, entry) for entry in entries] == ["–", "no-shadows"]
    assert "change" not in [column.id for column in columns_of(entries[:1])]
    compared = compare(Side(a, tmp_path / "a"), Side(b, tmp_path / "b"))
    ratios = [(pair.case.change, round(pair.ratio, 9)) for pair in compared.pairs]
    assert ratios == [("", 0.5), ("no-shadows", 0.5)]
