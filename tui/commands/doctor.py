"""`doctor`: what this machine can draw with, what it lacks, and what would spoil a measurement."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from engine.doctor.facts import Facts, is_on_processor
from engine.doctor.findings import Finding, make_findings
from tui.commands.output import print_json
from tui.exit_codes import ExitCode
from tui.output.doctor_page import print_page
from tui.output.tables import console
from tui.preparation import refuse_without_scratch
from tui.terminal import find_terminal, read_terminal
from tui.text import printable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SCHEMA = 1


def examine(options: Namespace) -> int:
    """`doctor`: one page for a person, or all facts and findings as JSON.

    The exit code is 0 where at least one backend that draws works, NO_BACKEND where none does, and with
    `--fail-on-software` SOFTWARE where none of those that work draws on a GPU.
    """
    from engine.doctor.gather import gather_facts
    from engine.process.launcher import SpawnLauncher

    terminal = read_terminal()
    refuse_without_scratch()
    with _waiting():
        facts = gather_facts(SpawnLauncher())
    findings = make_findings(facts)
    if options.json:
        found = (*findings, *find_terminal(terminal))
        print_json(as_document(facts, found) | {"terminal": asdict(terminal)})
    else:
        print_page(console(), facts, findings, terminal)
    return _exit_code(facts, options.fail_on_software)


def _waiting() -> AbstractContextManager[object]:
    """Tell that something goes on, where somebody sees it."""
    screen = console(sys.stderr)
    if not screen.is_terminal or screen.is_dumb_terminal:
        return nullcontext()
    return screen.status("trying every backend; the first time on a machine some compile their kernels")


def _exit_code(facts: Facts, fail_on_software: bool) -> ExitCode:
    if not facts.working:
        return ExitCode.NO_BACKEND
    if fail_on_software and not facts.on_hardware:
        for status in facts.working:
            name = status.renderer.renderer if status.renderer else "software"
            sentence = f"--fail-on-software: {status.backend} draws on the processor ({name})"
            print(f"mjbench-tui: {printable(sentence)}", file=sys.stderr)  # noqa: T201
        return ExitCode.SOFTWARE
    return ExitCode.OK


def as_document(facts: Facts, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """All facts and findings as plain data, ready to be pasted where anybody can read it."""
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(facts)
    del document["drawing"], document["machine"]["hostname"]
    for library in ("egl", "vulkan", "nvidia"):
        listed = document[library]
        document[library] = {"devices": listed[library], "reason": listed["reason"], "fix": listed["fix"]}
    for status, found in zip(document["backends"], facts.backends, strict=True):
        status["state"] = "missing" if not found.works else "software" if is_on_processor(found) else "works"
        status["draws"] = found.backend in facts.drawing
    return {
        "schema": SCHEMA,
        **document,
        "findings": [msgspec.to_builtins(finding) for finding in findings],
    }
