"""Taking over the pictures that a runner left: few, small, and only what is a picture."""

from __future__ import annotations

import heapq
import io
import os
import re
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

from engine.jobs.png import write_picture

MOST_PICTURES = 100
MOST_BYTES = 64 * 2**20
_MOST_LOOKED_AT = 1000
_LONGEST_STEM = 60


def copy_pictures(source: Path, target: Path, prefix: str) -> tuple[str, ...]:
    """Copy PNG files, by name, and return what the copies are called; what is no picture is left out.

    Args:
        source: a runner's folder; only what lies in it directly is looked at, links are not followed.
        target: where the copies go, as `prefix` and a safe form of their names.
        prefix: what the name of every copy begins with.

    Raises:
        OSError: `target` cannot be written.
    """
    names: list[str] = []
    left = MOST_BYTES
    for name in _candidates(source):
        if len(names) == MOST_PICTURES:
            break
        picture = _read(source / name, left)
        if picture is None:
            continue
        copy = _free(f"{prefix}.{_safe(name)}", names)
        write_picture(target / copy, picture)
        names.append(copy)
        left -= len(picture)
    return tuple(names)


def _candidates(source: Path) -> list[str]:
    def names() -> Iterator[str]:
        with os.scandir(source) as entries:
            yield from (entry.name for entry in entries if entry.name.lower().endswith(".png"))

    try:
        return heapq.nsmallest(_MOST_LOOKED_AT, names())
    except OSError:
        return []


def _read(path: Path, most: int) -> bytes | None:
    """The bytes of a PNG file of at most `most` bytes that can be opened, else None."""
    try:
        # Neither by a link to elsewhere, nor waiting at a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            is_plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
            data = file.read(most + 1) if is_plain else b""
    except OSError:
        return None
    return data if len(data) <= most and _is_picture(data) else None


def _is_picture(data: bytes) -> bool:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # So many pixels that nobody means them.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
                picture.verify()
    except Exception:
        # Whatever PIL raises for bytes that are none.
        return False
    return True


def _safe(name: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", name[: -len(".png")])[:_LONGEST_STEM]
    return stem.strip(".") or "frame"


def _free(stem: str, taken: list[str]) -> str:
    """A name with its ending that no copy has yet."""
    numbered = (f"{stem}.png", *(f"{stem}.{number}.png" for number in range(2, len(taken) + 3)))
    return next(name for name in numbered if name not in taken)
