"""The one who watches is killed: no process stays, and nothing that was finished is lost.

`MJBENCH_KILLS` says at how many moments the command is killed.
"""

import os
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.timings import frame_times_ns
from profiles.errors import SessionError
from profiles.journal import JOURNAL_FILE, read_journal
from profiles.session import Session
from profiles.sessions import load_session
from profiles.store import SESSION_FILE, load_profile
from profiles.timings_file import TIMINGS_FILE, read_timings
from profiles.writer import recover
from tests.faults.watching import (
    LEFT_LIMIT_S,
    NULL,
    TWIN,
    WatchedCommand,
    answer,
    measured,
    sessions_folder,
)

KILLS = int(os.environ.get("MJBENCH_KILLS", "12"))
AT_ONCE = 4
SEED = 20260
PROFILE = """
schema = 1
backends = ["null"]
effects = ["scene"]
resolutions = ["32x32"]

[measure]
warmup_frames = 2
frames = 60
trials = 60
"""


@dataclass(frozen=True)
class Kill:
    """What there was when a run was killed."""

    told: list[str]
    """FPS of the trials whose end was told."""
    left_s: float
    """How long its engine processes outlived it."""


@pytest.fixture
def profiles(tmp_path: Path) -> list[Path]:
    """A profile for each kill, by whose name its session is found."""
    paths = [tmp_path / f"kill{number:03}.toml" for number in range(KILLS)]
    for path in paths:
        path.write_text(PROFILE)
    return paths


def killed_at_random(profile: Path) -> Kill:
    """Run a profile and kill it while it sets up, within a trial, or between two."""
    moment = random.Random(f"{SEED}-{profile.name}")
    trials, delay_s = moment.randrange(5), moment.random()
    with WatchedCommand("run", "--profile", profile) as run:
        run.wait_for(lambda: len(run.told) >= trials, f"{trials} trials")
        # From the start of the command it takes longer until something happens.
        time.sleep(delay_s if trials else 4 * delay_s)
        run.process.kill()
        run.end()
        left_s = run.seconds_until_alone()
        assert "Traceback" not in run.said
        return Kill(run.told, left_s)


def folder_of(name: str) -> Path | None:
    """The folder of the session of a profile, where the run came so far."""
    found = [path for path in sessions_folder().glob("*") if f"-{name}-" in path.name]
    assert len(found) <= 1
    return found[0] if found else None


def assert_figures_hold(session: Session, folder: Path) -> None:
    """The timings of every trial are there, and its figures are what they say."""
    for case in session.cases:
        for trial in case.trials:
            if trial.metrics is not None and trial.timings is not None:
                frames = frame_times_ns(read_timings(folder, trial.timings).timed)
                assert len(frames) == 60
                assert trial.metrics.max_ms <= frames.max() / 1e6


@pytest.mark.timeout(120 + 20 * KILLS)
def test_a_kill_at_any_moment_leaves_no_process_and_every_finished_trial(profiles):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        kills = list(pool.map(killed_at_random, profiles))
    slowest = max(kill.left_s for kill in kills)
    told = sum(len(kill.told) for kill in kills)
    print(f"{len(kills)} kills, {told} trials told; engine processes were gone after {slowest:.2f} s at most")
    done = answer("sessions", "recover")
    assert done.returncode == 0, done.stderr
    shown = 0
    for profile, kill in zip(profiles, kills, strict=True):
        folder = folder_of(profile.stem)
        if folder is None or not (folder / SESSION_FILE).exists():
            assert kill.told == []
            continue
        session = load_session(folder)
        assert not (folder / JOURNAL_FILE).exists() and not list(folder.glob(".*.part"))
        assert session.session.status == "incomplete" and session.session.lost == ""
        rates = measured(session)
        # The last one may have been on the disk before it was told.
        assert rates[: len(kill.told)] == kill.told and len(rates) <= len(kill.told) + 1
        assert_figures_hold(session, folder)
        assert load_profile(folder).measure == load_profile(profile).measure
        shown += 1
        if shown <= 2:
            page = answer("sessions", "show", folder.name)
            assert page.returncode == 0 and "null" in page.stdout, page.stderr
    assert shown >= KILLS // 3


