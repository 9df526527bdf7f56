"""Finished sessions: read back, found by name, listed, refused when damaged."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.timings import PHASES
from profiles.errors import ProfileError, SessionError
from profiles.journal import JOURNAL_FILE
from profiles.sessions import list_sessions, load_session, session_folder, sessions_folder
from profiles.store import load_profile
from profiles.timings_file import read_timings
from tests.profiles.session_builders import (
    CASES,
    MACHINE,
    PROFILE,
    failed_trial,
    metrics,
    new_writer,
    sentence_of,
    timings,
    trial,
)

JANUARY = datetime(2025, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def folder() -> Path:
    """The folder of a session with one trial done, one failed, and two not reached."""
    writer = new_writer(now=JANUARY)
    writer.append(trial())
    writer.append(failed_trial(CASES[1]))
    writer.close("interrupted")
    return writer.folder


def test_a_session_is_found_by_name_prefix_folder_and_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = load_session(folder)
    file = folder / "session.toml"
    for name in (folder.name, folder.name[:8], str(folder), f"{folder}/", str(file), file):
        assert load_session(name) == session
        assert session_folder(name) == folder
    monkeypatch.chdir(folder)
    assert load_session("session.toml") == session
    assert load_session("./") == session


def test_a_session_that_is_not_there_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    other = new_writer(now=JANUARY)
    other.close("complete")
    for name, part in [
        ("20250131", "is the beginning of 2 sessions, such as 20250131T120000Z-two-"),
        (folder.name[:-4] + "zzzz", "did you mean"),
        ("xyzzy", "unknown session 'xyzzy': the newest is"),
        ("", "unknown session ''"),
        ("\x1b", "unknown session '\\x1b'"),
        (str(tmp_path / "none"), "none/session.toml: there is no such file"),
        (str(tmp_path), "session.toml: there is no such file"),
        ("/nul\0", "cannot be read"),
    ]:
        assert part in sentence_of(lambda name=name: load_session(name), SessionError)


def test_a_session_can_be_run_again_as_a_profile(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "robot.xml").write_text("<mujoco/>")
    profile = PROFILE.override({"scenes": [str(tmp_path / "robot.xml")]})
    writer = new_writer(tmp_path / "session", profile=profile)
    writer.close("complete")
    assert load_profile(writer.folder) == load_profile(writer.folder / "session.toml") == profile
    assert load_profile(str(folder)) == PROFILE
    (tmp_path / "robot.xml").unlink()
    assert load_session(writer.folder).profile == profile
    sentence = sentence_of(lambda: load_profile(writer.folder), ProfileError)
    assert "profile.scenes[0]" in sentence and "there is no file" in sentence


def test_the_file_begins_with_what_a_person_looks_for(folder: Path) -> None:
    text = (folder / "session.toml").read_text()
    assert text.startswith("# A session of mjbench-tui.")
    heads = ["schema = 2", "[profile]", "[session]", "[machine]", "[[cases]]"]
    places = [text.index(f"\n{head}\n") for head in heads]
    assert places == sorted(places)
    assert 'resolution = "64x48"' in text and "\x1b" not in text


def test_metrics_are_strict_json_with_all_that_they_depend_on(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "session")
    figures = msgspec.structs.replace(metrics(), std_ms=math.nan, max_ms=math.inf)
    writer.append(trial(metrics=figures))
    writer.append(failed_trial(CASES[1]))
    writer.close("complete")
    text = (writer.folder / "metrics.json").read_text()

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document = json.loads(text, parse_constant=refuse)
    assert text == json.dumps(document, indent=2) + "\n"
    done, failed = document["trials"]
    assert done["metrics"]["fps"] == 100.0 and done["metrics"]["low1_fps"] is None
    assert done["metrics"]["std_ms"] is None and done["metrics"]["max_ms"] is None
    assert (done["scene"], done["backend"], done["effects"]) == ("apartment", "egl", "scene")
    assert (done["width"], done["height"], done["steps_per_frame"]) == (64, 48, 8)
    assert done["software"] is True and done["renderer"]["renderer"] == "llvmpipe"
    assert failed["metrics"] is None and failed["software"] is None
    assert failed["failure"]["reason"] == "no EGL"
    assert document["machine"]["hostname"] == "bench" and document["settings"]["frames"] == 4


def test_timings_are_loaded_by_anybody_without_pickle(folder: Path) -> None:
    expected = timings()
    with np.load(folder / "timings.npz", allow_pickle=False) as archive:
        assert len(archive.files) == 10
        for phase in ("step", "update", "render", "readback", "overhead"):
            array = archive[f"apartment-egl-64x48-scene.1.{phase}"]
            assert array.dtype == np.int64 and np.array_equal(array, expected.timed[phase])
            warmup = archive[f"apartment-egl-64x48-scene.1.warmup.{phase}"]
            assert np.array_equal(warmup, expected.warmup[phase])


def test_damaged_timings_are_one_sentence(folder: Path) -> None:
    file = folder / "timings.npz"
    assert "holds no timings of 'x'" in sentence_of(lambda: read_timings(folder, "x"), SessionError)
    data = file.read_bytes()
    for broken in (b"", b"PK", data[: len(data) // 2], b"not a zip", data[:100] + b"xxxx" + data[104:]):
        file.write_bytes(broken)
        sentence = sentence_of(lambda: read_timings(folder, f"{CASES[0].id}.1"), SessionError)
        assert sentence.startswith(f"{file}: ")
    np.savez(file, **{f"x.{prefix}{phase}": np.array([{}]) for prefix in ("", "warmup.") for phase in PHASES})
    assert "is damaged" in sentence_of(lambda: read_timings(folder, "x"), SessionError)
    file.unlink()
    assert "there is no such file" in sentence_of(lambda: read_timings(folder, "x"), SessionError)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("schema = 2\n", "schema = 3\n", ["schema is 3", "newer mjbench-tui", "1 to 2"]),
        ("schema = 2\n", "schema = 0\n", ["schema is 0", "expected 1 to 2"]),
        ('state = "done"', 'state = "great"', ["cases[0].state is 'great'", "'done'"]),
        ("fps = 100.0", "fps = 'x'", ["cases[0].trials[0].metrics.fps is 'x'", "expected a number"]),
        ("fps = 100.0\n", "", ["cases[0].trials[0].metrics.fps is missing", "expected a number"]),
        ("fps = 100.0", "fsp = 100.0", ["unknown key 'fsp'", "did you mean 'fps'?"]),
        ('status = "interrupted"', 'status = "over"', ["session.status is 'over'", "'complete'"]),
        ('"64x48"', '"64*48"', ["cases[0].resolution is '64*48'", "WIDTHxHEIGHT"]),
        ('"64x48"', "3", ["cases[0].resolution is 3", "WIDTHxHEIGHT"]),
        (
            '"frames/',
            '"../../',
            ["cases[0].trials[0].saved_frames", "'../../", "inside the session's folder"],
        ),
        ('"frames/', '"/frames/', ["saved_frames", "'/frames/", "inside the session's folder"]),
        ("frames = 4\n", "frames = 0\n", ["profile.measure.frames is 0", "from 1 to"]),
        ("frames = 4\n", "frames = 4\nduration = 3\n", ["profile.measure.duration", "one of the two"]),
        ('"2025-01-31T12:00:00.000+00:00"', '"today"', ["session.started_at is 'today'", "a date and time"]),
        ('hostname = "bench"\n', "", ["machine.hostname is missing"]),
        ("\n[machine]\n", "\n[machines]\n", ["unknown key 'machines'", "did you mean 'machine'?"]),
    ],
)
def test_a_damaged_session_is_one_sentence(folder: Path, old: str, new: str, parts: list[str]) -> None:
    file = folder / "session.toml"
    text = file.read_text()
    assert old in text
    check_sentence(folder, text.replace(old, new, 1), parts)
    assert [entry.status for entry in list_sessions()] == ["damaged"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["is missing"]),
        ("cases = 3", ["cases is 3", "a list"]),
        ("cases = [3]", ["cases[0] is 3", "a table"]),
        ("profile = 3", ["profile is 3", "a table"]),
        ("scenes = ['apartment']", ["is a profile, expected a session"]),
        ("x = = 3", ["is not TOML at line 1, column 5"]),
    ],
)
def test_another_file_in_its_place_is_one_sentence(folder: Path, text: str, parts: list[str]) -> None:
    check_sentence(folder, text, parts)


def check_sentence(folder: Path, text: str, parts: list[str]) -> None:
    file = folder / "session.toml"
    file.write_text(text)
    sentence = sentence_of(lambda: load_session(folder), SessionError)
    assert sentence.startswith(f"{file}: ")
    for part in parts:
        assert part in sentence


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_line_changed_gives_a_session_or_one_sentence(folder: Path, data: st.DataObject) -> None:
    original = folder / "session.toml"
    lines = original.read_text().splitlines()
    value = st.sampled_from(["3", "-1", "nan", "true", "'x'", "[]", "{}", "[{}]", "1979-05-27", "[[[3]]]"])
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(lines) - 1))
        key, equals, _ = lines[index].partition("=")
        lines[index] = f"{key}={data.draw(value)}" if equals else data.draw(st.just("") | st.just("[x]"))
    copy = folder.with_name("copy.toml")
    copy.write_text("\n".join(lines))
    try:
        load_session(copy)
    except SessionError as error:
        assert str(error).startswith(f"{copy}: ") and str(error).isprintable()


def test_sessions_are_listed_newest_first_whatever_their_state(tmp_path: Path) -> None:
    old, new = new_writer(now=JANUARY), new_writer(now=JANUARY.replace(year=2026))
    old.append(trial(metrics=metrics(50.0)))
    null = msgspec.structs.replace(CASES[0], backend="null")
    old.append(trial(null, metrics=metrics(9000.0)))
    old.append(trial(CASES[1], metrics=metrics(123.4)))
    old.close("complete")
    killed = new_writer(now=JANUARY.replace(month=3))
    killed.append(trial())
    killed.release()
    (sessions_folder() / "empty").mkdir()
    (sessions_folder() / "broken").mkdir()
    (sessions_folder() / "broken" / "session.toml").write_bytes(b"\xff\x1b")
    (sessions_folder() / "torn").mkdir()
    (sessions_folder() / "torn" / JOURNAL_FILE).write_bytes(b"MJBENCH\x01torn")
    (sessions_folder() / "a file").write_text("")
    listed = {entry.id: entry for entry in list_sessions()}
    dated = [name for name in listed if name.startswith("202")]
    assert dated == [new.folder.name, killed.folder.name, old.folder.name]
    assert {name: listed[name].status for name in listed} == {
        new.folder.name: "running",
        killed.folder.name: "unfinished",
        old.folder.name: "complete",
        "empty": "damaged",
        "broken": "damaged",
        "torn": "damaged",
    }
    complete = listed[old.folder.name]
    assert (complete.machine, complete.cases) == (MACHINE.hostname, 5)
    assert complete.headline_fps == 123.4 and complete.headline == "123 FPS on osmesa"
    assert complete.started_at == "2025-01-31T12:00:00.000+00:00"
    assert listed[killed.folder.name].cases == 4 and listed[new.folder.name].headline_fps is None
    for name in ("empty", "broken", "torn"):
        assert name in listed[name].error and listed[name].error.isprintable()
    for entry in listed.values():
        assert json.loads(json.dumps(entry.as_document()))["folder"] == str(entry.folder)
    new.release()
    assert {entry.status for entry in list_sessions()} == {"unfinished", "complete", "damaged"}


def test_listing_leaves_nothing_behind_and_disturbs_no_writer() -> None:
    writer = new_writer()
    writer.append(trial())
    before = sorted(writer.folder.iterdir())
    assert [entry.status for entry in list_sessions()] == ["running"]
    assert sorted(writer.folder.iterdir()) == before
    writer.close("complete")
    assert [entry.status for entry in list_sessions()] == ["complete"]


def test_no_sessions_is_an_empty_list() -> None:
    assert list_sessions() == ()
    assert "none was measured on this machine yet" in sentence_of(lambda: load_session("x"), SessionError)
