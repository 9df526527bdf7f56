"""Folders for what is needed for a while only."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.process.launcher import LaunchError


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder among the temporary ones; however it ends, nothing is left.

    Raises:
        LaunchError: none can be made.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="mjbench-", ignore_cleanup_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaunchError(
            f"no temporary folder can be made ({reason}), let TMPDIR name a folder with room in it"
        ) from error
    with folder as path:
        yield Path(path)
