"""Whatever a profile's file holds: a profile or one sentence, within two seconds and 200 MB."""

import itertools
import os
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profiles.errors import ProfileError
from profiles.plain_toml import OtherFormError, parse_plain
from profiles.profile import Profile
from profiles.source import find_source
from profiles.store import builtin_profiles_folder, load_profile, profile_text
from profiles.toml_file import parse_toml
from tests.faults.session_faces import answered
from tests.faults.toml_strategies import (
    ODD_VALUES,
    OLD_SESSION,
    any_bytes,
    changed,
    documents,
    fuzzed,
    statements,
)
from tests.faults.watched_command import Answer, mjbench
from tui.estimate import most_seconds, run_seconds

QUICK = (builtin_profiles_folder() / "quick.toml").read_text()
FULL = QUICK.replace("trials = 1 ", "# ").replace("# until = ", "until = ").replace("# camera", "camera")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "mine.toml"


def use(file: Path, data: bytes) -> Profile | None:
    """Load a profile as every command does; what is loaded can be planned, saved and loaded again."""
    file.write_bytes(data)
    profile = answered(lambda: load_profile(file))
    assert (profile is None) or isinstance(profile, Profile)
    answered(lambda: find_source(file))
    if profile is None:
        return None
    cases, settings = profile.cases(["egl", "osmesa"]), profile.settings()
    run_seconds(cases, settings)
    most_seconds(cases, settings)
    file.write_text(profile_text(profile))
    assert load_profile(file) == profile
    return profile


@fuzzed
@given(data=any_bytes)
@example(data=b"\xef\xbb\xbfseed = 1\r\n")
@example(data=b"a = '''\r")
def test_any_bytes(file: Path, data: bytes) -> None:
    use(file, data)


@fuzzed
@given(data=documents | statements)
def test_toml_of_any_structure(file: Path, data: bytes) -> None:
    use(file, data)


@fuzzed
@given(data=changed(FULL))
def test_a_profile_with_something_else_in_it(file: Path, data: bytes) -> None:
    use(file, data)


@pytest.mark.parametrize(
    "key",
    [
        "schema",
        "title",
        "scenes",
        "backends",
        "resolutions",
        "effects",
        "workers",
        "worlds",
        "changes",
        "camera",
        "seed",
        "target_fps",
        "readback",
        "physics",
        "measure",
        "output",
        "measure.duration",
        "measure.frames",
        "measure.trials",
        "measure.warmup_frames",
        "measure.until",
        "measure.hang_timeout",
        "measure.until.relative_error",
        "output.save_frames",
    ],
)
def test_every_key_with_every_odd_value(file: Path, key: str) -> None:
    for value in ODD_VALUES:
        use(file, f"{key} = {value}\n".encode())
        use(file, f"{key} = [{value}]\n".encode())


@fuzzed
@given(data=st.one_of(documents, statements, any_bytes, changed(OLD_SESSION.read_text())))
def test_what_is_read_in_our_own_form_is_what_any_reader_makes_of_it(data: bytes) -> None:
    try:
        text = data.decode()
        found = parse_plain(data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))
    except (OtherFormError, UnicodeDecodeError):
        return
    # By their texts: numbers that are none are not equal to themselves, and 0.0 is to -0.0.
    assert repr(found) == repr(tomllib.loads(text.removeprefix("\ufeff")))


@pytest.mark.parametrize("value", ODD_VALUES, ids=itertools.count())
def test_an_odd_value_in_our_own_form_is_what_any_reader_makes_of_it(value: str) -> None:
    for text in (f"a = {value}\n", f"a = [\n    {value},\n]\n"):
        try:
            found = parse_plain(text.encode())
        except OtherFormError:
            continue
        assert repr(found) == repr(tomllib.loads(text))


def test_a_session_of_ours_is_read_in_our_own_form() -> None:
    data = OLD_SESSION.read_bytes()
    assert repr(parse_plain(data)) == repr(tomllib.loads(data.decode()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".".join("a" * 100_000) + " = 1", "parts"),
        ("[" + ".".join("a" * 100_000) + "]", "parts"),
        ("[" + ".".join('"a"' for _ in range(50_000)) + "]", "parts"),
        ("x = { " + ".".join("a" * 20) + " = 1 }", "parts"),
        ("x = " + "[" * 11_000, "nested"),
        ("x = " + "{a=" * 4_000, "nested"),
        ("x = " + "[" * 10_000 + "]" * 10_000, "nested"),
        ("\n".join(f"[a{n}]" for n in range(30_000)), "lists and tables"),
        ("\n".join(f"a{n} = {{}}" for n in range(30_000)), "tables in lines"),
        ("\n".join(f"a{n}=1" for n in range(100_000)), "values"),
        ("x = [" + "1," * 400_000 + "]", "values in lists"),
        ("x = " + "1" * 100_000, "digits"),
        ("x = 0x" + "f" * 100_000, "digits"),
        ("x = -1" + "_000" * 10, "digits"),
    ],
    ids=itertools.count(),
)
def test_shapes_that_take_a_parser_without_end_are_refused_before_it_sees_them(
    text: str, expected: str
) -> None:
    with pytest.raises(ProfileError, match=expected):
        parse_toml(text.encode(), "it", ProfileError)


