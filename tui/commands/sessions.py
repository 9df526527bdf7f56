"""`sessions list|show|recover|rename|delete`."""

from __future__ import annotations

import sys
from argparse import Namespace

from tui.commands.output import print_json, print_path
from tui.exit_codes import CommandError, ExitCode
from tui.measuring import say, session_command_error
from tui.output.tables import Column, console, fitted_table, plain
from tui.text import NO_VALUE, counted, printable


def sessions_command(options: Namespace) -> int:
    """`sessions list|show|recover|rename|delete`."""
    from profiles.errors import SessionError

    try:
        if options.verb == "show":
            return _show_session(options)
        if options.verb == "recover":
            return _recover_sessions(options)
        if options.verb == "rename":
            return _rename_session(options)
        if options.verb == "delete":
            return _delete_session(options)
        return _list_sessions(options)
    except SessionError as error:
        raise session_command_error(error) from None


def _show_session(options: Namespace) -> int:
    from profiles.sessions import load_session, session_folder
    from tui.commands.run import print_session
    from tui.output import export

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
    """Complete one session, or all that need it; one that cannot be keeps none of the others back."""
    from profiles.errors import SessionError
    from profiles.sessions import UNFINISHED, list_sessions, session_folder
    from profiles.writer import recover

    if options.session:
        folders = [session_folder(options.session)]
    else:
        folders = [entry.folder for entry in list_sessions() if entry.status == UNFINISHED]
    errors = []
    for folder in folders:
        try:
            session = recover(folder)
        except SessionError as error:
            errors.append(error)
            continue
        measured = sum(len(case.trials) for case in session.cases)
        trials = counted(measured, "trial")
        sys.stdout.write(printable(f"{folder}: completed from its journal, {trials}") + "\n")
    if errors:
        code = ExitCode.FAILED if any(error.disk_failed for error in errors) else ExitCode.USAGE
        raise CommandError(code, *map(str, errors))
    if not folders:
        sys.stdout.write("no session needs it\n")
    return ExitCode.OK


def _rename_session(options: Namespace) -> int:
    from profiles.own_sessions import rename_session

    print_path(rename_session(options.session, options.new))
    return ExitCode.OK


def _delete_session(options: Namespace) -> int:
    from profiles.own_sessions import delete_session, own_session_folder

    folder = own_session_folder(options.session)
    path = printable(str(folder))
    if not options.yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise CommandError(ExitCode.USAGE, f"{path} would be deleted, add --yes where that is meant")
        if not _agrees(f"Delete the session {path}? [y/N] "):
            sys.stderr.write("nothing was deleted\n")
            return ExitCode.OK
    deleted = delete_session(options.session)
    print_path(folder)
    if deleted.note:
        say(deleted.note)
    return ExitCode.OK


def _agrees(question: str) -> bool:
    """Ask a person on the terminal; anything but a yes is a no."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.buffer.readline().strip().lower() in (b"y", b"yes")


def _list_sessions(options: Namespace) -> int:
    from profiles.sessions import UNFINISHED, list_sessions

    entries = list_sessions()
    if options.json:
        print_json([entry.as_document() for entry in entries])
        return ExitCode.OK
    columns = [
        Column("session", [plain(entry.name) for entry in entries]),
        Column("status", [plain(entry.status) for entry in entries]),
        Column("started", [plain(entry.started_at[:16].replace("T", " ")) for entry in entries], rank=2),
        Column("machine", [plain(entry.machine) for entry in entries], rank=1),
        Column("cases", [plain(entry.cases) for entry in entries], number=True, rank=3),
        Column("fastest", [plain(entry.headline or NO_VALUE) for entry in entries]),
    ]
    screen = console()
    screen.print(fitted_table(columns, screen.width))
    if any(entry.status == UNFINISHED for entry in entries):
        sentence = "unfinished: its run was killed; mjbench-tui sessions recover completes it"
        screen.print(plain(sentence), soft_wrap=not screen.is_terminal)
    if not entries:
        sys.stdout.write("no session yet: measure one with mjbench-tui --headless --profile quick\n")
    return ExitCode.OK
