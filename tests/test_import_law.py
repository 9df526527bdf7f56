"""Imports go one way: tui -> profiles -> engine -> scenes; and what is heavy is imported where it is used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FORBIDDEN = {
    "scenes": ("engine", "profiles", "tui", "textual", "rich"),
    "engine": ("profiles", "tui", "textual", "rich", "rich_argparse", "argparse"),
    "profiles": ("tui", "textual", "mujoco"),
    "tui": ("mujoco",),
}
WATCHING = (
    *(
        "engine.case",
        "engine.messages",
        "engine.results",
        "engine.metrics",
        "engine.timings",
        "engine.events",
    ),
    *(
        "engine.control",
        "engine.process.environment",
        "engine.process.launcher",
        "engine.watch",
        "engine.runner",
    ),
    *("engine.preflight", "engine.backends.registry", "engine.jobs.requests", "scenes.registry"),
)
"""What a face imports of the rooms below it: none of it may cost the import of a renderer, or of numpy."""

LOOK = """
import importlib, json, sys
brought = {}
for name in sys.argv[1:]:
    importlib.import_module(name)
    for module in list(sys.modules):
        brought.setdefault(module, name)
print(json.dumps(brought))
"""

NULL_TRIAL = """
import os, sys
from engine.case import Case, Effects, Resolution, Settings
from engine.process.child import enter
from engine.jobs.requests import TrialJob, encode_job
from engine.messages import FinishedMessage, FramesMessage, decode

kinds = []

case = Case(scene="none", backend="null", resolution=Resolution(width=8, height=8), effects=Effects.BARE)
settings = Settings(frames=5, duration_s=None)
job = TrialJob(case=case, settings=settings, trial=1, launched_ns=0)
enter(encode_job(job), lambda data: kinds.append(type(decode(data))), os.path.abspath("log"))
assert FinishedMessage in kinds and FramesMessage in kinds
with open("modules", "w") as file:
    file.write("\\n".join(sys.modules))
"""


def modules_of(room: str) -> list[str]:
    found = []
    for file in sorted((ROOT / room).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return [name for name in found if not name.endswith("__main__")]


def brought_by(names: list[str]) -> dict[str, str]:
    """Every module that importing `names` loads, with the first of them that did; in a process of its own."""
    process = subprocess.run(
        [sys.executable, "-c", LOOK, *names],
        cwd=ROOT,
        env=os.environ | {"MUJOCO_GL": "disable"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    found: dict[str, str] = json.loads(process.stdout)
    return found


def offences(modules: dict[str, str], forbidden: tuple[str, ...]) -> list[str]:
    return sorted(
        f"{by} imports {module}"
        for module, by in modules.items()
        if any(module == name or module.startswith(f"{name}.") for name in forbidden)
    )


@pytest.mark.parametrize("room", FORBIDDEN)
def test_no_room_imports_what_is_above_it(room: str) -> None:
    names = modules_of(room)
    assert names
    modules = brought_by(names)
    assert set(names) <= set(modules)
    assert offences(modules, FORBIDDEN[room]) == []


def test_watching_an_engine_process_loads_no_renderer() -> None:
    heavy = (
        "mujoco",
        "OpenGL",
        "glfw",
        "numpy",
        "scipy",
        "PIL",
        "engine.jobs.trial",
        "engine.backends.classic",
    )
    assert offences(brought_by(list(WATCHING)), heavy) == []


def test_an_engine_process_loads_only_what_its_job_needs(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", NULL_TRIAL], cwd=tmp_path, env=environment, timeout=60, check=True)
    modules = dict.fromkeys((tmp_path / "modules").read_text().splitlines(), "the trial")
    assert "engine.jobs.trial" in modules
    forbidden = ("tui", "profiles", "textual", "rich", "argparse", "scipy", "mujoco", "OpenGL", "PIL")
    assert offences(modules, forbidden) == []
