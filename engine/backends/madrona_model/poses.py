"""Where geoms and the camera are, frame after frame, as positions and quaternions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import mujoco
    from numpy.typing import NDArray

    from engine.backends.madrona_model.model import MadronaModel

# With m the nine entries of a rotation matrix, 4 q q^T = m _PRODUCTS + _CONSTANTS for its quaternion
# q = (w, x, y, z); the row of the largest square is q but for its length (Shepperd, Quaternion from rotation
# matrix, Journal of Guidance and Control 1978).
_PRODUCTS = np.zeros((9, 16))
_CONSTANTS = np.eye(4).reshape(-1)
for _index, _terms in {
    (0, 0): {0: 1, 4: 1, 8: 1},
    (1, 1): {0: 1, 4: -1, 8: -1},
    (2, 2): {0: -1, 4: 1, 8: -1},
    (3, 3): {0: -1, 4: -1, 8: 1},
    (0, 1): {7: 1, 5: -1},
    (0, 2): {2: 1, 6: -1},
    (0, 3): {3: 1, 1: -1},
    (1, 2): {1: 1, 3: 1},
    (1, 3): {2: 1, 6: 1},
    (2, 3): {5: 1, 7: 1},
}.items():
    for _entry, _sign in _terms.items():
        _PRODUCTS[_entry, 4 * _index[0] + _index[1]] = _PRODUCTS[_entry, 4 * _index[1] + _index[0]] = _sign

_HALF = np.sqrt(0.5)
_FORWARD = _HALF * np.array([[1, -1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, -1, 1]])
"""Turns a quaternion (a row) of a camera that looks along -z, y up, to that of one along y, z up."""


@dataclass(frozen=True)
class PoseArrays:
    """N worlds with G geoms and one camera, C-contiguous."""

    geom_pos: NDArray[np.float32]
    """Shape (N, G, 3), in metres."""
    geom_rot: NDArray[np.float32]
    """Shape (N, G, 4), quaternions (w, x, y, z)."""
    cam_pos: NDArray[np.float32]
    """Shape (N, 1, 3), in metres."""
    cam_rot: NDArray[np.float32]
    """Shape (N, 1, 4), quaternions (w, x, y, z) of a camera that looks along its y axis, z up."""

    @staticmethod
    def shapes(worlds: int, geoms: int) -> dict[str, tuple[int, int, int]]:
        """The shape of each array, by its name."""
        return {
            "geom_pos": (worlds, geoms, 3),
            "geom_rot": (worlds, geoms, 4),
            "cam_pos": (worlds, 1, 3),
            "cam_rot": (worlds, 1, 4),
        }


class Poses:
    """Writes the state of worlds into arrays that stay where they are."""

    def __init__(self, model: MadronaModel, worlds: int, arrays: PoseArrays | None = None) -> None:
        """Write into `arrays`, or into new ones."""
        geoms = len(model.geoms)
        shapes = PoseArrays.shapes(worlds, geoms)
        self.arrays = arrays or PoseArrays(**{n: np.zeros(s, np.float32) for n, s in shapes.items()})
        # The camera is one more row, so that one pass makes all quaternions.
        self._geoms = model.geoms.astype(np.intp)
        self._camera = model.camera.index
        self._positions = np.empty((geoms, 3))
        self._matrices = np.empty((geoms + 1, 9))
        self._products = np.empty((geoms + 1, 16))
        self._diagonals = self._products[:, ::5]
        self._squares = np.empty((geoms + 1, 4))
        self._rows = self._products.reshape(-1, 4)
        self._first_rows = np.arange(0, 4 * (geoms + 1), 4)
        self._largest = np.empty(geoms + 1, np.intp)
        self._quaternions = np.empty((geoms + 1, 4))
        # As wide as what they are added to or divide: numpy would allocate room to repeat a narrow one.
        self._constants = np.tile(_CONSTANTS, (geoms + 1, 1))
        self._lengths = np.empty((geoms + 1, 4))
        self._squared_lengths = np.empty(geoms + 1)
        self._forward = np.empty(4)

    def write(self, world: int, data: mujoco.MjData) -> None:
        """Take over where the geoms and the camera of `data` are; allocates no arrays."""
        arrays, geoms = self.arrays, len(self._geoms)
        np.take(data.geom_xpos, self._geoms, axis=0, out=self._positions, mode="clip")
        arrays.geom_pos[world] = self._positions
        arrays.cam_pos[world, 0] = data.cam_xpos[self._camera]
        np.take(data.geom_xmat, self._geoms, axis=0, out=self._matrices[:geoms], mode="clip")
        self._matrices[geoms] = data.cam_xmat[self._camera]
        self._turn()
        arrays.geom_rot[world] = self._quaternions[:geoms]
        np.matmul(self._quaternions[geoms], _FORWARD, out=self._forward)
        arrays.cam_rot[world, 0] = self._forward

    def _turn(self) -> None:
        """Make the quaternions of the matrices."""
        np.matmul(self._matrices, _PRODUCTS, out=self._products)
        np.add(self._products, self._constants, out=self._products)
        np.copyto(self._squares, self._diagonals)
        np.argmax(self._squares, axis=1, out=self._largest)
        np.add(self._largest, self._first_rows, out=self._largest)
        np.take(self._rows, self._largest, axis=0, out=self._quaternions, mode="clip")
        np.einsum("ij,ij->i", self._quaternions, self._quaternions, out=self._squared_lengths)
        np.sqrt(self._squared_lengths, out=self._squared_lengths)
        np.copyto(self._lengths, self._squared_lengths[:, None])
        np.divide(self._quaternions, self._lengths, out=self._quaternions)
