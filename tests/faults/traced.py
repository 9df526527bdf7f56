"""The system calls by which a command changes files, as strace saw them."""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.commands import COMMAND, LIMIT_S

CALLS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,ftruncate,truncate,lseek,fsync,fdatasync,rename,renameat,"
    "renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,copy_file_range,sendfile"
)
ON_DESCRIPTORS = ("write", "pwrite64", "writev", "pwritev", "ftruncate", "lseek", "fsync", "fdatasync")
"""Those that name no path."""
_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)")
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)(?P<more>.*)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?')


@dataclass(frozen=True)
class Call:
    """One call that succeeded."""

    pid: int
    name: str
    path: str = ""
    """Of what is written, synced, made or taken away; the old name of what is renamed or linked."""
    new_path: str = ""
    descriptor: int = -1
    """What the call was made on, or what it gave."""
    flags: str = ""
    data: bytes = b""
    offset: int = 0
    """Where in the file: of a truncation the length, of a seek the place that it came to."""


@functools.cache
def refused() -> str:
    """Why nothing can be traced here, "" where it can."""
    if shutil.which("strace") is None:
        return "there is no strace: apt-get install strace"
    command = ["strace", "-f", "-y", "-xx", "--seccomp-bpf", "-o", os.devnull, "true"]
    tried = subprocess.run(command, capture_output=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.decode(errors="replace").strip()


def traced(*arguments: object, folder: Path, cwd: Path, code: int = 0) -> list[Call]:
    """Run the command and return all of its calls and its children's, in the order in which they ended.

    Args:
        arguments: after its name.
        folder: takes the trace.
        cwd: where it runs.
        code: how it has to end.
    """
    if why := refused():
        pytest.skip(f"system calls cannot be traced here: {why}")
    trace = folder / "trace"
    done = subprocess.run(
        ["strace", "-f", "-y", "-xx", "-s", "1000000", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", trace,
         COMMAND, *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return list(read_trace(trace.read_text()))


def read_trace(text: str) -> Iterator[Call]:
    """The calls of a trace that succeeded."""
    begun: dict[str, str] = {}
    for line in text.splitlines():
        told = _LINE.fullmatch(line)
        if told is None:
            continue
        pid, rest = told["pid"], told["rest"]
        if rest.endswith(_UNFINISHED):
            begun[pid] = rest.removesuffix(_UNFINISHED)
            continue
        if resumed := _RESUMED.fullmatch(rest):
            rest = begun.pop(pid) + resumed["rest"]
        found = _CALL.fullmatch(rest)
        if found is not None and int(found["result"]) >= 0:
            call = _read(int(pid), found["name"], found["arguments"], int(found["result"]), found["more"])
            if call is not None:
                yield call


def _read(pid: int, name: str, arguments: str, result: int, more: str) -> Call | None:
    texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(arguments)]
    if name in ("open", "openat", "creat"):
        path = re.fullmatch(r"<(.*)>.*", more)
        flags = "O_WRONLY|O_CREAT|O_TRUNC" if name == "creat" else arguments
        plain = _plain(path[1]) if path else ""
        return Call(pid, name, path=plain, descriptor=result, flags=_TEXT.sub("", flags))
    if name in ON_DESCRIPTORS:
        number, path = _descriptor(arguments)
        last = arguments.rpartition(", ")[2]
        offset = {"pwrite64": last, "pwritev": last, "ftruncate": last, "lseek": str(result)}.get(name, "0")
        data = b"".join(texts)[:result] if "write" in name else b""
        return Call(pid, name, path=path, descriptor=number, data=data, offset=int(offset))
    if name in ("copy_file_range", "sendfile", "truncate"):
        return Call(pid, name, path=arguments)
    paths = [_absolute(place, text) for place, text in zip(_places(name, arguments), texts, strict=True)]
    return Call(pid, name, path=paths[0], new_path=paths[1] if len(paths) > 1 else "")


def _places(name: str, arguments: str) -> list[str]:
    """The folder from which each path of a call counts."""
    plain = _TEXT.sub("", arguments)
    folders = [_plain(path) for _, path in re.findall(r"(AT_FDCWD|\d+)<([^>]*)>", plain)]
    count = 2 if "rename" in name or ("link" in name and "unlink" not in name) else 1
    return folders if folders else [""] * count


def _absolute(folder: str, name: bytes) -> str:
    return os.path.normpath(os.path.join(folder, os.fsdecode(name)))  # noqa: PTH118


def _descriptor(arguments: str) -> tuple[int, str]:
    found = re.match(r"(\d+)(?:<([^>]*)>)?", arguments)
    assert found is not None, arguments
    return int(found[1]), _plain(found[2] or "")


def _plain(path: str) -> str:
    """A path as strace shows it beside a descriptor."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), path)
