"""`mjbench-tui` alone: the dashboard, and its results on the normal screen when it is closed."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiles.errors import ProfileError
from profiles.last_choice import LastChoice, load_last_choice, save_last_choice
from profiles.profile import Profile
from tui.exit_codes import CommandError, ExitCode
from tui.overrides import asks_for_profile, effective_profile
from tui.streams import OutputError, show_ascii_only
from tui.text import printable

if TYPE_CHECKING:
    from tui.dashboard.app import Dashboard

_HEADLESS_ONLY = {
    "format": "--json, --csv and --markdown",
    "output": "--output",
    "log_file": "--log-file",
    "quiet": "--quiet",
    "save_profile": "--save-profile",
    "dry_run": "--dry-run",
    "fail_on_software": "--fail-on-software",
}


@dataclass(frozen=True)
class _Start:
    """What the dashboard opens with."""

    profile: Profile
    name: str
    theme: str = ""
    note: str = ""


def open_dashboard(options: Namespace) -> int:
    """Open the dashboard with a profile loaded; the exit code is that of its last run."""
    for name, option in _HEADLESS_ONLY.items():
        if name in options:
            raise CommandError(ExitCode.USAGE, f"{option} works with --headless, or with the command run")
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise CommandError(
            ExitCode.USAGE,
            "the dashboard needs a terminal: measure with mjbench-tui --headless --profile quick",
        )
    start = _start(options)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from tui.dashboard.app import Dashboard
    from tui.dashboard.lifeline import Lifeline

    ascii_only = getattr(options, "ascii", False)
    app = Dashboard(start.profile, start.name, ascii_only, start.theme, start.note)
    with Lifeline(app.end_soon, app.save_runs, hurry=app.hurry) as lifeline:
        app.run(mouse=not getattr(options, "no_mouse", False))
        lifeline.is_closed = True
        app.save_runs()
    _keep_choice(app)
    if ascii_only:
        show_ascii_only()
    try:
        code = _print_last_session(app)
    except OutputError:
        # Whoever lost the terminal finds the session among the others.
        if not lifeline.was_asked:
            raise
        code = ExitCode.INTERRUPTED
    if not lifeline.was_asked:
        return code
    if all(run.session is None for run in app.runs):
        print("mjbench-tui: interrupted", file=sys.stderr)  # noqa: T201
    return ExitCode.INTERRUPTED


def _print_last_session(app: Dashboard) -> int:
    """Leave on the normal screen what was measured last; the exit code of that."""
    from tui.commands.run import exit_code, print_session

    sessions = [run for run in app.runs if run.session is not None]
    for run in sessions[-1:]:
        assert run.session is not None
        print_session(run.session)
        print(f"session: {printable(str(run.folder))}", file=sys.stderr)  # noqa: T201
        return exit_code(run.session)
    return ExitCode.OK


def _start(options: Namespace) -> _Start:
    """Begin with what the command line asks for, or else with what was chosen last."""
    last, note = load_last_choice()
    theme = last.theme if last is not None else ""
    if last is not None and not asks_for_profile(options):
        return _Start(last.profile, last.profile_name, theme, note)
    profile = effective_profile(options, "quick")
    return _Start(profile, str(getattr(options, "profile", "quick")), theme, note if last is None else "")


def _keep_choice(app: Dashboard) -> None:
    profile, name = app.chosen
    try:
        save_last_choice(LastChoice(profile=profile, profile_name=name, theme=app.theme))
    except ProfileError as error:
        print(f"mjbench-tui: {printable(str(error))}", file=sys.stderr)  # noqa: T201
