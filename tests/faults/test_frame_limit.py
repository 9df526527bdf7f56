"""A trial of more frames than memory can keep the timings of ends early, says so, and loses none of them."""

import json

import pytest

from engine.machine.free_memory import free_bytes
from tests.faults.commands import mjbench

LIMIT_FRAMES = 2**20 // 40
"""How many frames' timings fit into one MiB."""


@pytest.mark.parametrize("asked", [["--duration", "600"], ["--frames", "900000000"]])
def test_a_trial_that_would_fill_the_memory_ends_early_and_says_so(tmp_path, asked):
    case = ["--backend", "null", "--effects", "scene", "--trials", "1"]
    answer = mjbench("run", *case, *asked, "--output", tmp_path / "out", MJBENCH_TIMINGS_MIB="1")
    assert answer.code == 0, answer.err
    assert "the trial ended early, after 26,214 frames" in answer.out
    assert "MJBENCH_TIMINGS_MIB" in answer.out
    told = json.loads((tmp_path / "out" / "metrics.json").read_text())
    (trial,) = told["trials"]
    assert trial["metrics"]["frames"] + trial["metrics"]["frames_left_out"] == LIMIT_FRAMES
    assert trial["status"] == "done"


def test_workers_share_the_memory(tmp_path):
    case = ["--backend", "null", "--effects", "scene", "--trials", "1", "--workers", "2"]
    answer = mjbench("run", *case, "--duration", "600", "--output", tmp_path / "out", MJBENCH_TIMINGS_MIB="1")
    assert answer.code == 0, answer.err
    assert "the trial ended early, after 13,107 frames" in answer.out


def test_a_trial_that_fits_says_nothing(tmp_path):
    case = ["--backend", "null", "--effects", "scene", "--trials", "1"]
    answer = mjbench(
        "run", *case, "--frames", LIMIT_FRAMES, "--output", tmp_path / "out", MJBENCH_TIMINGS_MIB="1"
    )
    assert answer.code == 0, answer.err
    assert "ended early" not in answer.out


@pytest.mark.parametrize(
    ("limit", "used", "statistics"),
    [
        ("memory.max", "memory.current", "inactive_file 1000000\n"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file 1000000\n"),
    ],
)
def test_memory_that_a_container_does_not_give_is_not_free(tmp_path, limit, used, statistics):
    group = tmp_path / "sys/fs/cgroup"
    group = group / "memory" if limit != "memory.max" else group
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir(parents=True)
    line = "0::/" if limit == "memory.max" else "5:memory:/"
    (tmp_path / "proc/self/cgroup").write_text(f"{line}\n")
    (group / limit).write_text("30000000\n")
    (group / used).write_text("12000000\n")
    (group / "memory.stat").write_text(statistics)
    assert free_bytes(tmp_path) == 19_000_000
    (group / limit).write_text("max\n")
    assert free_bytes(tmp_path) > 19_000_000
