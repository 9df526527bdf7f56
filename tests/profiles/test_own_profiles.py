"""Renaming, deleting and duplicating: nothing of a person's is ever lost or overwritten."""

import errno
import os
from pathlib import Path

import pytest

from profiles.errors import ProfileError
from profiles.own_profiles import delete_profile, duplicate_profile, free_name, rename_profile
from profiles.profile import Profile
from profiles.source import Origin, find_source
from profiles.store import builtin_profiles_folder, load_profile, own_profiles_folder, save_profile
from tests.profiles.session_builders import sentence_of

BY_HAND = '# mine\nscenes = ["robot.xml"] # ours\nseed = 3 # do not change\n'


@pytest.fixture
def own() -> Path:
    folder = own_profiles_folder()
    folder.mkdir(parents=True)
    (folder / "robot.xml").write_text("<mujoco/>")
    (folder / "mine.toml").write_text(BY_HAND)
    return folder


def tomls(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.suffix != ".xml"}


def test_rename_moves_the_text_as_it_is(own: Path) -> None:
    assert rename_profile("mine", "yours") == own / "yours.toml"
    assert tomls(own) == {"yours.toml": BY_HAND}
    assert load_profile("yours").scenes == (str(own / "robot.xml"),)


def test_duplicate_keeps_comments_and_scenes_beside_the_file(own: Path) -> None:
    assert duplicate_profile("mine", "mine-2") == own / "mine-2.toml"
    assert tomls(own) == {"mine.toml": BY_HAND, "mine-2.toml": BY_HAND}
    duplicate_profile("quick", "mine-quick")
    assert (own / "mine-quick.toml").read_text() == (builtin_profiles_folder() / "quick.toml").read_text()
    assert load_profile("mine-quick") == load_profile("quick")


def test_duplicate_makes_the_folder_and_a_writable_file() -> None:
    path = duplicate_profile("quick", "mine")
    assert load_profile("mine") == load_profile("quick")
    assert path.stat().st_mode & 0o200


@pytest.mark.parametrize("text", ["seed = = 3", "sead = 3", "schema = 99", "\udcff"])
def test_what_is_not_valid_can_still_be_renamed_copied_and_deleted(own: Path, text: str) -> None:
    (own / "bad.toml").write_bytes(os.fsencode(text))
    rename_profile("bad", "worse")
    duplicate_profile("worse", "worst")
    assert (own / "worst.toml").read_bytes() == os.fsencode(text)
    assert delete_profile("worse") == own / "worse.toml"
    assert sorted(path.name for path in own.glob("*.toml")) == ["mine.toml", "worst.toml"]


@pytest.mark.parametrize("new", ["taken", "dangling", "folder", "quick", "a b", "../x", "x.toml", ""])
def test_a_name_that_is_taken_or_none_changes_nothing(own: Path, new: str) -> None:
    (own / "taken.toml").write_text("seed = 1")
    (own / "dangling.toml").symlink_to("nowhere")
    (own / "folder.toml").mkdir()
    before = sorted(own.rglob("*"))
    for change in (rename_profile, duplicate_profile):
        sentence = sentence_of(lambda change=change: change("mine", new), ProfileError)
        assert repr(new) in sentence and "expected" in sentence
    assert sorted(own.rglob("*")) == before
    assert (own / "taken.toml").read_text() == "seed = 1" and (own / "mine.toml").read_text() == BY_HAND
    assert (own / "dangling.toml").readlink() == Path("nowhere")


def test_a_name_taken_at_the_last_moment_is_not_overwritten(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "taken.toml").write_text("seed = 1")
    monkeypatch.setattr("profiles.own_profiles.check_free_name", lambda name: None)
    monkeypatch.setattr("profiles.store.os.path.lexists", lambda path: False)
    for change in (
        lambda: rename_profile("mine", "taken"),
        lambda: duplicate_profile("mine", "taken"),
        lambda: save_profile("taken", Profile()),
    ):
        assert "expected another name" in sentence_of(change, ProfileError)
    assert tomls(own) == {"mine.toml": BY_HAND, "taken.toml": "seed = 1"}


@pytest.mark.parametrize("change", [lambda: rename_profile("quick", "x"), lambda: delete_profile("quick")])
def test_built_in_profiles_stay_and_the_sentence_says_what_to_do(own: Path, change: object) -> None:
    assert "duplicate it" in sentence_of(change, ProfileError)
    assert load_profile("quick").title


def test_ones_own_in_the_place_of_a_built_in_one_can_go(own: Path) -> None:
    (own / "quick.toml").write_text("title = 'My quick'")
    assert delete_profile("quick") == own / "quick.toml"
    assert load_profile("quick").title == "Quick look"


