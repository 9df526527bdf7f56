"""Pictures on disk."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from engine.files import atomic_write, make_folder
from engine.jobs.reporter import JobError
from engine.messages import FailureKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write an RGB picture, shape (height, width, 3), top row first; see `write_picture`."""
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(pixels, "RGB").save(data, "PNG")
    write_picture(path, data.getbuffer())


def write_picture(path: Path, data: bytes | memoryview) -> None:
    """Write a file into a folder that is made where it is missing.

    `path` never holds half a picture, not even after a power cut.

    Raises:
        OSError: it cannot be written; then no file is left of it.
    """

    def write(file: BinaryIO) -> None:
        file.write(data)

    # Not those above: where somebody has deleted the session, it is not to come back.
    make_folder(path.parent, parents=False, exist_ok=True)
    atomic_write(path, write, follow_links=False)


def unwritten_picture(name: str, error: OSError) -> JobError:
    """What ends a trial whose picture, a file in `frames/`, was asked for and cannot be written."""
    reason = f"frames/{name} cannot be written ({error.strerror or error})"
    return JobError(FailureKind.ERROR, reason, "free some space there, or save no pictures")
