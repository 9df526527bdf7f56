"""The dashboard where its terminal goes away, where it is told to end, and where it has no terminal."""

import contextlib
import os
import shlex
import signal
import subprocess
import time

import psutil
import pytest

from profiles.sessions import load_session
from tests.terminal.processes import dashboard_process, engine_processes, tool_processes, wait_for
from tests.terminal.steps import start_measuring
from tui.dashboard.suspending import Background


@pytest.mark.parametrize("how", ["SIGTERM", "the terminal goes away"])
def test_a_run_that_loses_its_terminal_is_saved_and_leaves_no_process(
    terminal, mark, command_line, saved_sessions, how
):
    terminal.start(command_line("--backend", "null", "--resolution", "64x64", "--duration", "600"))
    start_measuring(terminal)
    assert engine_processes(mark)
    if how == "SIGTERM":
        dashboard_process(mark).send_signal(signal.SIGTERM)
    else:
        terminal.hang_up()
    wait_for(lambda: not tool_processes(mark), "no process is left")
    (folder,) = saved_sessions()
    session = load_session(folder)
    assert session.session.status == "interrupted"
    assert session.cases[0].trials[0].metrics is not None


def test_a_shell_that_tells_it_to_go_on_while_their_terminal_goes_keeps_it_from_nothing(
    terminal, mark, command_line, saved_sessions
):
    terminal.start(command_line("--backend", "null", "--resolution", "64x64", "--duration", "600"))
    start_measuring(terminal)
    dashboard = dashboard_process(mark)
    terminal.hang_up()

    def is_gone() -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            # Often: it is one moment of its end that matters.
            for _ in range(300):
                dashboard.send_signal(signal.SIGCONT)
                time.sleep(0.001)
        return not tool_processes(mark)

    wait_for(is_gone, "no process is left")
    (folder,) = saved_sessions()
    assert load_session(folder).session.status == "interrupted"


def test_once_it_closes_it_takes_no_terminal_again():
    touched: list[str] = []

    class Driver:
        def __getattr__(self, name: str) -> object:
            touched.append(name)
            raise AssertionError(name)

    background = Background(Driver(), lambda: None, lambda: None)
    background.end()
    background._go_on()
    background.stop()
    assert touched == []


def test_without_a_terminal_it_names_the_other_way(command_line):
    done = subprocess.run(
        shlex.split(command_line()),
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100, check=False,
        env={**os.environ, "TERM": "xterm-256color"},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("mjbench-tui: ")
    assert "terminal" in sentence
    assert "--headless" in sentence
