"""The example of docs/backends.md, installed as a package beside mjbench-tui; and packages that are broken.

A folder with a module and its metadata on the path is what an installed package is to Python.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.engine.balls import ball_centres

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "backends.md"
BALLS = """
<mujoco>
  <worldbody>
    <light pos="0 -2 3" dir="0 0.5 -1"/>
    <camera name="front" pos="0 -3 0.5" xyaxes="1 0 0 0 0 1"/>
    <geom type="plane" size="3 3 0.1" rgba="0.5 0.5 0.5 1"/>
    <body pos="-0.7 0 0.8"><freejoint/><geom size="0.3" rgba="1 0 0 1"/></body>
    <body pos="0.7 0 0.3"><freejoint/><geom size="0.2" rgba="0 0 1 1"/></body>
    <geom pos="0 0 2" size="0.2" group="4"/>
  </worldbody>
</mujoco>
"""
HEAD = "from engine.backends.base import Backend\nfrom mjbench_discs import Discs, create\n"
BROKEN = {
    "raises": ("raise ValueError('no\\nluck')", "cannot be imported (ValueError: no; luck)"),
    "leaves": ("import sys\nsys.exit(3)", "cannot be imported (SystemExit: 3)"),
    "wants": ("import a_module_that_nobody_has", "needs the Python module a_module_that_nobody_has"),
    "unmade": ("MADE = 1", "the module unmade has no function create, which unmade is made by"),
    "other": ("def create(name):\n    return {}", "gives dict, expected an engine.backends.base.Backend"),
    "closed": (
        f"{HEAD}class Closed(Backend):\n    drawn = Discs.drawn\ncreate = lambda name: Closed()",
        "Closed of the module closed has no open",
    ),
    "half": (
        f"{HEAD}class Half(Backend):\n    open, drawn = Discs.open, Discs.drawn\ncreate = lambda _: Half()",
        "no attribute 'update'",
    ),
    "nowhere": (None, "needs the Python module nowhere"),
}
BATCH = f"""{HEAD}from engine.messages import RendererIdentity

class Batch(Discs):
    def open(self, picture):
        super().open(picture)
        states = len(set(picture.datas))
        return RendererIdentity("", f"{{picture.worlds}} worlds, {{states}} states", "", True)

