"""What do a command and a frame cost in this tree, over another tree such as that of an older commit?

Run as `python tests/perf/two_trees.py OTHER_TREE [--turns 15] [--backend egl] [--frames 200000]`. To get one:
`mkdir older && git archive COMMIT | tar -x -C older`.

Both trees answer commands that draw nothing, and measure one case, in turn. A ratio above 1 says that this
tree takes longer. A backend that draws needs fewer frames: `--backend egl --frames 60`.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter_ns

from turns import geometric_mean

THIS = Path(__file__).parents[2]
COMMANDS = ("--version", "--help", "profiles list")
RUN = "a frame"


def call(tree: Path, arguments: list[str]) -> str:
    """Carry out one command line with the code of a tree; what it printed."""
    code = "from tui.main import main; raise SystemExit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def command_ns(tree: Path, command: str) -> int:
    """How long a command takes from its start to its end."""
    start = perf_counter_ns()
    call(tree, command.split())
    return perf_counter_ns() - start


def frame_ns(tree: Path, options: argparse.Namespace) -> float:
    """Wall time a frame of one trial, started by the command line."""
    with tempfile.TemporaryDirectory() as folder:
        case = f"--backend {options.backend} --scene {options.scene} --resolution {options.resolution}"
        how = f"--effects scene --frames {options.frames} --trials 1 --quiet --json --output {folder}/session"
        told = json.loads(call(tree, ["run", *case.split(), *how.split()]))
    return 1e9 / told["trials"][0]["metrics"]["fps"]


def main() -> None:
    """Take turns and print medians and ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("other", type=lambda text: Path(text).absolute())
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--backend", default="null")
    parser.add_argument("--scene", default="apartment")
    parser.add_argument("--resolution", default="640x480")
    parser.add_argument("--frames", type=int, default=200_000)
    options = parser.parse_args()
    trees = (THIS, options.other)
    measure = {command: lambda tree, command=command: command_ns(tree, command) for command in COMMANDS}
    measure[RUN] = lambda tree: frame_ns(tree, options)
    shuffle = random.Random(0)
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in measure}
    for turn in range(-1, options.turns):
        for name, measure_in in measure.items():
            for number in shuffle.sample((0, 1), 2):
                spent = measure_in(trees[number])
                if turn >= 0:
                    taken[name][number].append(spent)
    print(f"{THIS} over {options.other}, {options.turns} turns; a frame on {options.backend}")
    for name, both in taken.items():
        ours, theirs = (statistics.median(own) for own in both)
        ratios = [our / their for our, their in zip(*both, strict=True)]
        unit, scale = ("us", 1e3) if name == RUN else ("ms", 1e6)
        print(
            f"  {name:<13} {ours / scale:9.3f} over {theirs / scale:9.3f} {unit}: "
            f"{ours / theirs:.4f} of medians, turn by turn {geometric_mean(ratios)}"
        )


if __name__ == "__main__":
    main()
