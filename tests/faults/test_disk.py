"""Disks that are full or cannot be written: one sentence, its exit code, and what was measured is kept."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.backends.misbehaving import VARIABLE
from engine.case import Case, Resolution, Settings
from engine.jobs.requests import TrialJob
from engine.messages import FailedMessage
from engine.process.launcher import Ended, SpawnLauncher
from profiles.errors import SessionError
from profiles.lock import FolderLock, is_locked
from profiles.profile import Measure, Profile
from profiles.sessions import list_sessions, load_session, sessions_folder
from profiles.timings_file import read_timings
from profiles.writer import recover
from tests.faults.commands import NULL, Answer, children, mjbench, running, wait_for, wait_for_line
from tests.faults.disks import small_disk
from tui.dashboard.session_run import RunPhase, SessionRun

FULL = "No space left on device"
TOO_LARGE = "File too large"
TRIAL = ("--frames", "2000")
"""Its timings take 80 kB."""
FINAL = ["metrics.json", "session.toml", "timings.npz"]
BOX = """
<mujoco><visual><global offwidth="800" offheight="800"/></visual>
  <asset><texture name="noise" type="2d" builtin="flat" mark="random" random="0.5" markrgb="1 1 0"
    rgb1="0.2 0.2 0.2" width="512" height="512"/><material name="noise" texture="noise"/></asset>
  <worldbody><light pos="0 0 3"/><camera name="front" pos="0 0 2"/>
  <geom type="plane" size="9 9 0.1" material="noise"/>
  <body pos="0 0 0.5"><freejoint/><geom type="box" size="0.2 0.2 0.2" rgba="1 0 0 1"/></body></worldbody>
</mujoco>
"""


def whole_names(folder: Path) -> list[str]:
    """What lies in a session's folder, but for logs."""
    return sorted(path.name for path in folder.iterdir() if path.name != "logs")


def told_done(err: str) -> int:
    """How many trials a command has told to be done."""
    return len(re.findall(r"^\[ *\d+/\d+\] (?:spoiled: )?[\d.,]+ FPS", err, re.MULTILINE))


def assert_whole(folder: Path, trials: int, status: str = "incomplete") -> None:
    """A session with at least so many trials, all of whose timings can be read; nothing else lies there."""
    session = load_session(folder)
    assert session.session.status == status
    done = [trial for case in session.cases for trial in case.trials if trial.status == "done"]
    assert len(done) >= trials
    for trial in done:
        assert trial.timings is not None
        frames = trial.metrics.frames + trial.metrics.frames_left_out
        assert len(read_timings(folder, trial.timings).timed["render"]) == frames
    assert json.loads((folder / "metrics.json").read_text())
    assert whole_names(folder) == FINAL


@pytest.mark.parametrize("missing", ["space", "names"])
@pytest.mark.parametrize("place", ["--output", "XDG_DATA_HOME"])
def test_a_disk_that_is_full_from_the_start_is_told_before_anything_is_measured(place, missing):
    with small_disk() as disk:
        disk.leave(0) if missing == "space" else disk.use_up_names()
        told = [("--output", disk.path / "out")] if place == "--output" else []
        variables = {} if told else {place: disk.path}
        answer = mjbench(*NULL, *TRIAL, *(each for pair in told for each in pair), **variables)
        answer.assert_refused(1, str(disk.path), FULL)
        assert answer.out == ""
        assert told_done(answer.err) == 0
        assert not [name for name in disk.names() if name not in ("mjbench", "mjbench/sessions")]


