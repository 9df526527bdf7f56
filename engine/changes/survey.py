"""Asking which changes can be made of a case, through an engine process, whatever that process does."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from engine.case import Case, Settings
from engine.changes.limits import limit, line_of
from engine.changes.registry import all_changes
from engine.endings import describe_exit
from engine.environment import engine_environment
from engine.jobs.requests import ChangesJob
from engine.launcher import Ended, EngineProcess, Launcher, LaunchError
from engine.messages import ChangesMessage, ChangeStatus, FailedMessage, FinishedMessage

LIMIT_S = 300.0


class SurveyError(Exception):
    """The scene could not be looked at; the message is one sentence."""


def survey_changes(
    case: Case, settings: Settings, launcher: Launcher, limit_s: float = LIMIT_S
) -> tuple[ChangeStatus, ...]:
    """Tell of every change, in the order of listing, whether it can be made of `case`.

    Args:
        case: one without a change.
        settings: of the session that it is measured in.
        launcher: starts the process that compiles the scene; none is started where no change can be made.
        limit_s: how long it may take.

    Raises:
        SurveyError: the scene cannot be loaded, or the process that loads it does not answer.
    """
    known = tuple(
        ChangeStatus(id=info.id, reason=limit(info.id, case, settings), line=line_of(info.id, case.backend))
        for info in all_changes()
    )
    if all(status.reason for status in known):
        return known
    with tempfile.TemporaryDirectory(prefix="mjbench-") as folder:
        job = ChangesJob(case=case, settings=settings)
        try:
            process = launcher.launch(job, Path(folder) / "changes.log", engine_environment(None))
        except LaunchError as error:
            raise SurveyError(str(error)) from error
        try:
            return _listen(process, limit_s)
        finally:
            process.end()


def _listen(process: EngineProcess, limit_s: float) -> tuple[ChangeStatus, ...]:
    found: tuple[ChangeStatus, ...] | None = None
    deadline = time.monotonic() + limit_s
    while (left_s := deadline - time.monotonic()) > 0:
        match process.receive(left_s):
            case ChangesMessage(changes=changes):
                found = changes
            case FinishedMessage() if found is not None:
                return found
            case FailedMessage(reason=reason):
                raise SurveyError(reason)
            case Ended(exit_code=code, garbage=garbage):
                how = f"sent {garbage}" if garbage else describe_exit(code)
                raise SurveyError(f"the process that loaded the scene {how}")
    raise SurveyError(f"loading the scene took longer than {limit_s:g} s")
