"""Two sessions held against one another: how much faster each case is, how sure that is, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass

from engine.uncertainty.comparison import THRESHOLD, Comparison, compare_over_scenes, compare_sessions
from profiles.errors import SessionError
from profiles.session import CaseRecord, Session


@dataclass(frozen=True)
class ComparedCase:
    """One case that both sessions have."""

    base: CaseRecord
    other: CaseRecord
    comparison: Comparison | None
    """None where one of the two has no figures."""
    obstacles: tuple[str, ...]
    """Why the two do not compare, each in a few words: then the ratio says nothing of the case alone."""


@dataclass(frozen=True)
class ComparedSessions:
    """The other session held against the base."""

    base: Session
    other: Session
    cases: tuple[ComparedCase, ...]
    only_base: tuple[CaseRecord, ...]
    only_other: tuple[CaseRecord, ...]
    overall: Comparison | None
    """The geometric mean over the cases that compare; None for fewer than two."""


def compare_two_sessions(base: Session, other: Session, threshold: float = THRESHOLD) -> ComparedSessions:
    """Hold each case of `other` against the same one of `base`.

    Args:
        base: what is compared with.
        other: what is asked about: a ratio above 1 says that it is faster.
        threshold: differences up to this part are none, 0.02 for 2%.

    Raises:
        SessionError: they have no case in common.
    """
    theirs = {case.id: case for case in base.cases}
    ours = {case.id: case for case in other.cases}
    machine = machine_obstacles(base, other)
    cases = tuple(
        _compared(theirs[name], case, machine, threshold) for name, case in ours.items() if name in theirs
    )
    if not cases:
        raise SessionError(
            f"{base.session.id} and {other.session.id} have no case in common, expected the same scene, "
            "backend, resolution, effects, workers and worlds in both"
        )
    fair = [case.comparison for case in cases if case.comparison is not None and not case.obstacles]
    return ComparedSessions(
        base=base,
        other=other,
        cases=cases,
        only_base=tuple(case for name, case in theirs.items() if name not in ours),
        only_other=tuple(case for name, case in ours.items() if name not in theirs),
        overall=compare_over_scenes(fair, threshold) if len(fair) > 1 else None,
    )


def machine_obstacles(base: Session, other: Session) -> tuple[str, ...]:
    """What of the two machines differs that every figure depends on."""
    here, there = base.machine, other.machine
    return _differences(
        [
            ("processor", here.cpu.model, there.cpu.model),
            ("processors", _processors(base), _processors(other)),
            ("GPU", _gpus(base), _gpus(other)),
            ("MuJoCo", here.versions.get("mujoco", "?"), there.versions.get("mujoco", "?")),
        ]
    )


def case_obstacles(base: CaseRecord, other: CaseRecord) -> tuple[str, ...]:
    """What was drawn in another way, or by another driver."""
    facts = [
        ("driver", _driver(base), _driver(other)),
        ("camera", base.camera, other.camera),
        ("physics steps a frame", str(base.steps_per_frame), str(other.steps_per_frame)),
        ("rasterizer threads", str(base.rasterizer_threads), str(other.rasterizer_threads)),
        ("what was drawn", str(base.drawn), str(other.drawn)),
    ]
    found = _differences(facts)
    # What a frame held is a whole record: that it differs is enough to say.
    return tuple(text.partition(" (")[0] if text.startswith("what was drawn") else text for text in found)


def _compared(
    base: CaseRecord, other: CaseRecord, machine: tuple[str, ...], threshold: float
) -> ComparedCase:
    rates = [[trial.metrics.fps for trial in case.trials if trial.metrics] for case in (base, other)]
    comparison = compare_sessions(rates[0], rates[1], threshold)
    obstacles = (*machine, *case_obstacles(base, other)) if all(rates) else ()
    return ComparedCase(base, other, comparison, obstacles)


def _differences(facts: list[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(f"{what} ({here} / {there})" for what, here, there in facts if here != there)


def _processors(session: Session) -> str:
    limit = session.machine.container.cpus
    return f"{session.machine.cpu.usable}" + (f" limited to {limit:g}" if limit else "")


def _gpus(session: Session) -> str:
    return ", ".join(f"{gpu.name} {gpu.driver}" for gpu in session.machine.gpus) or "none"


def _driver(case: CaseRecord) -> str:
    renderer = case.renderer
    return f"{renderer.renderer}, {renderer.version}" if renderer else "unknown"
