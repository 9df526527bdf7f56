"""The scripts that start from a set-up, and what all scripts and pins have in common."""

import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.scripts.workbench import REPOSITORY, Workbench

SCRIPTS = [*sorted((REPOSITORY / "scripts").rglob("*.sh")), REPOSITORY / ".ci/run"]


def test_the_benchmark_prints_data_alone_and_passes_options_on(bench: Workbench) -> None:
    done = bench.run("scripts/do/run_benchmark.sh", "--output", "a folder")
    words = ["--headless", "--profile", "quick", "--output", "a folder"]
    assert done.stdout.splitlines() == [f"argument: {word}" for word in words]
    assert (done.returncode, "set-up: ready." in done.stderr) == (0, True)
    assert bench.run("scripts/do/run_benchmark.sh").stderr == ""


def test_the_benchmark_does_not_start_without_a_set_up(bench: Workbench) -> None:
    bench.let("pip-fails")
    done = bench.run("scripts/do/run_benchmark.sh")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("set-up failed: ")


def test_all_checks_run_and_the_failed_ones_are_named(bench: Workbench) -> None:
    bench.let("mypy-fails")
    done = bench.run(".ci/run", "-k", "one two")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "test.sh: failed: mypy."
    calls = bench.calls()
    assert any(call.endswith("-m pytest -k one two") for call in calls)
    assert any("--editable .[dev,warp]" in call for call in calls)
    bench.let_no_longer("mypy-fails")
    assert bench.run("scripts/test.sh").returncode == 0


def test_the_shared_menagerie_is_used_unless_another_is_given(bench: Workbench) -> None:
    assert "menagerie: none" in bench.run("scripts/test.sh").stdout
    shared = bench.repository.parent / "shared/menagerie"
    shared.mkdir(parents=True)
    assert f"menagerie: {shared}" in bench.run("scripts/test.sh").stdout
    assert "menagerie: /mine" in bench.run("scripts/test.sh", MENAGERIE_ROOT="/mine").stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_executable_bash(script: Path) -> None:
    is_sourced = script.name == "system_packages.sh"
    assert os.access(script, os.X_OK) != is_sourced
    assert script.read_text().startswith("# shellcheck shell=bash" if is_sourced else "#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_shellcheck_has_nothing_to_say() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("needs shellcheck")
    done = subprocess.run(
        ["shellcheck", *map(str, SCRIPTS)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


def needed_packages() -> set[str]:
    """Every package that the project and its parts for tests lead to, here."""
    found: set[str] = set()
    waiting = [Requirement("mjbench-tui[dev,warp]")]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        if name in found:
            continue
        found.add(name)
        for line in metadata.requires(name) or []:
            inner = Requirement(line)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(inner)
    return found - {"mjbench-tui"}


def test_everything_is_pinned() -> None:
    comment, *pins = (REPOSITORY / "constraints.txt").read_text().splitlines()
    assert comment.startswith("#")
    names = [pin.partition("==")[0] for pin in pins]
    assert names == sorted({canonicalize_name(name) for name in names})
    assert needed_packages() | {"hatchling", "editables"} <= set(names)
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9.]*", pin) for pin in pins)
