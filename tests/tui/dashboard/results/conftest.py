"""Sessions with figures that were made up, written as a run writes them."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine.case import Case, Effects, Resolution
from engine.statistics import benchmark_metrics
from profiles.profile import Measure, Profile
from profiles.session import Session
from profiles.sessions import load_session
from tests.profiles.session_builders import failed_trial, new_writer, trial
from tests.tui.dashboard.results.made import FRAMES, Made, made_timings

MakeSession = Callable[..., tuple[Session, Path]]


@pytest.fixture
def make_session(tmp_path: Path) -> MakeSession:
    """Write a session of these cases, and read it back."""

    def make(*cases: Made, name: str = "made", reached: int | None = None) -> tuple[Session, Path]:
        folder = tmp_path / name
        known = [
            Case(
                scene=one.scene,
                backend=one.backend,
                resolution=Resolution.parse(one.size),
                effects=Effects.SCENE,
            )
            for one in cases
        ]
        profile = Profile(measure=Measure(frames=FRAMES, trials=max(one.trials for one in cases)))
        writer = new_writer(folder, profile=profile, profile_name=name, cases=known)
        for number, (one, case) in enumerate(zip(cases[:reached], known[:reached], strict=True)):
            for turn in range(1, one.trials + 1):
                if one.render_ms is None:
                    writer.append(failed_trial(case, turn))
                    continue
                timings = made_timings(one, 100 * number + turn)
                metrics = benchmark_metrics(timings, case.resolution.pixels)
                writer.append(trial(case, turn, timings=timings, metrics=metrics, status=one.status))
        writer.close("complete" if reached is None else "interrupted")
        return load_session(folder), folder

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
