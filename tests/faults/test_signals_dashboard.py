"""Signals to the dashboard in a real terminal: it ends in order or stands still in order, whatever is open.

The ways through it run side by side, as they mostly wait. `MJBENCH_SIGNALS=all` tries every signal at every
stage; without it each of both is tried once.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from engine.interference.records import FindingKind
from engine.preflight import PROBE_LIMIT_S
from engine.timings import frame_times_ns
from profiles.journal import read_journal
from profiles.profile import Profile
from profiles.sessions import load_session
from profiles.timings_file import read_timings
from tests.faults.terminals import DashboardTerminal
from tests.faults.watching import measured
from tests.terminal.processes import MARK, dashboard_process, end_all, engine_processes, wait_for
from tests.terminal.steps import HAS_FIGURES, start_measuring
from tui.dashboard.session_run import RunPhase, SessionRun
from tui.progress import MEASURED_ANEW

AT_ONCE = 4
CASE = ("--resolution", "32x32", "--effects", "bare", "--warmup-frames", "3")
NULL = ("--backend", "null", *CASE)
TWIN = ("--backend", "misbehaving", *CASE)
LONG = ("--duration", "600")
HUNG = {"MJBENCH_MISBEHAVIOUR": "fault=hang,at=400,frame_ms=5"}
DEAF = {"MJBENCH_MISBEHAVIOUR": "fault=hang_held,at=open"}


def choosing(terminal: DashboardTerminal) -> None:
    terminal.start(*NULL)
    terminal.tmux.wait_for("being tried")


def waiting_for_backends(terminal: DashboardTerminal) -> None:
    terminal.start(*TWIN, **DEAF)
    terminal.tmux.wait_for("F5 measures")
    terminal.tmux.press("F5")
    wait_for(lambda: terminal.engines, "a backend is tried")


def measuring(terminal: DashboardTerminal) -> None:
    terminal.measure(*NULL, *LONG)


def asked_whether_to_quit(terminal: DashboardTerminal) -> None:
    measuring(terminal)
    terminal.tmux.press("q")
    terminal.tmux.wait_for("A run goes on")


def reading_results(terminal: DashboardTerminal) -> None:
    terminal.start(*NULL, "--duration", "0.2")
    terminal.tmux.wait_for("F5 measures")
    terminal.tmux.press("F5")
    terminal.tmux.wait_for("Session complete")
    terminal.tmux.press("Enter")
    terminal.tmux.wait_for("Table")


STAGES: dict[str, tuple[Callable[[DashboardTerminal], None], str]] = {
    "choosing": (choosing, ""),
    "backends are tried": (waiting_for_backends, ""),
    "measuring": (measuring, "interrupted"),
    "a question is open": (asked_whether_to_quit, "interrupted"),
    "reading results": (reading_results, "complete"),
}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Way = Callable[[Path], None]


def faults(terminal: DashboardTerminal) -> int:
    """How often the twin has come to the frame at which it misbehaves."""
    logs = (terminal.sessions()[0] / "logs").glob("*.log")
    return sum(path.read_text(errors="replace").count("about to misbehave") for path in logs)


def ends_in_order(stage: str, number: signal.Signals, folder: Path) -> None:
    """At a stage a signal comes: the terminal is left in order, all is saved and told, no process is left."""
    reach, status = STAGES[stage]
    with DashboardTerminal(folder) as terminal:
        reach(terminal)
        terminal.send(number)
        assert terminal.exit_code() == 130
        terminal.wait_until_alone()
        terminal.assert_in_order()
        if not status:
            assert not terminal.sessions()
            terminal.tmux.wait_for_output("mjbench-tui: interrupted")
            return
        session = terminal.saved_session()
        assert session.session.status == status
        assert session.cases[0].trials[0].metrics is not None
        terminal.tmux.wait_for_output(f"session: {terminal.sessions()[0]}")
        assert "Traceback" not in terminal.words()


def ends_where_its_terminal_goes(stage: str, folder: Path) -> None:
    """The window is closed."""
    reach, status = STAGES[stage]
    with DashboardTerminal(folder) as terminal:
        reach(terminal)
        terminal.tmux.hang_up()
        terminal.wait_until_alone()
        assert len(terminal.sessions()) == bool(status)
        if status:
            assert terminal.saved_session().session.status == status


def ends_at_once_when_told_twice(folder: Path) -> None:
    """A frame hangs, and would be waited for."""
    with DashboardTerminal(folder) as terminal:
        terminal.measure(*TWIN, *LONG, **HUNG)
        wait_for(lambda: faults(terminal) == 1, "a frame that hangs")
        terminal.send(signal.SIGTERM)
        # The app is closed, and what it has measured is being saved.
        terminal.tmux.wait_until(lambda screen: terminal.tmux.is_normal_screen(), "normal screen")
        assert terminal.engines
        terminal.send(signal.SIGTERM)
        told = time.monotonic()
        wait_for(lambda: not terminal.engines, "the engine process is ended")
        # Told once, it waits ten seconds for the frame; told twice, two for the process.
        assert time.monotonic() - told < 6
        assert terminal.exit_code() == 130
        terminal.assert_in_order()
        assert terminal.saved_session().session.status == "interrupted"


def ctrl_c_asks_and_then_ends(folder: Path) -> None:
    """The key: once a question, twice an end; without a run it quits."""
    with DashboardTerminal(folder) as terminal:
        terminal.measure(*NULL, *LONG)
        terminal.tmux.press("C-c")
        terminal.tmux.wait_for("A run goes on")
        terminal.tmux.press("n")
        terminal.tmux.wait_for_match(HAS_FIGURES)
        terminal.tmux.press("C-c")
        terminal.tmux.wait_for("A run goes on")
        terminal.tmux.press("C-c")
        assert terminal.exit_code() == 130
        terminal.assert_in_order()
        terminal.wait_until_alone()
        assert terminal.saved_session().session.status == "interrupted"
        terminal.tmux.wait_for_output(f"session: {terminal.sessions()[0]}")


def stands_still_and_goes_on(folder: Path) -> None:
    """SIGTSTP from elsewhere, `fg`; then SIGSTOP and SIGCONT from elsewhere; then an end in order."""
    with DashboardTerminal(folder) as terminal:
        terminal.tmux.start("bash --norc --noprofile")
        terminal.tmux.wait_for("bash")
        options = (*TWIN, "--duration", "6")
        # It says that it is at this frame, and minds no SIGTERM from then on.
        behaviour = "frame_ms=5,fault=deaf,at=60"
        terminal.tmux.write(terminal.command_line(*options, MJBENCH_MISBEHAVIOUR=behaviour))
        terminal.tmux.press("Enter")
        start_measuring(terminal.tmux)
        wait_for(lambda: faults(terminal) == 1, "timed frames")
        dashboard = dashboard_process(terminal.mark)
        dashboard.send_signal(signal.SIGTSTP)
        terminal.tmux.wait_for("Stopped")
        wait_for(lambda: dashboard.status() == psutil.STATUS_STOPPED, "it stands still")
        assert terminal.tmux.is_normal_screen()
        assert not terminal.engines
        terminal.tmux.write("fg")
        terminal.tmux.press("Enter")
        wait_for(lambda: faults(terminal) == 2, "frames of the trial that is measured anew")

        for process in (everybody := [dashboard, *engine_processes(terminal.mark)]):
            process.suspend()
        terminal.tmux.wait_for("Stopped")
        terminal.tmux.write("sleep 2.5; fg")
        terminal.tmux.press("Enter")
        wait_for(lambda: dashboard.status() != psutil.STATUS_STOPPED, "it goes on")
        for process in everybody[1:]:
            process.resume()
        terminal.tmux.wait_for("Session complete")
        terminal.tmux.press("q")
        terminal.tmux.wait_until(lambda screen: terminal.tmux.is_normal_screen(), "normal screen")
        terminal.tmux.write(f"stty -a >{terminal.modes}; echo ended-$((6*7))")
        terminal.tmux.press("Enter")
        terminal.tmux.wait_for("ended-42")
        terminal.assert_in_order()
        session = terminal.saved_session()
        # Of the first stop, after which all was measured anew, nothing is in it; the second one is marked.
        (trial,) = session.cases[0].trials
        assert trial.status == "done" and trial.timings is not None
        assert trial.findings[0].kind is FindingKind.STOPPED
        times_ns = frame_times_ns(read_timings(terminal.sessions()[0], trial.timings).timed)
        assert sum(times_ns > 1e9) == 1 and times_ns.max() > 2e9


def stops_without_the_dashboard(folder: Path) -> None:
    """`run` in a shell: Ctrl+Z, `fg` and Ctrl+C; the shell has its cursor each time."""
    with DashboardTerminal(folder) as terminal:
        terminal.tmux.start("bash --norc --noprofile")
        terminal.tmux.wait_for("bash")
        behaviour = "frame_ms=5,fault=deaf,at=60"
        line = terminal.command_line("run", *TWIN, *LONG, MJBENCH_MISBEHAVIOUR=behaviour)
        terminal.tmux.write(line)
        terminal.tmux.press("Enter")
        terminal.tmux.wait_for("left; ")
        wait_for(lambda: faults(terminal) == 1, "timed frames")
        terminal.tmux.press("C-z")
        terminal.tmux.wait_for("Stopped")
        assert not terminal.engines
        assert terminal.flag("cursor_flag") == "1"
        terminal.tmux.write("fg")
        terminal.tmux.press("Enter")
        terminal.tmux.wait_for(MEASURED_ANEW)
        wait_for(lambda: faults(terminal) == 2, "timed frames again")
        terminal.tmux.press("C-c")
        terminal.tmux.wait_for_output(f"session: {terminal.sessions()[0]}")
        terminal.wait_until_alone()
        terminal.tmux.write(f"echo ended-$?; stty -a >{terminal.modes}; echo all-$((6*7))")
        terminal.tmux.press("Enter")
        terminal.tmux.wait_for("ended-130", "all-42")
        terminal.assert_in_order()
        assert terminal.saved_session().session.status == "interrupted"
        assert "Traceback" not in terminal.words()


def a_killed_one_is_completed_by_the_next(folder: Path) -> None:
    """SIGKILL between trials; the next dashboard completes the session, and says so."""
    with DashboardTerminal(folder) as terminal:
        terminal.measure(*NULL, "--frames", "1000", "--trials", "500")
        journal = terminal.sessions()[0] / "journal.bin"
        wait_for(lambda: len(read_journal(journal).entries) >= 2, "two trials")
        kept = len(read_journal(journal).entries)
        terminal.send(signal.SIGKILL)
        terminal.wait_until_alone()
        terminal.exit_code()
        terminal.tmux.start_another(terminal.command_line(*NULL))
        terminal.tmux.wait_for("completed after its run")
        session = terminal.saved_session()
        assert session.session.status == "incomplete" and session.session.lost == ""
        assert len(measured(session)) in (kept, kept + 1)
        terminal.tmux.press("q")
        assert terminal.tmux.exit_code() == 0
        assert load_session(terminal.sessions()[0]) == session


def ways() -> dict[str, Way]:
    """Every way through the dashboard that is tried, by its name."""
    found: dict[str, Way] = {
        "the terminal goes, measuring": partial(ends_where_its_terminal_goes, "measuring"),
        "SIGTERM twice, a frame that hangs": ends_at_once_when_told_twice,
        "Ctrl+C and Ctrl+C": ctrl_c_asks_and_then_ends,
        "SIGTSTP, SIGSTOP and SIGCONT": stands_still_and_goes_on,
        "Ctrl+Z and Ctrl+C without the dashboard": stops_without_the_dashboard,
        "SIGKILL": a_killed_one_is_completed_by_the_next,
    }
    for row, stage in enumerate(STAGES):
        for column, number in enumerate(SIGNALS):
            if os.environ.get("MJBENCH_SIGNALS") == "all" or column == row % len(SIGNALS):
                found[f"{number.name}, {stage}"] = partial(ends_in_order, stage, number)
    if os.environ.get("MJBENCH_SIGNALS") == "all":
        for stage in STAGES:
            found[f"the terminal goes, {stage}"] = partial(ends_where_its_terminal_goes, stage)
    return found


@pytest.fixture(scope="module")
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[None]]]:
    """The ways that are asked for, some at a time, whichever test waits first."""
    own = [item for item in request.session.items if item.path == request.path]
    wanted = {item.callspec.params["name"] for item in own if hasattr(item, "callspec")}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            name: pool.submit(way, tmp_path_factory.mktemp("terminal"))
            for name, way in ways().items()
            if name in wanted
        }


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ways())
def test_the_dashboard_ends_or_stands_still_in_order(started, name):
    started[name].result()


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What the engine processes of this test are known by."""
    value = uuid4().hex
    monkeypatch.setenv(MARK, value)
    yield value
    end_all(value)


def test_a_run_that_is_told_to_stop_while_a_backend_is_tried_does_not_wait_for_it(monkeypatch, mark):
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "fault=hang_held,at=open")
    run = SessionRun(Profile(backends=("misbehaving",)), "told to stop")
    run.start()
    wait_for(lambda: engine_processes(mark), "a backend is tried")
    run.request_stop()
    assert run.wait(PROBE_LIMIT_S / 2)
    assert run.phase is RunPhase.REFUSED and run.error == "stopped before anything was measured"
    wait_for(lambda: not engine_processes(mark), "no engine process is left")
