"""Long runs: memory is flat, descriptors do not leak, no frame is lost, the end is as fast as the start.

`MJBENCH_SOAK_S` says for how long; an hour is `MJBENCH_SOAK_S=3600 pytest tests/faults/test_soak.py -s`.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.faults.soaking import WINDOWS, Soak, complaints

SECONDS = float(os.environ.get("MJBENCH_SOAK_S", "12"))
ROOT = Path(__file__).parents[2]


def soaked(tmp_path: Path, backend: str, seconds: float, **variables: str) -> Soak:
    """Run it in a process of its own: pytest's own memory goes up and down."""
    file = tmp_path / "soak.json"
    subprocess.run(
        [sys.executable, "-m", "tests.faults.soaking", backend, str(seconds), str(file)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        check=True, timeout=seconds * 2 + 120,
    )  # fmt: skip
    return msgspec.json.decode(file.read_bytes(), type=Soak)


@pytest.mark.timeout(SECONDS * 3 + 240)
@pytest.mark.parametrize("backend", ["egl", "null"])
def test_a_long_run_stays_as_it_began(tmp_path, backend):
    soak = soaked(tmp_path, backend, SECONDS)
    first, last = soak.samples[0][-1], soak.samples[-1][-1]
    settled = soak.samples[0][len(soak.samples[0]) // 3]
    print(
        f"{backend}: {soak.seconds:g} s, {sum(soak.frames_kept)} frames in {len(soak.frames_kept)} trials; "
        f"watcher {settled.watcher_mib:.1f} to {first.watcher_mib:.1f} MiB in the first trial without its "
        f"timings, {soak.left_mib[0]:.1f} after the first trial, {soak.left_mib[-1]:.1f} after the last; "
        f"engine process {settled.engine_mib:.1f} to {last.engine_mib:.1f} MiB; "
        f"descriptors {first.watcher_descriptors} and {last.watcher_descriptors}; "
        f"{soak.fps[0]:.4g} FPS at the start, {soak.fps[-1]:.4g} at the end, of {WINDOWS} windows a trial "
        f"{min(soak.fps):.4g} to {max(soak.fps):.4g}"
    )
    assert complaints(soak) == []
    assert sum(soak.frames_kept) > 100


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ("frame_ms=1,drift=0.01", "a frame took"),
        ("frame_ms=1,leak_mib=0.02", "the engine took"),
        ("frame_ms=1,leak_every=50", "the engine had"),
    ],
)
def test_a_run_that_gets_worse_is_noticed(tmp_path, behaviour, complaint):
    soak = soaked(tmp_path, "misbehaving", 4, MJBENCH_MISBEHAVIOUR=behaviour)
    (only,) = complaints(soak)
    assert only.startswith(complaint)