def test_a_file_that_may_not_grow_is_told_before_anything_is_measured(tmp_path):
    answer = mjbench(*NULL, *TRIAL, "--output", tmp_path / "out", longest_file=500)
    answer.assert_refused(1, str(tmp_path / "out"), TOO_LARGE)
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_while_trials_are_saved_keeps_those_that_were_told():
    with small_disk(kib=1024) as disk:
        disk.leave(250_000)
        folder = disk.path / "mjbench" / "sessions"
        answer = mjbench(*NULL, *TRIAL, "--trials", "9", XDG_DATA_HOME=disk.path)
        answer.assert_refused(1, FULL, "recover")
        told = told_done(answer.err)
        assert 1 <= told < 9
        (session,) = folder.iterdir()
        assert whole_names(session) == ["journal.bin"]
        mjbench("sessions", "recover", session.name, XDG_DATA_HOME=disk.path).assert_refused(1, FULL)
        assert whole_names(session) == ["journal.bin"] or "session.toml" not in whole_names(session)
        disk.make_room()
        answer = mjbench("sessions", "recover", session.name, XDG_DATA_HOME=disk.path)
        assert answer.code == 0, answer.err
        assert_whole(session, told)


def test_a_disk_that_fills_at_the_final_files_leaves_the_journal():
    with small_disk(kib=1024) as disk:
        disk.leave(560_000)
        folder = disk.path / "out"
        answer = mjbench(*NULL, *TRIAL, "--trials", "4", "--output", folder)
        answer.assert_refused(1, FULL, "recover")
        assert told_done(answer.err) == 4
        assert whole_names(folder) == ["journal.bin"]
        disk.make_room()
        assert mjbench("sessions", "recover", folder).code == 0
        assert_whole(folder, 4)


def test_a_final_file_that_may_not_grow_leaves_the_journal(tmp_path):
    command, whole, folder = (*NULL, "--frames", "5", "--output"), tmp_path / "whole", tmp_path / "out"
    assert mjbench(*command, whole).code == 0
    limit = (whole / "metrics.json").stat().st_size - 200
    mjbench(*command, folder, longest_file=limit).assert_refused(1, TOO_LARGE, "recover")
    assert whole_names(folder) == ["journal.bin", "timings.npz"]
    mjbench("sessions", "recover", folder, longest_file=limit).assert_refused(1, TOO_LARGE, "recover")
    assert mjbench("sessions", "recover", folder).code == 0
    assert_whole(folder, 1)


def test_a_picture_that_finds_no_room_fails_its_case_and_the_others_go_on(tmp_path):
    model = tmp_path / "box.xml"
    model.write_text(BOX)
    folder = tmp_path / "out"
    answer = mjbench(
        "run", "--model-path", model, "--backend", "egl", "--resolution", "32x32", "--resolution", "320x240",
        "--effects", "bare", "--frames", "5", "--save-frames", "0", "--output", folder, longest_file=30_000,
    )  # fmt: skip
    assert answer.code == 1, answer.err
    assert "Traceback" not in answer.err
    assert f"frame00000.png cannot be written ({TOO_LARGE})" in answer.err
    assert "Errno" not in answer.err + answer.out
    small, large = load_session(folder).cases
    assert (small.state, large.state) == ("done", "failed")
    assert [path.name for path in (folder / "frames").iterdir()] == [
        Path(name).name for name in small.trials[0].saved_frames
    ]
    assert whole_names(folder) == ["frames", *FINAL]


def test_a_log_file_on_a_full_disk_is_told_once_and_the_run_goes_on(tmp_path):
    with small_disk(kib=64) as disk:
        disk.leave(0)
        log = disk.path / "run.log"
        answer = mjbench(*NULL, *TRIAL, "--output", tmp_path / "out", "--log-file", log)
        assert answer.err.count("cannot be written any more") == 1
        assert FULL in answer.err and "Traceback" not in answer.err
        assert_whole(tmp_path / "out", 1, "complete")


def test_an_engine_process_whose_log_takes_no_more_says_what_it_has_to_say():
    with small_disk(kib=64) as disk:
        disk.leave(0)
        case = Case(scene="none", backend="misbehaving", resolution=Resolution.parse("8x8"), effects="bare")
        job = TrialJob(case=case, settings=Settings(), trial=1, launched_ns=0, frames_folder="")
        process = SpawnLauncher().launch(job, disk.path / "log", {VARIABLE: "fault=raise,at=3"})
        try:
            said = process.receive(60)
            while not isinstance(said, FailedMessage | Ended | None):
                said = process.receive(60)
        finally:
            process.end()
        assert isinstance(said, FailedMessage), said
        assert "the driver is in a bad mood" in said.reason


