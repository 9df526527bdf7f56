"""What a driver cannot draw, what memory cannot hold, and a GPU that goes away while frames are drawn."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.backends.misbehaving import VARIABLE
from tests.faults.lost_contexts import LOSSES

ROOT = Path(__file__).parents[2]
TOOL = str(Path(sys.executable).with_name("mjbench-tui"))
SHORT = ("--frames", "12", "--warmup-frames", "2", "--json")


@dataclass(frozen=True)
class Measured:
    """What a run said and left."""

    code: int
    err: str
    document: dict

    def trial(self, backend: str, size: str = "") -> dict:
        found = [
            trial
            for trial in self.document["trials"]
            if trial["backend"] == backend and size in ("", f"{trial['width']}x{trial['height']}")
        ]
        assert len(found) == 1, found
        return found[0]

    def failure(self, backend: str, size: str = "") -> dict:
        """Why a case has no figures: one sentence."""
        trial = self.trial(backend, size)
        failure = trial["failure"]
        assert failure is not None, trial
        assert trial["metrics"] is None
        assert "\n" not in failure["reason"] and "Traceback" not in failure["reason"]
        return failure


@pytest.fixture
def measure(tmp_path: Path):
    """Runs the command beside the package of backends that lose their context."""
    metadata = tmp_path / "packages" / "lost-0.1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: lost\nVersion: 0.1\n")
    lines = [f"{name} = tests.faults.lost_contexts:create" for name in LOSSES]
    (metadata / "entry_points.txt").write_text("\n".join(["[mjbench.backends]", *lines]))

    def run(backends: str, *more: str, before: tuple[str, ...] = (), **variables: str) -> Measured:
        path = f"{metadata.parent}{os.pathsep}{ROOT}"
        done = subprocess.run(
            [*before, TOOL, "run", "--scene", "cartpole", "--backend", backends, *SHORT, *more],
            capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, timeout=110, check=False,
            env={**os.environ, "PYTHONPATH": path, **variables},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Measured(done.returncode, done.stderr, json.loads(done.stdout) if done.stdout else {})

    return run


def test_a_context_that_is_lost_while_it_draws_is_no_result(measure) -> None:
    done = measure(",".join((*LOSSES, "egl")), "--effects", "bare", "--resolution", "32x32")
    for name in ("let-go", "no-framebuffer"):
        failure = done.failure(name)
        assert failure["kind"] == "error"
        assert failure["reason"].startswith("egl lost its OpenGL context while it drew: ")
        assert "measure again" in failure["fix"]
    failure = done.failure("no-memory")
    assert failure["kind"] == "memory"
    assert failure["reason"] == "OpenGL ran out of memory while egl drew frames"
    assert done.trial("egl")["metrics"] is not None
    assert done.code == 1


def test_what_memory_cannot_hold_fails_and_the_rest_goes_on(measure) -> None:
    """Addresses are limited, so that no machine has to be filled for it."""
    if shutil.which("prlimit") is None:
        pytest.skip("prlimit is not installed")
    done = measure(
        *("null,egl,osmesa", "--effects", "scene", "--resolution", "32x32,16384x16384"),
        *("--frames", "1", "--warmup-frames", "1"),
        before=("prlimit", f"--as={2_400_000_000}"),
    )
    for name in ("egl", "osmesa"):
        failure = done.failure(name, "16384x16384")
        assert failure["kind"] == "memory"
        assert failure["reason"].startswith("16384x16384 with 4 samples a pixel takes ")
        assert "smaller resolution" in failure["fix"] and "'bare'" in failure["fix"]
        assert done.trial(name, "32x32")["metrics"] is not None
    assert done.trial("null", "16384x16384")["metrics"] is not None
    assert done.code == 1


OPEN = """
import sys
import mujoco
from engine.backends.base import BackendError, Picture
from engine.backends.loading import load_backend
from engine.backends.registry import find_backend

