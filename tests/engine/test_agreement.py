"""Every backend draws the same objects in the same places: each one's picture is held against EGL's.

The measure is the structure term of SSIM (Wang et al. 2004) without its sign: in each window of 7 x 7
cells, a cell being the mean brightness of 3 x 3 pixels, how far two pictures are correlated; averaged with
the windows' contrast as weight. It does not mind how bright a renderer makes things. Where the same things
stand in the same places it comes to 0.7 or more; another view, a shifted or mirrored picture, or none stays
below that.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import uniform_filter

from engine.case import Effects
from engine.launcher import SpawnLauncher
from engine.preflight import BackendStatus, probe_backends

CASES = [
    ("apartment", Effects.SCENE),
    ("apartment", Effects.BARE),
    ("workbench", Effects.SCENE),
    ("workbench", Effects.BARE),
    ("cartpole", Effects.SCENE),
    ("primitives", Effects.SCENE),
]
OTHER_VIEW = {"apartment": "kitchen", "workbench": "bench"}
BACKENDS = ("osmesa", "filament-vulkan", "mjwarp")
LEAST = 0.7
CELL = 3
WINDOW = 7
SIZE = "240x180"
MOVED = 30

Cells = NDArray[np.float64]


def cells(picture: Path) -> Cells:
    """Mean brightness of squares of `CELL` pixels."""
    image = Image.open(picture).convert("L")
    small = image.resize((image.width // CELL, image.height // CELL), Image.Resampling.BOX)
    return np.asarray(small, np.float64)


def likeness(one: Cells, other: Cells) -> float:
    def mean(values: Cells) -> Cells:
        return uniform_filter(values, WINDOW, mode="nearest")

    spread, other_spread = (np.maximum(mean(a * a) - mean(a) ** 2, 0) for a in (one, other))
    together = mean(one * other) - mean(one) * mean(other)
    contrast, other_contrast = np.sqrt(spread), np.sqrt(other_spread)
    weight = contrast / contrast.mean() + other_contrast / max(float(other_contrast.mean()), 1e-9)
    structure = np.abs(together) / np.sqrt(spread * other_spread + 1.0)
    return float((structure * weight).sum() / weight.sum())


class Drawn:
    """Pictures of every scene by every backend, each drawn once and kept."""

    def __init__(self, bench) -> None:
        self._bench = bench
        self._pictures: dict[tuple[str, str, Effects, str | None], Cells] = {}

    def picture(self, scene: str, backend: str, effects: Effects, camera: str | None = None) -> Cells:
        key = (scene, backend, effects, camera)
        if key not in self._pictures:
            bench = type(self._bench)(self._bench.folder / f"{len(self._pictures)}")
            settings = bench.settings(frames=1, warmup_frames=1, save_frames=(MOVED,), camera=camera)
            result = bench.result(bench.case(backend, scene, SIZE, effects), settings)
            assert result.failure is None, result.failure
            (name,) = result.saved_frames
            self._pictures[key] = cells(bench.folder / name)
        return self._pictures[key]


@pytest.fixture(scope="module")
def drawn(bench_class, tmp_path_factory) -> Drawn:
    return Drawn(bench_class(tmp_path_factory.mktemp("agreement")))


@pytest.fixture(scope="module")
def statuses() -> dict[str, BackendStatus]:
    return probe_backends(BACKENDS, SpawnLauncher())


@pytest.mark.usefixtures("menagerie_root")
@pytest.mark.parametrize(("scene", "effects"), CASES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_each_backend_draws_what_egl_draws(drawn, statuses, backend, scene, effects):
    if not statuses[backend].works:
        pytest.skip(f"{backend} does not work here: {statuses[backend].reason}")
    theirs, ours = (drawn.picture(scene, name, effects) for name in ("egl", backend))
    assert likeness(theirs, ours) >= LEAST


@pytest.mark.usefixtures("menagerie_root", "display")
@pytest.mark.parametrize("scene", ["apartment", "workbench"])
def test_filament_on_opengl_draws_what_egl_draws(drawn, scene):
    theirs, ours = (drawn.picture(scene, name, Effects.SCENE) for name in ("egl", "filament-opengl"))
    assert likeness(theirs, ours) >= LEAST


@pytest.mark.usefixtures("menagerie_root")
@pytest.mark.parametrize("scene", list(OTHER_VIEW))
def test_another_view_a_mirrored_or_shifted_one_and_none_do_not_agree(drawn, scene):
    """What the tests above are worth."""
    right = drawn.picture(scene, "egl", Effects.SCENE)
    other = drawn.picture(scene, "egl", Effects.SCENE, OTHER_VIEW[scene])
    noise = np.random.default_rng(1).random(right.shape)
    shifted = np.roll(right, right.shape[1] // 20, axis=1)
    for wrong in (other, right[:, ::-1], right[::-1], shifted, noise, np.zeros_like(right)):
        assert likeness(right, wrong) < LEAST
