"""Environments that lack something: the tool works, or says in one sentence what is missing.

Each test starts several commands side by side: most of them wait for a disk or a process.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.backends.misbehaving import VARIABLE

TOOL = str(Path(sys.executable).with_name("mjbench-tui"))
LIMIT_S = 100
LIST = ("scenes",)
PROFILES = ("profiles", "list")
RUN = ("run", "--backend", "null", "--effects", "bare", "--frames", "20")
DRAW = (
    *("run", "--backend", "null,egl", "--scene", "cartpole", "--effects", "bare"),
    *("--resolution", "16x16", "--frames", "3"),
)
NOBODY = "54321"
NO_NAME = (
    *("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"),
    # The interpreter may lie where only root can read.
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)
"""A user whom the user database does not know."""
WITHOUT_MOUNTS = ("unshare", "--mount", "sh", "-c")


@dataclass(frozen=True)
class Try:
    """A command in an environment of its own."""

    words: Sequence[str]
    variables: Mapping[str, str | None] = field(default_factory=dict)
    """To set, or to take away where it is None."""
    within: Sequence[str] = ()
    """What starts the command."""
    shell: str = ""
    """A shell's line in which "$@" is the command."""
    code: int = 0
    said: str = ""
    """A part of the one sentence that it has to end with; "" where it works."""


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


class Place:
    """Folders for commands that may not use the person's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self._count = 0

    def environment(self, variables: Mapping[str, str | None] = {}) -> dict[str, str]:
        """Nothing but what is needed, and `variables`."""
        kept = ("PATH", "MJBENCH_GROUP", "MENAGERIE_ROOT", "WARP_CACHE_PATH")
        bare = {name: os.environ[name] for name in kept if name in os.environ}
        return {
            k: v for k, v in ({**bare, "HOME": str(self.home)} | dict(variables)).items() if v is not None
        }

    def answer(self, one: Try) -> Answer:
        """Run it and wait for its end."""
        words = [*one.within, TOOL, *one.words]
        if one.shell:
            words = ["bash", "-c", one.shell, "bash", *words]
        done = subprocess.run(
            words, cwd=self.new_folder(), env=self.environment(one.variables), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        return Answer(
            done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        )

    def new_folder(self) -> Path:
        self._count += 1
        path = self.folder / f"place{self._count}"
        path.mkdir()
        path.chmod(0o777)
        return path

    def check(self, *tries: Try) -> list[Answer]:
        """Run all of them side by side; each does what it has to."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            answers = list(pool.map(self.answer, tries))
        for one, answer in zip(tries, answers, strict=True):
            told = (one, answer)
            assert "Traceback" not in answer.err + answer.out, told
            assert answer.code == one.code, told
            if one.said:
                lines = answer.err.strip().splitlines()
                assert len(lines) == 1 and lines[0].startswith("mjbench-tui: "), told
                assert one.said in lines[0], told
        return answers


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where commands run; open to every user, as pytest's own folders are not."""
    folder = Path("/var/tmp") if os.access("/var/tmp", os.W_OK) else tmp_path
    made = folder / f"mjbench-test-{os.getpid()}-{time.monotonic_ns()}"
    made.mkdir()
    yield Place(made)
    shutil.rmtree(made)


def needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def needs_mounts() -> None:
    needs("unshare", "mount")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file systems can be mounted here")


def test_without_a_locale_or_with_one_that_is_not_installed(place) -> None:
    locales = [{}, *({name: value} for name in ("LANG", "LC_ALL") for value in ("C", "POSIX", "xx_YY.UTF-8"))]
    encodings = [{"PYTHONIOENCODING": one} for one in ("ascii", "latin-1", "utf-16", "cp037", ":strict")]
    place.check(
        *(Try(LIST, variables) for variables in (*locales, *encodings)),
        Try((*RUN, "--output", "out"), {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}),
    )


def test_with_everything_that_changes_how_python_starts(place) -> None:
    variables = {
        "PYTHONSTARTUP": "/nonexistent",
        "PYTHONWARNINGS": "error",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }
    place.check(
        Try((*DRAW, "--output", "out"), {**variables, "PYTHONOPTIMIZE": "2"}),
        Try(("run", "--help"), {"PYTHONOPTIMIZE": "2"}),
        Try((*RUN, "--output", "out"), {"PYTHONDEVMODE": "1"}),
    )


