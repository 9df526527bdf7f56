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

from tui.dashboard.watch.text_panel import fold

_WIDEST = 96
_AROUND = 6
"""Columns of the border, of the space inside of it and of the scroll bar."""
_INDENT = 15
_WORDS = (
    ("scene", "what is drawn: a built-in scene, a Menagerie model or an MJCF file"),
    ("backend", "one way to draw it; SOFTWARE means that the processor draws, not a GPU"),
    ("effects", "scene: shadows, reflections, multisampling as the MJCF has them; bare: all off"),
    ("case", "a scene on a backend at a resolution, with its effects, workers and worlds"),
    ("workers", "engine processes that draw the same case at once; their frames/s add up"),
    ("worlds", "environments that one process draws in a batch; each image is a frame"),
    ("trial", "one run of a case in an engine process of its own"),
    ("FPS", "frames divided by wall time, from physics to pixels in memory"),
    ("p50, p99", "frame times that half of the frames, or 99 of 100, do not exceed"),
    ("1% low", "1 / mean of the slowest hundredth of the frames"),
    ("fairness", "the slowest worker's FPS over the fastest's: 1 where all draw alike"),
    ("device ms", "what the GPU says that drawing took; render beyond it is driver and processor"),
    ("MiB each", "main memory of one worker"),
    ("not drawn", "what the scene asks for and this backend cannot draw"),
    ("compiles", "the renderer's kernels, once on a machine; no frame is timed meanwhile"),
    ("phases", "s step, u update, r render, b readback, o overhead: they add up to the wall time"),
    ("~", "provisional: the trial goes on, and its figures will be computed from every frame"),
    ("*", "not all that was asked for was measured; a note says why"),
    ("observer", "what the dashboard itself takes of the processor"),
    ("B/A", "of two sessions: FPS of B over FPS of A, the mean of the trials; above 1, B is faster"),
    ("FASTER", "or SLOWER: the 95% interval of B/A lies wholly beyond the threshold, 2%"),
    ("SAME", "the interval lies wholly within the threshold"),
    ("UNCLEAR", "across it, or too few trials: neither a difference nor none"),
    ("seen from", "the smallest difference that such a comparison would have shown"),
    ("settled by", "trials that each side needs besides, until a verdict is likely"),
    ("run again", "trials that something disturbed, so that other attempts count in their place"),
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

    def on_resize(self) -> None:
        """Fold anew for another width."""
        self.query_one(Static).update(self._text())

    def on_mount(self) -> None:
        """Say what it is, and let the arrow keys scroll."""
        box = self.query_one("#help")
        box.border_title = f"Help: {self._title}"
        box.border_subtitle = "escape closes"
        box.focus()

    def _text(self) -> Text:
        text = Text()
        text.append("Keys\n", "bold")
        text.append(self._folded(key_lines(self._below, self.app.get_key_display)))
        text.append("\nWords and marks\n", "bold")
        text.append(self._folded(_WORDS))
        return text

    def _folded(self, pairs: Iterable[tuple[str, str]]) -> str:
        """Words and what they mean, each beside the other, the rest of long meanings below their start."""
        width = min(_WIDEST, self.app.size.width) - _AROUND
        lines = [f"  {word:<{_INDENT - 3}} {meaning}" for word, meaning in pairs]
        return "".join(f"{line}\n" for line in fold(lines, width, self.app.console, _INDENT))

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
