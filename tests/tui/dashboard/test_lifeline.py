"""The thread that ends the dashboard where nothing else would."""

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tui.dashboard import lifeline
from tui.dashboard.lifeline import Lifeline

LIMIT_S = 60
STUCK = """
import threading
from pathlib import Path
from tui.dashboard import lifeline
lifeline._PATIENCE_S = 0.3
forever = threading.Event()
with lifeline.Lifeline(lambda: None, lambda: Path("saved").touch(), ()):
    Path("stuck").touch()
    forever.wait()
"""


@pytest.fixture
def terminal() -> tuple[int, int]:
    """The two ends of a pseudo-terminal."""
    return pty.openpty()


@pytest.mark.parametrize("how", ["the terminal goes away", "SIGTERM", "SIGHUP"])
def test_the_app_is_asked_to_end(terminal, how):
    master, slave = terminal
    asked = threading.Event()
    with Lifeline(asked.set, lambda: None, (slave,)):
        if how in ("SIGTERM", "SIGHUP"):
            os.kill(os.getpid(), signal.Signals[how])
        else:
            os.close(master)
        assert asked.wait(LIMIT_S)


def test_an_app_that_forgets_what_it_is_asked_is_asked_again(monkeypatch, terminal):
    monkeypatch.setattr(lifeline, "_AGAIN_S", 0.01)
    monkeypatch.setattr(lifeline, "_PATIENCE_S", LIMIT_S)
    asked = threading.Semaphore(0)
    with Lifeline(asked.release, lambda: None, (terminal[1],)):
        os.kill(os.getpid(), signal.SIGTERM)
        assert all(asked.acquire(timeout=LIMIT_S) for _ in range(3))


def test_nothing_is_asked_where_the_app_ends_by_itself_and_signals_mean_what_they_did_before(terminal):
    before = signal.getsignal(signal.SIGTERM)
    asked = threading.Event()
    with Lifeline(asked.set, lambda: None, (terminal[1],)):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert not asked.is_set()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_process_that_is_stuck_is_saved_and_ended(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", STUCK], cwd=tmp_path, start_new_session=True)
    try:
        while not (tmp_path / "stuck").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_S) == 130
    finally:
        process.kill()
    assert (tmp_path / "saved").exists()
