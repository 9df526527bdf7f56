"""Profiles from TOML and back: what is read, and what is said of what cannot be."""

import math
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Case, Effects, Resolution, Settings
from profiles.errors import ProfileError
from profiles.profile import Measure, Output, Profile, UntilKnown, parse_profile, profile_table
from profiles.store import load_profile, profile_text
from tests.profiles.session_builders import sentence_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def load_text(file: Path, text: str | bytes) -> Profile:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_profile(file)


def error_of(file: Path, text: str | bytes) -> str:
    """The sentence about a file with this text, which must begin with the file's path."""
    sentence = sentence_of(lambda: load_text(file, text), ProfileError)
    assert sentence.startswith(f"{file}: ")
    return sentence.removeprefix(f"{file}: ")


def test_every_key_has_a_default(file: Path) -> None:
    profile = load_text(file, "")
    assert profile == Profile()
    assert profile.settings() == Settings(duration_s=3.0, frames=None, warmup_frames=10, trials=1)
    assert profile.cases(["egl"]) == (
        Case(
            scene="apartment",
            backend="egl",
            resolution=Resolution(width=640, height=480),
            effects=Effects.SCENE,
        ),
    )


def test_all_keys_are_read(file: Path) -> None:
    (file.parent / "robot.xml").write_text("<mujoco/>")
    profile = load_text(
        file,
        """
        schema = 1
        title = "T"
        description = "two\\nlines"
        scenes = ["apartment", "menagerie:unitree_go2", "robot.xml"]
        backends = ["auto", "null"]
        resolutions = ["640X480", " 64x64"]
        effects = ["bare", "scene"]
        camera = "overview"
        seed = 7
        target_fps = 30
        [measure]
        warmup_frames = 3
        frames = 300
        trials = 5
        hang_timeout = 0.1
        [output]
        save_frames = [60, 0]
        """,
    )
    assert profile == Profile(
        title="T",
        description="two\nlines",
        scenes=("apartment", "menagerie:unitree_go2", str(file.parent / "robot.xml")),
        backends=("auto", "null"),
        resolutions=("640x480", "64x64"),
        effects=(Effects.BARE, Effects.SCENE),
        camera="overview",
        seed=7,
        target_fps=30.0,
        measure=Measure(warmup_frames=3, frames=300, trials=5, hang_timeout=0.1),
        output=Output(save_frames=(60, 0)),
    )
    assert profile.settings() == Settings(
        camera="overview",
        seed=7,
        target_fps=30.0,
        warmup_frames=3,
        duration_s=None,
        frames=300,
        trials=5,
        hang_timeout_s=0.1,
        save_frames=(60, 0),
    )


def test_cases_come_by_scene_resolution_effects_backend_and_once() -> None:
    profile = Profile(
        scenes=("workbench", "apartment", "workbench"),
        backends=("null", "auto", "egl"),
        resolutions=("64x64", "32x32"),
        effects=(Effects.BARE, Effects.SCENE),
    )
    cases = [
        (case.scene, str(case.resolution), str(case.effects), case.backend)
        for case in profile.cases(["egl", "osmesa"])
    ]
    assert cases == [
        (scene, size, effects, backend)
        for scene in ("workbench", "apartment")
        for size in ("64x64", "32x32")
        for effects in ("bare", "scene")
        for backend in ("null", "egl", "osmesa")
    ]


