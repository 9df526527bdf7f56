"""What the tests of faults share with those of the engine and of the command line."""

from tests.engine.conftest import (  # noqa: F401
    bench,
    find_engine_processes,
    start_script,
    twin,
    wait_until,
)
from tests.tui.conftest import box, command, mjbench  # noqa: F401
