"""`backends`: each is tried, and says which driver draws or why it cannot."""

from __future__ import annotations

from argparse import Namespace

from tui.commands.output import print_json
from tui.exit_codes import ExitCode
from tui.output.tables import console, make_table, plain
from tui.text import NO_VALUE


def list_backends(options: Namespace) -> int:
    """`backends`: each is tried, and says which driver draws or why it cannot."""
    import msgspec

    from engine.backends.registry import all_backends
    from engine.preflight import probe_backends
    from engine.process.launcher import SpawnLauncher

    infos = all_backends()
    found = probe_backends([info.name for info in infos], SpawnLauncher())
    real = [info.name for info in infos if info.draws]
    code = ExitCode.OK if any(found[name].works for name in real) else ExitCode.NO_BACKEND
    if options.json:
        titles = {info.name: info.title for info in infos}
        print_json([{"title": titles[name], **msgspec.to_builtins(status)} for name, status in found.items()])
        return code
    table = make_table("backend", "works", "driver", "what it is")
    for info in infos:
        status = found[info.name]
        works = "yes" if status.works else "no"
        if status.works and status.renderer is not None:
            said = f"{status.renderer.renderer}; {status.renderer.version}".rstrip("; ")
            works += ", SOFTWARE" if status.renderer.software else ""
        else:
            said = NO_VALUE
        table.add_row(plain(info.name), plain(works), plain(said), plain(info.title))
    screen = console()
    screen.print(table)
    for status in found.values():
        if not status.works:
            fix = f" Fix: {status.fix}." if status.fix else ""
            screen.print(plain(f"{status.backend}: {status.reason}.{fix}"), soft_wrap=not screen.is_terminal)
    return code