def test_a_kill_leaves_no_process_that_hangs_and_nobody_could_talk_to(tmp_path):
    def left_s(fault: str) -> float:
        folder = tmp_path / fault
        options = (*TWIN, "--frames", "100", "--output", folder)
        with WatchedCommand(*options, MJBENCH_MISBEHAVIOUR=f"fault={fault},at=50") as run:
            logs = folder / "logs"
            run.wait_for(
                lambda: any("misbehave" in path.read_text() for path in logs.glob("*.log")), "a hang"
            )
            assert run.engines
            run.process.kill()
            run.end()
            return run.seconds_until_alone()

    with ThreadPoolExecutor(2) as pool:
        assert max(pool.map(left_s, ("hang_held", "hang_deaf"))) < LEFT_LIMIT_S


def test_a_kill_while_the_final_files_are_written_loses_nothing(tmp_path):
    stages = {
        "the timings are half written": lambda folder: list(folder.glob(".*.part")),
        "the timings are written": lambda folder: (folder / TIMINGS_FILE).exists(),
    }

    def killed(number: int, seen) -> str:
        folder = tmp_path / f"out{number}"
        options = (*NULL, "--frames", "1500000", "--trials", "1", "--output", folder)
        with WatchedCommand(*options) as run:
            run.wait_for(lambda: run.told and seen(folder), "that it writes its files")
            run.process.kill()
            run.end()
            run.seconds_until_alone()
            assert len(run.told) == 1
            was_whole = (folder / SESSION_FILE).exists()
            session = recover(folder)
            assert measured(session) == run.told
            assert measured(load_session(folder)) == run.told
            assert not list(folder.glob(".*.part")) and not (folder / JOURNAL_FILE).exists()
            assert len(read_timings(folder, session.cases[0].trials[0].timings).timed["render"]) == 1500000
            return session.session.status if was_whole else "killed"

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(killed, range(len(stages)), stages.values()))
    assert "killed" in ends, "no kill came before the session was whole"


@pytest.fixture(scope="module")
def killed_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was killed after three trials, as it was left."""
    folder = tmp_path_factory.mktemp("killed") / "out"
    options = (*NULL, "--frames", "12", "--warmup-frames", "1", "--trials", "50", "--output", folder)
    with WatchedCommand(*options) as run:
        run.wait_for(lambda: len(run.told) >= 3, "three trials")
        run.process.kill()
        run.end()
        run.seconds_until_alone()
    return folder


def cut_to(folder: Path, data: bytes, killed: Path) -> Path:
    """A copy of a killed run's folder with another journal."""
    folder.mkdir()
    (folder / JOURNAL_FILE).write_bytes(data)
    assert (killed / JOURNAL_FILE).exists()
    return folder


def test_a_journal_that_is_torn_at_any_byte_of_its_last_record_has_all_before(killed_run, tmp_path):
    data = (killed_run / JOURNAL_FILE).read_bytes()
    whole = read_journal(killed_run / JOURNAL_FILE)
    last = whole.entries[-1].arrays
    begins = whole.entries[-2].arrays[-1]
    begin = begins.offset + 8 * begins.count
    assert begin < last[0].offset < len(data)
    copy = tmp_path / JOURNAL_FILE
    for length in range(begin, len(data)):
        copy.write_bytes(data[:length])
        read = read_journal(copy)
        assert read.entries == whole.entries[:-1]
        assert bool(read.torn) == (length > begin)
    for length in random.Random(SEED).sample(range(begin + 1, len(data)), 20):
        folder = cut_to(tmp_path / f"cut{length}", data[:length], killed_run)
        session = recover(folder)
        assert "is cut short" in session.session.lost
        assert measured(session) == measured(load_session(folder)) and len(measured(session)) >= 2