@pytest.mark.parametrize("is_there", [True, False])
def test_a_profile_finds_no_room(is_there):
    with small_disk(kib=256) as disk:
        saved = disk.path / "mjbench" / "profiles" / "mine.toml"
        saved.parent.mkdir(parents=True)
        if is_there:
            saved.write_text("# mine\nseed = 3\n")
        disk.leave(0)
        before = disk.names()
        for command in (
            (*NULL, *TRIAL, "--seed", "5", "--save-profile", "mine"),
            ("profiles", "duplicate", "quick", "copy"),
        ):
            answer = mjbench(*command, XDG_CONFIG_HOME=disk.path)
            answer.assert_refused(1, str(disk.path), FULL)
            assert disk.names() == before
        if is_there:
            assert saved.read_text() == "# mine\nseed = 3\n"
        assert not sessions_folder().exists(), "something was measured"


def test_a_temporary_folder_without_room_is_no_reason_to_fail_where_there_is_another(tmp_path):
    with small_disk(kib=64) as disk:
        disk.leave(0)
        answer = mjbench(*NULL, *TRIAL, "--output", tmp_path / "out", TMPDIR=disk.path)
        assert answer.code == 0, answer.err
        assert disk.names() == []


@pytest.mark.parametrize("command", [(*NULL, *TRIAL), ("backends",), ("doctor",), ("explain", *NULL[1:])])
def test_no_temporary_folder_at_all_is_one_sentence(command, tmp_path):
    answer = mjbench(*command, longest_file=0, cwd=tmp_path)
    assert "Traceback" not in answer.err
    if command[0] in ("run", "explain"):
        answer.assert_refused(1, "no temporary folder", "TMPDIR")
    assert list(tmp_path.iterdir()) == []


def test_the_dashboard_tells_of_a_full_disk_and_gives_the_session_free(monkeypatch):
    with small_disk(kib=1024) as disk:
        monkeypatch.setenv("XDG_DATA_HOME", str(disk.path))
        disk.leave(250_000)
        measure = Measure(frames=2000, trials=9, warmup_frames=2)
        run = SessionRun(Profile(backends=("null",), effects=("scene",), measure=measure), "full")
        run.start()
        assert run.wait(60)
        assert run.phase is RunPhase.REFUSED
        assert FULL in run.error and "recover" in run.error and "\n" not in run.error
        assert run.folder is not None and run.state is not None
        # This process goes on and must not hold it: a person makes room and recovers it beside the dashboard.
        gone_s = run.state.clock.gone_s
        assert not is_locked(run.folder)
        assert whole_names(run.folder) == ["journal.bin"]
        (entry,) = list_sessions()
        assert entry.status == "unfinished"
        with pytest.raises(SessionError, match=FULL):
            recover(run.folder)
        disk.make_room()
        recover(run.folder)
        assert_whole(run.folder, 1)
        assert run.state.clock.gone_s == gone_s


def test_the_dashboard_tells_of_a_disk_that_is_full_from_the_start(monkeypatch):
    with small_disk(kib=64) as disk:
        monkeypatch.setenv("XDG_DATA_HOME", str(disk.path))
        disk.leave(0)
        run = SessionRun(Profile(backends=("null",), effects=("scene",)), "full")
        run.start()
        assert run.wait(60)
        assert (run.phase, run.session) == (RunPhase.REFUSED, None)
        assert FULL in run.error and "\n" not in run.error


