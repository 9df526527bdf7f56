"""Markdown as a pull request takes it: text from outside stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tui.text import printable

_ESCAPED = {character: f"\\{character}" for character in "\\`*_[]>|#~$"} | {"<": "&lt;", "&": "&amp;"}
_LIVE = re.compile(
    r"""
      \w:// | www\. | mailto:            # an address becomes a link
    | @\w                                # a name calls somebody
    | [#]\d | \bgh-\d                    # a number names an issue
    | :(?=[^:]*[a-z])[+\w-]+:            # a word between colons becomes a picture
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What a page such as GitHub's makes something of although it is escaped; in a span of code it does not."""
_PARTS = re.compile(r"([ \\`|])")
"""What no span of code of ours holds: it would need other escapes in a table than in a line."""
_BLOCK = re.compile(r"^(\d{0,9})([-+.)])(?= |$|-)")
"""What would begin a list or a rule where it stands first."""


def escaped_markdown(text: str) -> str:
    """Text that Markdown shows as it is, within a line or a cell; words that would be live become code."""
    parts = _PARTS.split(printable(text))
    return "".join(f"`{part}`" if _LIVE.search(part) else _escaped(part) for part in parts)


def _escaped(part: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in part)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, its cells escaped."""
    return [_row(head), "| " + " | ".join("---" for _ in head) + " |", *map(_row, rows)]


def markdown_line(text: str) -> str:
    """A line of its own, escaped: it begins nothing but a paragraph."""
    return _BLOCK.sub(_not_a_block, escaped_markdown(printable(text).strip(" ")))


def markdown_list(notes: Iterable[str]) -> list[str]:
    """The lines of a list, escaped."""
    return [f"- {markdown_line(note)}" for note in notes]


def _not_a_block(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(escaped_markdown, cells)) + " |"
