"""Names that climb out, are reserved, too long, links or no text: nothing is written or deleted outside."""

import contextlib
import os
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from engine.case import Case, Effects, Resolution
from engine.machine.reader import short_host_name
from profiles.errors import ProfileError, SessionError
from profiles.held_files import foreign_files
from profiles.killed import complete_killed
from profiles.own_profiles import delete_profile, duplicate_profile, rename_profile
from profiles.own_sessions import delete_session, rename_session
from profiles.profile import Profile
from profiles.sessions import list_sessions, load_session
from profiles.store import load_profile, save_profile
from profiles.timings_file import read_timings
from profiles.writer import recover
from tests.faults.commands import mjbench
from tests.faults.fence import Fence
from tests.profiles.session_builders import CASES, MACHINE, new_writer, trial
from tui.exit_codes import CommandError
from tui.log import log_file

EXAMPLES = int(os.environ.get("MJBENCH_NAMES", "40"))
HOSTILE = (
    "..", ".", "", "/", "//", "../x", "../../x", "../sessions", "a/../../x", "./x", "~", "~/x", "$HOME/x",
    "/etc", "NUL", "CON", "con.toml", "AUX", "COM1", "-rf", "--help", "-", "x.", "x..", " x ", "x\0y", "\0",
    "a\nb", "\r", "\x1b[2J", "x" * 300, "x" * 255, "é" * 130, "\ud800", "\udcff", ".lock", ".hidden",
    "session.toml", "journal.bin", "mine", "mine.toml", "one", "outside", "precious.toml", "*", "[red]",
    "%s%n", "\u202etxt.exe", "../../../../outside", "../profiles/mine", "../../../documents", "%2e%2e%2fx",
    "x\\..\\y", "file:///etc/x",
)  # fmt: skip
PIECES = st.sampled_from(["..", ".", "", "x", "one", "mine", "outside", "home", "sessions", "~", "a b", "\0"])
NAMES = st.sampled_from(HOSTILE) | st.lists(PIECES, max_size=6).map("/".join) | st.text(max_size=40)


def many() -> settings:
    """As many examples as are asked for; each is made of files, so that none is made smaller for long."""
    phases = (Phase.explicit, Phase.generate)
    return settings(max_examples=EXAMPLES, phases=phases, suppress_health_check=list(HealthCheck))


def one_sentence(call: Callable[[], object]) -> str:
    """What a call refuses with; "" where it does not."""
    try:
        call()
    except (SessionError, ProfileError, CommandError) as error:
        assert str(error).isprintable() and str(error), repr(error)
        return str(error)
    return ""


@pytest.fixture
def fence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fence:
    """With sessions `one` and behind links, a folder of other things, and a profile `mine`."""
    fence = Fence(tmp_path / "fence")
    fence.enter(monkeypatch)
    for folder in (fence.sessions / "one", fence.outside / "linked"):
        writer = new_writer(folder)
        writer.append(trial())
        writer.close("complete")
    here = msgspec.structs.replace(MACHINE, hostname=short_host_name(os.uname().nodename))
    killed = new_writer(fence.outside / "killed", machine=here)
    killed.append(trial())
    killed.release()
    (fence.sessions / "link").symlink_to(fence.outside / "linked")
    (fence.sessions / "killed-link").symlink_to(fence.outside / "killed")
    (fence.sessions / "theirs").mkdir()
    (fence.sessions / "theirs" / "letter.txt").write_text("precious")
    (fence.profiles / "mine.toml").write_text("seed = 3\n")
    (fence.profiles / "link.toml").symlink_to(fence.outside / "precious.toml")
    shutil.copytree(fence.root, tmp_path / "copy", symlinks=True)
    return fence


PLAIN = r"[\w.-]{1,64}"
ACTIONS: dict[str, tuple[Callable[[str], object], str]] = {
    "rename a session to it": (lambda name: rename_session("one", name), rf"sessions/{PLAIN}(/.*)?"),
    "rename the session of this name": (lambda name: rename_session(name, "new"), r"sessions/[^/]+(/.*)?"),
    "delete the session": (delete_session, r"sessions/(?!theirs)[^/]+(/.*)?"),
    "save a profile": (
        lambda name: save_profile(name, Profile(seed=7), overwrite=True), rf"profiles/{PLAIN}\.toml"
    ),
    "duplicate a profile to it": (lambda name: duplicate_profile("quick", name), rf"profiles/{PLAIN}\.toml"),
    "duplicate the profile": (lambda name: duplicate_profile(name, "new"), r"profiles/new\.toml"),
    "rename a profile to it": (
        lambda name: rename_profile("mine", name), rf"profiles/{PLAIN}\.toml"
    ),
    "rename the profile": (lambda name: rename_profile(name, "new"), r"profiles/[^/]+\.toml"),
    "delete the profile": (delete_profile, r"profiles/[^/]+\.toml"),
    "load a profile": (load_profile, "nothing"),
    "load a session": (load_session, "nothing"),
}  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
@many()
@given(name=NAMES)
@example(name="link")
@example(name="theirs")
@example(name="one")
def test_whatever_a_name_is_only_our_folders_change(
    fence: Fence, tmp_path: Path, action: str, name: str
) -> None:
    call, allowed = ACTIONS[action]
    before = fence.snapshot()
    one_sentence(lambda: call(name))
    changed = fence.changed(before)
    for path in changed:
        inside = re.fullmatch(r"home/(?:config|data)/mjbench/(.*)", path)
        assert inside and re.fullmatch(allowed, inside[1], re.DOTALL), (name, path)
    if changed:
        fence.restore(tmp_path / "copy")
        # The folder that this process was in went with it.
        os.chdir(fence.root / "work")


