"""Two sessions held side by side: the ratio of each case, and what else differs between the two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from engine.case import Effects, Resolution
from profiles.session import CaseRecord, Session, SessionStatus
from tui.rows import Row, make_rows
from tui.session_notes import describe_drawn
from tui.tables import scene_title
from tui.text import NO_VALUE, counted, three_digits

CaseKey = tuple[str, str, Resolution, Effects, int, int, str]
"""Scene, backend, resolution, effects, workers, worlds, change; of a scene file its name if that will do."""


@dataclass(frozen=True)
class Side:
    """One of the two sessions."""

    session: Session
    folder: Path

    @property
    def name(self) -> str:
        """What the session is called: the name of its folder."""
        return self.folder.name


class Verdict(StrEnum):
    """What the figures of a case say."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    """Equal to three digits."""
    WITHIN = "within the spread of the trials"
    """The slowest trial of the faster session is no faster than the fastest one of the other."""
    ONLY_A = "only in A"
    ONLY_B = "only in B"
    NONE = "no figures"
    """One of the two has none."""


@dataclass(frozen=True)
class Pair:
    """One case of either session."""

    scene: str
    """As A has it, or B where only B has it."""
    case: CaseRecord
    a: Row | None
    b: Row | None
    ratio: float | None
    """FPS of B divided by FPS of A; None where one of them is missing."""
    verdict: Verdict
    """Of B against A."""
    single: bool
    """Whether a session has but one trial of it, so that nothing is known of the spread."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in both, as text for each; `–` where a session does not have it."""

    what: str
    a: str
    b: str


@dataclass(frozen=True)
class Comparison:
    """All that can be said of two sessions."""

    a: Side
    b: Side
    pairs: tuple[Pair, ...]
    """The cases of A in their order, then those that only B has."""
    differences: tuple[Difference, ...]
    """What was asked for first, then the machine, then what drew."""


def compare(a: Side, b: Side) -> Comparison:
    """Hold B against A."""
    shared = _names_of_one_file(a.session) & _names_of_one_file(b.session)
    rows_a, rows_b = _rows_by_key(a.session, shared), _rows_by_key(b.session, shared)
    keys = dict.fromkeys([*rows_a, *rows_b])
    pairs = tuple(_pair(rows_a.get(key), rows_b.get(key)) for key in keys)
    differences = (
        *_settings(a.session, b.session),
        *_scene_files(pairs),
        *_machines(a.session, b.session),
        *_drivers(pairs),
        *_drawings(pairs),
    )
    return Comparison(a, b, pairs, tuple(dict.fromkeys(differences)))


def _rows_by_key(session: Session, shared: set[str]) -> dict[CaseKey, Row]:
    keyed = {}
    for row in make_rows(session):
        case = row.case
        name = PurePath(case.scene).name
        scene = f"/{name}" if case.scene.startswith("/") and name in shared else case.scene
        rest = (case.workers, case.worlds, case.change)
        keyed[(scene, case.backend, case.resolution, case.effects, *rest)] = row
    return keyed


def _names_of_one_file(session: Session) -> set[str]:
    """The names that just one of a session's scene files has: on another machine it may lie elsewhere."""
    files = {case.scene for case in session.cases if case.scene.startswith("/")}
    counts = Counter(PurePath(file).name for file in files)
    return {name for name, count in counts.items() if count == 1}


def _pair(a: Row | None, b: Row | None) -> Pair:
    some = a or b
    assert some is not None
    ratio = b.fps / a.fps if a and b and a.fps and b.fps is not None else None
    single = any(row is not None and row.trials == 1 for row in (a, b))
    return Pair(some.case.scene, some.case, a, b, ratio, _verdict(a, b, ratio), single)


def _verdict(a: Row | None, b: Row | None, ratio: float | None) -> Verdict:
    if a is None:
        return Verdict.ONLY_B
    if b is None:
        return Verdict.ONLY_A
    if ratio is None or None in (a.fps_low, a.fps_high, b.fps_low, b.fps_high):
        return Verdict.NONE
    overlap = a.fps_low <= b.fps_high and b.fps_low <= a.fps_high  # type: ignore[operator]
    if overlap and max(a.trials, b.trials) > 1:
        return Verdict.WITHIN
    if three_digits(ratio) == "1.00":
        return Verdict.SAME
    return Verdict.FASTER if ratio > 1 else Verdict.SLOWER


