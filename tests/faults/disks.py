"""Disks that are small, full or read-only, as real ones are: a file system of its own in memory."""

import functools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_BALLAST = ".ballast"


class Disk:
    """A small file system."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def leave(self, free_bytes: int) -> None:
        """Fill it, so that this much is free at the most."""
        ballast = self.path / _BALLAST
        with ballast.open("ab") as file:
            more = self.free_bytes - free_bytes
            file.write(bytes(max(0, more)))
        assert self.free_bytes <= free_bytes

    @property
    def free_bytes(self) -> int:
        """What is free."""
        told = os.statvfs(self.path)
        return told.f_bavail * told.f_frsize

    def make_room(self) -> None:
        """What a person does who frees some space."""
        (self.path / _BALLAST).unlink(missing_ok=True)
        _mount("-o", "remount,size=64m,nr_inodes=10000", str(self.path))

    def use_up_names(self) -> None:
        """Let no file be made any more, although there is space."""
        _mount("-o", "remount,nr_inodes=1", str(self.path))

    def make_read_only(self) -> None:
        """As after an error of the disk."""
        _mount("-o", "remount,ro", str(self.path))

    def make_writable(self) -> None:
        """As before."""
        _mount("-o", "remount,rw", str(self.path))

    def names(self) -> list[str]:
        """All that is on it but for what fills it, relative to it."""
        found = (str(path.relative_to(self.path)) for path in self.path.rglob("*"))
        return sorted(name for name in found if name != _BALLAST)


@contextmanager
def small_disk(kib: int = 1024) -> Iterator[Disk]:
    """A disk of this size; skips where no file system can be mounted."""
    if why := _refused():
        pytest.skip(f"no file system can be mounted here: {why}")
    with tempfile.TemporaryDirectory(prefix="mjbench-test-disk-") as folder:
        _mount("-t", "tmpfs", "-o", f"size={kib}k,mode=755", "tmpfs", folder)
        try:
            yield Disk(Path(folder))
        finally:
            subprocess.run(["umount", "-l", folder], check=True, capture_output=True)


@functools.cache
def _refused() -> str:
    """Why nothing can be mounted, "" where it can."""
    with tempfile.TemporaryDirectory(prefix="mjbench-test-disk-") as folder:
        try:
            _mount("-t", "tmpfs", "-o", "size=4k", "tmpfs", folder)
            subprocess.run(["umount", folder], check=True, capture_output=True)
        except FileNotFoundError:
            return "there is no mount command"
        except subprocess.CalledProcessError as error:
            return error.stderr.decode(errors="replace").strip()
    return ""


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
