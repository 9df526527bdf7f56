"""`profiles list|show|path|duplicate|rename|delete`."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from tui.commands.output import print_json, print_path, print_toml
from tui.exit_codes import CommandError, ExitCode
from tui.text import cell_width, padded, printable

if TYPE_CHECKING:
    from profiles.store import ProfileEntry


def profiles_command(options: Namespace) -> int:
    """`profiles list|show|path|duplicate|rename|delete`."""
    from profiles.errors import ProfileError
    from tui.overrides import profile_command_error

    try:
        if options.verb in ("duplicate", "rename", "delete"):
            _change(options)
        else:
            _tell(options)
    except ProfileError as error:
        raise profile_command_error(error) from None
    return ExitCode.OK


def _tell(options: Namespace) -> None:
    from profiles.store import list_profiles, load_profile, own_profiles_folder, profile_path, profile_text

    if options.verb == "show":
        print_toml(profile_text(load_profile(options.profile)))
    elif options.verb == "path":
        print_path(profile_path(options.profile) if options.profile else own_profiles_folder())
    else:
        _list_profiles(list_profiles(), options.json)


def _change(options: Namespace) -> None:
    """Carry out one verb, and print the file's path."""
    from profiles.own_profiles import delete_profile, duplicate_profile, own_profile_path, rename_profile

    if options.verb == "duplicate":
        path = duplicate_profile(options.profile, options.new)
    elif options.verb == "rename":
        path = rename_profile(options.profile, options.new)
    else:
        path = own_profile_path(options.profile)
        if not options.yes:
            sentence = f"{printable(str(path))} would be deleted, add --yes where that is meant"
            raise CommandError(ExitCode.USAGE, sentence)
        delete_profile(options.profile)
    print_path(path)


def _list_profiles(entries: tuple[ProfileEntry, ...], as_json: bool) -> None:
    if as_json:
        print_json(
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
    width = max((cell_width(name) for name, _, _ in rows), default=0)
    for name, origin, title in rows:
        sys.stdout.write(f"{padded(name, width)}  {origin:<8}  {title}\n")