def test_a_flipped_byte_changes_no_figure_silently(killed_run, tmp_path):
    data = (killed_run / JOURNAL_FILE).read_bytes()
    whole = cut_to(tmp_path / "whole", data, killed_run)
    expected = {trial.timings: trial for case in recover(whole).cases for trial in case.trials}
    random_places = random.Random(SEED)
    for number in range(150):
        place, bit = random_places.randrange(len(data)), 1 << random_places.randrange(8)
        spoiled = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
        folder = cut_to(tmp_path / f"flip{number}", spoiled, killed_run)
        try:
            session = recover(folder)
        except SessionError as error:
            assert "nothing can be recovered" in str(error)
            continue
        trials = [trial for case in session.cases for trial in case.trials]
        assert session.session.lost and len(trials) < len(expected)
        assert all(trial == expected[trial.timings] for trial in trials)


def test_the_next_run_completes_what_a_killed_one_left_and_nothing_else():
    short = ("--frames", "20", "--warmup-frames", "1")
    damaged = sessions_folder() / "20250101T000000Z-damaged-0000"
    damaged.mkdir(parents=True)
    (damaged / JOURNAL_FILE).write_bytes(b"MJBENCH\x01 and no more")
    with WatchedCommand(*TWIN, "--frames", "100000", MJBENCH_MISBEHAVIOUR="frame_ms=5") as live:
        live.wait_for(lambda: live.engines and list(sessions_folder().glob("*/logs")), "a live run")
        before = set(sessions_folder().iterdir())
        with WatchedCommand(*NULL, *short, "--trials", "60") as killed:
            killed.wait_for(lambda: len(killed.told) >= 2, "two trials")
            killed.process.kill()
            killed.end()
        (left,) = set(sessions_folder().iterdir()) - before
        listed = answer("sessions", "list")
        assert "unfinished" in listed.stdout and "sessions recover" in listed.stdout
        with WatchedCommand(*NULL, *short) as following:
            assert following.end() == 0, following.said
        completed = measured(load_session(left))
        assert completed[: len(killed.told)] == killed.told
        (told,) = (line for line in following.lines if "killed" in line)
        assert told == f"completed after its run was killed: {left.name}, {len(completed)} trials\n"
        assert following.out.strip() and "killed" not in following.out
        assert live.process.poll() is None
    for folder in before:
        assert not (folder / SESSION_FILE).exists()


def test_a_session_that_cannot_be_completed_stops_no_run_and_is_told_with_the_way_to_try_again(tmp_path):
    short = ("--frames", "20", "--warmup-frames", "1")
    with WatchedCommand(*NULL, *short, "--trials", "60") as killed:
        killed.wait_for(lambda: len(killed.told) >= 1, "a trial")
        killed.process.kill()
        killed.end()
    (left,) = sessions_folder().iterdir()
    # A folder that cannot be written, also for root.
    (left / TIMINGS_FILE).mkdir()
    with WatchedCommand(*NULL, *short) as following:
        assert following.end() == 0, following.said
        (told,) = (line for line in following.lines if "killed" in line)
        assert f"mjbench-tui sessions recover {left.name}" in told
        assert str(left / TIMINGS_FILE) in told or left.name in told
    assert (left / JOURNAL_FILE).exists() and not (left / SESSION_FILE).exists()
    (left / TIMINGS_FILE).rmdir()
    assert answer("sessions", "recover").returncode == 0
    assert measured(load_session(left))[: len(killed.told)] == killed.told


def test_a_start_opens_no_session_that_is_finished():
    from profiles.killed import complete_killed

    for number in range(300):
        folder = sessions_folder() / f"20250101T0000{number:02}Z-many-0000"
        folder.mkdir(parents=True)
        # To open a pipe that nobody writes takes for ever.
        os.mkfifo(folder / SESSION_FILE)
        os.mkfifo(folder / JOURNAL_FILE)
    found: list[object] = []
    look = threading.Thread(target=lambda: found.append(complete_killed()), daemon=True)
    look.start()
    look.join(60)
    assert found == [()]


@pytest.mark.parametrize("again", ["a run of the whole profile"])
def test_a_recovered_session_is_measured_again(killed_run, tmp_path, again):
    folder = cut_to(tmp_path / "again", (killed_run / JOURNAL_FILE).read_bytes(), killed_run)
    recover(folder)
    options = ("--profile", folder / SESSION_FILE, "--trials", "1", "--output", tmp_path / "new")
    done = answer("run", *options)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\[1/1\] [\d.]+ FPS", done.stderr)
    assert load_session(tmp_path / "new").session.status == "complete"