@pytest.mark.parametrize(
    "text",
    [
        ("# " + "a." * 5000 + " = [[[{{{,,,===\n") * 50,
        'title = "' + "a." * 90 + '"',
        'description = """' + "[]{}=,=== a.i.j.k.l.m.n.o.p = 1\n" * 100 + '"""',
        "description = '''" + 'a."b".' * 900 + "'''",
        "scenes = [" + '"apartment", ' * 1000 + "]",
        "target_fps = 59.99999999999999999999999999999999999999",
        'title = "12345678901234567890123456789"',
        "# 123456789012345678901234567890\nseed = 1",
        "seed = 0x7fffffffffffffff",
        "[measure]\nuntil.relative_error = 0.01",
    ],
    ids=itertools.count(),
)
def test_what_only_looks_like_such_a_shape_is_read(file: Path, text: str) -> None:
    file.write_text(text)
    assert isinstance(load_profile(file), Profile)


def _dense(size: int) -> str:
    return "".join(f"a{n:x}=1\n" for n in range(size // 8))


MAKERS: dict[str, Callable[[Path], None]] = {
    "zeros": lambda path: os.truncate(path, 100_000_000),
    "sparse": lambda path: os.truncate(path, 10_000_000_000),
    "spaces": lambda path: path.write_bytes(b" " * 100_000_000),
    "spaces-1MB": lambda path: path.write_bytes(b" \t" * 499_000 + b"seed = 'x'"),
    "comments": lambda path: path.write_bytes(b"#\n" * 499_000 + b"x"),
    "deep-dotted": lambda path: path.write_text(".".join("a" * 100_000) + " = 1"),
    "deep-tables": lambda path: path.write_text("".join(f"[{'.'.join('a' * n)}]\n" for n in range(1, 1400))),
    "deep-lists": lambda path: path.write_text("scenes = " + "[" * 499_000 + "]" * 499_000),
    "deep-inline": lambda path: path.write_text("scenes = " + "{a=" * 300_000),
    "digits": lambda path: path.write_text("seed = " + "9" * 900_000),
    "hex": lambda path: path.write_text("seed = 0x" + "f" * 900_000),
    "float-digits": lambda path: path.write_text("target_fps = " + "9" * 450_000 + "." + "9" * 450_000),
    "values": lambda path: path.write_text(_dense(900_000)),
    "values-100MB": lambda path: path.write_bytes(b"a=1\n" * 25_000_000),
    "tables": lambda path: path.write_text("".join(f"[a{n}]\n" for n in range(11_900))),
    "deeper-tables": lambda path: path.write_text("".join(f"[a{n}.b.c.d.e.f]\n" for n in range(11_900))),
    "deeper-values": lambda path: path.write_text(
        "[a.b.c.d.e.f]\n" + "".join(f"b{n}.b.c.d.e.f=1\n" for n in range(40_000))
    ),
    "inline-tables": lambda path: path.write_text("".join(f"a{n}={{}}\n" for n in range(4_900))),
    "list": lambda path: path.write_text("save_frames = [" + "1," * 119_000 + "]"),
    "list-1M": lambda path: path.write_text("[output]\nsave_frames = [" + "60, " * 1_000_000 + "]"),
    "escapes": lambda path: path.write_text('title = "' + "\\n" * 490_000 + '"'),
    "escapes-u": lambda path: path.write_text('title = "' + "\\u00e9" * 160_000 + '"'),
    "quotes": lambda path: path.write_text('"""\\' * 240_000),
    "open-text": lambda path: path.write_text("title = '''" + "''\n" * 300_000),
    "long-line": lambda path: path.write_text("title = " + "x" * 990_000),
    "emoji": lambda path: path.write_text('title = "' + "\U0001f600" * 240_000 + '"'),
    "emoji-15MB": lambda path: path.write_text('title = "' + "\U0001f600" * 3_900_000 + '"'),
    "scenes": lambda path: path.write_text(
        "scenes = [" + ", ".join(f'"{n}{"x" * 900}"' for n in range(1000)) + "]"
    ),
    "known-scenes": lambda path: path.write_text("scenes = [" + '"menagerie:unitree_go2", ' * 999 + '"x"]'),
    "changes": lambda path: path.write_text(
        f"changes = [{', '.join([repr('no-haze+' * 110 + 'x')] * 1000)}]"
    ),
    "product": lambda path: path.write_text(
        "resolutions = ["
        + ", ".join(f'"{n}x{n}"' for n in range(1, 1001))
        + "]\nworkers = ["
        + ", ".join(map(str, range(1, 257)))
        + "]\nworlds = ["
        + ", ".join(map(str, range(1, 1001)))
        + "]"
    ),
    "trials": lambda path: path.write_text(
        "resolutions = [" + ", ".join(f'"{n}x{n}"' for n in range(1, 1001)) + "]\n[measure]\ntrials = 1000"
    ),
    "trials-huge": lambda path: path.write_text("[measure]\ntrials = 4611686018427387904"),
    "binary": lambda path: path.write_bytes(os.urandom(1 << 20) * 20),
}
"""Files that take a reader long or much, and none of which is a profile that can be run."""


@pytest.mark.parametrize(
    "command",
    [("profiles", "show"), ("run", "--dry-run", "--profile"), ("explain", "--dry-run", "--profile")],
)
def test_no_profile_takes_long_or_much(tmp_path: Path, command: tuple[str, ...]) -> None:
    good = tmp_path / "good.toml"
    good.write_text("seed = 'x'\n")
    usual = mjbench(tmp_path, *command, good)
    usual.assert_sentence("seed")
    names = (
        list(MAKERS) if command == ("profiles", "show") else ["sparse", "deeper-values", "product", "scenes"]
    )
    for name in names:
        path = tmp_path / f"{name}.toml"
        path.touch()
        MAKERS[name](path)

    def ask(name: str) -> Answer:
        return mjbench(tmp_path, *command, f"{name}.toml")

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(names, pool.map(ask, names), strict=True))
    for name, answer in answers.items():
        answer.assert_sentence(f"{name}.toml", code=3 if "scenes" in name else 2)
        answer.assert_within(usual)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    (tmp_path / "terminal.toml").symlink_to("/dev/tty")
    (tmp_path / "memory.toml").symlink_to("/proc/self/mem")
    names = [
        *sorted(path.name for path in tmp_path.iterdir()),
        "\udcff.toml",
        "x" * 5000 + ".toml",
        "a/../b.toml",
    ]
    with ThreadPoolExecutor(2) as pool:
        for answer in pool.map(lambda name: mjbench(tmp_path, "profiles", "show", f"./{name}"), names):
            answer.assert_sentence()
            assert answer.cpu_s < 10


def test_hostile_files_among_ones_own_are_listed_and_hurt_no_other(tmp_path: Path) -> None:
    own = Path(os.environ["XDG_CONFIG_HOME"]) / "mjbench" / "profiles"
    own.mkdir(parents=True)
    usual = mjbench(tmp_path, "profiles", "list")
    (own / "good.toml").write_text('title = "Fine"')
    for name in ("digits", "values", "quotes", "deep-dotted", "sparse", "emoji"):
        (own / f"{name}.toml").touch()
        MAKERS[name](own / f"{name}.toml")
    os.mkfifo(own / "pipe.toml")
    (own / "escape\x1b[2J.toml").write_text("scenes = 1")
    answer = mjbench(tmp_path, "profiles", "list")
    assert answer.code == 0 and answer.err == "" and "\x1b" not in answer.out
    assert any(line.split() == ["good", "own", "Fine"] for line in answer.out.splitlines())
    assert answer.out.count("cannot be read") == 8
    assert answer.cpu_s - usual.cpu_s < 2 * 8


def test_what_was_chosen_last_may_be_anything() -> None:
    from profiles.last_choice import last_choice_path, load_last_choice

    path = last_choice_path()
    path.parent.mkdir(parents=True)
    for name in (
        "sparse",
        "deep-lists",
        "digits",
        "values",
        "escapes",
        "quotes",
        "emoji",
        "scenes",
        "binary",
    ):
        path.touch()
        MAKERS[name](path)
        choice, note = load_last_choice()
        assert choice is None and note.isprintable() and str(path) in note
