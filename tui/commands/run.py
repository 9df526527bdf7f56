"""`run` and `compare`: measure a profile, show it, and leave a session."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from engine.control import Control
from engine.messages import FailureKind
from profiles.errors import ProfileError
from profiles.profile import Profile
from profiles.session import Session
from tui.estimate import most_seconds, run_seconds, time_text
from tui.exit_codes import ExitCode
from tui.gate import make_gate
from tui.log import log_file
from tui.measuring import complete_first, follow, open_recording, say
from tui.output.limit_tables import print_limits
from tui.output.scaling_tables import print_scaling
from tui.output.session_notes import session_notes
from tui.output.tables import console, machine_line, plain, result_table
from tui.overrides import camera_label, effective_profile, profile_command_error
from tui.preparation import Preparation, prepare
from tui.signals import orderly_end
from tui.software import software_code


def run_command(options: Namespace, command: str) -> int:
    """Measure what `options` ask for; see `tui.exit_codes` for the answer."""
    compare = command == "compare"
    default = "compare" if compare else "quick"
    profile = effective_profile(options, default)
    if compare and "backend" not in options:
        profile = profile.override({"backends": ["auto"]})
    gate = make_gate(options)
    control = Control()
    measured = measure_profile(options, profile, default, control)
    if measured is None:
        return ExitCode.OK
    session, folder = measured
    try:
        _show(session, folder, options, compare, getattr(options, "quiet", False))
    finally:
        if not getattr(options, "quiet", False):
            say(f"session: {folder}")
    code = exit_code(session)
    if getattr(options, "fail_on_software", False):
        code = software_code(session, code)
    if gate is not None:
        lines, code = gate.judge(session, code)
        for line in lines:
            say(line)
    # All may have been measured when that came, while the files were written.
    return ExitCode.INTERRUPTED if control.stop_requested else code


def measure_profile(
    options: Namespace, profile: Profile, default: str, control: Control | None = None
) -> tuple[Session, Path] | None:
    """Measure a profile as the options say, and leave a session; None where only its plan was asked for.

    Args:
        options: of the command line.
        profile: what is measured.
        default: the profile that is loaded where none is named.
        control: knows afterwards whether the run was told to end.
    """
    quiet = getattr(options, "quiet", False)
    control = control or Control()
    with log_file(getattr(options, "log_file", None)):
        if not getattr(options, "dry_run", False):
            complete_first(quiet)
        hardware_only = getattr(options, "fail_on_software", False)
        preparation = prepare(profile, camera_label(options, default), hardware_only)
        _save_profile(options, profile, quiet)
        if getattr(options, "dry_run", False):
            show_plan(preparation)
            return None
        name = getattr(options, "profile", default)
        with orderly_end(control, quiet):
            recording = open_recording(options, profile, name, preparation, control)
            follow(recording.events(), preparation, control, quiet)
    assert recording.session is not None
    return recording.session, recording.folder


def _save_profile(options: Namespace, profile: Profile, quiet: bool) -> None:
    name = getattr(options, "save_profile", None)
    if name is None:
        return
    from profiles.store import save_profile

    try:
        path = save_profile(name, profile, overwrite=True)
    except ProfileError as error:
        raise profile_command_error(error) from None
    if not quiet:
        say(f"saved profile {name!r} as {path}")


def show_plan(preparation: Preparation) -> None:
    """Print every trial in its order, and how long all of them will take."""
    from engine.rounds import trial_order
    from tui.output.plan_table import plan_notes, plan_table
    from tui.output.standing_notes import until_note

    settings, failures = preparation.settings, preparation.known_failures
    screen = console()
    screen.print(plan_table(list(trial_order(preparation.cases, settings.trials)), failures, screen.width))
    for note in plan_notes(preparation.cases, failures):
        screen.print(plain(note))
    if settings.until is not None:
        screen.print(plain(until_note(settings.until)))
    lasting = [case for case in preparation.cases if case.id not in failures]
    time = time_text(run_seconds(lasting, settings), most_seconds(lasting, settings))
    screen.print(plain(f"expected time: {time} (frames nobody has measured count as 0.1 s)"))


def _show(session: Session, folder: Path, options: Namespace, compare: bool, quiet: bool) -> None:
    from tui.output import export

    kind = getattr(options, "format", None)
    if kind == "json":
        sys.stdout.write(export.as_json(session, str(folder)))
    elif kind == "csv":
        sys.stdout.write(export.as_csv(session))
    elif kind == "markdown":
        sys.stdout.write(export.as_markdown(session, relative=compare))
    sys.stdout.flush()
    if kind is None:
        print_session(session, relative=compare)
    elif not quiet:
        print_session(session, relative=compare, to_stderr=True)


def print_session(session: Session, relative: bool = False, to_stderr: bool = False) -> None:
    """Print the machine, the table and what has to be said below it."""
    screen = console(sys.stderr if to_stderr else sys.stdout)
    screen.print(plain(machine_line(session)))
    screen.print()
    screen.print(result_table(session, screen.width, relative))
    for note in session_notes(session, relative):
        screen.print(plain(note), soft_wrap=not screen.is_terminal)
    print_limits(session, screen)
    print_scaling(session, screen)


def exit_code(session: Session) -> ExitCode:
    """What the process answers for this session."""
    if session.session.status == "interrupted":
        return ExitCode.INTERRUPTED
    trials = [trial for case in session.cases for trial in case.trials]
    failures = [trial.failure for trial in trials if trial.failure is not None]
    if not failures:
        return ExitCode.OK
    kinds = {failure.kind for failure in failures}
    if len(failures) == len(trials) and kinds == {FailureKind.SCENE}:
        return ExitCode.SCENE
    if len(failures) == len(trials) and kinds == {FailureKind.BACKEND}:
        return ExitCode.NO_BACKEND
    return ExitCode.FAILED
