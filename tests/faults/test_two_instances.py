"""Two instances at once on one machine: they notice each other and say so, and their sessions stay apart."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.interference.instances import Announcement, Instance, both_disturbed, other_instances
from profiles.sessions import load_session, sessions_folder
from tests.profiles.session_builders import new_writer
from tests.terminal.tmux import Tmux

LIMIT_S = 60
TOOL = str(Path(sys.executable).with_name("mjbench-tui"))
NULL = ("run", "--backend", "null", "--resolution", "8x8", "--effects", "bare")
SHORT = (*NULL, "--duration", "0.5")
ENDLESS = (*NULL, "--duration", "600")
ANNOUNCE = """
import os, sys
from engine.interference.instances import Announcement
for user in sys.argv[2:]:
    os.setuid(int(user))
announcement = Announcement(sys.argv[1])
print("announced", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _needs_names_of_sockets() -> None:
    if not Path("/proc/net/unix").exists():
        pytest.skip("this system does not list its Unix sockets")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process that ends with the test at the latest."""
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str, **more: object) -> subprocess.Popen[str]:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(words, text=True, **{"cwd": tmp_path} | streams | more))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def measuring() -> tuple[Instance, ...]:
    return other_instances()


def one_of(process: subprocess.Popen[str]) -> Instance:
    """The instance that a process is, as soon as it measures."""

    def found() -> list[Instance]:
        return [one for one in measuring() if one.pid == process.pid]

    wait_for(found, "an instance that measures")
    return found()[0]


def told(session: Path) -> list[str]:
    """What stands in a session of other instances, each with whether it spoils."""
    trials = [trial for case in load_session(session).cases for trial in case.trials]
    findings = [finding for trial in trials for finding in trial.findings]
    return [finding.what for finding in findings if finding.kind == "other-instance" and finding.spoils]


def test_each_of_two_runs_notices_the_other_and_says_so(start, tmp_path: Path) -> None:
    first = start(TOOL, *ENDLESS, "--output", "first")
    known = one_of(first)
    assert known.session == "first" and known.user
    # The machine is looked at once a second: so long that the first looks at least twice.
    second = start(TOOL, *NULL, "--duration", "3", "--output", "second")
    shown, said = second.communicate(timeout=LIMIT_S)
    assert second.returncode == 0, said
    first.send_signal(signal.SIGINT)
    shown_by_first, _ = first.communicate(timeout=LIMIT_S)

    notice = [line for line in said.splitlines() if line.startswith("! another mjbench-tui measures")]
    assert len(notice) == 1, said
    assert f"process {first.pid} of {known.user}, session first, since " in notice[0]
    assert "disturb each other" in notice[0]
    for session, other in (("second", f"process {first.pid} "), ("first", f"process {second.pid} ")):
        (finding,) = told(tmp_path / session)
        assert finding.startswith(f"another mjbench-tui measured at the same time ({other}"), finding
        assert re.search(r" and took .*(core|cores) for [\d.]+ s$", finding), finding
        assert "other processes took" not in finding
    for text in (shown, shown_by_first):
        assert re.search(
            r"^! apartment, bare on null, .*: another mjbench-tui measured at the same", text, re.M
        )


def test_what_is_over_disturbs_nobody_however_it_ended(start, tmp_path: Path) -> None:
    killed = start(TOOL, *ENDLESS, "--output", "killed")
    one_of(killed)
    killed.kill()
    wait_for(lambda: not measuring(), "the end of an instance that was killed")
    done = start(TOOL, *SHORT, "--output", "done")
    _, said = done.communicate(timeout=LIMIT_S)
    assert done.returncode == 0
    assert "another mjbench-tui" not in said
    assert told(tmp_path / "done") == []
    assert measuring() == ()


def test_the_dashboard_shows_another_instance_while_it_measures(start, tmp_path: Path) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: scripts/test.sh installs it")
    terminal = Tmux(tmp_path / "socket")
    try:
        terminal.start(shlex.join([TOOL, *ENDLESS[1:]]))
        terminal.wait_for("one after")
        terminal.press("F5")
        terminal.wait_for_match(r"running .*null .*~\d")
        other = start(TOOL, *ENDLESS, "--output", "other")
        terminal.wait_for("! another mjbench-tui measured at the same time", f"process {other.pid} of")
        other.send_signal(signal.SIGINT)
        _, said = other.communicate(timeout=LIMIT_S)
        assert f"process {terminal.process().pid} of" in said
        terminal.wait_until(lambda screen: "! another" not in screen, "end of the warning")
    finally:
        terminal.hang_up()


def test_explain_and_compare_say_it_too(start, tmp_path: Path) -> None:
    first = start(TOOL, *ENDLESS, "--output", "first")
    one_of(first)
    compare = start(TOOL, "compare", *SHORT[1:], "--output", "compared")
    explain = start(TOOL, "explain", "--scene", "cartpole", "--backend", "osmesa", "--output", "explained")
    for command in (compare, explain):
        said = []
        while not (said and said[-1].startswith("! another mjbench-tui measures on this machine (")):
            said.append(command.stderr.readline())
            assert said[-1], said
        command.kill()


def test_many_that_begin_in_the_same_second_leave_a_session_each(start) -> None:
    runs = [start(TOOL, *NULL, "--frames", "5", "--quiet", "--json") for _ in range(8)]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda run: run.communicate(timeout=LIMIT_S), runs))
    assert [run.returncode for run in runs] == [0] * 8, answers
    folders = {json.loads(out)["folder"] for out, _ in answers}
    assert len(folders) == 8
    assert {str(path) for path in sessions_folder().iterdir()} == folders
    assert all((Path(folder) / "session.toml").is_file() for folder in folders)


def test_a_name_that_another_session_has_is_not_taken() -> None:
    """Half of all names of one second are taken: one in two would be refused."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for number in range(0, 0x10000, 2):
        (sessions_folder() / f"20260301T120000Z-two-{number:04x}").mkdir(parents=True)
    for _ in range(12):
        writer = new_writer(now=now)
        writer.release()
        assert int(writer.folder.name[-4:], 16) % 2 == 1


def test_two_runs_that_are_given_one_folder_do_not_mix(start, tmp_path: Path) -> None:
    runs = [start(TOOL, *SHORT, "--output", "same") for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda run: run.communicate(timeout=LIMIT_S), runs))
    assert sorted(run.returncode for run in runs) == [0, 2], answers
    refused = next(said for run, (_, said) in zip(runs, answers, strict=True) if run.returncode == 2)
    assert len(refused.strip().splitlines()) == 1 and "Traceback" not in refused
    assert len(load_session(tmp_path / "same").cases) == 1


