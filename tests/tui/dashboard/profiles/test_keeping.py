"""What is loaded, whether it was changed, where it is saved; comments and others' changes stay."""

from pathlib import Path

import pytest

from profiles.errors import ProfileError
from profiles.own_profiles import delete_profile, rename_profile
from profiles.profile import Profile
from profiles.store import builtin_profiles_folder, load_profile, own_profiles_folder
from tui.dashboard.profiles.keeping import ChangedOnDiskError, ProfileKeeper

BY_HAND = '# before each release\nscenes = ["robot.xml"] # ours\nseed = 3 # do not change\n'


def write_by_hand(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "robot.xml").write_text("<mujoco/>")
    (folder / name).write_text(BY_HAND)
    return folder / name


@pytest.fixture
def mine() -> Path:
    return write_by_hand(own_profiles_folder(), "mine.toml")


def test_comments_survive_a_load_a_change_and_a_save(mine: Path) -> None:
    keeper = ProfileKeeper.load("mine")
    assert (keeper.name, keeper.label, keeper.title) == ("mine", "mine", "the profile mine")
    assert keeper.can_save and not keeper.is_changed(keeper.saved)
    changed = keeper.saved.override({"seed": 4, "measure.trials": 2})
    assert keeper.is_changed(changed) and keeper.asks_before_quitting(changed)
    assert keeper.save(changed) == mine
    assert mine.read_text() == BY_HAND.replace("seed = 3", "seed = 4") + "\n[measure]\ntrials = 2\n"
    assert not keeper.is_changed(changed) and not keeper.asks_before_quitting(changed)
    assert load_profile("mine") == changed
    again = changed.override({"seed": 5})
    keeper.save(again)
    assert load_profile("mine") == again


def test_a_file_given_by_its_path_is_written_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_by_hand(tmp_path / "a project", "my profile.toml")
    monkeypatch.chdir(file.parent)
    keeper = ProfileKeeper.load("./my profile.toml")
    monkeypatch.chdir(tmp_path)
    assert (keeper.name, keeper.label) == (str(file), "my profile.toml")
    keeper.save(keeper.saved.override({"seed": 4}))
    assert file.read_text() == BY_HAND.replace("seed = 3", "seed = 4")
    assert not own_profiles_folder().exists()


def test_a_built_in_profile_is_saved_under_another_name_with_its_comments() -> None:
    keeper = ProfileKeeper.load("quick")
    original = (builtin_profiles_folder() / "quick.toml").read_text()
    changed = keeper.saved.override({"seed": 4})
    assert not keeper.can_save and keeper.is_changed(changed) and not keeper.asks_before_quitting(changed)
    with pytest.raises(ProfileError, match="another name"):
        keeper.save(changed)
    assert keeper.suggested_name() == "quick-2"
    path = keeper.save_as("quick-2", changed)
    assert path.read_text() == original.replace("seed = 0  ", "seed = 4  ")
    assert (keeper.name, keeper.can_save, keeper.is_changed(changed)) == ("quick-2", True, False)
    assert (builtin_profiles_folder() / "quick.toml").read_text() == original


def test_a_session_is_never_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "20250101-quick"
    folder.mkdir()
    text = "[session]\n[profile]\nseed = 8\n"
    (folder / "session.toml").write_text(text)
    for given in (str(folder), str(folder / "session.toml")):
        keeper = ProfileKeeper.load(given)
        assert keeper.label == "session 20250101-quick" and not keeper.can_save
    keeper.save_as(keeper.suggested_name(), keeper.saved)
    assert load_profile("mine").seed == 8 and keeper.name == "mine"
    assert (folder / "session.toml").read_text() == text


@pytest.mark.parametrize("theirs", [BY_HAND + "# theirs\n", None])
def test_what_others_did_to_the_file_is_asked_about(mine: Path, theirs: str | None) -> None:
    keeper = ProfileKeeper.load("mine")
    if theirs is None:
        mine.unlink()
    else:
        mine.write_text(theirs)
    changed = keeper.saved.override({"seed": 4})
    with pytest.raises(ChangedOnDiskError, match="since it was loaded"):
        keeper.save(changed)
    assert (mine.read_text() if mine.exists() else None) == theirs
    keeper.save(changed, anyway=True)
    assert load_profile("mine") == changed and ("# theirs" in mine.read_text()) == (theirs is not None)
    keeper.save(changed.override({"seed": 5}))


def test_a_file_that_others_broke_is_not_overwritten_even_when_asked(mine: Path) -> None:
    keeper = ProfileKeeper.load("mine")
    mine.write_text("seed = = 3")
    with pytest.raises(ProfileError, match="not TOML"):
        keeper.save(Profile(), anyway=True)
    assert mine.read_text() == "seed = = 3"
    keeper.save_as("other", keeper.saved.override({"seed": 4}))
    assert load_profile("other").seed == 4


def test_a_start_with_options_is_changed_but_not_touched(mine: Path) -> None:
    begun = load_profile("mine").override({"seed": 9})
    keeper = ProfileKeeper.at_start("mine", begun)
    assert keeper.is_changed(begun) and not keeper.is_touched(begun)
    assert keeper.is_touched(begun.override({"seed": 10}))
    assert not keeper.is_touched(load_profile("mine"))


@pytest.mark.parametrize("name", ["gone", "./gone.toml", "", "a\0b", "x" * 5000 + ".toml"])
def test_a_profile_that_is_gone_at_the_start_does_no_harm(name: str) -> None:
    profile = Profile(seed=4)
    keeper = ProfileKeeper.at_start(name, profile)
    assert (keeper.name, keeper.can_save, keeper.is_changed(profile)) == ("", False, False)
    keeper.save_as(keeper.suggested_name(), profile)
    assert load_profile("mine") == profile


def test_renaming_and_deleting_are_followed(mine: Path) -> None:
    keeper = ProfileKeeper.load("mine")
    rename_profile("mine", "yours")
    keeper.follow_rename("other", "another")
    keeper.follow_rename("mine", "yours")
    changed = keeper.saved.override({"seed": 4})
    assert keeper.save(changed) == mine.with_name("yours.toml")
    delete_profile("yours")
    keeper.follow_deletion("yours")
    assert not keeper.can_save and keeper.name == ""
    keeper.save_as("mine", changed)
    assert load_profile("mine") == changed
