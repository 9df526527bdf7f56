"""`mjbench-tui` alone: the dashboard, and its results on the normal screen when it is closed."""

import os
import sys
from argparse import Namespace

from tui.exit_codes import CommandError, ExitCode
from tui.overrides import effective_profile

_HEADLESS_ONLY = {
    "format": "--json, --csv and --markdown",
    "output": "--output",
    "log_file": "--log-file",
    "quiet": "--quiet",
    "save_profile": "--save-profile",
    "dry_run": "--dry-run",
}


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
    profile = effective_profile(options, "quick")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from multiprocessing import resource_tracker

    from tui.commands.run import exit_code, print_session
    from tui.dashboard.app import Dashboard

    # Textual puts a stand-in in the place of stderr, with which no process could be started.
    resource_tracker.ensure_running()
    app = Dashboard(profile, str(getattr(options, "profile", "quick")), getattr(options, "ascii", False))
    app.run(mouse=not getattr(options, "no_mouse", False))
    app.save_runs()
    sessions = [run for run in app.runs if run.session is not None]
    for run in sessions[-1:]:
        assert run.session is not None
        print_session(run.session)
        print(f"session: {run.folder}", file=sys.stderr)  # noqa: T201
        return exit_code(run.session)
    return ExitCode.OK
