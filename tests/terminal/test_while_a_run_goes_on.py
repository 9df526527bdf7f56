"""A run goes on while its terminal changes size, is a shell for a while, or hears a key that would end it."""

import re

import psutil

from engine.timings import frame_times_ns
from profiles.sessions import load_session
from profiles.timings_file import read_timings
from tests.terminal.processes import dashboard_process, engine_processes
from tests.terminal.steps import HAS_FIGURES, start_measuring

CASE = ("--backend", "null", "--resolution", "32x32", "--effects", "scene")


def is_legible(screen: str, columns: int, rows: int) -> bool:
    """Whether the watching screen fills the terminal, with whole frames and all that matters."""
    lines = screen.splitlines()
    corners = [[(line.rfind(c), line.count(c)) for line in lines if c in line] for c in "╭╰╮╯"]
    return (
        len(lines) == rows
        and max(map(len, lines)) == columns
        and lines[0].startswith("trial 1 of 1")
        and "observer" in lines[0]
        and re.search(HAS_FIGURES, screen) is not None
        and "Stop" in lines[-1]
        and len(corners[0]) > 0
        and corners[0] == corners[1]
        and corners[2] == corners[3]
        and all(line.count("│") % 2 == 0 for line in lines)
    )


def test_every_size_is_legible_and_quitting_asks(terminal, command_line, saved_sessions):
    terminal.start(command_line(*CASE, "--duration", "600"))
    start_measuring(terminal)
    for columns, rows in ((140, 45), (60, 20), (80, 24)):
        terminal.resize(columns, rows)
        terminal.wait_until(
            lambda screen, size=(columns, rows): is_legible(screen, *size), f"legible {columns}x{rows}"
        )

    terminal.press("q")
    terminal.wait_for("A run goes on")
    terminal.press("n")
    terminal.wait_until(lambda screen: is_legible(screen, 80, 24), "run that goes on")
    assert not saved_sessions()
    terminal.press("q")
    terminal.wait_for("A run goes on")
    terminal.press("y")
    assert terminal.exit_code() == 130
    (folder,) = saved_sessions()
    assert load_session(folder).session.status == "interrupted"
    terminal.wait_for_output(f"session: {folder}")


def test_a_run_completes_after_a_while_in_the_shell(terminal, mark, command_line, saved_sessions):
    terminal.start("bash --norc --noprofile")
    terminal.wait_for("bash")
    terminal.write(command_line(*CASE, "--duration", "4"))
    terminal.press("Enter")
    start_measuring(terminal)
    dashboard = dashboard_process(mark)

    terminal.press("C-z")
    terminal.wait_for("Stopped")
    assert terminal.is_normal_screen()
    assert dashboard.status() == psutil.STATUS_STOPPED
    assert not engine_processes(mark)
    terminal.write("echo typed-$((40+2))")
    terminal.press("Enter")
    terminal.wait_for("typed-42")

    terminal.write("fg")
    terminal.press("Enter")
    terminal.wait_for("Session complete")
    terminal.press("q")
    terminal.wait_for("session: ")
    terminal.write("echo ended-$?")
    terminal.press("Enter")
    terminal.wait_for("ended-0")
    (folder,) = saved_sessions()
    ((trial,),) = (case.trials for case in load_session(folder).cases)
    assert trial.metrics is not None and trial.timings is not None
    # All timed frames, also those before the steady state.
    assert frame_times_ns(read_timings(folder, trial.timings).timed).sum() > 3.9e9
