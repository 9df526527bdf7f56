"""Reading the kernel's small text files, which may be missing, forbidden, or not text."""

import os
import re
from pathlib import Path

MAX_BYTES = 16 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """Make text that any terminal and any TOML file can hold: no control characters, no lone surrogates."""
    return _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8")).strip()


def read_text(path: Path) -> str:
    """Return what the file holds (its first 16 MiB), or "" when it cannot be read."""
    try:
        with path.open("rb") as file:
            return clean(file.read(MAX_BYTES).decode("utf-8", "replace"))
    except (OSError, ValueError):
        return ""


def read_int(path: Path) -> int | None:
    """Return the integer that the file holds, or None."""
    return parse_int(read_text(path))


def parse_int(text: str) -> int | None:
    """Return a decimal integer, or None for anything else."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,19}", text.strip()) else None


def children(folder: Path, pattern: str) -> list[Path]:
    """Return the entries of a folder whose whole name matches the regular expression, sorted by name."""
    try:
        return sorted(entry for entry in folder.iterdir() if re.fullmatch(pattern, entry.name))
    except OSError:
        return []


def exists(path: Path) -> bool:
    """Return True when the path is there; False also when that cannot be known."""
    return os.path.lexists(path)


def fields(text: str, separator: str = ":") -> dict[str, str]:
    """Read `name: value` lines; of a name that comes again, the first value stays."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, separated, value = line.partition(separator)
        if separated:
            found.setdefault(name.strip(), value.strip())
    return found
