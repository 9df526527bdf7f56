"""Asking which changes can be made of a case, through an engine process, whatever that process does."""

from __future__ import annotations

from engine.case import Case, Settings
from engine.changes.limits import limit, line_of
from engine.changes.registry import all_changes
from engine.jobs.requests import ChangesJob
from engine.messages import ChangesMessage, ChangeStatus, FailedMessage, FinishedMessage
from engine.process.attention import Patience
from engine.process.endings import describe_loading_end, describe_loading_hang
from engine.process.environment import engine_environment
from engine.process.launcher import Ended, EngineProcess, Launcher, LaunchError
from engine.scratch import scratch_folder
from scenes.text import quoted


class SurveyError(Exception):
    """The scene could not be looked at; the message is one sentence."""


def survey_changes(
    case: Case, settings: Settings, launcher: Launcher, limit_s: float | None = None
) -> tuple[ChangeStatus, ...]:
    """Tell of every change, in the order of listing, whether it can be made of `case`.

    Args:
        case: one without a change.
        settings: of the session that it is measured in.
        launcher: starts the process that compiles the scene; none is started where no change can be made.
        limit_s: how long the process may be silent; `hang_timeout_s` of `settings` where it is None.

    Raises:
        SurveyError: the scene cannot be loaded, or the process that loads it does not answer.
    """
    known = tuple(
        ChangeStatus(id=info.id, reason=limit(info.id, case, settings), line=line_of(info.id, case.backend))
        for info in all_changes()
    )
    if all(status.reason for status in known):
        return known
    job = ChangesJob(case=case, settings=settings)
    try:
        with scratch_folder() as folder:
            process = launcher.launch(job, folder / "changes.log", engine_environment(None))
            try:
                return _listen(process, limit_s or settings.hang_timeout_s, case.scene)
            finally:
                process.end()
    except LaunchError as error:
        raise SurveyError(str(error)) from error


def _listen(process: EngineProcess, limit_s: float, scene: str) -> tuple[ChangeStatus, ...]:
    found: tuple[ChangeStatus, ...] | None = None
    known = [info.id for info in all_changes()]
    refused = f"scene {quoted(scene)} cannot be loaded"
    patience = Patience(process, limit_s)
    while (said := patience.receive()) is not None:
        patience.renew()
        match said:
            case ChangesMessage(changes=changes) if [one.id for one in changes] == known:
                found = changes
            case FinishedMessage() if found is not None:
                return found
            case FailedMessage(reason=reason):
                raise SurveyError(reason)
            case Ended(exit_code=code, garbage=garbage):
                how = f"sent {garbage}" if garbage else describe_loading_end(code, process.log_tail())
                raise SurveyError(f"{refused}: the process that loaded it {how}")
    raise SurveyError(f"{refused}: {describe_loading_hang(limit_s)}")