def test_a_terminal_of_no_kind_or_no_size(place) -> None:
    shapes = [{"COLUMNS": value} for value in ("0", "1", "-5", "x", "99999")]
    place.check(
        *(Try(LIST, variables) for variables in shapes),
        *(Try(LIST, {"TERM": kind}) for kind in ("dumb", "nonsense", "")),
        Try((*RUN, "--output", "out"), {"COLUMNS": "1", "TERM": "dumb"}),
        Try((), {"TERM": "dumb"}, code=2, said="the dashboard needs a terminal"),
    )


def test_without_a_home(place) -> None:
    out = ("--output", "out")
    place.check(
        Try(LIST, {"HOME": None}),
        Try(PROFILES, {"HOME": None}),
        Try((*RUN, *out), {"HOME": None}),
        Try((*RUN, *out), {"HOME": "/proc"}),
        Try(RUN, {"HOME": "/proc"}, code=2, said="name another place with --output or XDG_DATA_HOME"),
        Try(RUN, {"HOME": "/dev/null"}, code=2, said="/dev/null/.local/share/mjbench/sessions/"),
        Try(PROFILES, {"HOME": "/dev/null"}, code=2, said="/.config/mjbench/profiles: cannot be listed"),
        Try(("sessions", "list"), {"HOME": "/nonexistent"}),
        Try(
            (*RUN, "--dry-run", "--save-profile", "mine"), {"HOME": "/dev/null"},
            code=2, said="/dev/null/.config/mjbench/profiles/mine.toml: cannot be written",
        ),
    )  # fmt: skip


def test_a_user_whom_nobody_knows_and_who_has_no_home(place) -> None:
    needs("setpriv")
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    answers = place.check(
        Try(LIST, {"HOME": None}, NO_NAME),
        Try(PROFILES, {"HOME": None}, NO_NAME),
        Try(("sessions", "list"), {"HOME": None}, NO_NAME),
        Try((*DRAW, "--output", "out"), {"HOME": None}, NO_NAME),
        Try(RUN, {"HOME": None}, NO_NAME, code=2, said="this user has no home folder"),
        Try(RUN, {"HOME": "/"}, NO_NAME, code=2, said="cannot be made (Permission denied)"),
        Try(
            (*RUN, "--dry-run", "--save-profile", "mine"), {"HOME": None}, NO_NAME,
            code=2, said="this user has no home folder",
        ),
    )  # fmt: skip
    assert "apartment" in answers[0].out and "quick" in answers[1].out
    assert not list(place.folder.glob("*/~*")), "a folder called ~ was made"


def test_without_shared_memory_or_a_temporary_folder(place) -> None:
    needs_mounts()
    none = "mount -t tmpfs -o ro,size=4k none"
    out = place.new_folder()
    other = f"mount --bind '{out}' /mnt; "
    place.check(
        Try((*DRAW, "--output", "out"), within=(*WITHOUT_MOUNTS, f'{none} /dev/shm && exec "$@"', "sh")),
        Try((*RUN, "--output", "out"), {"TMPDIR": "/nonexistent"}),
    )
    if any(Path(sys.prefix).is_relative_to(folder) for folder in ("/tmp", "/var/tmp", "/mnt")):
        pytest.skip("the command itself lies in a temporary folder")
    place.check(
        Try(
            (*RUN, "--output", "/mnt/out"),
            within=(*WITHOUT_MOUNTS, f'{other}{none} /tmp; {none} /var/tmp; cd /proc; exec "$@"', "sh"),
            code=1, said="no temporary folder can be made",
        ),
    )  # fmt: skip


def test_in_a_folder_that_was_deleted(place) -> None:
    gone = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    sentence = "the current folder cannot be used any more"
    place.check(
        Try(LIST, shell=gone),
        Try(PROFILES, shell=gone),
        *(Try((command,), shell=gone, code=2, said=sentence) for command in ("run", "backends", "doctor")),
        Try((), shell=gone, code=2, said=sentence),
    )


