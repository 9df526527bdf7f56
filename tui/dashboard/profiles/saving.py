"""Saving what is on the screen, with the questions that belong to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App

from profiles.errors import ProfileError, shown_path
from profiles.profile import Profile
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.profiles.keeping import ChangedOnDiskError, ProfileKeeper
from tui.dashboard.profiles.names import name_problem
from tui.dashboard.profiles.unsaved import Unsaved, UnsavedDialog
from tui.text import printable

Then = Callable[[], object]
"""What goes on once all is saved, or may be lost; not called where a person stays."""


def ask_to_save(app: App[Any], profile: Profile, keeper: ProfileKeeper, then: Then = lambda: None) -> None:
    """Save to the loaded file, or under a new name where it is none of the person's own."""
    if not keeper.can_save:
        ask_to_save_as(app, profile, keeper, then)
    else:
        _save(app, profile, keeper, then, anyway=False)


def ask_to_save_as(app: App[Any], profile: Profile, keeper: ProfileKeeper, then: Then = lambda: None) -> None:
    """Save under a name that is asked for."""

    def save(name: str | None) -> None:
        if name is None:
            return
        try:
            path = keeper.save_as(name, profile)
        except ProfileError as error:
            _say(app, str(error), failed=True)
        else:
            _say(app, f"Saved as {name}: {shown_path(path)}")
            then()

    question = "Save as a profile of your own, under which name?"
    app.push_screen(AskDialog(question, keeper.suggested_name(), name_problem), save)


def ask_before_leaving(
    app: App[Any], profile: Profile | None, keeper: ProfileKeeper, next_step: str, then: Then
) -> None:
    """Do what follows, after a question where changes would be lost by it.

    Args:
        app: shows the questions.
        profile: what is on the screen, or None where that is not valid and so cannot be saved.
        keeper: knows what is saved.
        next_step: what follows, in words, such as `load quick`.
        then: does it.
    """

    def answered(answer: Unsaved | None) -> None:
        if answer is Unsaved.SAVE and profile is not None:
            ask_to_save(app, profile, keeper, then)
        elif answer is Unsaved.DISCARD:
            then()

    def confirmed(yes: bool | None) -> None:
        if yes:
            then()

    if profile is None:
        question = "What is chosen is not valid, so it cannot be saved."
        app.push_screen(ConfirmDialog(question, f"lose it, and {next_step}", "stay here"), confirmed)
    elif keeper.is_changed(profile):
        app.push_screen(UnsavedDialog(keeper.title, keeper.can_save, next_step), answered)
    else:
        then()


def _save(app: App[Any], profile: Profile, keeper: ProfileKeeper, then: Then, anyway: bool) -> None:
    def confirmed(yes: bool | None) -> None:
        if yes:
            _save(app, profile, keeper, then, anyway=True)

    try:
        path = keeper.save(profile, anyway)
    except ChangedOnDiskError as error:
        app.push_screen(ConfirmDialog(f"{error}.", "save over it, keeping its comments"), confirmed)
    except ProfileError as error:
        _say(app, str(error), failed=True)
    else:
        _say(app, f"Saved {shown_path(path)}")
        then()


def _say(app: App[Any], sentence: str, failed: bool = False) -> None:
    app.notify(printable(sentence), markup=False, severity="error" if failed else "information")
