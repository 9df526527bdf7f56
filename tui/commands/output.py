"""Data on stdout."""

import json
import sys
from pathlib import Path
from typing import Any

from tui.text import printable, shown_letters


def print_json(document: Any) -> None:
    """Print one JSON document; beyond ASCII it holds nothing."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_path(path: Path) -> None:
    """Print a path: as it is for a program that reads it, and as `ls` does, printable on a screen."""
    sys.stdout.write((printable(str(path)) if sys.stdout.isatty() else str(path)) + "\n")


def print_toml(text: str) -> None:
    """Print TOML whose strings stand in double quotes: what no screen should get, by TOML's own codes."""
    shown = zip(text, shown_letters(text), strict=True)
    sys.stdout.write("".join(one if one in ("\n", code) else _toml_code(one) for one, code in shown))


def _toml_code(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
