"""`BENCH_DEBUG_ARGS=1`: the arguments as received and as understood."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from tui.text import printable


def show_arguments(given: Sequence[str], parsed: Namespace) -> None:
    """Print both on stderr where the variable asks for it."""
    if os.environ.get("BENCH_DEBUG_ARGS") != "1":
        return
    understood = json.dumps(vars(parsed), indent=2, default=str, sort_keys=True)
    print(f"received: {printable(repr(list(given)))}\nunderstood: {understood}", file=sys.stderr)  # noqa: T201