create = lambda name: Batch()
"""
SHORT = ("--resolution", "160x120", "--effects", "bare", "--frames", "12", "--warmup-frames", "2")


def blocks(language: str) -> list[str]:
    """The code of one language in the section about adding a backend."""
    section = PAGE.read_text("utf-8").partition("## Adding a backend")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


class Bench:
    """A folder of installed packages, and the command run with these beside it."""

    def __init__(self, folder: Path) -> None:
        self._packages = folder / "packages"
        self._folder = folder
        (folder / "balls.xml").write_text(BALLS)

    def install(
        self, package: str, modules: dict[str, str], entry_points: dict[str, dict[str, str]] | str
    ) -> None:
        """Lay out what `pip install` would: modules, and the metadata beside them."""
        metadata = self._packages / f"{package.replace('-', '_')}-0.1.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.1\n")
        for name, text in modules.items():
            (self._packages / f"{name}.py").write_text(text)
        if not isinstance(entry_points, str):
            entry_points = "\n".join(
                "\n".join([f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())])
                for group, entries in entry_points.items()
            )
        (metadata / "entry_points.txt").write_text(entry_points)

    def install_example(self) -> None:
        """Install what the page shows, as its pyproject.toml says."""
        (module,), (pyproject,) = blocks("python"), blocks("toml")
        project = tomllib.loads(pyproject)["project"]
        (value,) = (value for entries in project["entry-points"].values() for value in entries.values())
        self.install(project["name"], {value.partition(":")[0]: module}, project["entry-points"])

    def install_broken(self, names: Iterable[str] = BROKEN) -> None:
        for name in names:
            text, _ = BROKEN[name]
            modules = {} if text is None else {name: text}
            self.install(f"broken-{name}", modules, {"mjbench.backends": {name: f"{name}:create"}})

    def __call__(self, *arguments: object) -> Answer:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("mjbench-tui")), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": str(self._packages), "DISPLAY": "", "WAYLAND_DISPLAY": ""},
            stdin=subprocess.DEVNULL,
            timeout=110,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    def trials(self, answer: Answer) -> dict[tuple[str, int], dict]:
        """What was measured, by backend and worlds."""
        return {(trial["backend"], trial["worlds"]): trial for trial in json.loads(answer.out)["trials"]}


@pytest.fixture
def mjbench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.install_example()
    return bench


def test_it_is_listed_and_works_and_broken_ones_beside_it_say_why_they_do_not(mjbench, tmp_path):
    mjbench.install_broken(("raises", "closed"))
    marker = tmp_path / "imported"
    impostor = f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n{HEAD}"
    entries = dict.fromkeys(["egl", "auto", "misbehaving", "two words", "../up", "a,b"], "impostor:create")
    odd = {"numbers": "1:2:3", "empty": ""}
    mjbench.install("impostor", {"impostor": impostor}, {"mjbench.backends": entries | odd})
    mjbench.install("second", {}, {"mjbench.backends": odd, "mjbench.batch_backends": odd})
    answer = mjbench("backends", "--json")
    assert answer.code == 0
    found = {entry["backend"]: entry for entry in json.loads(answer.out)}
    assert len(found) == len(json.loads(answer.out))
    assert not {"auto", "misbehaving", "two words", "../up", "a,b"} & set(found)
    discs = found["discs"]
    assert discs["works"], discs
    assert discs["title"] == "from the package mjbench-discs"
    assert (discs["renderer"]["renderer"], discs["renderer"]["software"]) == ("NumPy discs", True)
    assert found["egl"]["title"].startswith("MuJoCo's classic")
    assert not marker.exists()
    for name in ("raises", "closed"):
        assert not found[name]["works"]
        assert BROKEN[name][1] in found[name]["reason"], found[name]
        assert "\n" not in found[name]["reason"] + found[name]["fix"]
    for name in odd:
        assert found[name]["reason"]
        assert not found[name]["works"]


def test_it_is_measured_and_its_things_are_where_egl_draws_them(mjbench, tmp_path):
    answer = mjbench(
        "run", "--model-path", "balls.xml", "--backend", "discs,egl", *SHORT,
        "--save-frames", "0,12", "--output", "out", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    trials = mjbench.trials(answer)
    ours, theirs = (trials[name, 1] for name in ("discs", "egl"))
    assert ours["metrics"]["frames"] == 12
    assert ours["metrics"]["phases"]["render"]["share"] > 0.2
    assert ours["renderer"]["software"]
    assert ours["device"] is None
    assert ours["drawn"]["geoms"] == 2
    assert "shapes" in ours["drawn"]["not_drawn"]
    assert "SOFTWARE" in answer.err
    pictures = [[tmp_path / "out" / name for name in one["saved_frames"]] for one in (ours, theirs)]
    here, there = (np.array([ball_centres(frame) for frame in frames]) for frames in pictures)
    assert np.abs(here - there).max() < 0.02
    # Between the two pictures the red ball has fallen.
    assert here[1][0][1] - here[0][0][1] > 0.03


def test_its_name_stands_in_profiles_and_a_misspelt_one_is_set_right(mjbench, tmp_path):
    profile = tmp_path / "mine.toml"
    profile.write_text('schema = 1\nscenes = ["balls.xml"]\nbackends = ["discs"]\nworlds = [1, 3]\n')
    answer = mjbench("run", "--profile", profile, *SHORT, "--workers", "2", "--json")
    assert answer.code == 0, answer.err
    # It draws no batches, so one world it is.
    (trial,) = json.loads(answer.out)["trials"]
    assert (trial["backend"], trial["worlds"], trial["workers"]) == ("discs", 1, 2)
    profile.write_text(profile.read_text().replace("discs", "disks"))
    wrong = mjbench("run", "--profile", profile)
    assert wrong.code == 2
    assert len(wrong.err.splitlines()) == 1
    assert "did you mean 'discs'" in wrong.err


def test_one_that_draws_batches_is_given_every_world(mjbench):
    mjbench.install("batch", {"batch": BATCH}, {"mjbench.batch_backends": {"batch": "batch"}})
    answer = mjbench(
        *("run", "--model-path", "balls.xml", "--backend", "batch", "--worlds", "1,3", *SHORT, "--json")
    )
    assert answer.code == 0, answer.err
    trials = mjbench.trials(answer)
    assert trials["batch", 1]["renderer"]["renderer"] == "1 worlds, 1 states"
    assert trials["batch", 3]["renderer"]["renderer"] == "3 worlds, 3 states"
    assert trials["batch", 3]["metrics"]["frames"] == 12


def test_broken_ones_fail_in_a_sentence_each_and_the_others_go_on(mjbench):
    mjbench.install_broken()
    names = ",".join([*BROKEN, "discs"])
    answer = mjbench("run", "--model-path", "balls.xml", "--backend", names, *SHORT, "--json")
    assert answer.code == 1
    trials = mjbench.trials(answer)
    assert trials["discs", 1]["status"] == "done"
    for name, (_, words) in BROKEN.items():
        failure = trials[name, 1]["failure"]
        assert trials[name, 1]["status"] == "failed"
        assert words in failure["reason"]
        assert "\n" not in failure["reason"]
    alone = mjbench("run", "--model-path", "balls.xml", "--backend", "closed", *SHORT)
    assert alone.code == 4
    assert len(alone.err.splitlines()) == 1
    assert "Closed of the module closed has no open" in alone.err
    assert "docs/backends.md" in alone.err


def test_damaged_files_of_another_package_stop_nothing_that_is_built_in(mjbench):
    mjbench.install("damaged", {}, "[mjbench.backends]\nno equals sign\n")
    assert mjbench("run", "--backend", "null", "--effects", "bare", "--frames", "5", "--quiet").code == 0
    answer = mjbench("run", "--backend", "nul", "--frames", "5")
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
    assert "did you mean 'null'" in answer.err


@pytest.mark.parametrize("command", ["--help", "profiles list", "profiles show quick"])
def test_nobody_looks_for_packages_who_does_not_need_them(command):
    """That would take longer than all the rest of these commands."""
    look = (
        "import sys\nfrom importlib import metadata\n"
        "def complain(**_): raise SystemExit('looked for packages')\n"
        "metadata.entry_points = complain\n"
        "from tui.main import main\nsys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, *command.split()], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_engine_process_finds_what_is_built_in_without_looking_for_packages():
    look = (
        "import sys\nfrom engine.backends.registry import find_backend, measures_itself\n"
        "find_backend('egl')\nmeasures_itself('egl')\nmeasures_itself('of another machine')\n"
        "sys.exit('importlib.metadata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=False)
    assert done.returncode == 0
