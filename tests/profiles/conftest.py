"""What the tests of profiles share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from profiles.profile import Profile
from profiles.store import load_profile


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], Profile]:
    """Loads a profile from its text, without the line of the schema."""

    def load(text: str) -> Profile:
        path = tmp_path / "mine.toml"
        path.write_text(f"schema = 1\n{text}")
        return load_profile(path)

    return load
