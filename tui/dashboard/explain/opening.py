"""Opening the explanation that a session holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.dashboard.explain.run import ExplainRun
from tui.dashboard.explain.screen import ExplanationScreen
from tui.explanation import explained_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import App

    from engine.case import Case
    from engine.messages import ChangeStatus
    from profiles.session import Session
    from tui.dashboard.session_run import SessionRun


def open_explanation(
    app: App[None],
    session: Session,
    folder: Path,
    case: Case,
    *,
    ascii_only: bool = False,
    changes: Sequence[ChangeStatus] = (),
) -> bool:
    """Show what makes a case slow, as a session has measured it; False where it has not.

    Args:
        app: goes back to the explanation where it lies right below.
        session: holds the case.
        folder: where the session lies.
        case: with or without a change.
        ascii_only: do without other characters of ours.
        changes: every change, where the scene was asked.
    """
    records = explained_records(session, case)
    if not records:
        return False
    below = app.screen_stack[-2]
    if isinstance(below, ExplanationScreen) and below.shows(session, records):
        app.pop_screen()
    else:
        app.push_screen(ExplanationScreen(session, folder, records, changes, ascii_only))
    return True


def open_explanation_of(app: App[None], run: SessionRun, ascii_only: bool = False) -> None:
    """Show what came out of a run that explains a case."""
    if isinstance(run, ExplainRun) and run.session is not None and run.folder is not None:
        question = run.question
        open_explanation(
            app, run.session, run.folder, question.case, ascii_only=ascii_only, changes=question.changes
        )
