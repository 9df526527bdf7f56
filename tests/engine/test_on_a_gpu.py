"""What only a machine with an NVIDIA GPU can show: who draws, the device's own time, batches."""

import shutil
import subprocess

import pytest

from engine.case import Case, Effects, Physics, Resolution
from engine.preflight import probe_backends
from engine.process.launcher import SpawnLauncher
from engine.results import TrialResult

pytestmark = pytest.mark.gpu

ON_CUDA = ("mjwarp", "madrona-raster", "madrona-raytrace")


@pytest.fixture(autouse=True)
def _gpu() -> None:
    """Skips where the driver lists no GPU."""
    command = shutil.which("nvidia-smi") or "true"
    listed = subprocess.run([command, "-L"], check=False, capture_output=True, text=True).stdout
    if "GPU" not in listed:
        pytest.skip("no NVIDIA GPU here: nvidia-smi lists none")


def measured(bench, backend: str, worlds: int = 1, **settings: object) -> TrialResult:
    status = probe_backends([backend], SpawnLauncher())[backend]
    if not status.works:
        pytest.skip(f"{backend} does not work here: {status.reason}")
    case = Case(
        scene="primitives",
        backend=backend,
        resolution=Resolution.parse("64x64"),
        effects=Effects.BARE,
        worlds=worlds,
    )
    return bench.result(case, bench.settings(frames=200, **settings))


@pytest.mark.parametrize("backend", ["egl", "filament-vulkan", *ON_CUDA])
def test_the_gpu_draws_and_tells_its_time(bench, backend):
    result = measured(bench, backend)
    assert result.failure is None, result.failure
    assert not result.renderer.software
    if result.device is not None:
        # Nothing is drawn faster than by the device itself.
        assert 0 < result.device.mean_ms < 1.5 * result.metrics.phases["render"].mean_ms
    if backend in ("egl", "mjwarp"):
        assert result.device is not None


@pytest.mark.parametrize("backend", ON_CUDA)
def test_a_batch_is_quicker_than_its_worlds_one_by_one(bench, backend):
    one, many = measured(bench, backend), measured(bench, backend, worlds=64)
    assert many.failure is None, many.failure
    assert many.metrics.fps > 2 * one.metrics.fps


def test_pixels_that_stay_on_the_device_cost_no_readback(bench):
    there = measured(bench, "mjwarp", worlds=64, readback=False, physics=Physics.WARP)
    assert there.failure is None, there.failure
    assert not there.drawn.readback
    assert there.metrics.phases["readback"].share < 0.05