KINDS = st.sampled_from(
    ["file", "ours", "folder", "link to a file", "link to a folder", "broken link", "pipe", "absent"]
)
FINAL = ("session.toml", "metrics.json", "timings.npz")
OURS = (
    *FINAL, "journal.bin", ".lock", "frames", "logs",
    f"frames/{CASES[0].id}.1.frame00060.png", f"logs/{CASES[0].id}.1.log", ".0123456789abcdef.part",
)  # fmt: skip


@many()
@given(kinds=st.fixed_dictionaries(dict.fromkeys(OURS, KINDS)), theirs=st.lists(NAMES, max_size=3))
@example(kinds={"session.toml": "ours", "journal.bin": "folder"}, theirs=[])
@example(kinds={"journal.bin": "ours", **dict.fromkeys(FINAL, "link to a file")}, theirs=["notes.txt"])
def test_whatever_lies_in_a_session_nothing_outside_is_touched(
    fence: Fence, tmp_path: Path, kinds: dict[str, str], theirs: list[str]
) -> None:
    """A folder that somebody sent: files of ours, links and pipes in their places, and others beside."""
    folder = fence.sessions / "hostile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, kind in kinds.items():
        if (folder / name).parent.is_dir() and not (folder / name).parent.is_symlink():
            put(fence, folder / name, kind)
    for name in theirs:
        with contextlib.suppress(OSError, ValueError):
            if "/" not in name and name not in OURS:
                (folder / name).write_text("theirs")
    before = fence.snapshot()
    theirs_before = {path for path, (_, content) in before.items() if content == b"theirs"}
    for call in (
        list_sessions,
        lambda: load_session("hostile"),
        lambda: load_profile(folder),
        lambda: read_timings(folder, f"{CASES[0].id}.1"),
        complete_killed,
        lambda: recover(folder),
        lambda: rename_session("hostile", "renamed"),
        lambda: rename_session("renamed", "hostile"),
    ):
        one_sentence(call)
    for path in fence.changed(before):
        assert path.startswith("home/data/mjbench/sessions/hostile/"), path
    one_sentence(lambda: delete_session("hostile"))
    for path in fence.changed(before):
        assert path.startswith("home/data/mjbench/sessions/hostile"), path
    assert not fence.changed(before) & theirs_before


def put(fence: Fence, path: Path, kind: str) -> None:
    """Make something of this kind there."""
    source = fence.outside / "killed" if path.name == "journal.bin" else fence.outside / "linked"
    if kind == "file":
        path.write_bytes(b"of somebody")
    elif kind == "ours" and (source / path.name).is_file():
        shutil.copy(source / path.name, path)
    elif kind == "folder":
        path.mkdir()
        (path / "inner.txt").write_text("theirs")
    elif kind == "link to a file":
        path.symlink_to(
            source / path.name if (source / path.name).is_file() else fence.root / "precious.toml"
        )
    elif kind == "link to a folder":
        path.symlink_to(fence.outside)
    elif kind == "broken link":
        path.symlink_to(fence.outside / "nothing")
    elif kind == "pipe":
        os.mkfifo(path)


def test_a_session_behind_a_link_is_completed_only_where_a_person_asks_for_it(fence: Fence) -> None:
    before = fence.snapshot()
    assert complete_killed() == ()
    assert not fence.changed(before)
    assert mjbench("sessions", "recover", "killed-link").code == 0
    assert load_session(fence.outside / "killed").session.status == "incomplete"


@many()
@given(name=NAMES)
def test_an_output_is_made_where_it_is_named_and_nowhere_else(
    fence: Fence, tmp_path: Path, name: str
) -> None:
    before = fence.snapshot()

    def measure() -> None:
        writer = new_writer(Path(name))
        writer.append(trial())
        writer.close("complete")

    if not os.path.isabs(name):  # noqa: PTH117 (of any text)
        one_sentence(measure)
    named = os.path.relpath(os.path.normpath(os.path.join(fence.root / "work", name)), fence.root)  # noqa: PTH118
    changed = fence.changed(before)
    for path in changed:
        assert path == named or path.startswith(f"{named}/") or named.startswith(f"{path}/"), (name, path)
        assert path not in before, f"{path} was there before"
    if changed:
        fence.restore(tmp_path / "copy")
        os.chdir(fence.root / "work")


