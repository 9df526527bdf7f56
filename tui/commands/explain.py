"""`explain`: what makes one case slow, by measuring it again with one thing changed at a time."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from engine.control import Control
from profiles.errors import SessionError
from profiles.session import Session
from tui.commands.output import print_json
from tui.commands.run import exit_code, show_plan
from tui.exit_codes import CommandError, ExitCode
from tui.explaining import Question, ask, plan_combinations
from tui.explanation import RateKeeper, explain_session
from tui.log import log_file
from tui.measuring import complete_first, follow, open_recording, say
from tui.output.explanation_output import explanation_document, print_explanation, refused_lines
from tui.output.tables import console, plain
from tui.signals import orderly_end
from tui.software import software_code
from tui.text import counted, duration

if TYPE_CHECKING:
    from tui.recording import Recording


def explain_command(options: Namespace) -> int:
    """Measure one case with and without each change, then the best changes together, and tell the savings."""
    quiet = getattr(options, "quiet", False)
    control = Control()
    with log_file(getattr(options, "log_file", None)):
        if not getattr(options, "dry_run", False):
            complete_first(quiet)
        question = ask(options)
        if getattr(options, "dry_run", False):
            _show_plan(question)
            return ExitCode.OK
        name = getattr(options, "profile", "explain")
        with orderly_end(control, quiet):
            recording = open_recording(options, question.profile, name, question.preparation, control)
            session = _measure(question, recording, control, quiet)
    explanation = explain_session(session, question.changes)
    if getattr(options, "format", None) == "json":
        print_json(explanation_document(explanation, str(recording.folder)))
    else:
        print_explanation(explanation)
    sys.stdout.flush()
    if not quiet:
        say(f"session: {recording.folder}")
    code = ExitCode.INTERRUPTED if control.stop_requested else exit_code(session)
    return software_code(session, code) if getattr(options, "fail_on_software", False) else code


def _measure(question: Question, recording: Recording, control: Control, quiet: bool) -> Session:
    """Measure each change by itself, then what they are worth together, and leave a session."""
    keeper = RateKeeper()
    follow(keeper.watch(recording.measure()), question.preparation, control, quiet)
    try:
        cases = () if control.stop_requested else plan_combinations(question, keeper.rates, recording)
        if cases:
            if not quiet:
                say(f"now {counted(len(cases) - 1, 'combination')} of what saves time, beside no change")
            follow(recording.measure(), question.preparation_of(cases), control, quiet)
        return recording.finish()
    except SessionError as error:
        raise CommandError(ExitCode.FAILED, str(error)) from None


def _show_plan(question: Question) -> None:
    """Print what is measured first, what cannot be changed, and how long all of it may take."""
    show_plan(question.preparation)
    screen = console()
    _, more_s = question.seconds()
    screen.print(plain(f"then combinations of what saves time: about {duration(more_s)} more at the most"))
    for line in refused_lines(question.changes):
        screen.print(plain(line), soft_wrap=not screen.is_terminal)