def announced(start: Callable[..., subprocess.Popen[str]], *before: str, user: str = "") -> None:
    """Let a process announce that it measures; `before` is what it is started by."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    words = (sys.executable, "-c", ANNOUNCE, "theirs", *([user] if user else []))
    process = start(*before, *words, stdin=subprocess.PIPE, env=environment)
    if process.stdout.readline() != "announced\n":
        pytest.skip(f"such a process cannot be started here: {process.communicate()[1][-300:]}")
    return process


def test_an_instance_of_another_user_is_seen(start) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    announced(start, user="54321")
    (other,) = measuring()
    assert other.user == "user 54321" and other.session == "theirs"


def test_an_instance_in_a_container_is_told_without_a_number_that_means_another_process(start) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    announced(start, "unshare", "--pid", "--fork")
    (other,) = measuring()
    assert other.pid is None
    assert "in a container of " in both_disturbed((other,))


def test_of_an_instance_that_cannot_be_seen_nothing_is_said(start) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    announced(start, "unshare", "--net")
    assert measuring() == ()


def test_a_name_that_somebody_made_up_is_one_harmless_sentence() -> None:
    group = os.environ["MJBENCH_GROUP"]
    made_up = [
        f"mjbench-tui/1/{group}/9999999999.18446744073709551615/4294967295/9999999999/deadbeef/%0A%1B[2J",
        f"mjbench-tui/1/{group}/1.1/0/99999999999999/deadbeef/x",
        f"mjbench-tui/1/{group}/1.1/0/1/deadbeef/\x1b[2J\n",
        f"mjbench-tui/1/{group}/",
        "mjbench-tui/1/",
    ]
    sockets = [socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in made_up]
    try:
        for one, name in zip(sockets, made_up, strict=True):
            one.bind(f"\0{name}")
        assert measuring()
        for found in measuring():
            sentence = both_disturbed((found,))
            assert sentence.isprintable() and len(sentence) < 300
    finally:
        for one in sockets:
            one.close()


def test_an_instance_does_not_take_itself_for_another() -> None:
    announcement = Announcement("ours")
    try:
        assert measuring() == ()
    finally:
        announcement.end()
