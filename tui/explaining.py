"""What `explain` measures: one case, and the changes that can be made of it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.case import Case, Effects
from engine.changes.registry import NONE
from engine.changes.savings import MIN_ROUNDS
from engine.changes.survey import SurveyError, survey_changes
from engine.launcher import SpawnLauncher
from engine.messages import ChangeStatus
from profiles.errors import ProfileError
from profiles.profile import Profile
from tui.exit_codes import CommandError, ExitCode
from tui.overrides import camera_label, effective_profile, profile_command_error
from tui.preparation import Preparation, prepare
from tui.text import printable

DEFAULT_PROFILE = "quick"
_ROUNDS = 4
_MOST_ROUNDS = 1000
_BRIEF: dict[str, tuple[Any, set[str]]] = {
    "measure.duration": (1.0, {"duration", "frames"}),
    "measure.warmup_frames": (3, {"warmup_frames"}),
    "output.save_frames": ([], {"save_frames"}),
}
"""How each case is measured where no profile is named, unless an option says it: there are many of them."""
_AXES = {
    "scenes": "--scene",
    "resolutions": "--resolution",
    "effects": "--effects",
    "backends": "--backend",
    "workers": "--workers",
    "worlds": "--worlds",
}


@dataclass(frozen=True)
class Question:
    """One case, and what can be changed of it."""

    profile: Profile
    """Asks for the case as it is and once with each change that can be made."""
    preparation: Preparation
    """Of this profile."""
    case: Case
    """As it is."""
    changes: tuple[ChangeStatus, ...]
    """Every change, in the order of listing."""

    def with_combinations(self, combinations: Sequence[str]) -> tuple[Profile, tuple[Case, ...]]:
        """A profile that asks for combined changes too, and the cases of these beside the unchanged one."""
        profile = self.profile.override({"changes": [*self.profile.changes, *combinations]})
        cases = profile.cases([])
        return profile, tuple(case for case in cases if case.change in ("", *combinations))

    def preparation_of(self, cases: tuple[Case, ...]) -> Preparation:
        """The preparation of some cases alone."""
        return replace(self.preparation, cases=cases)


def ask(options: Namespace) -> Question:
    """Find the one case that is asked about, and which changes can be made of it.

    Raises:
        CommandError: the options or the profile ask for several cases or none, it cannot be drawn here, or
            nothing of it can be changed.
    """
    try:
        profile = _one_case(options, effective_profile(options, DEFAULT_PROFILE))
        hardware_only = getattr(options, "fail_on_software", False)
        label = camera_label(options, DEFAULT_PROFILE)
        preparation = prepare(profile, label, hardware_only)
        profile = profile.override({"backends": [_chosen_backend(preparation)]})
        (case,) = profile.cases([])
        changes = _survey(case, preparation)
        wanted = [NONE, *(status.id for status in changes if not status.reason)]
        profile = profile.override({"changes": wanted})
    except ProfileError as error:
        raise profile_command_error(error) from None
    preparation = replace(preparation, cases=profile.cases([]), settings=profile.settings())
    return Question(profile, preparation, case, changes)


def _one_case(options: Namespace, profile: Profile) -> Profile:
    """The profile with no change, as many rounds as are asked for, and one value on each axis.

    Raises:
        CommandError: an axis has several.
    """
    values: dict[str, Any] = {"changes": [NONE], "measure.trials": _rounds(options, profile)}
    if "effects" not in options and Effects.SCENE in profile.effects:
        values["effects"] = [Effects.SCENE]
    if "profile" not in options:
        values |= {key: value for key, (value, names) in _BRIEF.items() if not names & vars(options).keys()}
    profile = profile.override(values)
    for axis, option in _AXES.items():
        asked = list(dict.fromkeys(getattr(profile, axis)))
        if len(asked) > 1:
            named = ", ".join(str(value) for value in asked[:10])
            sentence = f"explain is of one case, and {axis} asks for {len(asked)} ({named})"
            raise CommandError(ExitCode.USAGE, printable(f"{sentence}: choose one with {option}"))
    return profile


def _rounds(options: Namespace, profile: Profile) -> int:
    text = getattr(options, "rounds", None)
    if text is None:
        enough = "profile" in options and profile.measure.trials >= MIN_ROUNDS
        return profile.measure.trials if enough else _ROUNDS
    rounds = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not MIN_ROUNDS <= rounds <= _MOST_ROUNDS:
        raise CommandError(
            ExitCode.USAGE,
            f"--rounds is {printable(text)!r}, expected a whole number from {MIN_ROUNDS} to {_MOST_ROUNDS}: "
            "fewer have no interval",
        )
    return rounds


def _chosen_backend(preparation: Preparation) -> str:
    """The backend that is asked for; of those that `auto` stands for the first on a GPU, else the first."""
    names = list(dict.fromkeys(case.backend for case in preparation.cases))
    renderers = {name: preparation.backends[name].renderer for name in names}
    on_gpu = [name for name, renderer in renderers.items() if renderer and not renderer.software]
    return (on_gpu or names)[0]


def _survey(case: Case, preparation: Preparation) -> tuple[ChangeStatus, ...]:
    try:
        changes = survey_changes(case, preparation.settings, SpawnLauncher())
    except SurveyError as error:
        raise CommandError(ExitCode.SCENE, printable(str(error))) from None
    if all(status.reason for status in changes):
        reasons = "; ".join(dict.fromkeys(status.reason for status in changes))
        raise CommandError(
            ExitCode.USAGE, printable(f"nothing can be changed of {case.id}: {reasons}; try another backend")
        )
    return changes
