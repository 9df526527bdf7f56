"""Other instances of this tool that measure on the same machine: all of them would be measured together.

An instance that measures holds a Unix socket whose abstract name tells who it is, and reads everybody's names
in /proc/net/unix. Nobody connects to it. Unlike a file in a shared folder such a name needs no folder, cannot
be led astray by a link, is seen by every user and goes with its process however that ends. It reaches as far
as the network namespace: of an instance in a container of its own nothing is known, and nothing is said.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from engine.machine.files import clean, read_text

GROUP_VARIABLE = "MJBENCH_GROUP"
"""Instances with different values of it do not look for one another: so tests leave each other alone."""
_PREFIX = "mjbench-tui/1"
_LONGEST_NAME = 100
"""Bytes: sun_path has 108, the first of which is the mark of an abstract name."""
_NAME = re.compile(
    rf"@{_PREFIX}/(?P<group>[\w.-]*)/(?P<pid>\d{{1,10}})\.(?P<space>\d{{1,20}})/(?P<user>\d{{1,10}})"
    r"/(?P<since>\d{1,12})/(?P<token>[0-9a-f]{8})/(?P<session>[\x21-\x7e]*)"
)
_own: set[str] = set()
"""Tokens of the names that this process holds."""


@dataclass(frozen=True)
class Instance:
    """An instance of this tool that measures."""

    pid: int | None
    """None where it numbers processes in another way than we: it runs in a container."""
    user: str
    session: str
    """The name of its session; of a long one the beginning."""
    since_s: int
    """Seconds since 1970."""
    token: str = ""
    """Tells it from any other."""

    def __str__(self) -> str:
        """Name it as the middle of a sentence."""
        began = datetime.fromtimestamp(self.since_s).astimezone()
        days = began.date() != datetime.now().astimezone().date()
        since = began.strftime("%Y-%m-%d %H:%M:%S" if days else "%H:%M:%S")
        where = f"process {self.pid}" if self.pid is not None else "in a container"
        return f"{where} of {self.user}, session {self.session or 'without a name'}, since {since}"


class Announcement:
    """Lets other instances know that this one measures, until `end` or the end of the process.

    Where the system does not let it (no such names, no more descriptors), nobody knows and nothing is said.

    Args:
        session: what is measured.
    """

    def __init__(self, session: str) -> None:
        self._socket: socket.socket | None = None
        self._token = secrets.token_hex(4)
        head = "/".join(
            (_PREFIX, _group(), f"{os.getpid()}.{_pid_space()}", str(os.getuid()), str(int(time.time())))
        )
        name = f"{head}/{self._token}/"
        name += _quoted(session, _LONGEST_NAME - len(name))
        # Known before it can be seen, so that a look in another thread does not take us for another.
        _own.add(self._token)
        try:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.bind(f"\0{name}")
        except OSError:
            self.end()

    def end(self) -> None:
        """Measure no more; may be called again."""
        if self._socket is not None:
            self._socket.close()
        _own.discard(self._token)


def other_instances(root: Path = Path("/")) -> tuple[Instance, ...]:
    """Every other instance that measures now, the one that began first at the front; nothing is raised.

    Args:
        root: where the file tree begins whose /proc is read.
    """
    found = []
    for line in read_text(root / "proc/net/unix").splitlines():
        # Anybody may hold a name like ours: all that comes of it is a sentence about them.
        _, at, path = line.partition(f"@{_PREFIX}/")
        match = _NAME.fullmatch(at + path)
        if match is None or match["group"] != _group() or match["token"] in _own:
            continue
        found.append(
            Instance(
                pid=int(match["pid"]) if match["space"] == str(_pid_space()) else None,
                user=_user_name(int(match["user"])),
                session=" ".join(clean(unquote(match["session"])).split()),
                since_s=int(match["since"]),
                token=match["token"],
            )
        )
    return tuple(sorted(found, key=lambda one: (one.since_s, one.token)))


def both_disturbed(others: tuple[Instance, ...]) -> str:
    """Say in one sentence that others measure too, and what follows; "" where nobody does."""
    if not others:
        return ""
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return (
        f"another mjbench-tui measures on this machine ({others[0]}){more}: they disturb each other, so "
        "trials that it spoils are marked; measure again once it is done"
    )


def _group() -> str:
    return re.sub(r"[^\w.-]", "_", os.environ.get(GROUP_VARIABLE, ""), flags=re.ASCII)[:20]


def _pid_space() -> int:
    """The number of the namespace of process ids; 0 where that cannot be told."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _quoted(text: str, room: int) -> str:
    """As much of a text as has room, with ASCII letters and marks only."""
    while len(quoted := quote(text, safe="", errors="replace")) > room:
        text = text[:-1]
    return quoted


def _user_name(uid: int) -> str:
    import pwd

    try:
        return clean(pwd.getpwuid(uid).pw_name)
    except (KeyError, OverflowError):
        return f"user {uid}"