@many()
@given(name=NAMES)
def test_a_log_file_changes_one_file_only(fence: Fence, tmp_path: Path, name: str) -> None:
    before = fence.snapshot()

    def log() -> None:
        with log_file(name):
            pass

    if not os.path.isabs(name):  # noqa: PTH117 (of any text)
        one_sentence(log)
    changed = fence.changed(before)
    # One that is there is added to, and nothing was to be told.
    assert len(changed) <= 1 and not changed & before.keys()
    if changed:
        fence.restore(tmp_path / "copy")
        os.chdir(fence.root / "work")


SCENES = st.text(max_size=300) | st.lists(PIECES | st.text(max_size=20), max_size=9).map("/".join)


@many()
@given(scenes=st.lists(SCENES, min_size=2, max_size=2, unique=True), change=st.text(max_size=100))
@example(scenes=["/a/box.xml", "/b/box.xml"], change="")
@example(scenes=["/x/" + "long" * 75 + "1.xml", "/x/" + "long" * 75 + "2.xml"], change="a" * 90)
def test_files_of_a_case_have_plain_names_that_a_deletion_knows(scenes: list[str], change: str) -> None:
    cases = [
        Case(scene=scene, backend="filament-vulkan", resolution=Resolution(width=16384, height=16384),
             effects=Effects.SCENE, workers=64, worlds=16384, change=change)
        for scene in scenes
    ]  # fmt: skip
    for case in cases:
        assert (
            re.fullmatch(r"[A-Za-z0-9._+-]+", case.id) and len(f"{case.id}.100.64.frame00001.png.part") < 255
        )
    paths = [scene for scene in scenes if "/" in scene or "\\" in scene]
    if len(paths) == 2 and not any(path.startswith("menagerie:") for path in paths):
        assert cases[0].id != cases[1].id


def test_scenes_of_the_same_name_have_files_of_their_own_and_all_of_them_go(fence: Fence) -> None:
    long = "deep/" * 12 + "ä b;c" * 20
    models = [fence.home / "documents" / name / "box.xml" for name in ("one", "two", long)]
    for model in models:
        model.parent.mkdir(parents=True)
        model.write_text(
            '<mujoco><worldbody><light pos="0 0 3"/><camera name="c" pos="0 0 3"/><body>'
            '<freejoint/><geom size="0.1"/></body><geom type="plane" size="1 1 1"/></worldbody></mujoco>'
        )
    before = fence.snapshot()
    answer = mjbench(
        "run", *(part for model in models for part in ("--scene", model)), "--backend", "egl",
        "--frames", "2", "--effects", "bare", "--resolution", "32x32", "--save-frames", "0",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    (folder,) = {path for path in fence.sessions.iterdir() if path.name.startswith("20")}
    assert len(list((folder / "logs").iterdir())) == len(list((folder / "frames").iterdir())) == 3
    assert len({case["id"] for case in tomllib.loads((folder / "session.toml").read_text())["cases"]}) == 3
    assert foreign_files(folder) == []
    assert mjbench("sessions", "delete", folder.name, "--yes").code == 0
    assert {path for path in fence.changed(before) if "/cache/" not in path} <= {"home/cache"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("sessions", "delete", "../sessions/one", "--yes"),
        ("sessions", "delete", "theirs", "--yes"),
        ("sessions", "delete", "..", "--yes"),
        ("sessions", "rename", "one", "../../../../outside/x"),
        ("sessions", "rename", "one", "x" * 300),
        ("profiles", "delete", "../../../mine", "--yes"),
        ("profiles", "rename", "mine", "../x"),
        ("profiles", "duplicate", "quick", "a\nb"),
        ("run", "--backend", "null", "--frames", "2", "--output", "x" * 300),
        ("run", "--backend", "null", "--frames", "2", "--save-profile", "../../x"),
        ("run", "--backend", "null", "--frames", "2", "--log-file", "no/../such"),
    ],
)
def test_the_command_refuses_names_that_climb_out(fence: Fence, arguments: tuple[str, ...]) -> None:
    before = fence.snapshot()
    mjbench(*arguments, cwd=fence.root / "work").assert_refused(2)
    assert not fence.changed(before)


def test_the_command_tells_what_it_leaves_of_a_session(fence: Fence) -> None:
    (fence.sessions / "one" / "notes.txt").write_text("precious")
    answer = mjbench("sessions", "delete", "one", "--yes")
    assert answer.code == 0
    assert answer.out == f"{fence.sessions / 'one'}\n"
    assert answer.err == f"{fence.sessions / 'one'}: what no session makes was left there: 'notes.txt'\n"
    assert (fence.sessions / "one" / "notes.txt").read_text() == "precious"
    assert "one" not in [entry.name for entry in list_sessions()]