def test_a_read_only_disk_is_read_and_told(tmp_path):
    with small_disk(kib=1024) as disk:
        (disk.path / "out").mkdir()
        home = disk.path / "data"
        assert mjbench(*NULL, *TRIAL, "--quiet", XDG_DATA_HOME=home).code == 0
        (folder,) = (home / "mjbench" / "sessions").iterdir()
        disk.make_read_only()
        before = disk.names()
        read_only = "Read-only file system"
        refused = [
            ((*NULL, *TRIAL, "--output", disk.path / "out"), {}),
            ((*NULL, *TRIAL, "--output", disk.path / "new"), {}),
            ((*NULL, *TRIAL), {"XDG_DATA_HOME": home}),
            ((*NULL, *TRIAL, "--save-profile", "mine"), {"XDG_CONFIG_HOME": disk.path}),
            ((*NULL, *TRIAL, "--log-file", disk.path / "log"), {}),
            (("sessions", "delete", folder.name, "--yes"), {"XDG_DATA_HOME": home}),
            (("sessions", "rename", folder.name, "new"), {"XDG_DATA_HOME": home}),
            (("profiles", "duplicate", "quick", "new"), {"XDG_CONFIG_HOME": disk.path}),
        ]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda each: mjbench(*each[0], cwd=tmp_path, **each[1]), refused))
        for (command, _), answer in zip(refused, answers, strict=True):
            assert answer.out == "", command
            answer.assert_refused(2, read_only)
        assert not sessions_folder().exists(), "something was measured"
        for command in (("list",), ("show", folder.name), ("recover", folder.name)):
            answer = mjbench("sessions", *command, XDG_DATA_HOME=home)
            assert (answer.code, answer.err) == (0, ""), answer.err
        assert disk.names() == before


@pytest.fixture
def without_privileges() -> tuple[str, ...]:
    """A command that starts another for which the permissions of files hold, as they do not for root."""
    if os.geteuid() != 0:
        return ()
    lost = "-dac_override,-dac_read_search"
    command = ("setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}")
    if shutil.which("setpriv") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("root cannot give up its privileges here: needs setpriv")
    return command


def test_folders_that_a_person_may_not_write_are_left_alone(without_privileges, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    refused = [
        ((*NULL, *TRIAL, "--output", closed), {}),
        ((*NULL, *TRIAL, "--output", closed / "out"), {}),
        ((*NULL, *TRIAL), {"XDG_DATA_HOME": closed}),
        ((*NULL, *TRIAL, "--save-profile", "mine"), {"XDG_CONFIG_HOME": closed}),
        ((*NULL, *TRIAL, "--log-file", closed / "log"), {}),
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda each: mjbench(*each[0], within=without_privileges, **each[1]), refused)
        )
    for answer in answers:
        answer.assert_refused(2, str(closed), "Permission denied")
    assert list(closed.iterdir()) == [] and not sessions_folder().exists()


def test_a_folder_that_cannot_be_written_any_more_at_the_end_keeps_its_journal(without_privileges, tmp_path):
    folder = tmp_path / "out"
    arguments = (*NULL, "--duration", "0.5", "--trials", "2", "--output", folder)
    with running(*arguments, within=without_privileges) as run:
        wait_for_line(run, "FPS")
        folder.chmod(0o555)
        _, err = run.communicate(timeout=60)
        folder.chmod(0o755)
    Answer(run.returncode, "", err).assert_refused(1, "Permission denied", "recover")
    assert "journal.bin" in whole_names(folder) and "session.toml" not in whole_names(folder)
    assert mjbench("sessions", "recover", folder).code == 0
    assert_whole(folder, 2)


def test_of_two_that_want_the_same_folder_one_measures_and_the_other_says_so(tmp_path):
    """The other comes sooner or later: it finds nothing, a lock, a journal, or a finished session."""
    command = (*NULL, "--frames", "5", "--output")

    def race(number: int) -> None:
        folder = tmp_path / str(number)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: mjbench(*command, folder), range(2)))
        won, lost = sorted(answers, key=lambda answer: answer.code)
        assert won.code == 0, won.err
        lost.assert_refused(2, str(folder))
        assert_whole(folder, 1, "complete")

    for number in range(int(os.environ.get("MJBENCH_RACES", "3"))):
        race(number)