def test_auto_where_no_backend_works_has_no_case() -> None:
    assert Profile().cases([]) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[measure]\nduration = 'abc'", ["measure.duration is 'abc'", "seconds above 0, at most 86400"]),
        ("[measure]\nduration = nan", ["measure.duration is nan", "seconds above 0"]),
        ("[measure]\nduration = inf", ["measure.duration is inf", "seconds above 0"]),
        ("[measure]\nduration = 0", ["measure.duration is 0", "seconds above 0"]),
        ("[measure]\nduration = 86400.5", ["measure.duration is 86400.5", "at most 86400"]),
        ("[measure]\nduration = true", ["measure.duration is true", "a number of seconds"]),
        ("[measure]\nduration = 1\nframes = 2", ["measure.duration", "measure.frames", "one of the two"]),
        ("[measure]\nframes = 0", ["measure.frames is 0", "from 1 to 1000000000"]),
        ("[measure]\nframes = 2.0", ["measure.frames is 2.0", "a whole number"]),
        ("[measure]\nframes = 1000000001", ["measure.frames is 1000000001", "from 1 to 1000000000"]),
        ("[measure]\nwarmup_frames = 0", ["measure.warmup_frames is 0", "from 1 to 1000000"]),
        ("[measure]\nwarmup_frames = false", ["measure.warmup_frames is false", "a whole number"]),
        ("[measure]\ntrials = 1001", ["measure.trials is 1001", "from 1 to 1000"]),
        ("[measure]\nhang_timeout = 0.05", ["measure.hang_timeout is 0.05", "from 0.1 to 86400"]),
        ("[measure]\nhang_timeout = inf", ["measure.hang_timeout is inf", "from 0.1 to 86400"]),
        ("seed = -1", ["seed is -1", "from 0 to 9223372036854775807"]),
        ("seed = 9223372036854775808", ["seed is 9223372036854775808", "to 9223372036854775807"]),
        ("target_fps = 0", ["target_fps is 0", "above 0, at most 1000000"]),
        ("target_fps = 1e7", ["target_fps is 10000000.0", "at most 1000000"]),
        ("scenes = []", ["scenes is an empty list", "a list of scenes"]),
        ("backends = []", ["backends is an empty list", "a list of backends"]),
        ("effects = []", ["effects is an empty list", '"scene" or "bare"']),
        ("resolutions = []", ["resolutions is an empty list", "a list of resolutions"]),
        ("backends = 'egl'", ["backends is 'egl'", 'such as ["egl"]']),
        ("backends = ['osmesa', 'elg']", ["backends[1]", "unknown backend 'elg'", "did you mean 'egl'?"]),
        ("backends = ['atuo']", ["backends[0]", "did you mean 'auto'?"]),
        ("backends = ['xyzzy']", ["backends[0]", "expected one of auto, egl"]),
        ("scenes = ['apartmnet']", ["scenes[0]", "unknown scene 'apartmnet'", "did you mean 'apartment'?"]),
        ("scenes = ['menagerie:untree_go2']", ["scenes[0]", "did you mean 'menagerie:unitree_go2'?"]),
        ("scenes = ['no.xml']", ["scenes[0]", "there is no file", "no.xml"]),
        ('scenes = ["a\\u001b[31mb"]', ["scenes[0] is 'a\\x1b[31mb'", "without control characters"]),
        ("scenes = [3]", ["scenes[0] is 3", "a name in quotes"]),
        ("scenes = ['']", ["scenes[0] is ''", "a name in quotes"]),
        ("effects = ['sceen']", ["effects[0] is 'sceen'", "'scene' or 'bare'", "did you mean 'scene'?"]),
        ("effects = [1]", ["effects[0] is 1", "'scene' or 'bare'"]),
        ("resolutions = ['640*480']", ["resolutions[0] is '640*480'", "WIDTHxHEIGHT such as 640x480"]),
        ("resolutions = ['0x480']", ["resolutions[0] is '0x480'", "from 1 to 16384 pixels"]),
        ("resolutions = ['1x16385']", ["resolutions[0] is '1x16385'", "from 1 to 16384 pixels"]),
        ("camera = ''", ["camera is ''", "a name in quotes"]),
        ('camera = "a\\nb"', ["camera is 'a\\nb'", "without control characters"]),
        ("title = 3", ["title is 3", "text of at most 200 characters"]),
        ('title = "\\u0007"', ["title is '\\x07'", "without control characters"]),
        ('description = "\\u009b31m"', ["description is '\\x9b31m'", "without control characters"]),
        ("[output]\nsave_frames = [-1]", ["output.save_frames[0] is -1", "from 0 to 100000"]),
        ("[output]\nsave_frames = 60", ["output.save_frames is 60", "such as [60]"]),
        ("measure = 3", ["measure is 3", "a table"]),
        ("[[measure]]\nframes = 3", ["measure is a list", "a table"]),
        ("duration = 3", ["'duration'", "at the top level", "belongs under [measure]"]),
        ("save_frames = [3]", ["'save_frames'", "at the top level", "belongs under [output]"]),
        ("[measure]\nseed = 3", ["'seed'", "in [measure]", "at the top, before the first [section]"]),
        ("[output]\ntrials = 3", ["'trials'", "in [output]", "belongs under [measure]"]),
        ("sceens = ['a']", ["unknown key 'sceens'", "did you mean 'scenes'?"]),
        ("[measure]\nduratoin = 3", ["unknown key 'duratoin' in [measure]", "did you mean 'duration'?"]),
        ("durations = 3", ["unknown key 'durations'", "did you mean 'measure.duration'?"]),
        ("xyzzy = 3", ["unknown key 'xyzzy'", "expected one of schema, title"]),
        ('"a\\u001bb" = 3', ["unknown key 'a\\x1bb'"]),
        ("'title - at `$.measure`' = 3", ["unknown key 'title - at `$.measure`'"]),
        ("effects = ['x - at `$.zzz`']", ["effects[0]", "'scene' or 'bare'"]),
        ("schema = 2\nnew_key = 3", ["schema is 2", "newer mjbench-tui", "schema = 1"]),
        ("schema = 0", ["schema is 0", "expected 1"]),
        ("schema = 'x'", ["schema is 'x'", "expected 1"]),
        ("schema = true", ["schema is true", "expected 1"]),
        ("seed = 0x" + "f" * 5000, ["a number of 5002 digits at line 1", "64 bits"]),
        ("seed = " + "9" * 5000, ["a number of 5000 digits at line 1", "64 bits"]),
        ("seed = 1979-05-27", ["seed is 1979-05-27", "a whole number"]),
        ("a = " + "[" * 5000, ["nested too deeply"]),
        ("scenes = ['apartment'\nseed = 3", ["is not TOML at line 2, column 1"]),
        ("seed = = 3", ["is not TOML at line 1, column 8", "invalid value"]),
        (b"title = '\xff'", ["is not UTF-8 at line 1", "UTF-8"]),
        (b"seed = 3\ntitle = '\0'", ["NUL byte at line 2", "a TOML file"]),
        (b"\x89PNG\r\n\x1a\n", ["is not UTF-8 at line 1"]),
        ("#" * 1_000_001, ["larger than 1 MB"]),
    ],
)  # fmt: skip
def test_an_error_names_file_key_and_what_is_expected(
    file: Path, text: str | bytes, parts: list[str]
) -> None:
    sentence = error_of(file, text)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence and len(sentence) < 500


