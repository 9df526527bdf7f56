"""What a disk may hold after the power was cut, by the calls that came before: a model of a file system.

It promises no more than POSIX does. What was written lasts once the file was synced; a name that was given,
changed or taken away lasts once its folder was. Of all that was not synced any part may be there: nothing,
all, the half of it, or the length with zeros in the place of what was written.
"""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Union

from tests.faults.traced import ON_DESCRIPTORS, Call

State = dict[str, bytes | None]
"""Files by their paths, and None for each folder."""


@dataclass
class File:
    """A file's content."""

    data: bytes = b""
    durable: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """What was not synced: where, and what was written there; None where the file was cut there."""

    def change(self, offset: int, data: bytes | None) -> None:
        self.data = _changed(self.data, offset, data)
        self.pending.append((offset, data))

    def sync(self) -> None:
        self.durable, self.pending = self.data, []

    def after_crash(self, luck: str) -> bytes:
        """What is there when of the pending changes as much is there as `luck` says."""
        if luck == "none":
            return self.durable
        found = self.durable
        for number, (offset, data) in enumerate(self.pending):
            part = data
            if data is not None and luck == "zeros":
                part = bytes(len(data))
            elif data is not None and luck == "torn" and number == len(self.pending) - 1:
                part = data[: len(data) // 2]
            found = _changed(found, offset, part)
        return found


@dataclass
class Folder:
    """A folder's names."""

    names: dict[str, Union["Folder", File]] = field(default_factory=dict)
    durable: dict[str, Union["Folder", File]] = field(default_factory=dict)
    pending: list[dict[str, Union["Folder", File, None]]] = field(default_factory=list)
    """Changes that were not synced; each comes at one stroke."""

    def change(self, change: dict[str, Union["Folder", File, None]]) -> None:
        self.names = _renamed(self.names, [change])
        self.pending.append(change)

    def sync(self) -> None:
        self.durable, self.pending = dict(self.names), []

    def after_crash(self, luck: str) -> dict[str, Union["Folder", File]]:
        picked = {"none": [], "all": self.pending, "first": self.pending[:1], "last": self.pending[-1:]}[luck]
        return _renamed(self.durable, picked)


Node = Folder | File
_DATA_LUCK = ("none", "all", "torn", "zeros")
_NAME_LUCK = ("none", "all", "first", "last")


def _changed(data: bytes, offset: int, change: bytes | None) -> bytes:
    if change is None:
        return data[:offset].ljust(offset, b"\0")
    return data[:offset].ljust(offset, b"\0") + change + data[offset + len(change) :]


def _renamed(names: dict[str, Node], changes: Iterable[dict[str, Node | None]]) -> dict[str, Node]:
    found = dict(names)
    for change in changes:
        for name, node in change.items():
            if node is None:
                found.pop(name, None)
            else:
                found[name] = node
    return found


class Model:
    """A part of a file tree, followed call by call.

    Args:
        root: the folder that it begins with.
        like: a folder that holds what is in it at first, all of it on the disk.
        seed: of what is picked at random.
    """

    def __init__(self, root: Path, like: Path, seed: int = 0) -> None:
        self._root = root
        self._tree = _read(like)
        self._places: dict[tuple[int, int], int] = {}
        self._random = random.Random(seed)

    def follow(self, call: Call) -> bool:
        """Take in one call; whether it changed what a crash may leave."""
        if call.name in ON_DESCRIPTORS:
            return self._follow_descriptor(call)
        inside = self._parts(call.path)
        if not inside:
            return False
        if call.name in ("open", "openat", "creat"):
            return self._follow_open(call, inside)
        folder, name = self._find(inside[:-1]), inside[-1]
        assert isinstance(folder, Folder), call
        if call.name.startswith("mkdir"):
            folder.change({name: Folder()})
        elif call.name in ("unlink", "unlinkat", "rmdir"):
            folder.change({name: None})
        elif call.name.startswith(("rename", "link")):
            self._follow_new_name(call, folder, name)
        else:
            raise AssertionError(f"a call that the model does not know: {call}")
        return True

    def _follow_open(self, call: Call, inside: list[str]) -> bool:
        self._places[call.pid, call.descriptor] = 0
        folder, name = self._find(inside[:-1]), inside[-1]
        assert isinstance(folder, Folder), call
        is_new = "O_CREAT" in call.flags and name not in folder.names
        if is_new:
            folder.change({name: File()})
        file = folder.names.get(name)
        if isinstance(file, File) and "O_TRUNC" in call.flags:
            file.change(0, None)
        return is_new or "O_TRUNC" in call.flags

    def _follow_descriptor(self, call: Call) -> bool:
        inside = self._parts(call.path)
        node = self._find(inside) if inside or call.path == str(self._root) else None
        if node is None or "/logs/" in call.path:
            return False
        if call.name in ("fsync", "fdatasync"):
            node.sync()
        elif call.name == "lseek":
            self._places[call.pid, call.descriptor] = call.offset
            return False
        elif isinstance(node, File):
            self._write(call, node)
        return True

    def _write(self, call: Call, file: File) -> None:
        if call.name == "ftruncate":
            file.change(call.offset, None)
        elif call.name.startswith("p"):
            file.change(call.offset, call.data)
        else:
            at = self._places.get((call.pid, call.descriptor), 0)
            file.change(at, call.data)
            self._places[call.pid, call.descriptor] = at + len(call.data)

    def _follow_new_name(self, call: Call, folder: Folder, name: str) -> None:
        target = self._parts(call.new_path)
        assert target[:-1] == self._parts(call.path)[:-1], f"from one folder into another: {call}"
        node = folder.names[name]
        gone: dict[str, Node | None] = {} if call.name.startswith("link") else {name: None}
        folder.change({**gone, target[-1]: node})

    def _parts(self, path: str) -> list[str]:
        """The names below the root; none for what lies elsewhere."""
        inside = Path(path)
        return list(inside.relative_to(self._root).parts) if inside.is_relative_to(self._root) else []

    def _find(self, parts: list[str]) -> Node | None:
        node: Node | None = self._tree
        for part in parts:
            node = node.names.get(part) if isinstance(node, Folder) else None
        return node

    def states(self) -> Iterator[State]:
        """What a power cut may leave now: all have the same luck, or each file and folder its own."""
        for data, names in itertools.product(_DATA_LUCK, _NAME_LUCK):
            yield self._state(lambda data=data: data, lambda names=names: names)
        for _ in range(4):
            yield self._state(
                lambda: self._random.choice(_DATA_LUCK), lambda: self._random.choice(_NAME_LUCK)
            )

    def _state(self, data_luck: Callable[[], str], name_luck: Callable[[], str]) -> State:
        found: State = {}

        def gather(folder: Folder, above: str) -> None:
            for name, node in sorted(folder.after_crash(name_luck()).items()):
                path = f"{above}{name}"
                if isinstance(node, Folder):
                    found[path] = None
                    gather(node, f"{path}/")
                else:
                    found[path] = node.after_crash(data_luck())

        gather(self._tree, "")
        return found


def _read(path: Path) -> Folder:
    folder = Folder()
    for inner in path.iterdir():
        node: Node = _read(inner) if inner.is_dir() else File(inner.read_bytes(), inner.read_bytes())
        folder.names[inner.name] = folder.durable[inner.name] = node
    return folder


def lay_out(state: State, folder: Path) -> None:
    """Make the files and folders of a state."""
    for path, data in state.items():
        if data is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(data)
