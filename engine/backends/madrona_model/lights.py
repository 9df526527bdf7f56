"""Lights as the renderer takes them: once, for every world, when it begins to draw."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import mujoco
import numpy as np

from engine.backends.madrona_model.view import look, relight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SPOT = int(mujoco.mjtLightType.mjLIGHT_SPOT)
DIRECTIONAL = int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)
POINT = int(mujoco.mjtLightType.mjLIGHT_POINT)
_KINDS = (SPOT, DIRECTIONAL, POINT)
_NO_CONE = -1.0
_LEAST_TILT = 0.01
"""The renderer's shadow map has no up direction for a light that points straight down."""


@dataclass(frozen=True)
class Lights:
    """N worlds with L lights each, L at least 1; in the order in which the renderer wants them."""

    position: NDArray[np.float32]
    """Shape (N, L, 3), in metres."""
    direction: NDArray[np.float32]
    """Shape (N, L, 3), of length 1."""
    rgb: NDArray[np.uint32]
    """Shape (N, L), 0xRRGGBB."""
    directional: NDArray[np.bool_]
    """Shape (N, L)."""
    cast_shadow: NDArray[np.bool_]
    """Shape (N, L)."""
    cutoff: NDArray[np.float32]
    """Half the angle of the cone, shape (N, L), in radians; negative where there is no cone."""
    attenuation: NDArray[np.float32]
    """What multiplies the squared distance, shape (N, L), in 1/m^2."""
    intensity: NDArray[np.float32]
    """What multiplies the colour, shape (N, L)."""

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """All of them, in the order of the renderer's `init`."""
        return tuple(getattr(self, field.name) for field in fields(self))


def make_lights(model: mujoco.MjModel, datas: Sequence[mujoco.MjData], camera: str, shadows: bool) -> Lights:
    """Take the lights, the headlight among them, from where they are in each world's data.

    Without `shadows` no light casts one. A light that goes all round casts none in any case: the renderer's
    shadow map is that of a cone.
    """
    scene = look(model, datas[0], camera)
    rows = []
    for data in datas:
        relight(model, data, camera, scene)
        lit = [light for light in scene.lights[: scene.nlight] if int(light.type) in _KINDS]
        # The renderer reserves no room for no light at all.
        rows.append([_light(light, shadows) for light in lit] or [_darkness()])
    return Lights(*(np.array(values, kind) for values, kind in zip(_columns(rows), _DTYPES, strict=True)))


_DTYPES = (np.float32, np.float32, np.uint32, np.bool_, np.bool_, np.float32, np.float32, np.float32)
_Values = tuple[list[float], list[float], int, bool, bool, float, float, float]


def _columns(rows: list[list[_Values]]) -> list[list[list[object]]]:
    return [[[light[field] for light in row] for row in rows] for field in range(len(_DTYPES))]


def _light(light: mujoco.MjvLight, shadows: bool) -> _Values:
    kind = int(light.type)
    colour = np.maximum(np.array(light.diffuse, np.float64), 0)
    # A channel is one byte, from 0 to 1: what is brighter goes into the intensity.
    brightest = max(1.0, float(colour.max()))
    constant, _, quadratic = (float(value) for value in light.attenuation)
    fading = kind == SPOT and constant > 0
    cutoff = float(light.cutoff)
    cone = kind == SPOT and cutoff < 90
    return (
        [float(value) for value in light.pos],
        _tilted(np.array(light.dir, np.float64)),
        _packed(colour / brightest),
        kind == DIRECTIONAL,
        shadows and bool(light.castshadow) and (kind == DIRECTIONAL or cone),
        float(np.radians(cutoff)) if kind == SPOT and cutoff < 180 else _NO_CONE,
        quadratic / constant if fading else 0.0,
        brightest / constant if fading else brightest,
    )


def _darkness() -> _Values:
    return [0.0, 0.0, 0.0], [_LEAST_TILT, 0.0, -1.0], 0, True, False, _NO_CONE, 0.0, 0.0


def _tilted(direction: NDArray[np.float64]) -> list[float]:
    if np.hypot(direction[0], direction[1]) < _LEAST_TILT:
        direction[:2] = (_LEAST_TILT, 0.0)
        direction[2] = direction[2] or -1.0
    return [float(value) for value in direction / np.linalg.norm(direction)]


def _packed(colour: NDArray[np.float64]) -> int:
    red, green, blue = (round(255 * float(value)) for value in colour)
    return red << 16 | green << 8 | blue
