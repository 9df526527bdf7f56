"""Markdown as a pull request takes it: text from outside stays text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.text import printable


def escaped_markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = printable(text)
    for character in "\\`*_[]<>|#":
        text = text.replace(character, "\\" + character if character != "<" else "&lt;")
    return text


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, its cells escaped."""
    return [_row(head), "| " + " | ".join("---" for _ in head) + " |", *map(_row, rows)]


def markdown_list(notes: Iterable[str]) -> list[str]:
    """The lines of a list, escaped."""
    return [f"- {escaped_markdown(note)}" for note in notes]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(escaped_markdown, cells)) + " |"
