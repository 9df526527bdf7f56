"""Where profiles are kept: found by name, listed, saved without losing what a person wrote."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.case import Effects
from profiles.errors import ProfileError
from profiles.profile import Measure, Output, Profile
from profiles.store import (
    builtin_profiles_folder,
    list_profiles,
    load_profile,
    own_profiles_folder,
    profile_path,
    profile_text,
    save_profile,
)
from tests.profiles.session_builders import sentence_of

BUILT_IN = ("ci", "compare", "published-cartpole", "published-primitives", "quick", "resolutions")

BY_HAND = """\
# What I measure before each release.

schema = 1
scenes = [
  "robot.xml", # ours
  # and theirs
  "menagerie:unitree_go2", # quick enough
]
# The seed of the release.
seed = 3 # do not change

# How long:
[measure]
duration = 5.0 # seconds

# What stays:
[output]
# the landing
save_frames = [60]   # compared by eye
"""


@pytest.fixture
def own() -> Path:
    folder = own_profiles_folder()
    folder.mkdir(parents=True)
    (folder / "robot.xml").write_text("<mujoco/>")
    return folder


def test_profiles_lie_in_the_configuration_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert own_profiles_folder() == tmp_path / "config" / "mjbench" / "profiles"
    assert save_profile("mine", Profile()) == tmp_path / "config" / "mjbench" / "profiles" / "mine.toml"


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_profile_is_an_example_that_explains_itself(name: str) -> None:
    profile = load_profile(name)
    text = profile_path(name).read_text()
    assert profile.title and profile.description and text.startswith("# ") and text.count("#") >= 3
    assert profile.backends == ("auto",)
    assert profile.cases(["egl", "osmesa"])


def test_the_built_in_profiles_ask_for_what_they_say() -> None:
    quick, compare, sizes, ci = (load_profile(name) for name in ("quick", "compare", "resolutions", "ci"))
    assert quick.scenes == ("apartment",) and quick.effects == (Effects.SCENE, Effects.BARE)
    assert quick.resolutions == ("640x480",) and quick.settings().save_frames == (60,)
    # Two software backends, and some seconds for each start.
    seconds = sum(quick.settings().duration_s + 8 for _ in quick.cases(["egl", "osmesa"]))
    assert seconds < 60
    assert compare.scenes == ("apartment", "workbench") and compare.settings().duration_s == 3
    assert compare.effects == (Effects.SCENE,) and compare.settings().trials == 5
    assert len(sizes.resolutions) == 6 and sizes.resolutions[-1] == "1920x1080"
    assert ci.resolutions == ("64x64",) and ci.settings().frames == 20
    assert ci.settings().warmup_frames == 2 and ci.settings().duration_s is None


def test_all_are_listed_and_broken_ones_with_their_error(own: Path) -> None:
    (own / "broken.toml").write_text("duration = 3")
    (own / "mine.toml").write_text("title = 'Mine'")
    (own / ".hidden.toml").write_text("")
    (own / "notes.txt").write_text("")
    entries = list_profiles()
    assert [entry.name for entry in entries] == [*BUILT_IN, "broken", "mine"]
    assert [entry.origin for entry in entries] == ["built-in"] * len(BUILT_IN) + ["own"] * 2
    assert all(entry.title and not entry.error for entry in entries[:-2])
    assert "belongs under [measure]" in entries[-2].error and entries[-2].title == ""
    assert entries[-1].title == "Mine" and entries[-1].path == own / "mine.toml"


def test_ones_own_profile_stands_in_for_a_built_in_one(own: Path) -> None:
    (own / "quick.toml").write_text("title = 'My quick'")
    assert load_profile("quick").title == "My quick"
    assert [(entry.name, entry.origin) for entry in list_profiles()][-1] == ("quick", "own")
    assert len(list_profiles()) == len(BUILT_IN)


def test_an_unknown_name_gets_the_nearest(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own / "release.toml").write_text("")
    for name, near in [("qiuck", "quick"), ("relaese", "release")]:
        assert f"did you mean {near!r}?" in sentence_of(lambda name=name: load_profile(name), ProfileError)
    assert "known are ci, compare" in sentence_of(lambda: load_profile("xyzzy"), ProfileError)
    assert "unknown profile 'a\\x1bb'" in sentence_of(lambda: load_profile("a\x1bb"), ProfileError)
    monkeypatch.chdir(own.parent)
    assert "write './profiles'" in sentence_of(lambda: load_profile("profiles"), ProfileError)


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".x", "a/b", "../x", "/x", "a\\b", "a b", "a\n", "ä", "x" * 65, "x.toml", "a\0"]
)
def test_a_name_that_is_none_is_refused(own: Path, name: str) -> None:
    before = sorted(own.rglob("*"))
    assert "cannot be the name of a profile" in sentence_of(
        lambda: save_profile(name, Profile()), ProfileError
    )
    assert sorted(own.rglob("*")) == before


@pytest.mark.parametrize("name", ["quick", "QUICK"])
def test_the_name_of_a_built_in_profile_is_refused(name: str) -> None:
    sentence = sentence_of(lambda: save_profile(name, Profile(), overwrite=True), ProfileError)
    assert "built-in profile" in sentence
    assert not own_profiles_folder().exists()


def test_an_existing_profile_is_only_overwritten_when_asked(own: Path) -> None:
    save_profile("mine", Profile(seed=1))
    assert "exists already" in sentence_of(lambda: save_profile("mine", Profile(seed=2)), ProfileError)
    assert load_profile("mine").seed == 1
    save_profile("mine", Profile(seed=2), overwrite=True)
    assert load_profile("mine").seed == 2


def test_what_could_not_be_loaded_is_not_saved() -> None:
    broken = Profile(measure=Measure(duration=1.0, frames=2))
    assert "one of the two" in sentence_of(lambda: save_profile("mine", broken), ProfileError)
    assert not own_profiles_folder().exists()


def test_a_folder_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    assert "cannot be written" in sentence_of(lambda: save_profile("mine", Profile()), ProfileError)
    assert "cannot be listed" in sentence_of(list_profiles, ProfileError)
    assert load_profile("quick").title


def test_saving_over_a_file_keeps_comments_and_order(own: Path) -> None:
    file = own / "mine.toml"
    file.write_text(BY_HAND)
    profile = load_profile("mine")
    changed = profile.override(
        {
            "scenes": [str(own / "robot.xml"), "workbench"],
            "seed": 4,
            "camera": "side",
            "measure.duration": 6.5,
            "measure.trials": 3,
            "output.save_frames": [60, 70],
        }
    )
    save_profile("mine", changed, overwrite=True)
    assert load_profile("mine") == changed
    assert file.read_text() == (
        BY_HAND.replace('"menagerie:unitree_go2", # quick enough', '"workbench"')
        .replace("seed = 3 # do not change\n", 'seed = 4 # do not change\ncamera = "side"\n')
        .replace("duration = 5.0 # seconds\n", "duration = 6.5 # seconds\ntrials = 3\n")
        .replace("[60]   #", "[60, 70]   #")
    )


def test_a_list_that_cannot_be_changed_in_its_place_is_replaced(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "mine.toml").write_text(BY_HAND)
    changed = load_profile("mine").override({"scenes": ["workbench"]})
    monkeypatch.setattr("profiles.merge._change_list", lambda array, wanted: array.clear())
    save_profile("mine", changed, overwrite=True)
    assert load_profile("mine") == changed and "# The seed of the release." in (own / "mine.toml").read_text()


def test_a_file_that_would_read_back_as_another_is_left_as_it_is(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "mine.toml").write_text(BY_HAND)
    monkeypatch.setattr("profiles.merge._changed", lambda text, changes, element_by_element: "seed = 77")
    sentence = sentence_of(lambda: save_profile("mine", Profile(), overwrite=True), ProfileError)
    assert "save under another name" in sentence and (own / "mine.toml").read_text() == BY_HAND


def test_saving_what_is_there_changes_nothing(own: Path) -> None:
    file = own / "mine.toml"
    file.write_bytes(b"\xef\xbb\xbf" + BY_HAND.replace("\n", "\r\n").encode())
    save_profile("mine", load_profile("mine"), overwrite=True)
    assert file.read_bytes() == BY_HAND.replace("\n", "\r\n").encode()


def test_frames_take_the_place_of_duration_in_the_file(own: Path) -> None:
    (own / "mine.toml").write_text(BY_HAND)
    save_profile("mine", load_profile("mine").override({"measure.frames": 9}), overwrite=True)
    text = (own / "mine.toml").read_text()
    assert "frames = 9" in text and "duration" not in text and "# How long:" in text
    assert load_profile("mine").measure == Measure(frames=9)


@pytest.mark.parametrize("text", ["seed = = 3", "sead = 3 # mine", "schema = 2", "scenes = 'x'"])
def test_a_broken_file_is_never_overwritten(own: Path, text: str) -> None:
    (own / "mine.toml").write_text(text)
    sentence = sentence_of(lambda: save_profile("mine", Profile(), overwrite=True), ProfileError)
    assert str(own / "mine.toml") in sentence
    assert (own / "mine.toml").read_text() == text


SHAPES = (
    BY_HAND,
    "",
    "# only a comment",
    "seed = 1",
    "measure = {duration = 2.0, trials = 2} # inline\n",
    "measure.duration = 2.0 # dotted\nmeasure.trials = 2\nseed = 3\n",
    "[measure]\n[output]\n",
    "[output] # first\nsave_frames = [ ] # none\n\n# then\n[measure] # second\nframes = 3",
    "scenes = ['apartment', # a\n]\nbackends=[ \"egl\", 'osmesa' , ]# b\n",
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.sampled_from(SHAPES),
    profile=st.builds(
        Profile,
        title=st.sampled_from(["", "A \"title\" with 'quotes' # and \\"]),
        scenes=st.lists(st.sampled_from(["apartment", "workbench", "menagerie:unitree_go2"]), min_size=1).map(
            tuple
        ),
        backends=st.lists(st.sampled_from(["auto", "egl", "osmesa"]), min_size=1, max_size=5).map(tuple),
        camera=st.sampled_from([None, "side"]),
        seed=st.integers(0, 3),
        measure=st.sampled_from([Measure(duration=3.0), Measure(duration=2.0, trials=2), Measure(frames=7)]),
        output=st.sampled_from([Output(), Output(save_frames=(60,)), Output(save_frames=(60, 70))]),
    ),
)
def test_any_change_to_any_shape_of_file_reads_back_and_keeps_comments(
    own: Path, shape: str, profile: Profile
) -> None:
    file = own / "mine.toml"
    file.write_text(shape)
    before = load_profile("mine")
    save_profile("mine", profile, overwrite=True)
    assert load_profile("mine") == profile
    if before == profile:
        assert file.read_text() == shape
    lines = [line for line in shape.splitlines() if line.startswith("#")]
    assert all(line in file.read_text().splitlines() for line in lines)


def test_a_new_file_is_plain_toml(own: Path) -> None:
    profile = Profile(description="two\nlines", scenes=(str(own / "robot.xml"),))
    assert save_profile("mine", profile).read_text() == profile_text(profile)
    assert 'description = """\ntwo\nlines"""' in profile_text(profile)
    assert load_profile("mine") == profile


def test_listing_imports_nothing_heavy() -> None:
    heavy = ("numpy", "mujoco", "textual", "rich", "scipy", "tomlkit", "tomli_w", "filelock", "tui", "psutil")
    script = f"""
import sys
from profiles.store import list_profiles
assert len(list_profiles()) == {len(BUILT_IN)}
loaded = sorted(set({heavy!r}) & set(sys.modules))
sys.exit(f"loaded: {{loaded}}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_here_imports_mujoco_or_the_interface() -> None:
    files = builtin_profiles_folder().parent.glob("*.py")
    modules = sorted(f"profiles.{path.stem}" for path in files if path.stem != "__init__")
    script = f"""
import importlib, sys
for module in {modules!r}:
    importlib.import_module(module)
loaded = sorted(name for name in ("mujoco", "tui", "textual", "rich", "numpy") if name in sys.modules)
sys.exit(f"loaded: {{loaded}}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
