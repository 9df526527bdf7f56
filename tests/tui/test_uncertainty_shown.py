"""How sure figures are stands beside them, in every output, and is never more than the trials bear out."""

import csv
import io
import json
import re
from pathlib import Path

import msgspec
import pytest

from engine.uncertainty.records import SteadyState
from profiles.session import Session
from tests.tui.dashboard.results.made import Made, write_session
from tests.tui.test_tables import shown
from tui.output.export import as_csv, as_json, as_markdown
from tui.output.figure_texts import noise_text
from tui.output.session_notes import session_notes


@pytest.fixture
def alone(tmp_path: Path) -> Session:
    return write_session(tmp_path / "alone", Made("egl", 2.0))


@pytest.fixture
def several(tmp_path: Path) -> Session:
    cases = [
        Made(backend, ms, scene=scene, trials=5, drift=0.02)
        for scene in ("apartment", "workbench")
        for backend, ms in (("egl", 2.0), ("osmesa", 2.9))
    ]
    return write_session(tmp_path / "several", *cases)


def test_one_trial_says_that_it_speaks_of_itself_only(alone: Session) -> None:
    head, _, row = shown(alone, 200)
    assert "95% interval" in head
    assert "trial noise" not in head
    fps, low, high = re.search(r"scene +(\S+) +~(\S+?)\.\.(\S+)", row).groups()  # type: ignore[union-attr]
    assert float(low) < float(fps) < float(high)
    (note,) = (note for note in session_notes(alone) if note.startswith("~"))
    assert "within this trial only" in note
    assert "--trials" in note


def test_several_trials_have_their_own_interval_and_noise(several: Session) -> None:
    head, _, *rows = shown(several, 200, relative=True)
    for title in ("95% interval", "relative", "its 95%", "verdict", "frame noise", "trial noise"):
        assert title in head
    assert "~" not in "".join(rows)
    assert not any(note.startswith("~") for note in session_notes(several))
    assert "SLOWER" in rows[1]
    assert "SLOWER" not in rows[0]


def test_digits_end_where_the_interval_begins(several: Session) -> None:
    _, _, row, *_ = shown(several, 200)
    fps, low, high = re.search(r"scene +(\S+) +(\S+?)\.\.(\S+)", row).groups()  # type: ignore[union-attr]
    half = (float(high) - float(low)) / 2
    assert half > 2
    assert "." not in fps + low + high, f"{row}: no decimals where the interval is {half} to either side"


def test_at_80_columns_the_interval_gives_way_before_the_rate(several: Session) -> None:
    for width in (80, 100):
        head, _, *rows = shown(several, width, relative=True)
        assert "FPS" in head
        assert "relative" in head
        assert all(len(row) <= width for row in rows)


def test_scenes_are_summarized_by_the_geometric_mean(several: Session) -> None:
    (note,) = (note for note in session_notes(several, relative=True) if note.startswith("Over 2 scenes"))
    assert re.search(
        r"osmesa has 0\.\d+ of egl's speed, geometric mean \(95% 0\.\d+\.\.0\.\d+\), SLOWER", note
    )
    assert not any(note.startswith("Over ") for note in session_notes(several))


def test_an_unclear_case_tells_what_could_have_been_seen_and_what_would_settle_it(tmp_path: Path) -> None:
    cases = (Made("egl", 2.0, trials=3, drift=0.15), Made("osmesa", 2.05, trials=3))
    notes = session_notes(write_session(tmp_path / "s", *cases), relative=True)
    (note,) = (note for note in notes if "would have been seen" in note)
    assert re.search(r"a difference of \S+% would have been seen, .*round.* settle 2%", note)


def test_two_rounds_are_unclear_and_the_note_says_why(tmp_path: Path) -> None:
    session = write_session(tmp_path / "s", Made("egl", 2.0, trials=2), Made("osmesa", 9.0, trials=2))
    assert "UNCLEAR" in "".join(shown(session, 200, relative=True))
    assert any("fewer than 3 rounds" in note for note in session_notes(session, relative=True))


def test_frames_left_out_and_trials_that_never_settled_are_told(alone: Session) -> None:
    def told(steady: SteadyState, left_out: int) -> str:
        (case,) = alone.cases
        (trial,) = case.trials
        figures = msgspec.structs.replace(trial.metrics, steady=steady, frames_left_out=left_out)
        changed = msgspec.structs.replace(trial, metrics=figures)
        cases = (msgspec.structs.replace(case, trials=(changed,)),)
        return "\n".join(session_notes(msgspec.structs.replace(alone, cases=cases)))

    assert "120 frames before the steady state left out" in told(
        SteadyState(first_frame=120, settled=True, change=0.5), 120
    )
    never = told(SteadyState(first_frame=0, settled=False, change=-0.2, change_frame=300), 0)
    assert "trial 1 never settled: its frame time rose by 25%" in never


def test_json_csv_and_markdown_carry_the_same(several: Session) -> None:
    document = json.loads(as_json(several, "somewhere"))
    case = document["cases"][1]
    assert case["figures"]["fps"]["interval"]["kind"] == "trials"
    assert case["relative_to"] == document["cases"][0]["case"]
    assert case["comparison"]["verdict"] == "slower"
    assert case["noise"]["trial"] > 0
    rows = list(csv.DictReader(io.StringIO(as_csv(several))))
    for row in rows:
        assert float(row["fps_low"]) < float(row["fps"]) < float(row["fps_high"])
        assert float(row["p99_ms_low"]) <= float(row["p99_ms"]) <= float(row["p99_ms_high"])
        assert row["settled"] == "true"
    markdown = as_markdown(several, relative=True)
    assert "| 95% interval | relative | its 95% | verdict |" in markdown
    assert "| SLOWER |" in markdown


def test_noise_has_two_digits_at_the_most() -> None:
    assert [noise_text(part) for part in (0.1234, 0.0481, 0.00712, 0.0, None)] == [
        "12%",
        "4.8%",
        "0.71%",
        "0.00%",
        "–",
    ]
