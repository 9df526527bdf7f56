"""What `explain` measures: one case, and the changes that can be made of it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.case import Case, Effects
from engine.changes.combinations import Purpose, wanted_combinations
from engine.changes.registry import NONE
from engine.changes.savings import MIN_ROUNDS, Rates, find_savings
from engine.changes.survey import SurveyError, survey_changes
from engine.messages import ChangeStatus
from engine.process.launcher import SpawnLauncher
from profiles.errors import ProfileError
from profiles.profile import Profile
from tui.estimate import ASSUMED_FPS, START_UP_S, trial_seconds
from tui.exit_codes import CommandError, ExitCode
from tui.overrides import camera_label, effective_profile, profile_command_error
from tui.preparation import Preparation, prepare
from tui.text import printable

if TYPE_CHECKING:
    from engine.messages import RendererIdentity
    from tui.recording import Recording

DEFAULT_PROFILE = "quick"
ROUNDS = 4
_MOST_ROUNDS = 1000
BRIEF: dict[str, tuple[Any, set[str]]] = {
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

    @property
    def rounds(self) -> int:
        """How often each case is measured."""
        return self.preparation.settings.trials

    @property
    def renderer(self) -> RendererIdentity | None:
        """What draws the case, as the backend said when it was tried."""
        return self.preparation.backends[self.case.backend].renderer

    def with_rounds(self, rounds: int) -> Question:
        """The same, measured more or less often."""
        profile = self.profile.override({"measure.trials": rounds})
        preparation = replace(self.preparation, settings=profile.settings())
        return replace(self, profile=profile, preparation=preparation)

    def seconds(self, fps: float = ASSUMED_FPS, start_up_s: float = START_UP_S) -> tuple[float, float]:
        """Estimate how long the changes take one by one, and at the most the best of them together.

        Args:
            fps: of the unchanged case.
            start_up_s: an engine process until its first frame.
        """
        trial_s = trial_seconds(self.preparation.settings, fps, start_up_s)
        return len(self.preparation.cases) * self.rounds * trial_s, self.most_combined_trials * trial_s

    @property
    def most_combined_trials(self) -> int:
        """Trials that follow at the most: one combination for each purpose, beside the unchanged case."""
        return (1 + len(Purpose)) * self.rounds


def ask(options: Namespace) -> Question:
    """Find the one case that is asked about, and which changes can be made of it.

    Raises:
        CommandError: the options or the profile ask for several cases or none, it cannot be drawn here, or
            nothing of it can be changed.
    """
    try:
        profile = _one_case(options, effective_profile(options, DEFAULT_PROFILE))
        hardware_only = getattr(options, "fail_on_software", False)
        return ask_about(profile, camera_label(options, DEFAULT_PROFILE), hardware_only)
    except ProfileError as error:
        raise profile_command_error(error) from None


def ask_about(profile: Profile, camera_label: str = "camera", hardware_only: bool = False) -> Question:
    """Find which changes can be made of the one case that a profile asks for.

    Args:
        profile: one value on each axis and no change; of `auto`, the first backend on a GPU, else the first.
        camera_label: what an error calls the camera.
        hardware_only: refuse software rasterizers.

    Raises:
        CommandError: the case cannot be drawn here, or nothing of it can be changed.
    """
    try:
        preparation = prepare(profile, camera_label, hardware_only)
        profile = profile.override({"backends": [_chosen_backend(preparation)]})
        (case,) = profile.cases([])
        changes = _survey(case, preparation)
        wanted = [NONE, *(status.id for status in changes if not status.reason)]
        profile = profile.override({"changes": wanted})
    except ProfileError as error:
        raise profile_command_error(error) from None
    preparation = replace(preparation, cases=profile.cases([]), settings=profile.settings())
    return Question(profile, preparation, case, changes)


def profile_of_case(profile: Profile, case: Case) -> Profile:
    """A profile that asks for a case alone, without its change, and measures it briefly in a few rounds.

    Args:
        profile: what else holds: camera, seed, physics, readback.
        case: what is asked about.

    Raises:
        ProfileError: there is no such scene or backend here.
    """
    axes: dict[str, Any] = {
        "scenes": [case.scene],
        "backends": [case.backend],
        "resolutions": [str(case.resolution)],
        "effects": [case.effects],
        "workers": [case.workers],
        "worlds": [case.worlds],
        "changes": [NONE],
    }
    return profile.override({**axes, "measure.trials": ROUNDS, **{k: v for k, (v, _) in BRIEF.items()}})


def plan_combinations(question: Question, rates: Rates, recording: Recording) -> tuple[Case, ...]:
    """Let a recording measure next, beside the unchanged case, what surely saves time, put together.

    Args:
        question: what was asked.
        rates: of the changes by themselves.
        recording: has measured these.

    Returns:
        What is measured next; nothing where no two changes surely save time.

    Raises:
        SessionError: the disk is full or failed; what was kept before stays.
    """
    combinations = wanted_combinations(find_savings(rates))
    if not combinations:
        return ()
    profile, cases = question.with_combinations(combinations)
    recording.extend(profile, cases)
    return cases


def _one_case(options: Namespace, profile: Profile) -> Profile:
    """The profile with no change, as many rounds as are asked for, and one value on each axis.

    Raises:
        CommandError: an axis has several.
    """
    values: dict[str, Any] = {"changes": [NONE], "measure.trials": _rounds(options, profile)}
    if "effects" not in options and Effects.SCENE in profile.effects:
        values["effects"] = [Effects.SCENE]
    if "profile" not in options:
        values |= {key: value for key, (value, names) in BRIEF.items() if not names & vars(options).keys()}
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
        return profile.measure.trials if enough else ROUNDS
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
