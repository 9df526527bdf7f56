"""Colours and textures: one material for each distinct pair of colour and texture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.backends.madrona_model.texturing import Kind, find_mapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    import mujoco
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Appearance:
    """The materials and textures of a model, and which geom has which."""

    rgba: NDArray[np.float32]
    """Of each material, shape (M, 4), in linear light."""
    material_textures: tuple[int | None, ...]
    """Index of each material's texture, or None."""
    textures: tuple[NDArray[np.uint8], ...]
    """Pictures of the shape (height, width, 4), their first row first."""
    geom_materials: NDArray[np.int32]
    """Index of each drawn geom's material, shape (G,)."""

    def arguments(self) -> dict[str, NDArray[np.generic]]:
        """The renderer's arguments that begin with `mat_` and `tex_`.

        It takes several textures of one material for alternatives among worlds: each has one, or none.
        """
        laid = [texture for texture in self.material_textures if texture is not None]
        numbers = [texture is not None for texture in self.material_textures]
        pictures = [picture.reshape(-1) for picture in self.textures]
        return {
            "mat_rgba": self.rgba,
            "mat_tex_ids": np.array(laid, np.int32),
            "mat_tex_offsets": np.cumsum([0, *numbers[:-1]]).astype(np.int32),
            "tex_data": np.concatenate(pictures) if pictures else np.zeros(0, np.uint8),
            "tex_offsets": np.cumsum([0, *map(len, pictures)])[:-1].astype(np.int64),
            "tex_widths": np.array([picture.shape[1] for picture in self.textures], np.int32),
            "tex_heights": np.array([picture.shape[0] for picture in self.textures], np.int32),
            "tex_nchans": np.full(len(self.textures), 4, np.int32),
        }


def make_appearance(model: mujoco.MjModel, geoms: Sequence[mujoco.MjvGeom]) -> Appearance:
    """Find the materials of `geoms`, those of an `MjvScene`."""
    materials: dict[tuple[tuple[float, ...], int | None], int] = {}
    textures: dict[int, int] = {}
    indices = []
    for geom in geoms:
        texture = None
        if find_mapping(model, geom).kind is not Kind.NONE:
            texture = textures.setdefault(int(geom.texid), len(textures))
        pair = (tuple(float(value) for value in geom.rgba), texture)
        indices.append(materials.setdefault(pair, len(materials)))
    rgba = np.array([colour for colour, _ in materials], np.float64)
    # The renderer takes textures for sRGB, lights them in linear light and writes sRGB.
    rgba[:, :3] = to_linear(rgba[:, :3])
    return Appearance(
        rgba.astype(np.float32),
        tuple(texture for _, texture in materials),
        tuple(_picture(model, texture) for texture in textures),
        np.array(indices, np.int32),
    )


def to_linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take sRGB values from 0 to 1 to linear light (IEC 61966-2-1)."""
    kept = np.clip(values, 0, 1)
    return np.where(kept <= 0.04045, kept / 12.92, ((kept + 0.055) / 1.055) ** 2.4)


def _picture(model: mujoco.MjModel, texture: int) -> NDArray[np.uint8]:
    """Copy a texture as RGBA; a cube's faces lie below each other in it."""
    height, width = int(model.tex_height[texture]), int(model.tex_width[texture])
    channels, start = int(model.tex_nchannel[texture]), int(model.tex_adr[texture])
    stored = model.tex_data[start : start + height * width * channels].reshape(height, width, channels)
    picture = np.full((height, width, 4), 255, np.uint8)
    if channels >= 3:
        picture[:, :, :channels] = stored
    else:
        picture[:, :, :3] = stored[:, :, :1]
    return picture