RACER = """
import sys
from pathlib import Path
from engine.backends.misbehaving import VARIABLE
from engine.case import Case, Resolution, Settings
from engine.jobs.requests import TrialJob
from engine.process.launcher import Ended, SpawnLauncher
from engine.messages import FailedMessage
from profiles.errors import SessionError
from tests.profiles.session_builders import new_writer, trial

for line in sys.stdin:
    try:
        writer = new_writer(Path(line.strip()), profile_name=sys.argv[1])
        writer.append(trial())
        writer.close("complete")
        print("won", flush=True)
    except SessionError as error:
        print(error, flush=True)
"""


def test_many_races_for_a_folder_have_one_winner_each_and_nothing_is_mixed(tmp_path):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for name in ("one", "two", "three")
    ]  # fmt: skip
    try:
        for number in range(int(os.environ.get("MJBENCH_RACES", "100"))):
            folder = tmp_path / str(number)
            for racer in racers:
                racer.stdin.write(f"{folder}\n")
                racer.stdin.flush()
            answers = [racer.stdout.readline().strip() for racer in racers]
            assert answers.count("won") == 1, answers
            for sentence in answers:
                assert sentence == "won" or any(
                    part in sentence
                    for part in ("another process", "not finished", "is not empty", "cannot be locked")
                ), sentence
            winner = ("one", "two", "three")[answers.index("won")]
            assert load_session(folder).session.profile_name == winner
            assert whole_names(folder) == FINAL
    finally:
        for racer in racers:
            racer.stdin.close()
            racer.stdout.close()
            racer.wait()


def test_who_asks_whether_a_folder_is_written_keeps_nobody_from_it_and_leaves_nothing(tmp_path):
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            is_locked(tmp_path)

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            for _ in range(300):
                FolderLock(tmp_path).release()
        finally:
            over.set()
        for each in asking:
            each.result()
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_is_measured_is_not_deleted_renamed_or_recovered():
    with running(*NULL, "--duration", "600") as run:
        wait_for(lambda: list(sessions_folder().glob("*/journal.bin")), "a journal")
        (folder,) = sessions_folder().iterdir()
        commands = [
            ("delete", folder.name, "--yes"), ("rename", folder.name, "new"), ("recover", folder.name),
            ("show", folder.name),
        ]  # fmt: skip
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda each: mjbench("sessions", *each), commands))
        for answer in answers:
            answer.assert_refused(2, str(folder), "is being")
        assert mjbench("sessions", "recover").out == "no session needs it\n"
        assert folder.exists() and not run.poll()
        wait_for(lambda: any("spawn_main" in " ".join(one.cmdline()) for one in children(run)), "an engine")
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
    assert load_session(folder).session.status == "interrupted"


def test_a_folder_that_is_deleted_meanwhile_ends_the_run_with_one_sentence(tmp_path):
    folder = tmp_path / "out"
    with running(*NULL, "--duration", "0.3", "--trials", "50", "--output", folder) as run:
        wait_for_line(run, "FPS")
        shutil.rmtree(folder)
        _, err = run.communicate(timeout=60)
        Answer(run.returncode, "", err).assert_refused(1, str(folder), "deleted")
        assert children(run) == []
    assert not (folder / "session.toml").exists()
    if folder.exists():
        assert mjbench("sessions", "show", folder).code == 2


def test_a_folder_that_is_moved_meanwhile_loses_no_trial(tmp_path):
    folder, moved = tmp_path / "out", tmp_path / "moved"
    with running(*NULL, "--duration", "0.3", "--trials", "4", "--output", folder) as run:
        first = wait_for_line(run, "FPS")
        folder.rename(moved)
        _, err = run.communicate(timeout=60)
    Answer(run.returncode, "", err).assert_refused(1, str(folder))
    recover(moved)
    done = [trial for case in load_session(moved).cases for trial in case.trials]
    # While it is moved, an engine process may not find its log.
    assert len(done) >= told_done(first + err) >= 3