name = sys.argv[1]
width, height, columns, rows = map(int, sys.argv[2:])
model = mujoco.MjModel.from_xml_string(f'''<mujoco>
  <visual><global offwidth="{width}" offheight="{height}"/></visual>
  <worldbody><camera name="c" pos="0 0 3"/><geom size="1"/></worldbody>
</mujoco>''')
backend = load_backend(find_backend(name))
try:
    backend.open(Picture(model, (mujoco.MjData(model),), "c", columns, rows, bare=True))
except BackendError as error:
    print(error.kind, error, error.fix, sep=" | ")
backend.close()
"""


@pytest.mark.parametrize(
    ("name", "buffer", "picture", "said"),
    [
        ("egl", "16385x8", "16385x8", "backend | egl draws at most 16384x16384 here, not 16385x8"),
        ("osmesa", "8x16385", "8x16385", "backend | osmesa draws at most 16384x16384 here, not 8x16385"),
        ("egl", "16385x8", "8x8", "memory | egl has no room for a framebuffer of 8x8"),
    ],
)
def test_what_a_driver_cannot_draw_into_is_named(name: str, buffer: str, picture: str, said: str) -> None:
    """Larger than the tool takes, as Mesa has no lower limit; and a buffer that is not the picture's."""
    sizes = f"{buffer} {picture}".replace("x", " ").split()
    done = subprocess.run(
        [sys.executable, "-c", OPEN, name, *sizes], cwd=ROOT, env={**os.environ, "MUJOCO_GL": name},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(said), done.stdout
    assert "| choose a smaller resolution" in done.stdout


def test_more_worlds_than_memory_holds(measure) -> None:
    pytest.importorskip("mujoco_warp")
    if shutil.which("prlimit") is None:
        pytest.skip("prlimit is not installed")
    done = measure(
        *("mjwarp,null", "--effects", "bare", "--resolution", "2048x2048", "--worlds", "1024"),
        before=("prlimit", f"--as={6_000_000_000}"),
    )
    failure = done.failure("mjwarp")
    assert failure["kind"] == "memory"
    assert "fewer worlds" in failure["fix"]
    assert done.trial("null")["metrics"] is not None


def test_a_gpu_that_is_lost_is_named_and_the_rest_goes_on(measure) -> None:
    faults = (("lose_gpu", "error", "the GPU was lost"), ("fill_gpu", "memory", "ran out of memory"))

    def run(fault: str) -> Measured:
        return measure("misbehaving,null", "--effects", "bare", **{VARIABLE: f"fault={fault},at=8"})

    with ThreadPoolExecutor() as pool:
        measured = list(pool.map(run, [fault for fault, _, _ in faults]))
    for done, (_, kind, words) in zip(measured, faults, strict=True):
        failure = done.failure("misbehaving")
        assert failure["kind"] == kind
        assert words in failure["reason"] and "CUDA error" in failure["reason"]
        assert failure["fix"]
        assert done.trial("null")["metrics"] is not None


def test_a_device_that_is_none_is_named_with_those_there_are(measure) -> None:
    values = ("99", "abc", "", "-1")
    with ThreadPoolExecutor() as pool:
        measured = list(pool.map(lambda value: measure("egl", MUJOCO_EGL_DEVICE_ID=value), values))
    for done, value in zip(measured, values, strict=True):
        assert done.code == 4
        (line,) = done.err.strip().splitlines()
        assert f"MUJOCO_EGL_DEVICE_ID={value!r} names no EGL device: there " in line
        assert " 0 (" in line


def test_variables_that_hide_every_gpu_are_told_or_do_not_matter(measure) -> None:
    pytest.importorskip("mujoco_warp")
    done = measure("mjwarp,egl", "--effects", "bare", CUDA_VISIBLE_DEVICES="99", MUJOCO_GL="nonsense")
    assert done.code == 0, done.err
    assert done.trial("mjwarp")["renderer"]["version"].endswith("with CUDA_VISIBLE_DEVICES='99'")
    assert done.trial("egl")["metrics"] is not None