def test_of_a_link_only_the_link_is_renamed_and_deleted(own: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text(BY_HAND)
    (own / "link.toml").symlink_to(target)
    (own / "beside.toml").symlink_to("mine.toml")
    rename_profile("link", "linked")
    rename_profile("beside", "next")
    assert (own / "linked.toml").readlink() == target and (own / "next.toml").readlink() == Path("mine.toml")
    duplicate_profile("linked", "copy")
    assert not (own / "copy.toml").is_symlink() and (own / "copy.toml").read_text() == BY_HAND
    delete_profile("linked")
    delete_profile("next")
    assert target.read_text() == BY_HAND and (own / "mine.toml").read_text() == BY_HAND


def test_file_names_that_we_would_not_give_work_too(own: Path) -> None:
    for name in ("my profile", "[bold]x", "a\nb", "x.toml", "ä" * 90):
        (own / f"{name}.toml").write_text("seed = 7")
        if "." not in name:
            assert load_profile(name).seed == 7
        copy = free_name(name)
        duplicate_profile(name, copy)
        rename_profile(name, free_name(name))
        assert load_profile(copy).seed == 7


@pytest.mark.parametrize("name", ["nothing", "../mine", "/etc/passwd.toml", "", ".", "mine.toml", "a\0"])
def test_what_is_not_there_is_one_sentence(own: Path, name: str) -> None:
    for change in (
        lambda: rename_profile(name, "new"),
        lambda: delete_profile(name),
        lambda: duplicate_profile(name, "new"),
    ):
        sentence_of(change, ProfileError)
    assert tomls(own) == {"mine.toml": BY_HAND}


def test_a_folder_is_left_alone(own: Path) -> None:
    (own / "folder.toml").mkdir()
    for change in (lambda: rename_profile("folder", "new"), lambda: delete_profile("folder")):
        assert "is a folder" in sentence_of(change, ProfileError)
    assert (own / "folder.toml").is_dir()


def test_a_file_system_without_hard_links_does_as_well(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    rename_profile("mine", "yours")
    duplicate_profile("yours", "ours")
    assert tomls(own) == {"yours.toml": BY_HAND, "ours.toml": BY_HAND}
    monkeypatch.setattr("profiles.own_profiles.check_free_name", lambda name: None)
    assert "another name" in sentence_of(lambda: rename_profile("yours", "ours"), ProfileError)
    assert tomls(own) == {"yours.toml": BY_HAND, "ours.toml": BY_HAND}


def test_a_disk_that_fails_is_one_sentence_and_loses_nothing(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", fail)
        assert "cannot be deleted" in sentence_of(lambda: delete_profile("mine"), ProfileError)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        assert "cannot be written" in sentence_of(lambda: duplicate_profile("mine", "new"), ProfileError)
    assert tomls(own) == {"mine.toml": BY_HAND}


def test_the_name_offered_for_a_copy_is_free(own: Path) -> None:
    assert free_name("quick") == "quick-2"
    assert free_name("mine") == "mine-2"
    duplicate_profile("mine", "mine-2")
    assert free_name("mine") == "mine-3"
    assert free_name("x" * 64) == "x" * 59 + "-2"


def test_where_a_profile_comes_from(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here.toml").write_text("seed = 1")
    (tmp_path / "sent.toml").write_text("[session]\n[profile]\n")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    expected = {
        "quick": ("quick", Origin.BUILT_IN),
        str(builtin_profiles_folder() / "quick.toml"): ("quick", Origin.BUILT_IN),
        "mine": ("mine", Origin.OWN),
        str(own / "mine.toml"): ("mine", Origin.OWN),
        "./here.toml": (str(tmp_path / "here.toml"), Origin.FILE),
        "sent.toml": (str(tmp_path / "sent.toml"), Origin.SESSION),
        "./folder": (str(tmp_path / "folder"), Origin.SESSION),
    }
    for given, (name, origin) in expected.items():
        source = find_source(given)
        assert (source.name, source.origin, source.path.is_absolute()) == (name, origin, True)
        assert source.can_be_saved == (origin in (Origin.OWN, Origin.FILE))
    assert "unknown profile" in sentence_of(lambda: find_source("qiuck"), ProfileError)
    assert "no such file" in sentence_of(lambda: find_source("./nothing.toml"), ProfileError)
    assert sentence_of(lambda: find_source("./" + "x" * 5000 + ".toml"), ProfileError)


def test_a_new_file_can_take_the_comments_of_another(own: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "project" / "theirs.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(BY_HAND)
    (elsewhere.parent / "robot.xml").write_text("<mujoco/>")
    profile = load_profile(elsewhere).override({"seed": 4})
    path = save_profile("new", profile, like=elsewhere)
    assert path.read_text().startswith("# mine\n") and "seed = 4 # do not change" in path.read_text()
    # A scene beside the old file, although one of its name is beside the new one.
    assert load_profile("new").scenes == (str(elsewhere.parent / "robot.xml"),)
    elsewhere.write_text("seed = = 3")
    save_profile("plain", profile, like=elsewhere)
    assert load_profile("plain") == profile
