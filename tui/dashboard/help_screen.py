"""Every key of the screen below, and the words and marks that the screens use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

_WORDS = (
    ("scene", "what is drawn: a built-in scene, a Menagerie model or an MJCF file"),
    ("backend", "one way to draw it; SOFTWARE means that the processor draws, not a GPU"),
    ("effects", "scene: shadows, reflections, multisampling as the MJCF has them; bare: all off"),
    ("case", "one scene on one backend at one resolution with one choice of effects"),
    ("trial", "one run of a case in an engine process of its own"),
    ("FPS", "frames divided by wall time, from physics to pixels in memory"),
    ("p50, p99", "frame times that half of the frames, or 99 of 100, do not exceed"),
    ("1% low", "1 / mean of the slowest hundredth of the frames"),
    ("phases", "s step, u update, r render, b readback, o overhead: they add up to the wall time"),
    ("~", "provisional: the trial goes on, and its figures will be computed from every frame"),
    ("*", "not all that was asked for was measured; a note says why"),
    ("observer", "what the dashboard itself takes of the processor"),
    ("graph", "solid up to the slowest half second of a column, shaded up to the fastest"),
)


class HelpScreen(ModalScreen[None]):
    """Lies over another screen and tells its keys.

    Args:
        bindings: what can be pressed there.
        title: what the screen is called.
    """

    CSS_PATH = "help_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,b", "close", "Close", id="help.close", tooltip="Go back")
    ]

    def __init__(self, bindings: Iterable[ActiveBinding], title: str) -> None:
        super().__init__()
        self._below = list(bindings)
        self._title = title

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        """Say what it is, and let the arrow keys scroll."""
        box = self.query_one("#help")
        box.border_title = f"Help: {self._title}"
        box.border_subtitle = "escape closes"
        box.focus()

    def _text(self) -> Text:
        text = Text()
        text.append("Keys\n", "bold")
        for key, words in key_lines(self._below, self.app.get_key_display):
            text.append(f"  {key:<12} {words}\n")
        text.append("\nWords and marks\n", "bold")
        for word, meaning in _WORDS:
            text.append(f"  {word:<12} {meaning}\n")
        return text

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()


def key_lines(bindings: Iterable[ActiveBinding], key_display: object) -> list[tuple[str, str]]:
    """Each action once: its keys as a person reads them, and what it does.

    Args:
        bindings: as `Screen.active_bindings` holds them.
        key_display: makes of a binding the name of its key.
    """
    keys: dict[tuple[str, str], list[str]] = {}
    for active in bindings:
        binding = active.binding
        if not binding.description or binding.system:
            continue
        words = binding.description
        if binding.tooltip:
            words = f"{words}: {binding.tooltip[0].lower()}{binding.tooltip[1:]}"
        names = keys.setdefault((binding.action, words), [])
        name = key_display(binding)  # type: ignore[operator]
        if name not in names:
            names.append(name)
    return [(" ".join(names), words) for (_, words), names in keys.items()]
