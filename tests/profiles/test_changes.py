"""Changes in profiles and sessions."""

import json
import tomllib

import msgspec
import pytest

from engine.case import Case, Effects, Resolution
from engine.changes.registry import all_changes
from profiles.errors import ProfileError
from profiles.journal import JOURNAL_FILE
from profiles.profile import Profile, profile_table
from profiles.session import SessionStatus
from profiles.sessions import load_session
from profiles.store import load_profile
from profiles.writer import recover
from tests.profiles.session_builders import CASES, PROFILE, new_writer, sentence_of, trial

PLAIN = CASES[0]
CHANGED = msgspec.structs.replace(PLAIN, change="no-shadows")
BOTH = msgspec.structs.replace(PLAIN, change="no-shadows+no-textures")


def test_changes_are_the_innermost_axis(profile):
    asked = profile('backends = ["egl", "osmesa"]\nchanges = ["none", "no-shadows", "one-light+no-shadows"]')
    assert [(case.backend, case.change) for case in asked.cases([])] == [
        ("egl", ""), ("egl", "no-shadows"), ("egl", "no-shadows+one-light"),
        ("osmesa", ""), ("osmesa", "no-shadows"), ("osmesa", "no-shadows+one-light"),
    ]  # fmt: skip
    assert [case.id for case in asked.cases([])][:3] == [
        "apartment-egl-640x480-scene",
        "apartment-egl-640x480-scene-no-shadows",
        "apartment-egl-640x480-scene-no-shadows+one-light",
    ]


def test_a_profile_without_them_changes_nothing(profile):
    assert [case.change for case in profile('backends = ["egl"]').cases([])] == [""]
    assert profile("").changes == ("none",)
    assert profile_table(Profile())["changes"] == ["none"] or profile_table(Profile())["changes"] == ("none",)


def test_every_change_can_be_asked_for(profile):
    names = [info.id for info in all_changes()]
    asked = profile(f'backends = ["egl"]\nchanges = {json.dumps(names)}')
    assert [case.change for case in asked.cases([])] == names


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('["no-shadow"]', "changes[0]: unknown change 'no-shadow': did you mean 'no-shadows'?"),
        ('["none", "boxmeshes"]', "changes[1]: unknown change 'boxmeshes': did you mean 'box-meshes'?"),
        ('["xyzzy"]', "changes[0]: unknown change 'xyzzy': known are none, no-shadows"),
        ('["no-shadows+"]', "changes[0]: unknown change ''"),
        ('["none+no-shadows"]', "changes[0]: unknown change 'none'"),
        ('["no-haze+no-haze"]', "changes[0]: the change 'no-haze' is named twice"),
        ('["half-shadow-map+no-shadows"]', "'half-shadow-map' has nothing to change beside 'no-shadows'"),
        ('["bare+no-skybox"]', "'no-skybox' has nothing to change beside 'bare'"),
        ("[]", "changes is an empty list, expected a list of changes"),
        ('"bare"', "changes is 'bare', expected a list of changes"),
        ("[1]", "changes[0] is 1, expected a name in quotes"),
    ],
)
def test_what_is_no_change_is_refused(profile, value, said):
    assert said in sentence_of(lambda: profile(f"changes = {value}"), ProfileError)


def test_a_long_combination_still_makes_a_name_for_files():
    longest = Case(
        scene=f"menagerie:{'x' * 100}",
        backend="b" * 60,
        resolution=Resolution(width=16384, height=16384),
        effects=Effects.SCENE,
        workers=256,
        worlds=65536,
        change="+".join(info.id for info in all_changes()),
    )
    assert len(f"{longest.id}.1000.256.frame100000.png".encode()) <= 255
    other = msgspec.structs.replace(longest, change=f"{longest.change}+more")
    assert longest.id != other.id
    strange = msgspec.structs.replace(PLAIN, change="../a b\n")
    assert "/" not in strange.id and "\n" not in strange.id


