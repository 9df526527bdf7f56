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
SHORT = ("--effects", "bare", "--frames", "12", "--warmup-frames", "2", "--json")
RESTORED = "measure again"


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
            [*before, TOOL, "run", "--backend", backends, *SHORT, *more],
            capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, timeout=110, check=False,
            env={**os.environ, "PYTHONPATH": path, **variables},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Measured(done.returncode, done.stderr, json.loads(done.stdout) if done.stdout else {})

    return run


def test_a_context_that_is_lost_while_it_draws_is_no_result(measure) -> None:
    done = measure(",".join((*LOSSES, "egl")), "--scene", "cartpole", "--resolution", "32x32")
    for name in ("released", "let-go", "no-framebuffer"):
        failure = done.failure(name)
        assert failure["kind"] == "error"
        assert failure["reason"].startswith("egl lost its OpenGL context while it drew: ")
        assert "measure again" in failure["fix"]
    failure = done.failure("no-memory")
    assert failure["kind"] == "memory"
    assert failure["reason"] == "OpenGL ran out of memory while egl drew frames"
    assert done.trial("egl")["metrics"] is not None
    assert done.code == 1
