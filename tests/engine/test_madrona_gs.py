"""Madrona's backends where what they need is missing: each refusal is a sentence, and nothing is loaded."""

import ctypes
import importlib.util
import sys
from pathlib import Path

import pytest

# MuJoCo is loaded there first, without OpenGL.
from tests.engine.madrona_pictures import mujoco  # noqa: F401

# isort: split
from engine.backends import madrona_gs
from engine.backends.base import BackendError, OutOfMemoryError
from engine.backends.madrona_needs import check_platform

NAMES = (madrona_gs.RASTER, madrona_gs.RAYTRACE)
HAS_PACKAGES = all(importlib.util.find_spec(name) for name in ("torch", "gs_madrona"))


def has_gpu() -> bool:
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


@pytest.fixture
def put_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a package where Python finds it, that may not be imported."""
    monkeypatch.syspath_prepend(tmp_path)

    def put(name: str) -> None:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise AssertionError('nothing may load this yet')\n")
        importlib.invalidate_caches()

    return put


def refusal(name: str) -> BackendError:
    before = set(sys.modules)
    with pytest.raises(BackendError) as raised:
        madrona_gs.create(name)
    assert not {"torch", "gs_madrona"} & (set(sys.modules) - before)
    assert name in raised.value.args[0]
    assert "\n" not in raised.value.args[0]
    return raised.value


@pytest.mark.skipif(HAS_PACKAGES, reason="torch and gs_madrona are installed here")
@pytest.mark.parametrize("name", NAMES)
def test_packages_that_are_not_installed_are_named_one_after_the_other(name, put_package):
    first = refusal(name)
    assert "needs the Python module torch" in first.args[0]
    for words in ("pip install 'mjbench-tui[madrona]'", "NVIDIA GPU", "Linux on x86-64"):
        assert words in first.fix
    put_package("torch")
    second = refusal(name)
    assert "needs the Python module gs_madrona" in second.args[0]
    assert second.fix == first.fix


@pytest.mark.skipif(HAS_PACKAGES or has_gpu(), reason="there is an NVIDIA driver here")
@pytest.mark.parametrize("name", NAMES)
def test_a_machine_without_an_nvidia_gpu_is_told_so_before_anything_is_loaded(name, put_package):
    put_package("torch")
    put_package("gs_madrona")
    error = refusal(name)
    assert "needs an NVIDIA GPU" in error.args[0]
    assert "libcuda" in error.args[0]
    assert "NVIDIA GPU" in error.fix


@pytest.mark.parametrize(
    ("system", "machine"), [("darwin", "arm64"), ("linux", "aarch64"), ("win32", "AMD64")]
)
def test_another_platform_is_named(system, machine):
    with pytest.raises(BackendError, match="Linux on x86-64") as raised:
        check_platform(madrona_gs.RASTER, system, machine)
    assert machine in raised.value.args[0]


def test_this_platform_has_builds():
    check_platform(madrona_gs.RASTER, "linux", "x86_64")


@pytest.mark.parametrize(("size", "whole"), [((84, 84), "80x80"), ((64, 50), "64x48"), ((5, 64), "8x64")])
def test_the_ray_tracer_refuses_what_it_would_draw_in_part(size, whole):
    with pytest.raises(BackendError) as raised:
        madrona_gs.check_size(madrona_gs.RAYTRACE, *size)
    assert f"{size[0]}x{size[1]}" in raised.value.args[0]
    assert whole in raised.value.fix
    madrona_gs.check_size(madrona_gs.RASTER, *size)
    madrona_gs.check_size(madrona_gs.RAYTRACE, *(int(side) for side in whole.split("x")))


def test_the_rasterizer_refuses_more_geoms_than_its_list_holds():
    madrona_gs.check_geoms(madrona_gs.RASTER, 2048)
    madrona_gs.check_geoms(madrona_gs.RAYTRACE, 5000)
    with pytest.raises(
        BackendError, match="at most 2048 geoms in a picture, and this scene has 2049"
    ) as raised:
        madrona_gs.check_geoms(madrona_gs.RASTER, 2049)
    assert madrona_gs.RAYTRACE in raised.value.fix


def test_memory_that_has_run_out_is_told_from_other_errors():
    for said in (
        "CUDA error at allocator.cpp:12 in alloc: cudaErrorMemoryAllocation: out of memory",
        "ERROR_OUT_OF_DEVICE_MEMORY: at memory.cpp:40",
    ):
        error = madrona_gs.explained(madrona_gs.RASTER, RuntimeError(said))
        assert isinstance(error, OutOfMemoryError)
        assert "fewer worlds" in error.fix
    other = madrona_gs.explained(madrona_gs.RASTER, RuntimeError("no\n  such thing"))
    assert not isinstance(other, OutOfMemoryError)
    assert other.args[0] == "madrona-raster gave up: no such thing"


@pytest.mark.parametrize(
    ("size", "side"), [((64, 64), 64), ((96, 72), 128), ((640, 480), 512), ((4000, 3000), 1024)]
)
def test_the_shadow_map_is_as_large_as_the_rasterizer_makes_it(size, side):
    assert madrona_gs.shadow_map_side(*size) == side
