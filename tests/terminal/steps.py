"""What a person does on several of the ways through the dashboard."""

import re

from engine.backends.registry import all_backends
from tests.terminal.tmux import Tmux

HAS_FIGURES = r"running .*~\d"
"""A case that runs, with figures of what was measured so far."""


def start_measuring(terminal: Tmux) -> None:
    """From the first screen to figures of the first case."""
    terminal.wait_for("F5 measures")
    terminal.press("F5")
    terminal.wait_for_match(HAS_FIGURES)


def ticked_backends(screen: str) -> dict[str, bool]:
    """Which backends the list on the right shows at 80 columns, and whether each is ticked."""
    return {name: mark == "[x]" for mark, name in re.findall(r"││(\[.\]| - ) (\S+)", screen)}


def tick_backends(terminal: Tmux, *wanted: str) -> None:
    """With the list of backends in focus, tick the wanted ones and no others."""
    terminal.press("Home")
    for number, name in enumerate(info.name for info in all_backends()):
        if number:
            terminal.press("Down")
        # Keys that come in one burst are not always heard in their order: each step is seen before the next.
        terminal.wait_for_match(rf"(?m)^ {name}\b")
        # What is told of a backend may take a line from the list, which then scrolls.
        screen = terminal.wait_for_match(rf"││(\[.\]| - ) {name}\b")
        is_wanted = name in wanted
        if ticked_backends(screen)[name] != is_wanted:
            terminal.press("Space")
            mark = r"\[x\]" if is_wanted else r"\[ \]"
            terminal.wait_for_match(rf"││{mark} {name} ")


def fill_in(terminal: Tmux, field: str, text: str) -> None:
    """Type a text into the field that the focus goes to, in the place of what stands there."""
    terminal.wait_for(field)
    terminal.write(text)
    terminal.wait_for(text)


def flat(screen: str) -> str:
    """What stands on a screen, its sentences in one line each."""
    return " ".join(screen.split())
