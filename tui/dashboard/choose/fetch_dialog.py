"""Fetching models: what comes and how large it is, how far it has come, and what went wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from scenes.assets import AssetsError, ModelInfo, fetch, known_models
from tui.text import counted, printable

_BAR_WIDTH = 40
_CLOCK_S = 1.0


class _Cancelled(Exception):  # noqa: N818 (no error: a person wants it)
    """Leaves the download from within; what has come of the model is thrown away."""


class FetchDialog(ModalScreen[bool]):
    """Asks whether to fetch models, and fetches them; hands down True when all are there.

    Args:
        models: names of Menagerie models.
        ascii_only: draw the bar without block characters.
    """

    CSS_PATH = ["../dialogs.tcss", "fetch_dialog.tcss"]  # noqa: RUF012 (as Textual has it)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "fetch", "Fetch", id="fetch.start"),
        Binding("escape", "cancel", "Cancel", id="fetch.cancel"),
    ]

    class Progressed(Message):
        """Bytes have come."""

        def __init__(self, name: str, done: int, total: int) -> None:
            super().__init__()
            self.name, self.done, self.total = name, done, total

    class Ended(Message):
        """All models are there, or one cannot be had."""

        def __init__(self, error: str = "") -> None:
            super().__init__()
            self.error = error

    def __init__(self, models: Sequence[str], ascii_only: bool = False) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._models = tuple(models)
        self._ascii_only = ascii_only
        self._cancelled = threading.Event()
        self._started: float | None = None
        self._now = ("", 0, 0)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Fetch {counted(len(self._models), 'model')} of MuJoCo Menagerie?", id="question")
            yield Static(self._list(), id="models", markup=False)
            yield Static(id="bar", markup=False)
            yield Static(id="problem", classes="problem", markup=False)
            yield Static(id="keys", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Say what the keys do, and start the clock."""
        self._show_keys()
        self.set_interval(_CLOCK_S, self._show_bar)

    def _list(self) -> str:
        try:
            known = {model.name: model for model in known_models()}
        except AssetsError as error:
            return printable(str(error))
        return "\n".join(
            _model_line(known[name]) if name in known else printable(name) for name in self._models
        )

    def action_fetch(self) -> None:
        """Begin, in a thread."""
        if self._started is not None:
            return
        self._started = time.monotonic()
        self._cancelled = threading.Event()
        self._now = ("", 0, 0)
        self.query_one("#problem", Static).update("")
        self._show_keys()
        self._show_bar()
        arguments = (self._cancelled,)
        threading.Thread(target=self._fetch, args=arguments, name="fetch", daemon=True).start()

    def action_cancel(self) -> None:
        """Leave; what has come of a model that is not complete is thrown away."""
        self._cancelled.set()
        self.dismiss(False)

    def _fetch(self, cancelled: threading.Event) -> None:
        def report(name: str, done: int, total: int) -> None:
            if cancelled.is_set():
                raise _Cancelled
            self.post_message(self.Progressed(name, done, total))

        try:
            for name in self._models:
                if not cancelled.is_set():
                    fetch(name, report)
        except _Cancelled:
            return
        except AssetsError as error:
            self.post_message(self.Ended(str(error)))
        except Exception as error:
            self.post_message(self.Ended(f"the model cannot be fetched: {type(error).__name__}: {error}"))
        else:
            self.post_message(self.Ended())

    @on(Progressed)
    def _progress(self, message: Progressed) -> None:
        self._now = (message.name, message.done, message.total)
        self._show_bar()

    @on(Ended)
    def _end(self, message: Ended) -> None:
        if self._cancelled.is_set():
            return
        if not message.error:
            self.dismiss(True)
            return
        self._started = None
        self.query_one("#bar", Static).update("")
        self.query_one("#problem", Static).update(f"! {printable(message.error)}")
        self._show_keys("try again")

    def _show_bar(self) -> None:
        if self._started is not None:
            seconds = time.monotonic() - self._started
            self.query_one("#bar", Static).update(progress_text(*self._now, seconds, self._ascii_only))

    def _show_keys(self, enter: str = "fetch") -> None:
        if self._started is None:
            text = f"enter   {enter}\nescape  leave it"
        else:
            text = "escape  cancel; nothing of it is kept"
        self.query_one("#keys", Static).update(text)


def progress_text(name: str, done: int, total: int, seconds: float, ascii_only: bool) -> str:
    """A bar, and below it what has come; in MiB.

    Args:
        name: the model; "" before anything has come.
        done: bytes that have come.
        total: bytes in all, 0 where unknown.
        seconds: how long it has taken.
        ascii_only: do without block characters.
    """
    full, empty = ("#", ".") if ascii_only else ("█", "░")
    cells = min(_BAR_WIDTH, _BAR_WIDTH * done // total) if total else 0
    bar = f"{full * cells}{empty * (_BAR_WIDTH - cells)}"
    if not name:
        return f"{bar}\nasking the server, {seconds:.0f} s"
    if total and done >= total:
        return f"{bar} 100%\n{printable(name)}: all has come, unpacking, {seconds:.0f} s"
    share = f" {done / total:4.0%}" if total else ""
    size = f"{done / 2**20:.1f}" + (f" of {total / 2**20:.1f}" if total else "")
    return f"{bar}{share}\n{printable(name)}: {size} MiB, {seconds:.0f} s"


def _model_line(model: ModelInfo) -> str:
    size = f"{model.download_bytes / 2**20:.1f} MiB" if model.download_bytes else "size unknown"
    there = f", {model.installed_bytes / 2**20:.1f} MiB on the disk"
    name = printable(f"{model.title} ({model.name})")
    return f"{name}\n  {size} to download{there}\n  license {printable(model.license)}"
