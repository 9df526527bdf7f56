"""`--fail-on-software`: for machines with a GPU, where a picture from the processor is a mistake."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from engine.preflight import BackendStatus
from profiles.profile import AUTO
from profiles.session import Session
from tui.exit_codes import CommandError, ExitCode
from tui.text import printable


def refuse_software(
    wanted: Sequence[str], automatic: Sequence[str], found: Mapping[str, BackendStatus]
) -> list[str]:
    """Return those of `automatic` that draw on hardware.

    A backend that was chosen by its name and draws on the processor is refused. Those that `auto` chose are
    left out as long as another of them draws on hardware: OSMesa never does. A backend that does not work, or
    draws nothing, is no software rasterizer.

    Args:
        wanted: the backends of the profile, `auto` among them.
        automatic: those that `auto` stands for here.
        found: what each backend's probe said.

    Raises:
        CommandError: a software rasterizer would draw; one line about each.
    """
    hardware = [name for name in automatic if not _draws_on_processor(found[name])]
    refused = [name for name in wanted if name != AUTO and _draws_on_processor(found[name])]
    if AUTO in wanted and not hardware:
        refused += [name for name in automatic if name not in refused]
    if refused:
        sentences = [
            f"--fail-on-software: {name} draws on the processor ({_renderer(found[name])})"
            for name in refused
        ]
        raise CommandError(ExitCode.SOFTWARE, *sentences)
    return hardware


def _draws_on_processor(status: BackendStatus) -> bool:
    return status.works and status.renderer is not None and status.renderer.software


def _renderer(status: BackendStatus) -> str:
    return status.renderer.renderer if status.renderer is not None else "a software rasterizer"


def software_code(session: Session, code: ExitCode) -> ExitCode:
    """What a run answers that was to draw on hardware: its own code, unless a case fell back all the same."""
    drawn = {
        case.backend: case.renderer.renderer
        for case in session.cases
        if case.renderer is not None and case.renderer.software
    }
    for backend, renderer in drawn.items():
        sentence = f"--fail-on-software: {backend} drew on the processor ({renderer})"
        print(f"mjbench-tui: {printable(sentence)}", file=sys.stderr)  # noqa: T201
    return ExitCode.SOFTWARE if drawn and code is not ExitCode.INTERRUPTED else code
