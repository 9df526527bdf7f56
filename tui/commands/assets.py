"""`assets list|fetch|path`: Menagerie models on this machine."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from tui.commands.output import print_path
from tui.exit_codes import CommandError, ExitCode
from tui.output.tables import console, make_table, plain
from tui.text import printable


def assets_command(options: Namespace) -> int:
    """`assets list|fetch|path`."""
    from scenes.assets import AssetsError

    try:
        if options.verb == "fetch":
            return _fetch_assets(options.models)
        if options.verb == "path":
            from scenes.assets import model_folder

            print_path(model_folder(options.model))
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
        sys.stdout.write(printable(f"{name}: {folder}") + "\n")
    return ExitCode.OK