def test_a_session_says_of_each_case_what_was_changed(tmp_path):
    asked = msgspec.structs.replace(PROFILE, changes=("none", "no-shadows"))
    writer = new_writer(tmp_path / "s", profile=asked, cases=(PLAIN, CHANGED))
    for case in (PLAIN, CHANGED):
        writer.append(trial(case))
    written = writer.close("complete")
    read = load_session(tmp_path / "s")
    assert read == written
    assert [(record.id, record.change, record.case) for record in read.cases] == [
        (PLAIN.id, "", PLAIN), (CHANGED.id, "no-shadows", CHANGED),
    ]  # fmt: skip
    metrics = json.loads((tmp_path / "s" / "metrics.json").read_text())
    assert [told["change"] for told in metrics["trials"]] == ["", "no-shadows"]
    again = load_profile(tmp_path / "s" / "session.toml")
    assert again.changes == ("none", "no-shadows")


def test_a_session_from_before_changes_has_none(tmp_path):
    writer = new_writer(tmp_path / "s", cases=(PLAIN,))
    writer.append(trial(PLAIN))
    writer.close("complete")
    path = tmp_path / "s" / "session.toml"
    text = path.read_text()
    old = text.replace('change = ""\n', "")
    lines = [line for line in old.splitlines() if not line.startswith("changes")]
    start = next(index for index, line in enumerate(text.splitlines()) if line.startswith("changes"))
    assert text.splitlines()[start].startswith("changes = [")
    # A list takes several lines.
    del lines[start : start + 2]
    path.write_text("\n".join(lines) + "\n")
    assert "change" not in tomllib.loads(path.read_text())["cases"][0]
    read = load_session(path)
    assert (read.profile.changes, read.cases[0].change) == (("none",), "")


def test_a_session_with_a_change_of_another_version_can_be_read(tmp_path):
    later = msgspec.structs.replace(PLAIN, change="no-caustics")
    asked = msgspec.structs.replace(PROFILE, changes=("no-caustics",))
    writer = new_writer(tmp_path / "s", profile=asked, cases=(later,))
    writer.append(trial(later))
    writer.close("complete")
    assert load_session(tmp_path / "s").cases[0].case == later
    sentence = sentence_of(lambda: load_profile(tmp_path / "s" / "session.toml"), ProfileError)
    assert "unknown change 'no-caustics'" in sentence


def test_a_session_goes_on_with_further_cases(tmp_path):
    asked = msgspec.structs.replace(PROFILE, changes=("none", "no-shadows"))
    more = msgspec.structs.replace(PROFILE, changes=("none", "no-shadows", "no-shadows+no-textures"))
    writer = new_writer(tmp_path / "s", profile=asked, cases=(PLAIN, CHANGED))
    writer.append(trial(PLAIN))
    writer.append(trial(CHANGED))
    writer.extend(more, (PLAIN, BOTH))
    writer.append(trial(PLAIN, number=2))
    writer.append(trial(BOTH, number=2))
    session = writer.close("complete")
    assert session.profile.changes == more.changes
    assert [record.change for record in session.cases] == ["", "no-shadows", "no-shadows+no-textures"]
    assert [[each.trial for each in record.trials] for record in session.cases] == [[1, 2], [1], [2]]
    assert {record.state for record in session.cases} == {"done"}
    assert load_session(tmp_path / "s") == session


def test_what_goes_on_is_recovered_after_a_kill(tmp_path):
    more = msgspec.structs.replace(PROFILE, changes=("none", "no-shadows+no-textures"))
    writer = new_writer(tmp_path / "s", cases=(PLAIN,))
    writer.append(trial(PLAIN))
    writer.extend(more, (PLAIN, BOTH))
    writer.append(trial(PLAIN, number=2))
    writer.release()
    whole = (tmp_path / "s" / JOURNAL_FILE).read_bytes()
    # Its last record is torn: what came before, the further cases too, is known.
    (tmp_path / "s" / JOURNAL_FILE).write_bytes(whole[:-10])
    session = recover(tmp_path / "s")
    assert session.session.status is SessionStatus.INCOMPLETE
    assert session.profile.changes == more.changes
    assert [(record.change, record.state) for record in session.cases] == [
        ("", "done"), ("no-shadows+no-textures", "interrupted"),
    ]  # fmt: skip
    assert "cut short" in session.session.lost
