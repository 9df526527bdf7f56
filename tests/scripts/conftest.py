"""The workbench on which the set-up scripts are tried."""

import shutil
from pathlib import Path

import pytest

from tests.scripts.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A repository and a machine of the test's own."""
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    return Workbench(tmp_path)
