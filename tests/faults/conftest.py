"""What the tests of faults share with those of the engine and of the command line."""

from pathlib import Path

import pytest

from tests.engine.conftest import (  # noqa: F401
    bench,
    find_engine_processes,
    start_script,
    twin,
    wait_until,
)
from tests.faults.session_faces import made_session
from tests.tui.conftest import box, command, mjbench  # noqa: F401


@pytest.fixture(scope="session")
def good_session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a session as it is written today; nobody changes it."""
    return made_session(tmp_path_factory.mktemp("sessions") / "good")
