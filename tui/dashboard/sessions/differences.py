"""What two sessions differ in besides their figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from profiles.session import CaseRecord, Session, SessionStatus
from tui.output.session_notes import describe_drawn
from tui.output.standing_notes import trials_text
from tui.output.tables import scene_title
from tui.text import NO_VALUE, counted

Records = Sequence[tuple[CaseRecord, CaseRecord]]
"""Each case that both sessions have, as either has it."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in both, as text for each; `–` where a session does not have it."""

    what: str
    a: str
    b: str


def differences(a: Session, b: Session, cases: Records) -> tuple[Difference, ...]:
    """What was asked for first, then the machine, then what drew."""
    found = (
        *_settings(a, b),
        *_scene_files(cases),
        *_machines(a, b),
        *_drivers(cases),
        *_drawings(cases),
    )
    return tuple(dict.fromkeys(found))


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
        "trials": trials_text(settings) if settings.until else str(settings.trials),
        "seed": str(settings.seed),
        "camera": settings.camera or "each scene's own",
        "target FPS": f"{settings.target_fps:g}",
        "physics": str(settings.physics),
        "pixels": "" if settings.readback else "left on the device",
    }


def _scene_files(cases: Records) -> list[Difference]:
    return _differences((scene_title(a.scene), a.scene, b.scene) for a, b in cases)


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


def _drivers(cases: Records) -> list[Difference]:
    return _of_cases(cases, lambda case: f"driver of {case.backend}", _driver)


def _driver(case: CaseRecord) -> str:
    renderer = case.renderer
    if renderer is None:
        return ""
    return f"{renderer.renderer}, {renderer.version}" + (", SOFTWARE" if renderer.software else "")


def _drawings(cases: Records) -> list[Difference]:
    def named(of: str) -> Callable[[CaseRecord], str]:
        return lambda case: f"{of} {scene_title(case.scene)}, {case.effects} on {case.backend}"

    drawn = _of_cases(cases, named("drawn of"), lambda case: describe_drawn(case.drawn) if case.drawn else "")
    cameras = _of_cases(cases, named("camera of"), lambda case: case.camera)
    steps = _of_cases(
        cases, named("physics of"), lambda case: counted(case.steps_per_frame, "step") + " a frame"
    )
    return drawn + cameras + steps


def _of_cases(
    cases: Records, what: Callable[[CaseRecord], str], fact: Callable[[CaseRecord], str]
) -> list[Difference]:
    """What differs between the cases that were opened in both sessions."""
    opened = [(a, b) for a, b in cases if a.renderer and b.renderer]
    return _differences((what(a), fact(a), fact(b)) for a, b in opened)
