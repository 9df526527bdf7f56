"""Looking in the background at what can be changed of a case: engine processes do it, and may take long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from tui.exit_codes import CommandError

if TYPE_CHECKING:
    from engine.case import Case, Settings
    from engine.messages import ChangeStatus
    from profiles.profile import Profile
    from tui.explaining import Question

AnswerType = TypeVar("AnswerType")


def ask_in_background(profile: Profile, tell: Callable[[Question | str], object]) -> None:
    """Find which changes can be made of a profile's one case; returns at once.

    Args:
        profile: asks for one case.
        tell: called from another thread with what was found, or with what is wrong, in a sentence.
    """

    def ask() -> Question:
        from tui.explaining import ask_about

        return ask_about(profile)

    _in_background(ask, tell)


def survey_in_background(
    case: Case, settings: Settings, tell: Callable[[tuple[ChangeStatus, ...] | str], object]
) -> None:
    """Look at the scene of a case that was measured before; returns at once.

    Args:
        case: without a change.
        settings: of the session that holds it.
        tell: called from another thread with every change, or with what is wrong, in a sentence.
    """

    def survey() -> tuple[ChangeStatus, ...]:
        from engine.changes.survey import SurveyError, survey_changes
        from engine.process.launcher import SpawnLauncher
        from tui.exit_codes import ExitCode

        try:
            return survey_changes(case, settings, SpawnLauncher())
        except SurveyError as error:
            raise CommandError(ExitCode.SCENE, str(error)) from None

    _in_background(survey, tell)


def _in_background(job: Callable[[], AnswerType], tell: Callable[[AnswerType | str], object]) -> None:
    def work() -> None:
        answer: AnswerType | str
        try:
            answer = job()
        except CommandError as error:
            answer = str(error)
        except Exception as error:
            answer = f"This could not be looked at: {' '.join(str(error).split()) or type(error).__name__}"
        tell(answer)

    # An app that ends waits for the threads of its own workers: this one it leaves behind.
    threading.Thread(target=work, name="explain-asking", daemon=True).start()
