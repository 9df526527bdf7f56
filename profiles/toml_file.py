"""Reading a TOML file that somebody made by hand or sent: any bytes give a table or one sentence."""

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from profiles.errors import one_line, reason, shown_path

PROFILE_LIMIT_BYTES = 1_000_000
SESSION_LIMIT_BYTES = 64_000_000


def read_toml(path: Path, limit_bytes: int, error: type[Exception]) -> dict[str, Any]:
    """Read the whole file as TOML.

    Raises:
        error: it cannot be read, is larger than `limit_bytes`, or is no TOML.
    """
    return parse_toml(read_limited(path, limit_bytes, error), shown_path(path), error)


def read_limited(path: Path, limit_bytes: int, error: type[Exception]) -> bytes:
    """Read the whole file, unless it is larger than `limit_bytes`.

    Raises:
        error: it is no ordinary file, cannot be read or is too large.
    """
    name = shown_path(path)
    try:
        # A pipe without a writer would be waited for without end.
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise error(f"{name}: is no ordinary file, expected a TOML file")
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise error(f"{name}: there is no such file") from None
    except IsADirectoryError:
        raise error(f"{name}: is a folder, expected a TOML file") from None
    except (OSError, ValueError) as problem:
        raise error(f"{name}: cannot be read ({reason(problem)})") from None
    if len(data) > limit_bytes:
        raise error(f"{name}: is larger than {limit_bytes // 1_000_000} MB, expected a TOML file of ours")
    return data


def parse_toml(data: bytes, name: str, error: type[Exception]) -> dict[str, Any]:
    """Read bytes as TOML; `name` is what they are called in a sentence.

    Raises:
        error: they are no TOML.
    """
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise error(f"{name}: holds a NUL byte at line {line}, expected a TOML file (text)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise error(f"{name}: is not UTF-8 at line {line}, expected a TOML file in UTF-8") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{name}: is not TOML{_place(str(problem))}") from None
    except RecursionError:
        raise error(f"{name}: is nested too deeply, expected tables one level deep") from None
    except (ValueError, OverflowError) as problem:  # a number of thousands of digits
        raise error(f"{name}: holds a value that cannot be read ({one_line(str(problem))})") from None


def _place(message: str) -> str:
    """Turn tomllib's "What (at line 1, column 2)" into " at line 1, column 2: what"."""
    match = re.fullmatch(r"(.*) \((at [^()]*)\)", message, re.DOTALL)
    what, where = (match[1], f" {match[2]}") if match else (message, "")
    return f"{where}: {one_line(what[:1].lower() + what[1:])}"