def test_more_cases_than_anybody_will_wait_for_are_refused(file: Path) -> None:
    sizes = ", ".join(f"'{side}x{side}'" for side in range(1, 1001))
    text = f"scenes = {['apartment'] * 11}\nresolutions = [{sizes}]"
    assert "11000 cases, expected at most 10000" in error_of(file, text)


def test_a_byte_order_mark_and_windows_line_ends_are_read(file: Path) -> None:
    assert load_text(file, b"\xef\xbb\xbfseed = 3\r\n[measure]\r\ntrials = 2\r\n").measure.trials == 2


def test_what_is_no_file_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    assert "is a folder without session.toml" in sentence_of(lambda: load_profile(folder), ProfileError)
    absent = tmp_path / "absent.toml"
    assert sentence_of(lambda: load_profile(absent), ProfileError) == f"{absent}: there is no such file"
    below = folder / "below.toml" / "x.toml"
    assert "no such file" in sentence_of(lambda: load_profile(below), ProfileError)
    inside = tmp_path / "file"
    inside.write_text("")
    assert "cannot be read (Not a directory)" in sentence_of(
        lambda: load_profile(inside / "x.toml"), ProfileError
    )
    assert "cannot be read" in sentence_of(lambda: load_profile("nul\0byte.toml"), ProfileError)
    assert "cannot be read (File name too long)" in sentence_of(
        lambda: load_profile("/" + "x" * 5000 + ".toml"), ProfileError
    )
    assert "'/\\x1b[31m.toml'" in sentence_of(lambda: load_profile("/\x1b[31m.toml"), ProfileError)
    assert "'/\\udcff.toml'" in sentence_of(lambda: load_profile("/\udcff.toml"), ProfileError)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_an_unreadable_file_is_one_sentence(file: Path) -> None:
    file.write_text("")
    file.chmod(0)
    assert "cannot be read (Permission denied)" in sentence_of(lambda: load_profile(file), ProfileError)


def test_only_a_scene_that_is_not_here_is_said_to_be_about_a_scene(file: Path) -> None:
    for text, about in [("scenes = ['no.xml']", True), ("scenes = [3]", False), ("backends = ['x']", False)]:
        with pytest.raises(ProfileError) as caught:
            load_text(file, text)
        assert caught.value.about_scene is about


plain_text = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
seconds = st.floats(0.1, 86_400)
until = st.builds(
    UntilKnown,
    relative_error=st.floats(1e-300, 0.999),
    min_trials=st.integers(3, 10),
    max_trials=st.integers(30, 1000),
    max_duration=seconds,
)
profiles = st.builds(
    Profile,
    title=plain_text | st.just(""),
    description=st.lists(plain_text, max_size=3).map("\n".join),
    scenes=st.lists(plain_text, min_size=1, max_size=4).map(tuple),
    backends=st.lists(st.sampled_from(["auto", "egl", "osmesa", "null"]), min_size=1, max_size=4).map(tuple),
    resolutions=st.lists(
        st.builds("{}x{}".format, st.integers(1, 16384), st.integers(1, 16384)), min_size=1, max_size=4
    ).map(tuple),
    effects=st.lists(st.sampled_from(Effects), min_size=1, max_size=3).map(tuple),
    camera=st.none() | plain_text,
    seed=st.integers(0, 2**63 - 1),
    target_fps=st.floats(1e-300, 1e6),
    measure=st.builds(
        Measure,
        warmup_frames=st.integers(1, 10**6),
        duration=seconds,
        trials=st.integers(1, 10),
        hang_timeout=seconds,
    )
    | st.builds(Measure, frames=st.integers(1, 10**9), until=st.none() | until),
    output=st.builds(Output, save_frames=st.lists(st.integers(0, 100_000), max_size=4).map(tuple)),
)


