"""Ends the dashboard in order where it is asked to end or its terminal is gone, even while Textual is stuck.

Textual waits for as long as the terminal takes nothing: where a connection stalls and then drops, its event
loop stands still and hears of no signal. And a terminal can go without one, as that of `docker exec` does.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

from tui.exit_codes import ExitCode

_PATIENCE_S = 3.0
"""How long the app may take to close by itself, and afterwards the command to end."""
_AGAIN_S = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Lifeline:
    """A thread beside the app; a context manager around its run and the saving after it.

    Args:
        end: asks the app to end; called from the thread, where it must not wait, and more than once.
        save: stops what is measured and waits until it is saved.
        hurry: called in the signal handler where a signal comes a second time, or while `save` is at work.
        terminal: file descriptors; where one of them is hung up, the app ends.
    """

    def __init__(
        self,
        end: Callable[[], None],
        save: Callable[[], None],
        terminal: tuple[int, ...] = (0, 2),
        hurry: Callable[[], None] = lambda: None,
    ) -> None:
        self._end = end
        self._save = save
        self._hurry = hurry
        self._terminal = terminal
        self.was_asked = False
        """Whether it was told to end, or has lost its terminal."""
        self.is_closed = False
        """To be set when the app is closed and only saving is left."""
        self._is_over = threading.Event()
        self._before: dict[int, object] = {}
        self._woken, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._watch, name="lifeline", daemon=True)

    def __enter__(self) -> Self:
        for name in _SIGNALS:
            self._before[name] = signal.signal(name, self._on_signal)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        for name, handler in self._before.items():
            signal.signal(name, handler)  # type: ignore[arg-type]
        self._wake()
        self._thread.join()
        os.close(self._woken)
        os.close(self._waker)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Nothing that takes a lock: another signal may come in the middle of it.
        if self.was_asked or self.is_closed:
            self._hurry()
        self.was_asked = True
        self._wake()

    def _wake(self) -> None:
        os.write(self._waker, b"w")

    def _watch(self) -> None:
        poller = select.poll()
        poller.register(self._woken, select.POLLIN)
        for descriptor in self._terminal:
            # A hang-up is told without being asked for.
            poller.register(descriptor, 0)
        poller.poll()
        if self._is_over.is_set():
            return
        self.was_asked = True
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            # An app that is only just starting forgets what it is asked.
            self._end()
            if self._is_over.wait(_AGAIN_S):
                return
        self._save()
        if not self._is_over.wait(_PATIENCE_S):
            os._exit(ExitCode.INTERRUPTED)
