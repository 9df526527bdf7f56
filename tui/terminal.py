"""What the terminal can show, and what that means for the dashboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.doctor.findings import Finding, Level

LEAST_COLUMNS, LEAST_ROWS = 80, 24
_COLOUR_NAMES = {"none": "no colours", "16": "16 colours", "256": "256 colours", "truecolor": "all colours"}


@dataclass(frozen=True)
class Terminal:
    """The terminal that a command was started from."""

    is_interactive: bool
    """Whether stdin and stderr are a terminal, as the dashboard needs."""
    columns: int
    """0 where no stream is a terminal; `rows` too."""
    rows: int
    colours: str
    """"none", "16", "256" or "truecolor"."""
    term: str
    """The variable TERM."""
    encoding: str
    multiplexer: str
    """"tmux", "screen" or ""."""
    is_remote: bool
    """Whether it comes over SSH."""


def read_terminal(environment: Mapping[str, str] | None = None) -> Terminal:
    """Look at this process's streams and at the variables that terminals set."""
    variables = os.environ if environment is None else environment
    columns, rows = _size()
    return Terminal(
        is_interactive=sys.stdin.isatty() and sys.stderr.isatty(),
        columns=columns,
        rows=rows,
        colours=colours(variables) if columns else "none",
        term=variables.get("TERM", ""),
        encoding=(sys.stdout.encoding or "").lower(),
        multiplexer="tmux" if variables.get("TMUX") else "screen" if variables.get("STY") else "",
        is_remote=any(variables.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")),
    )


def _size() -> tuple[int, int]:
    for descriptor in (1, 2, 0):
        try:
            size = os.get_terminal_size(descriptor)
        except OSError:
            continue
        return size.columns, size.lines
    return 0, 0


def colours(environment: Mapping[str, str]) -> str:
    """How many colours a terminal shows, by what it says of itself in the environment."""
    term = environment.get("TERM", "").lower()
    if environment.get("NO_COLOR") or term in ("", "dumb"):
        return "none"
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return "truecolor"
    return "256" if "256color" in term else "16"


def describe_terminal(terminal: Terminal) -> str:
    """The terminal in one line."""
    if not terminal.columns:
        return "none: this page goes to no terminal"
    parts = [f"{terminal.columns}x{terminal.rows} characters", _COLOUR_NAMES[terminal.colours]]
    parts += [f"TERM={terminal.term}" if terminal.term else "TERM is not set", terminal.encoding]
    parts += [terminal.multiplexer] if terminal.multiplexer else []
    parts += ["over SSH"] if terminal.is_remote else []
    return ", ".join(part for part in parts if part)


def find_terminal(terminal: Terminal) -> tuple[Finding, ...]:
    """What a person would miss in this terminal; nothing where there is none."""
    if not terminal.columns:
        return ()
    return tuple(_warnings(terminal))


def _warnings(terminal: Terminal) -> Iterator[Finding]:
    if terminal.term in ("", "dumb"):
        yield _warn(
            "dumb",
            "TERM tells of a terminal in which no dashboard can be drawn",
            "export TERM=xterm-256color, if that is what it is",
        )
    elif terminal.colours == "16" and terminal.multiplexer == "tmux":
        yield _warn(
            "colours",
            "tmux is told to show 16 colours",
            'put `set -g default-terminal "tmux-256color"` into ~/.tmux.conf',
        )
    if terminal.columns < LEAST_COLUMNS or terminal.rows < LEAST_ROWS:
        yield _warn(
            "size",
            f"the terminal has {terminal.columns}x{terminal.rows} characters, and the dashboard is made for "
            f"{LEAST_COLUMNS}x{LEAST_ROWS} or more",
            "make the window larger, or its letters smaller",
        )
    if not terminal.encoding.replace("-", "").startswith("utf"):
        yield _warn(
            "encoding",
            f"the encoding {terminal.encoding or 'of stdout'} lacks block characters",
            "export LC_ALL=C.UTF-8, or start the dashboard with --ascii",
        )
    if terminal.is_remote and not terminal.multiplexer and terminal.is_interactive:
        yield _warn("connection", "over SSH a run ends when the connection is lost", "start it inside tmux")


def _warn(name: str, what: str, fix: str) -> Finding:
    return Finding(id=f"terminal-{name}", level=Level.WARN, what=what, fix=fix)