def test_streams_that_are_closed_or_have_no_reader(place) -> None:
    out = ("--output", "out")
    answers = place.check(
        Try((*RUN, *out), shell='"$@" <&-'),
        Try((*RUN, *out), shell='"$@" >&-'),
        Try((*RUN, *out), shell='"$@" 2>&-'),
        Try((*RUN, *out), shell='"$@" <&- >&- 2>&-'),
        Try((*RUN, *out), shell='true | (sleep 0.2; "$@")'),
        Try((*RUN, *out, "--json"), shell='set -o pipefail; "$@" | head -1'),
        Try((*LIST, "--json"), shell='set -o pipefail; "$@" | head -1'),
        Try(("run", "--help"), shell='set -o pipefail; "$@" | head -1'),
        Try(LIST, shell='"$@" >/dev/full', code=1, said="stdout cannot be written"),
        Try((), shell='"$@" <&-', code=2, said="the dashboard needs a terminal"),
        Try((), shell='"$@" <&- >&-', code=2, said="the dashboard needs a terminal"),
        Try((), shell='"$@" 2>&-', code=2),
    )
    assert [len(answer.out.splitlines()) for answer in answers[5:8]] == [1, 1, 1]
    assert all("null" in answer.out for answer in (answers[0], answers[2], answers[4]))


def test_with_few_descriptors_threads_processes_or_addresses(place) -> None:
    needs("prlimit", "setpriv")
    as_nobody = NO_NAME if os.geteuid() == 0 else ()
    out = ("--output", "out")
    files = "too many files are open: raise the limit (ulimit -n)"
    tries = [
        Try((*DRAW, *out), within=("prlimit", "--nofile=64")),
        Try((*RUN, *out), within=("prlimit", "--nofile=9"), code=4, said=files),
        Try((*DRAW, *out), within=("nice", "-n", "19")),
    ]
    if os.geteuid() == 0:
        # Root has no such limit.
        threads = "the system lets this user start no more threads: raise the limit (ulimit -u)"
        tries.append(Try(LIST, within=(*as_nobody, "prlimit", "--nproc=1")))
        tries.append(Try((*RUN, *out), within=(*as_nobody, "prlimit", "--nproc=1"), code=1, said=threads))
    place.check(*tries)


def test_an_engine_process_that_crashes_leaves_no_copy_of_its_memory(place) -> None:
    needs("prlimit")
    if not Path("/proc/sys/kernel/core_pattern").read_text().startswith("core"):
        pytest.skip("this system puts cores elsewhere")
    words = ("run", "--backend", "misbehaving", "--effects", "bare", "--frames", "20", "--output", "out")
    crash = {VARIABLE: "fault=segfault,at=12"}
    (answer,) = place.check(Try(words, crash, ("prlimit", "--core=unlimited"), code=1))
    assert "was killed by SIGSEGV" in answer.out
    left = [path for path in place.folder.rglob("core*") if path.is_file()]
    assert left == []


def in_a_window(
    place: Place, rows: int, columns: int, variables: Mapping[str, str | None]
) -> tuple[int, bytes]:
    """Open the dashboard in a terminal of this size, and leave it: its exit code, and all it has shown."""
    environment = place.environment({"TERM": "xterm"} | dict(variables))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [TOOL], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=place.new_folder(),
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown, asked_s, deadline = b"", time.monotonic(), time.monotonic() + LIMIT_S
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    shown += os.read(ours, 65536)
                except OSError:
                    break
            # Heard once its first screen is there, however small the window is.
            if time.monotonic() - asked_s > 1:
                asked_s = time.monotonic()
                os.write(ours, b"q")
        return process.wait(max(1, deadline - time.monotonic())), shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_the_dashboard_in_odd_terminals_opens_and_can_be_left(place) -> None:
    tries: list[tuple[int, int, dict[str, str | None]]] = [
        (0, 0, {}),
        (1, 1, {}),
        (24, 80, {"TERM": "nonsense", "LC_ALL": "xx_YY", "PYTHONIOENCODING": "ascii"}),
        (24, 80, {"HOME": "/dev/null", "COLUMNS": "1", "LINES": "1", "PYTHONWARNINGS": "error"}),
    ]
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(lambda one: in_a_window(place, *one), tries))
    for one, (code, shown) in zip(tries, answers, strict=True):
        assert code == 0, (one, shown[-500:])
        assert b"Traceback" not in shown, (one, shown[-2000:])
    for kind in ("dumb", None):
        code, shown = in_a_window(place, 24, 80, {"TERM": kind})
        assert code == 2
        assert shown.decode().strip().startswith("mjbench-tui: the dashboard needs a terminal")
