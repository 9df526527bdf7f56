"""The dashboard where its terminal goes away, where it is told to end, and where it has no terminal."""

import os
import shlex
import signal
import subprocess

import pytest

from profiles.sessions import load_session
from tests.terminal.processes import dashboard_process, engine_processes, tool_processes, wait_for
from tests.terminal.steps import start_measuring


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
