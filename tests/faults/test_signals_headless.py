"""Signals to a run without a dashboard, at every stage: it ends in order, and what was measured is kept."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from profiles.journal import JOURNAL_FILE
from profiles.sessions import load_session
from profiles.store import SESSION_FILE
from tests.faults.watching import COMMAND, NULL, TWIN, USUAL, WatchedCommand, measured
from tests.terminal.processes import wait_for

AT_ONCE = 4
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MOST_S = 9.0
STOPPING = "stopping after this frame; a second time ends at once"


@dataclass(frozen=True)
class Stage:
    """A moment of a run that can be waited for."""

    name: str
    options: tuple[object, ...]
    is_there: Callable[[WatchedCommand, Path], object]
    """Of the command and of its session's folder."""
    behaviour: str = "frame_ms=2"
    session: tuple[str, ...] = ("interrupted",)
    """What the session may say afterwards; nothing where there is none."""
    twice: bool = False
    """The signal is sent again when the first one was heard."""


def entered(stage: str) -> Callable[[WatchedCommand, Path], bool]:
    """The engine process has said that it is there."""
    return lambda run, folder: f"Stage.{stage}" in log_of(folder)


def log_of(folder: Path) -> str:
    """What `--log-file` holds so far."""
    path = log_file(folder)
    return path.read_text() if path.exists() else ""


def log_file(folder: Path) -> Path:
    return folder.with_suffix(".log")


def misbehaves(run: WatchedCommand, folder: Path) -> bool:
    """The twin has come to its fault."""
    logs = (folder / "logs").glob("*.log")
    return any("about to misbehave" in path.read_text(errors="replace") for path in logs)


LONG = ("--duration", "600", "--warmup-frames", "3")
SHORT = ("--frames", "40", "--warmup-frames", "3", "--trials", "40")
STAGES = (
    Stage(
        "backends are tried", (*TWIN, *LONG), lambda run, folder: run.engines,
        behaviour="fault=hang_held,at=open", session=(),
    ),
    Stage("warm-up", (*TWIN, "--duration", "9", "--warmup-frames", "200000"), entered("WARM_UP")),
    Stage("timed frames", (*TWIN, *LONG), entered("RUN")),
    Stage("between two trials", (*TWIN, *SHORT), lambda run, folder: len(run.told) >= 2),
    Stage(
        "the final files are written", (*NULL, "--frames", "1500000"),
        lambda run, folder: run.told and list(folder.glob(".*.part")), session=("interrupted", "complete"),
    ),
    Stage("a frame that hangs, twice", (*TWIN, *LONG), misbehaves, "fault=hang,at=60", twice=True),
)  # fmt: skip


def signalled(number: signal.Signals, stage: Stage, folder: Path) -> WatchedCommand:
    """Run a command until a stage, signal it, and wait for its end."""
    options = (*stage.options, "--output", folder, "--log-file", log_file(folder))
    with WatchedCommand(*options, MJBENCH_MISBEHAVIOUR=stage.behaviour) as run:
        run.wait_for(lambda: stage.is_there(run, folder), stage.name)
        # A terminal tells Ctrl+C and its end to the whole group.
        send = run.send if number is signal.SIGTERM else run.send_to_group
        send(number)
        began = time.monotonic()
        if stage.twice:
            run.wait_for_words(STOPPING)
            run.send(number)
        run.end()
        # What hangs is not waited for: a probe may take half a minute, and the last frame ten seconds.
        assert time.monotonic() - began < MOST_S, (number, stage.name)
        run.seconds_until_alone()
    return run


@pytest.mark.timeout(300)
def test_a_signal_at_any_stage_ends_the_run_in_order(tmp_path):
    def check(number: signal.Signals, stage: Stage) -> str:
        folder = tmp_path / f"{number.name} {stage.name}"
        run = signalled(number, stage, folder)
        what = f"{number.name}, {stage.name}: exit {run.code}, {run.said[-2000:]}"
        wrong = []
        if run.code != 130:
            wrong.append("exit code")
        if "Traceback" in run.said or "Exception" in run.said:
            wrong.append("traceback")
        if not stage.session:
            # Nothing was begun yet.
            last = run.lines[-1:] if run.lines else []
            if folder.exists() or last != ["mjbench-tui: interrupted\n"]:
                wrong.append("sentence")
            return f"{wrong}: {what}" if wrong else ""
        if not (folder / SESSION_FILE).exists() or (folder / JOURNAL_FILE).exists():
            return f"no session: {what}"
        session = load_session(folder)
        if session.session.status not in stage.session:
            wrong.append(session.session.status)
        if measured(session)[: len(run.told)] != run.told:
            wrong.append("trials")
        if STOPPING not in run.said or f"session: {folder}\n" not in run.said:
            wrong.append("words")
        return f"{wrong}: {what}" if wrong else ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        waited = [pool.submit(check, number, stage) for stage in STAGES for number in ENDING]
    assert [problem for each in waited if (problem := each.result())] == []


def test_a_signal_that_comes_while_nobody_reads_stderr_makes_no_traceback(tmp_path):
    folder = tmp_path / "out"
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writing, bytes(4096))
    process = subprocess.Popen(
        [COMMAND, *map(str, (*TWIN, *LONG, "--output", folder))],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing, start_new_session=True,
        env={**os.environ, **USUAL},
    )  # fmt: skip
    os.close(writing)
    try:
        call = Path(f"/proc/{process.pid}/syscall")
        wait_for((folder / JOURNAL_FILE).exists, "a session")
        # It writes that a trial begins, and waits for somebody to read it: call 1, of stream 2.
        wait_for(lambda: call.read_text().split()[:2] in (["1", "0x2"], ["64", "0x2"]), "a full pipe")
        process.send_signal(signal.SIGINT)
        with os.fdopen(reading, errors="replace") as said:
            text = said.read()
        assert process.wait(60) == 130, text
        assert "Traceback" not in text
        assert load_session(folder).session.status == "interrupted"
    finally:
        process.kill()
        process.wait()
