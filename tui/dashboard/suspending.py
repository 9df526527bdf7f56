"""The dashboard in the background: SIGTSTP, SIGCONT, and being stopped by somebody else.

Textual by itself stops in the middle of a trial; and where it goes on without having stopped itself, as after
SIGSTOP, it takes the terminal as it has made it for the one that it is to leave behind.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import termios
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver

_LOCAL_FLAGS = 3
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Background:
    """Leaves the terminal to others, and takes it again.

    Args:
        driver: of the app that runs.
        suspend: asked for by SIGTSTP; calls `stop` as soon as that disturbs nothing.
        returned: called when the dashboard has its terminal again.
    """

    def __init__(self, driver: Driver, suspend: Callable[[], object], returned: Callable[[], object]) -> None:
        self._driver = driver
        self._suspend = suspend
        self._returned = returned
        self._is_away = False
        self._stopped_itself = False
        self._is_over = False

    def listen(self) -> None:
        """Take the two signals over from Textual; to be called in the loop of the app."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self._suspend)
        loop.add_signal_handler(signal.SIGCONT, self._go_on)

    def stop(self) -> None:
        """Stop this process; returns when it goes on, or at once where no shell could let it go on."""
        if self._is_over or _is_hung_up(0):
            return
        self._is_away = self._stopped_itself = True
        self._driver.suspend_application_mode()
        # SIGSTOP would also stop one that nobody can let go on.
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)
        self._take_terminal()

    def end(self) -> None:
        """Leave the terminal alone from now on: the app closes."""
        self._is_over = True

    def _go_on(self) -> None:
        # A shell that loses its terminal tells its jobs to go on. Threads that read from what is not there
        # any more, or that begin when the app has ended its own, would never end.
        if self._is_over or _is_hung_up(0):
            return
        if self._stopped_itself and not self._is_away:
            # `stop` has done it all.
            self._stopped_itself = False
            return
        if not self._is_away:
            # Somebody else stopped it, and the shell may have changed the terminal since.
            self._is_away = True
            self._driver.suspend_application_mode()
        self._take_terminal()

    def _take_terminal(self) -> None:
        """Draw on the terminal again; from the background that is tried anew with every SIGCONT."""
        self._driver.resume_application_mode()
        try:
            is_cooked = termios.tcgetattr(0)[_LOCAL_FLAGS] & termios.ICANON
        except (termios.error, ValueError):
            is_cooked = 0
        if not is_cooked:
            self._is_away = False
            self._returned()


def _is_hung_up(descriptor: int) -> bool:
    """Whether a terminal has gone."""
    asked = select.poll()
    # That is told without being asked for.
    asked.register(descriptor, 0)
    return any(event & _GONE for _, event in asked.poll(0))
