"""A fence around the folders that are ours: what lies outside stays as it is, whatever names are given."""

import os
import shutil
import stat
from pathlib import Path

import pytest

Snapshot = dict[str, tuple[int, bytes | str]]
"""Everything in a tree by its path: what it is, with its permissions, and its content or its target."""


class Fence:
    """A person's home with folders of ours in it, and precious things around them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.outside = root / "outside"
        self.home = root / "home"
        for name in ("outside/deep", "home/documents", "work"):
            (root / name).mkdir(parents=True)
        for name in (
            "outside/precious.toml", "outside/session.toml", "outside/deep/journal.bin", "precious.toml",
            "home/documents/thesis.tex", "home/mine.toml", "work/session.toml",
        ):  # fmt: skip
            (root / name).write_text(f"precious {name}")
        self.profiles = self.home / "config" / "mjbench" / "profiles"
        self.sessions = self.home / "data" / "mjbench" / "sessions"
        for folder in (self.profiles, self.sessions):
            folder.mkdir(parents=True)

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        """Let this process be in it."""
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{kind}_HOME", str(self.home / kind.lower()))
        patch.setenv("HOME", str(self.home))
        patch.chdir(self.root / "work")

    def snapshot(self) -> Snapshot:
        """All that is in it now."""
        found: Snapshot = {}
        for folder, folders, files in os.walk(self.root):
            for name in [*folders, *files]:
                path = Path(folder, name)
                mode = path.lstat().st_mode
                content: bytes | str = ""
                if stat.S_ISLNK(mode):
                    content = str(path.readlink())
                elif stat.S_ISREG(mode):
                    content = path.read_bytes()
                found[str(path.relative_to(self.root))] = (mode, content)
        return found

    def changed(self, before: Snapshot) -> set[str]:
        """Paths of what is not as it was."""
        after = self.snapshot()
        return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}

    def restore(self, like: Path) -> None:
        """Make it as a copy of it is."""
        shutil.rmtree(self.root)
        shutil.copytree(like, self.root, symlinks=True)
