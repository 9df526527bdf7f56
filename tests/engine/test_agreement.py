"""Every backend draws the same objects in the same places: each one's picture is held against EGL's.

Where the same things stand in the same places `likeness` comes to 0.7 or more at this size; another view, a
shifted or mirrored picture, or none stays below that. A session asks for less: it judges scenes that nobody
here has seen.
"""

import numpy as np
import pytest
from PIL import Image

from engine.case import Effects
from engine.pictures.agreement import LEAST_ALIKE
from engine.pictures.fingerprint import likeness, take_fingerprint
from engine.preflight import BackendStatus, probe_backends
from engine.process.launcher import SpawnLauncher

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
SIZE = "240x180"
MOVED = 30

Pixels = np.ndarray
"""Shape (height, width, 3)."""


def alike(one: Pixels, other: Pixels) -> float:
    prints = [take_fingerprint(np.ascontiguousarray(picture)) for picture in (one, other)]
    return likeness(*prints)


class Drawn:
    """Pictures of every scene by every backend, each drawn once and kept."""

    def __init__(self, bench) -> None:
        self._bench = bench
        self._pictures: dict[tuple[str, str, Effects, str | None], Pixels] = {}

    def picture(self, scene: str, backend: str, effects: Effects, camera: str | None = None) -> Pixels:
        key = (scene, backend, effects, camera)
        if key not in self._pictures:
            bench = type(self._bench)(self._bench.folder / f"{len(self._pictures)}")
            settings = bench.settings(frames=1, warmup_frames=1, save_frames=(MOVED,), camera=camera)
            result = bench.result(bench.case(backend, scene, SIZE, effects), settings)
            assert result.failure is None, result.failure
            (name,) = result.saved_frames
            self._pictures[key] = np.asarray(Image.open(bench.folder / name))
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
    assert alike(theirs, ours) >= LEAST


@pytest.mark.usefixtures("menagerie_root", "display")
@pytest.mark.parametrize("scene", ["apartment", "workbench"])
def test_filament_on_opengl_draws_what_egl_draws(drawn, scene):
    theirs, ours = (drawn.picture(scene, name, Effects.SCENE) for name in ("egl", "filament-opengl"))
    assert alike(theirs, ours) >= LEAST


@pytest.mark.usefixtures("menagerie_root")
@pytest.mark.parametrize("scene", list(OTHER_VIEW))
def test_another_view_a_mirrored_or_shifted_one_and_none_do_not_agree(drawn, scene):
    """What the tests above are worth."""
    right = drawn.picture(scene, "egl", Effects.SCENE)
    other = drawn.picture(scene, "egl", Effects.SCENE, OTHER_VIEW[scene])
    noise = np.random.default_rng(1).integers(0, 256, right.shape, np.uint8)
    shifted = np.roll(right, right.shape[1] // 20, axis=1)
    for wrong in (other, right[:, ::-1], right[::-1], shifted, noise):
        assert alike(right, wrong) < LEAST
    for wrong in (other, right[::-1], noise):
        assert alike(right, wrong) < LEAST_ALIKE
    assert take_fingerprint(np.zeros_like(right)) is None
