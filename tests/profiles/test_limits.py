"""What a frame takes at the least, in sessions: kept, read from before it was known, and told to programs."""

import json
import tomllib

import msgspec
import pytest
import tomli_w

from engine.floor import Floor
from profiles.limits import limit_document, trial_limit
from profiles.sessions import load_session
from profiles.writer import recover
from tests.profiles.session_builders import CASES, failed_trial, metrics, new_writer, trial

FLOOR = Floor(empty_draw_ms=1.5, empty_draws=50, copy_ms=0.5, copy_bytes=9216, copies=50)
WITHOUT_DRAW = Floor(copy_ms=0.5, copy_bytes=9216, copies=50)


def written(folder, *results):
    writer = new_writer(folder)
    for result in results:
        writer.append(result)
    writer.close("complete")
    return load_session(folder)


def test_a_session_keeps_the_floor_of_each_trial(tmp_path):
    session = written(
        tmp_path / "s", trial(CASES[0], floor=FLOOR), trial(CASES[1], floor=WITHOUT_DRAW), trial(CASES[2])
    )
    kept = [case.trials[0].floor for case in session.cases[:3]]
    assert kept == [FLOOR, WITHOUT_DRAW, None]


def test_a_killed_run_keeps_it_too(tmp_path):
    writer = new_writer(tmp_path / "s")
    writer.append(trial(CASES[0], floor=FLOOR))
    writer.release()
    assert recover(tmp_path / "s").cases[0].trials[0].floor == FLOOR


def test_a_session_from_before_it_was_measured_is_read(tmp_path):
    written(tmp_path / "s", trial(CASES[0], floor=FLOOR))
    path = tmp_path / "s" / "session.toml"
    table = tomllib.loads(path.read_text())
    del table["cases"][0]["trials"][0]["floor"]
    path.write_text(tomli_w.dumps(table))
    (old,) = load_session(tmp_path / "s").cases[0].trials
    assert old.floor is None
    limit = trial_limit(old)
    # Ten milliseconds a frame: what it means for a person is known all the same.
    assert (limit.share, limit.room) == (None, None)
    assert limit.hours == pytest.approx(1e6 / 3600)


def test_other_programs_are_told_the_floor_and_the_limit(tmp_path):
    written(tmp_path / "s", trial(CASES[0], floor=FLOOR), failed_trial(CASES[1]))
    told, failed = json.loads((tmp_path / "s" / "metrics.json").read_text())["trials"]
    assert told["floor"]["empty_draw_ms"] == 1.5
    assert told["floor"]["copy_bytes"] == 9216
    assert told["limit"] == pytest.approx({"least_ms": 2.0, "share": 0.2, "room": 5.0, "hours": 1e6 / 3600})
    assert (failed["floor"], failed["limit"]) == (None, None)


def test_what_draws_nothing_has_no_limit(tmp_path):
    nothing = msgspec.structs.replace(metrics(), pixels_per_s=0.0)
    session = written(tmp_path / "s", trial(CASES[0], metrics=nothing))
    (record,) = session.cases[0].trials
    assert trial_limit(record) is None
    assert limit_document(record) is None
