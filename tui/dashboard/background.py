"""What a screen does aside from itself: one job at a time in a thread, and then what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import on, work
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from profiles.errors import ProfileError, SessionError
from tui.text import printable


class BackgroundScreen(Screen[None]):
    """A screen that goes on while files are read and written."""

    class Done(Message):
        """What was begun aside from the screen has come to its end."""

        def __init__(self, then: Callable[[], None]) -> None:
            super().__init__()
            self.then = then

    busy_with = ""
    """What is being done aside from the screen, in words."""

    def show_busy(self) -> None:
        """Show `busy_with`, which has changed."""

    def do(self, words: str, job: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do a job aside from the screen, then what follows from what it returns; one at a time."""
        if self.busy_with:
            self.app.bell()
            return
        self._tell_busy(f"{words}...")
        self._work(job, then)

    @work(thread=True, group="working", exit_on_error=False)
    def _work(self, job: Callable[[], Any], then: Callable[[Any], None]) -> None:
        try:
            found = partial(then, job())
        except (SessionError, ProfileError) as error:
            found = partial(self.say, str(error), failed=True)
        self.post_message(self.Done(found))

    @on(Done)
    def go_on(self, message: Done) -> None:
        """Do what follows."""
        self._tell_busy("")
        message.then()

    @on(Worker.StateChanged)
    def say_what_failed(self, event: Worker.StateChanged) -> None:
        """Put what nobody foresaw into a sentence."""
        if event.state is WorkerState.ERROR:
            self._tell_busy("")
            error = event.worker.error
            self.say(f"This could not be done: {str(error) or type(error).__name__}", failed=True)

    def _tell_busy(self, words: str) -> None:
        self.busy_with = words
        self.show_busy()

    def say(self, sentence: str, failed: bool = False) -> None:
        """Tell a person something for a moment."""
        self.notify(printable(sentence), markup=False, severity="error" if failed else "information")
