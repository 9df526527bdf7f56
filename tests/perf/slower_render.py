"""Is a build whose `render` takes a part longer called slower, and the same build not?

Run as `python tests/perf/slower_render.py [--part 0.1] [--pairs 3] [--trials 12] [--effects bare]`. A copy of
this tree is given a classic renderer that waits for that part of its own time after each draw. The two trees
measure one case in sessions that alternate, and `compare` says what it makes of them: of each pair, and of
this tree's own sessions among themselves.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

THIS = Path(__file__).parents[2]
ROOMS = ("engine", "profiles", "scenes", "tui")
DRAWN = """        self._draw()
        mujoco.mjr_finish()
"""
DRAWN_SLOWLY = """        from time import perf_counter_ns

        start = perf_counter_ns()
        self._draw()
        mujoco.mjr_finish()
        now = perf_counter_ns()
        while perf_counter_ns() < now + {part} * (now - start):
            pass
"""


def call(tree: Path, *arguments: str) -> str:
    """Carry out one command line with the code of a tree; what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def slower_tree(folder: Path, part: float) -> Path:
    """Copy this tree, with a classic renderer that takes a part longer."""
    for room in ROOMS:
        shutil.copytree(THIS / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "engine" / "backends" / "classic.py"
    text = file.read_text()
    if text.count(DRAWN) != 1:
        sys.exit(f"{file.name} does not draw as this script knows it: nothing was made slower")
    file.write_text(text.replace(DRAWN, DRAWN_SLOWLY.format(part=part)))
    return folder


def verdict(text: str) -> str:
    """The row of the case out of what `compare` printed."""
    return next(line.rstrip() for line in text.splitlines() if ".." in line)


def main() -> None:
    """Measure in turn and print every verdict."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", type=float, default=0.1)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--trials", default="12")
    parser.add_argument("--duration", default="3")
    parser.add_argument("--scene", default="apartment")
    parser.add_argument("--resolution", default="320x240")
    parser.add_argument("--effects", default="bare")
    parser.add_argument("--backend", default="egl")
    options = parser.parse_args()
    names = ("backend", "scene", "resolution", "effects", "trials", "duration")
    case = [word for name in names for word in (f"--{name}", getattr(options, name))]
    with tempfile.TemporaryDirectory() as folder:
        trees = {"this": THIS, "slower": slower_tree(Path(folder) / "slower", options.part)}
        for pair in range(options.pairs):
            for name, tree in trees.items():
                call(tree, "run", *case, "--quiet", "--output", f"{folder}/{name}{pair}")
            told = call(THIS, "compare", f"{folder}/this{pair}", f"{folder}/slower{pair}")
            print(f"slower by {options.part:.0%}, pair {pair + 1}: {verdict(told)}", flush=True)
        for pair in range(1, options.pairs):
            told = call(THIS, "compare", f"{folder}/this0", f"{folder}/this{pair}")
            print(f"the same build, sessions 1 and {pair + 1}: {verdict(told)}", flush=True)


if __name__ == "__main__":
    main()
