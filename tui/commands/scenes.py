"""`scenes`: what can be drawn, and whether its assets are here."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from tui.commands.output import print_json
from tui.exit_codes import ExitCode
from tui.output.tables import console, make_table, plain
from tui.text import NO_VALUE


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
        print_json(documents)
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
