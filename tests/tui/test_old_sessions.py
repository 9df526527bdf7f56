"""Sessions that older versions wrote are read for ever: migrated in memory, untouched on the disk."""

import copy
import shutil
from pathlib import Path

import pytest

from profiles.profile import Profile
from profiles.session_schema import SESSION_SCHEMA, migrated
from profiles.sessions import load_session
from profiles.store import load_profile
from profiles.timings_file import read_timings
from tui.output.rows import make_rows

OLD = Path(__file__).parent / "old_sessions"


@pytest.fixture(params=sorted(folder.name for folder in OLD.iterdir()))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a session as an older version left it."""
    return Path(shutil.copytree(OLD / request.param, tmp_path / request.param))


def test_an_old_session_is_read_shown_compared_and_not_rewritten(mjbench, old: Path) -> None:
    before = (old / "session.toml").read_bytes()
    assert b"\nschema = 1\n" in before
    session = load_session(old)
    assert session.schema == SESSION_SCHEMA
    rows = make_rows(session)
    assert [row.trials for row in rows] == [2, 2, 2, 2]
    assert all(row.fps and row.measured.left_out == 0 for row in rows)
    # Nobody had looked for a steady state then, which is not the same as having found one.
    (metrics, *_) = [trial.metrics for case in session.cases for trial in case.trials]
    assert metrics is not None
    assert (metrics.steady, metrics.intervals) == (None, {})
    shown = mjbench("sessions", "show", old)
    assert shown.code == 0
    assert "apartment" in shown.out
    compared = mjbench("compare", old, old)
    assert compared.code == 0
    assert "1.000" in compared.out
    assert (old / "session.toml").read_bytes() == before
    assert sorted(path.name for path in old.iterdir()) == ["session.toml", "timings.npz"]


def test_its_timings_are_read_and_its_profile_can_be_run_again(old: Path) -> None:
    session = load_session(old)
    first = session.cases[0].trials[0]
    assert first.timings is not None
    assert len(read_timings(old, first.timings).timed["render"]) == 30
    profile = load_profile(old)
    assert isinstance(profile, Profile)
    assert profile.measure.frames == 30


def test_what_is_brought_up_to_date_is_a_copy() -> None:
    table = {"schema": 1, "cases": [{"trials": [{"metrics": {"fps": 1.0}}, {"trial": 2}]}, "no table"]}
    before = copy.deepcopy(table)
    found = migrated(table)
    assert found["cases"][0]["trials"][0]["metrics"] == {"fps": 1.0, "frames_left_out": 0, "intervals": {}}
    assert found["cases"][0]["trials"][1] == {"trial": 2}
    assert table == before
