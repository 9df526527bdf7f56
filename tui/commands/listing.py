"""The commands that list, show and fetch; each takes the parsed options and returns an exit code."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from tui.exit_codes import CommandError, ExitCode
from tui.tables import console, make_table, plain
from tui.text import NO_VALUE, printable


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def list_scenes(options: Namespace) -> int:
    """`scenes`: what can be drawn, and whether its assets are here."""
    from scenes.assets import missing_models
    from scenes.registry import builtin_scenes

    documents: list[dict[str, Any]] = [
        {
            "name": info.name,
            "title": info.title,
            "description": info.description,
            "origin": info.origin,
            "cameras": list(info.cameras),
            "default_camera": info.default_camera,
            "missing": list(missing_models(info)),
        }
        for info in builtin_scenes()
    ]
    if options.menagerie:
        documents += _menagerie_documents()
    if options.json:
        _print_json(documents)
        return ExitCode.OK
    table = make_table("name", "cameras", "assets", "description", whole=("name",))
    for document in documents:
        assets = "fetch: " + ", ".join(document["missing"]) if document["missing"] else "here"
        cells = (document["name"], ", ".join(document["cameras"]) or NO_VALUE, assets)
        table.add_row(*map(plain, cells), plain(document["description"]))
    screen = console()
    screen.print(table)
    screen.print(
        plain("Also: menagerie:NAME[/ENTRY] (scenes --menagerie lists them), or a path to an MJCF file.")
    )
    if any(document["missing"] for document in documents):
        screen.print(plain("Missing assets are downloaded by: mjbench-tui assets fetch NAME"))
    return ExitCode.OK


def _menagerie_documents() -> list[dict[str, Any]]:
    from scenes.assets import known_models, missing_models
    from scenes.registry import find_scene

    documents = []
    for model in known_models():
        info = find_scene(f"menagerie:{model.name}")
        documents.append(
            {
                "name": info.name,
                "title": info.title,
                "description": f"{model.title} ({model.category}); entries {', '.join(model.entries)}",
                "origin": info.origin,
                "cameras": [],
                "default_camera": None,
                "missing": list(missing_models(info)),
            }
        )
    return documents


def list_backends(options: Namespace) -> int:
    """`backends`: each is tried, and says which driver draws or why it cannot."""
    import msgspec

    from engine.backends.registry import all_backends
    from engine.launcher import SpawnLauncher
    from engine.preflight import probe_backends

    infos = all_backends()
    found = probe_backends([info.name for info in infos], SpawnLauncher())
    real = [info.name for info in infos if info.draws]
    code = ExitCode.OK if any(found[name].works for name in real) else ExitCode.NO_BACKEND
    if options.json:
        titles = {info.name: info.title for info in infos}
        _print_json(
            [{"title": titles[name], **msgspec.to_builtins(status)} for name, status in found.items()]
        )
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


def profiles_command(options: Namespace) -> int:
    """`profiles list|show|path`."""
    from profiles.errors import ProfileError
    from profiles.store import list_profiles, load_profile, own_profiles_folder, profile_path, profile_text
    from tui.overrides import profile_command_error

    try:
        if options.verb == "show":
            sys.stdout.write(profile_text(load_profile(options.profile)))
        elif options.verb == "path":
            path = profile_path(options.profile) if options.profile else own_profiles_folder()
            sys.stdout.write(f"{path}\n")
        else:
            _list_profiles(list_profiles(), options.json)
    except ProfileError as error:
        raise profile_command_error(error) from None
    return ExitCode.OK


def _list_profiles(entries: Any, as_json: bool) -> None:
    if as_json:
        _print_json(
            [
                {
                    "name": entry.name,
                    "origin": entry.origin,
                    "path": str(entry.path),
                    "title": entry.title,
                    "error": entry.error,
                }
                for entry in entries
            ]
        )
        return
    rows = [
        (
            printable(entry.name),
            entry.origin,
            printable(f"cannot be read: {entry.error}" if entry.error else entry.title),
        )
        for entry in entries
    ]
    # Written without Rich: this has to answer at once.
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, origin, title in rows:
        sys.stdout.write(f"{name:<{width}}  {origin:<8}  {title}\n")


def sessions_command(options: Namespace) -> int:
    """`sessions list|show|recover`."""
    from profiles.errors import SessionError

    try:
        if options.verb == "show":
            return _show_session(options)
        if options.verb == "recover":
            return _recover_sessions(options)
        return _list_sessions(options)
    except SessionError as error:
        raise CommandError(ExitCode.USAGE, str(error)) from None


def _show_session(options: Namespace) -> int:
    from profiles.sessions import load_session, session_folder
    from tui import export
    from tui.commands.run import print_session

    session = load_session(options.session)
    kind = getattr(options, "format", None)
    if kind == "json":
        sys.stdout.write(export.as_json(session, str(session_folder(options.session))))
    elif kind == "csv":
        sys.stdout.write(export.as_csv(session))
    elif kind == "markdown":
        sys.stdout.write(export.as_markdown(session))
    else:
        print_session(session)
    return ExitCode.OK


def _recover_sessions(options: Namespace) -> int:
    from profiles.sessions import list_sessions, session_folder
    from profiles.writer import recover

    if options.session:
        folders = [session_folder(options.session)]
    else:
        folders = [entry.folder for entry in list_sessions() if entry.status == "unfinished"]
    for folder in folders:
        session = recover(folder)
        measured = sum(len(case.trials) for case in session.cases)
        sys.stdout.write(f"{folder}: completed from its journal, {measured} trials\n")
    if not folders:
        sys.stdout.write("no session needs it\n")
    return ExitCode.OK


def _list_sessions(options: Namespace) -> int:
    from profiles.sessions import list_sessions

    entries = list_sessions()
    if options.json:
        _print_json([entry.as_document() for entry in entries])
        return ExitCode.OK
    table = make_table(
        "session", "status", "started", "machine", "cases", "fastest", right=("cases",), whole=("session",)
    )
    for entry in entries:
        started = entry.started_at[:16].replace("T", " ")
        cells = (entry.id, entry.status, started, entry.machine, entry.cases, entry.headline or NO_VALUE)
        table.add_row(*map(plain, cells))
    console().print(table)
    if not entries:
        sys.stdout.write("no session yet: measure one with mjbench-tui --headless --profile quick\n")
    return ExitCode.OK


def assets_command(options: Namespace) -> int:
    """`assets list|fetch|path`."""
    from scenes.assets import AssetsError

    try:
        if options.verb == "fetch":
            return _fetch_assets(options.models)
        if options.verb == "path":
            from scenes.assets import model_folder

            sys.stdout.write(f"{model_folder(options.model)}\n")
            return ExitCode.OK
        return _list_assets(options.all)
    except AssetsError as error:
        raise CommandError(ExitCode.SCENE, printable(str(error))) from None


def _list_assets(everything: bool) -> int:
    from scenes.assets import known_models, missing_models, models_of_builtin_scenes
    from scenes.registry import find_scene

    needed = models_of_builtin_scenes()
    table = make_table("model", "here", "download MiB", "license", "title", right=("download MiB",))
    for model in known_models():
        missing = missing_models(find_scene(f"menagerie:{model.name}"))
        if everything or model.name in needed or not missing:
            size = f"{model.download_bytes / 2**20:.1f}"
            cells = (model.name, "no" if missing else "yes", size, model.license, model.title)
            table.add_row(*map(plain, cells))
    console().print(table)
    return ExitCode.OK


def _fetch_assets(models: list[str]) -> int:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from scenes.assets import fetch, models_of_builtin_scenes

    screen = console(sys.stderr)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    for name in models or models_of_builtin_scenes():
        with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
            task = bar.add_task(printable(name), total=None)

            def show(_: str, done: int, total: int, bar: Progress = bar, task: Any = task) -> None:
                bar.update(task, completed=done, total=total or None)

            folder = fetch(name, show)
        sys.stdout.write(f"{name}: {folder}\n")
    return ExitCode.OK


def completion_command(options: Namespace) -> int:
    """`completion SHELL`."""
    from tui.arguments import print_completion

    return print_completion(options.shell)


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "scenes": list_scenes,
    "backends": list_backends,
    "profiles": profiles_command,
    "sessions": sessions_command,
    "assets": assets_command,
    "completion": completion_command,
}
