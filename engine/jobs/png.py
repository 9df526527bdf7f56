"""Pictures on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write an RGB picture, shape (height, width, 3), top row first; `path` never holds half a picture."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    Image.fromarray(pixels, "RGB").save(unfinished, "PNG")
    os.replace(unfinished, path)  # noqa: PTH105