@given(profiles)
def test_what_is_written_is_read_again(profile: Profile) -> None:
    text = profile_text(profile)
    assert parse_profile(tomllib.loads(text), None, check_names=False) == profile
    assert list(tomllib.loads(text)) == list(profile_table(profile))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_profile_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    _profile_or_sentence(tmp_path_factory.getbasetemp() / "any.toml", data)


keys = st.sampled_from(["schema", "scenes", "measure", "duration", "frames", "output", "save_frames", "seed"])
values: Any = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
    | st.dates()
    | st.times()
    | st.sampled_from(["auto", "egl", "64x64", "scene", "apartment"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | plain_text, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*Profile.__struct_fields__, "x"]), values, max_size=4))
def test_any_toml_gives_a_profile_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any]
) -> None:
    import tomli_w

    _profile_or_sentence(tmp_path_factory.getbasetemp() / "any.toml", tomli_w.dumps(table).encode())


def _profile_or_sentence(file: Path, data: bytes) -> None:
    try:
        profile = load_text(file, data)
    except ProfileError as error:
        assert str(error).startswith(f"{file}: ") and str(error).isprintable()
    else:
        assert profile.cases(["egl"]) and profile.settings()


def test_an_option_beats_the_profile() -> None:
    profile = Profile(measure=Measure(duration=3.0, trials=2))
    changed = profile.override({"scenes": ["workbench"], "measure.trials": "4", "target_fps": "30.5"})
    assert changed.scenes == ("workbench",) and changed.measure == Measure(duration=3.0, trials=4)
    assert changed.target_fps == 30.5 and changed.resolutions == profile.resolutions
    assert profile.override({}) == profile
    assert Profile(camera="x").override({"camera": None}).camera is None


def test_duration_and_frames_take_each_others_place() -> None:
    timed = Profile(measure=Measure(duration=2.0))
    assert timed.override({"measure.frames": 5}).measure == Measure(frames=5)
    assert timed.override({"measure.frames": 5}).override({"measure.duration": 1}).measure == Measure(
        duration=1.0
    )
    assert timed.override({"measure.frames": None}).measure == Measure(duration=2.0)


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"measure.duration": "abc"}, ["--duration is 'abc'", "a number of seconds"]),
        ({"measure.duration": math.nan}, ["--duration is nan", "a number of seconds"]),
        ({"measure.duration": 1, "measure.frames": 2}, ["--duration and --frames", "one of the two"]),
        ({"measure.frames": "1.5"}, ["--frames is 1.5", "a whole number"]),
        ({"scenes": ["apartmnet"]}, ["--scenes: unknown scene", "did you mean 'apartment'?"]),
        ({"backends": ["elg"]}, ["--backends: unknown backend 'elg'", "did you mean 'egl'?"]),
        ({"resolutions": ["big"]}, ["--resolutions is 'big'", "WIDTHxHEIGHT"]),
        ({"effects": ["none"]}, ["--effects is 'none'", "'scene' or 'bare'"]),
        ({"seed": None}, ["--seed is nothing", "a whole number"]),
        ({"camera": "a\udcff"}, ["--camera is 'a\\udcff'", "valid UTF-8"]),
        ({"duration": 3}, ["unknown key 'duration'", "did you mean 'measure.duration'?"]),
        ({"meazure.frames": 3}, ["unknown key 'meazure.frames'", "did you mean 'measure.frames'?"]),
    ],
)
def test_an_error_of_an_option_names_the_option(values: dict[str, Any], parts: list[str]) -> None:
    where = {key: f"--{key.rpartition('.')[2]}" for key in values}
    sentence = sentence_of(lambda: Profile().override(values, where), ProfileError)
    for part in parts:
        assert part in sentence


def test_scenes_of_options_count_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "robot.xml").write_text("<mujoco/>")
    monkeypatch.chdir(tmp_path)
    assert Profile().override({"scenes": ["robot.xml"]}).scenes == (str(tmp_path / "robot.xml"),)
    assert Profile().override({"scenes": ["robot.xml"]}, base=tmp_path).scenes == (
        str(tmp_path / "robot.xml"),
    )
