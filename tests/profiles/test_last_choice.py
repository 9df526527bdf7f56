"""What was chosen last is there at the next start, and nothing about it stops one."""

from pathlib import Path

import pytest

from profiles.errors import ProfileError
from profiles.last_choice import LastChoice, last_choice_path, load_last_choice, save_last_choice
from profiles.profile import Measure, Profile
from tests.profiles.session_builders import sentence_of


@pytest.fixture
def file() -> Path:
    last_choice_path().parent.mkdir(parents=True)
    return last_choice_path()


def test_it_lies_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert last_choice_path() == tmp_path / "mjbench" / "last.toml"
    assert load_last_choice() == (None, "")


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    (tmp_path / "robot.xml").write_text("<mujoco/>")
    profile = Profile(
        scenes=(str(tmp_path / "robot.xml"), "workbench"), camera="[x]", seed=9, measure=Measure(frames=7)
    )
    choice = LastChoice(profile=profile, profile_name="mine", theme="nord")
    save_last_choice(choice)
    save_last_choice(choice)
    assert load_last_choice() == (choice, "")
    assert "schema = 1\n" in last_choice_path().read_text()
    assert list(last_choice_path().parent.iterdir()) == [last_choice_path()]


def test_a_scene_that_is_gone_is_left_out_and_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone.xml"
    save_last_choice(LastChoice(profile=Profile(scenes=(str(gone), "workbench"), backends=("no", "egl"))))
    choice, note = load_last_choice()
    assert choice is not None and choice.profile.scenes == ("workbench",)
    assert choice.profile.backends == ("egl",)
    assert "gone.xml" in note and "the backend 'no'" in note
    save_last_choice(LastChoice(profile=Profile(scenes=(str(gone),), seed=5)))
    choice, note = load_last_choice()
    assert choice is not None and choice.profile == Profile(seed=5)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("schema = 2\nnew = 1", "newer"),
        ("seed = = 3", "is not TOML"),
        ("theme = 3", "theme is 3"),
        ('theme = "\\u001b[31m"', "control characters"),
        ("thema = 'x'", "did you mean 'theme'"),
        ("[profile]\nscenes = 3", "profile.scenes"),
        ("[profile]\nschema = 7", "profile.schema"),
        ("profile = 3", "profile"),
        ("[profile.measure]\nframes = 3\nduration = 2.0", "profile.measure.duration"),
    ],
)
def test_a_damaged_or_newer_file_is_said_and_never_overwritten(file: Path, text: str, part: str) -> None:
    file.write_text(text)
    choice, note = load_last_choice()
    if not text:
        assert (choice, note) == (LastChoice(), "")
        return
    assert choice is None and note.isprintable()
    assert str(file) in note and part in note and "repair or delete" in note
    assert str(file) in sentence_of(lambda: save_last_choice(LastChoice()), ProfileError)
    assert file.read_text() == text


def test_what_cannot_be_read_or_written_is_a_sentence(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.mkdir()
    assert "is a folder" in load_last_choice()[1]
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert "cannot be read" in load_last_choice()[1]
    sentence_of(lambda: save_last_choice(LastChoice()), ProfileError)


@pytest.mark.parametrize("name", ["\udcff.toml", "x" * 5000, "a\nb"])
def test_a_name_that_no_file_can_hold_is_left_out(name: str) -> None:
    save_last_choice(LastChoice(profile_name=name))
    assert load_last_choice() == (LastChoice(), "")
