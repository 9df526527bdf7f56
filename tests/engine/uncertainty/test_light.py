"""Who only shows figures imports nothing heavy; and scipy.stats, which takes longest of all, nobody does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

SHOWN = ("records", "intervals", "comparison", "stopping", "digits", "margins", "noise", "power", "student")

LOOK = f"""
import importlib, sys
for name in {SHOWN!r}:
    importlib.import_module("engine.uncertainty." + name)
assert "numpy" not in sys.modules and "scipy" not in sys.modules, "heavy when imported"
from engine.uncertainty.comparison import compare_rounds
from engine.uncertainty.within import fps_interval, percentile_intervals
import numpy
assert compare_rounds([1, 2, 3], [1, 2, 4]) is not None
percentile_intervals(numpy.arange(1000), (50,))
assert "scipy.special" in sys.modules and "scipy.stats" not in sys.modules, "heavy when used"
"""


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
