"""Reading a TOML file that somebody made by hand or sent: any bytes give a table or one sentence.

Whatever the file is, that takes at most two seconds and 200 MB: what is larger than a profile is read only in
the form that we write, and shapes that take a parser without end are refused before it sees them.
"""

import codecs
import re
import tomllib
from pathlib import Path
from typing import Any

from profiles.errors import one_line, reason, shown_path
from profiles.ordinary_files import NotOrdinaryError, open_ordinary

PROFILE_LIMIT_BYTES = 1_000_000
"""Up to it, any TOML is read."""
SESSION_LIMIT_BYTES = 16_000_000
"""A session of 6000 trials, 2 to 2.5 KB each."""
_QUICK_FROM_BYTES = 20_000
"""A reader of its own is worth it from here on."""
_CHUNK_BYTES = 1_000_000


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
        with open_ordinary(path) as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise error(f"{name}: there is no such file") from None
    except IsADirectoryError:
        raise error(f"{name}: is a folder, expected a TOML file") from None
    except NotOrdinaryError:
        raise error(f"{name}: is no ordinary file, expected a TOML file") from None
    except (OSError, ValueError) as problem:
        raise error(f"{name}: cannot be read ({reason(problem)})") from None
    if len(data) > limit_bytes:
        raise error(f"{name}: is larger than {limit_bytes // 1_000_000} MB, expected a TOML file of ours")
    return data


def parse_toml(data: bytes, name: str, error: type[Exception]) -> dict[str, Any]:
    """Read bytes as TOML; `name` is what they are called in a sentence.

    Raises:
        error: they are no TOML, or more of it than a file of ours has.
    """
    data = _cleaned(data, name, error)
    if len(data) > _QUICK_FROM_BYTES:
        from profiles.plain_toml import OtherFormError, parse_plain

        try:
            return parse_plain(data)
        except OtherFormError as problem:
            if len(data) > PROFILE_LIMIT_BYTES:
                size = f"larger than {PROFILE_LIMIT_BYTES // 1_000_000} MB"
                raise error(
                    f"{name}: is {size} and at line {problem.line} not as mjbench-tui writes it, "
                    "expected a session as it was written"
                ) from None
    text = data.decode()
    from profiles.toml_shape import shape_problem

    if problem_of_shape := shape_problem(text):
        raise error(f"{name}: {problem_of_shape}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{name}: is not TOML{_place(str(problem))}") from None
    except RecursionError:
        raise error(f"{name}: is nested too deeply, expected tables one level deep") from None
    except (ValueError, OverflowError) as problem:  # a number of thousands of digits
        raise error(f"{name}: holds a value that cannot be read ({one_line(str(problem))})") from None


def _cleaned(data: bytes, name: str, error: type[Exception]) -> bytes:
    """The same without a mark of its encoding, and with ends of lines as we write them."""
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise error(f"{name}: holds a NUL byte at line {line}, expected a TOML file (text)")
    if (broken := _broken_line(data)) is not None:
        raise error(f"{name}: is not UTF-8 at line {broken}, expected a TOML file in UTF-8")
    return data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")


def _broken_line(data: bytes) -> int | None:
    """The first line that is not UTF-8; decoded whole, a large text would take four times its size."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for start in range(0, 0 if data.isascii() else len(data), _CHUNK_BYTES):
        chunk = data[start : start + _CHUNK_BYTES]
        try:
            decoder.decode(chunk, final=start + _CHUNK_BYTES >= len(data))
        except UnicodeDecodeError as problem:
            return line + problem.object.count(b"\n", 0, problem.start)
        line += chunk.count(b"\n")
    return None


def _place(message: str) -> str:
    """Turn tomllib's "What (at line 1, column 2)" into " at line 1, column 2: what"."""
    match = re.fullmatch(r"(.*) \((at [^()]*)\)", message, re.DOTALL)
    what, where = (match[1], f" {match[2]}") if match else (message, "")
    return f"{where}: {one_line(what[:1].lower() + what[1:])}"