def _differences(pairs: Iterable[tuple[str, str, str]]) -> list[Difference]:
    return [Difference(what, a or NO_VALUE, b or NO_VALUE) for what, a, b in pairs if a != b]


def _settings(a: Session, b: Session) -> list[Difference]:
    facts_a, facts_b = _setting_facts(a), _setting_facts(b)
    return _differences((what, facts_a[what], facts_b[what]) for what in facts_a)


def _setting_facts(session: Session) -> dict[str, str]:
    settings, status = session.profile.settings(), session.session.status
    length = counted(settings.frames, "frame") if settings.frames else f"{settings.duration_s:g} s"
    return {
        "run": "" if status is SessionStatus.COMPLETE else str(status),
        "trial": length,
        "warm-up": counted(settings.warmup_frames, "frame"),
        "trials": str(settings.trials),
        "seed": str(settings.seed),
        "camera": settings.camera or "each scene's own",
        "target FPS": f"{settings.target_fps:g}",
        "physics": str(settings.physics),
        "pixels": "" if settings.readback else "left on the device",
    }


def _scene_files(pairs: Iterable[Pair]) -> list[Difference]:
    return _differences(
        (scene_title(pair.scene), pair.a.case.scene, pair.b.case.scene) for pair in pairs if pair.a and pair.b
    )


def _machines(a: Session, b: Session) -> list[Difference]:
    facts_a, facts_b = _machine_facts(a), _machine_facts(b)
    found = _differences((what, facts_a[what], facts_b[what]) for what in facts_a)
    found += _mappings("", a.machine.versions, b.machine.versions)
    return found + _mappings("$", a.machine.environment, b.machine.environment)


def _machine_facts(session: Session) -> dict[str, str]:
    machine = session.machine
    limit = machine.container.cpus
    return {
        "machine": machine.hostname,
        "CPU": re.sub(r"\s+", " ", machine.cpu.model).strip(),
        "usable CPUs": f"{machine.cpu.usable}" + (f", limited to {limit:g}" if limit else ""),
        "governors": ", ".join(machine.cpu.governors),
        "memory": f"{machine.memory.total_mib / 1024:.0f} GiB",
        "GPU": ", ".join(f"{gpu.name} ({gpu.driver})" for gpu in machine.gpus),
        "container": machine.container.kind,
        "system": machine.os,
        "kernel": machine.kernel,
        "mjbench-tui": session.session.tool_version,
    }


def _mappings(mark: str, a: Mapping[str, str], b: Mapping[str, str]) -> list[Difference]:
    names = sorted({*a, *b})
    return _differences((f"{mark}{name}", a.get(name, ""), b.get(name, "")) for name in names)


def _drivers(pairs: Iterable[Pair]) -> list[Difference]:
    return _of_cases(pairs, lambda case: f"driver of {case.backend}", _driver)


def _driver(case: CaseRecord) -> str:
    renderer = case.renderer
    if renderer is None:
        return ""
    return f"{renderer.renderer}, {renderer.version}" + (", SOFTWARE" if renderer.software else "")


def _drawings(pairs: Iterable[Pair]) -> list[Difference]:
    def named(of: str) -> Callable[[CaseRecord], str]:
        return lambda case: f"{of} {scene_title(case.scene)}, {case.effects} on {case.backend}"

    pairs = list(pairs)
    drawn = _of_cases(pairs, named("drawn of"), lambda case: describe_drawn(case.drawn) if case.drawn else "")
    cameras = _of_cases(pairs, named("camera of"), lambda case: case.camera)
    steps = _of_cases(
        pairs, named("physics of"), lambda case: counted(case.steps_per_frame, "step") + " a frame"
    )
    return drawn + cameras + steps


def _of_cases(
    pairs: Iterable[Pair], what: Callable[[CaseRecord], str], fact: Callable[[CaseRecord], str]
) -> list[Difference]:
    """What differs between the cases that were opened in both sessions."""
    opened = [
        (pair.a.case, pair.b.case)
        for pair in pairs
        if pair.a and pair.b and pair.a.case.renderer and pair.b.case.renderer
    ]
    return _differences((what(a), fact(a), fact(b)) for a, b in opened)
