"""Two sessions held against one another: how much faster each case is, how sure that is, or why it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

import msgspec

from engine.case import Case
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
    found = hold_against(base, other, threshold)
    if not found.cases:
        raise SessionError(
            f"{base.session.id} and {other.session.id} have no case in common, expected the same scene, "
            "backend, resolution, effects, workers, worlds and change in both"
        )
    return found


def hold_against(base: Session, other: Session, threshold: float = THRESHOLD) -> ComparedSessions:
    """Do the same for sessions that may have no case in common: then there is no case in the answer."""
    shared = _scene_files_by_name(base) & _scene_files_by_name(other)
    theirs = {_key(case, shared): case for case in base.cases}
    ours = {_key(case, shared): case for case in other.cases}
    machine = machine_obstacles(base, other)
    cases = tuple(
        _compared(case, ours[key], machine, threshold) for key, case in theirs.items() if key in ours
    )
    fair = [case.comparison for case in cases if case.comparison is not None and not case.obstacles]
    return ComparedSessions(
        base=base,
        other=other,
        cases=cases,
        only_base=tuple(case for key, case in theirs.items() if key not in ours),
        only_other=tuple(case for key, case in ours.items() if key not in theirs),
        overall=compare_over_scenes(fair, threshold) if len(fair) > 1 else None,
    )


def _scene_files_by_name(session: Session) -> set[str]:
    """The names that just one of a session's scene files has: on another machine it may lie elsewhere."""
    files = {case.scene for case in session.cases if case.scene.startswith("/")}
    counts = Counter(PurePath(file).name for file in files)
    return {name for name, count in counts.items() if count == 1}


def _key(case: CaseRecord, shared: Iterable[str]) -> Case:
    """A case as both sessions know it: a scene file by its name where that will do."""
    name = PurePath(case.scene).name
    scene = f"/{name}" if case.scene.startswith("/") and name in shared else case.scene
    return msgspec.structs.replace(case.case, scene=scene)


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
        ("scene file", base.scene, other.scene),
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
    rates = [counted_rates(case) for case in (base, other)]
    comparison = compare_sessions(rates[0], rates[1], threshold)
    obstacles = (*machine, *case_obstacles(base, other)) if all(rates) else ()
    return ComparedCase(base, other, comparison, obstacles)


def counted_rates(case: CaseRecord) -> list[float]:
    """FPS of each trial that has figures; of one that was run again only the attempt that counts."""
    return [metrics.fps for metrics in case.measured.values()]


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
