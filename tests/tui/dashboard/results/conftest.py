"""Sessions with figures that were made up, written as a run writes them."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from profiles.session import Session
from tests.tui.dashboard.results.made import Made, write_session

MakeSession = Callable[..., tuple[Session, Path]]


@pytest.fixture
def make_session(tmp_path: Path) -> MakeSession:
    """Write a session of these cases, and read it back."""

    def make(*cases: Made, name: str = "made", reached: int | None = None) -> tuple[Session, Path]:
        folder = tmp_path / name
        return write_session(folder, *cases, reached=reached), folder

    return make


@pytest.fixture
def renamed() -> Callable[[Session, str], Session]:
    """Put a text from outside into every place of a session that can hold one."""

    def rename(session: Session, text: str) -> Session:
        replace = msgspec.structs.replace
        cases = tuple(
            replace(case, scene=f"/{text}", backend=text + case.backend, id=text, camera=text)
            for case in session.cases
        )
        info = replace(session.session, profile_name=text, id=text, tool_version=text)
        return replace(session, cases=cases, session=info, machine=replace(session.machine, hostname=text))

    return rename
