"""What the command line says of a profile: each option beats the profile's key."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from profiles.errors import ProfileError
from profiles.profile import RELATIVE_ERROR, UNTIL, Profile
from profiles.store import load_profile, profile_path
from tui.exit_codes import CommandError, ExitCode

_KEYS = {
    "scene": "scenes",
    "model_path": "scenes",
    "backend": "backends",
    "resolution": "resolutions",
    "effects": "effects",
    "workers": "workers",
    "worlds": "worlds",
    "change": "changes",
    "physics": "physics",
    "readback": "readback",
    "camera": "camera",
    "seed": "seed",
    "target_fps": "target_fps",
    "warmup_frames": "measure.warmup_frames",
    "duration": "measure.duration",
    "frames": "measure.frames",
    "trials": "measure.trials",
    "until": RELATIVE_ERROR,
    "min_trials": f"{UNTIL}.min_trials",
    "max_trials": f"{UNTIL}.max_trials",
    "max_duration": f"{UNTIL}.max_duration",
    "rerun_spoiled": "measure.rerun_spoiled",
    "save_frames": "output.save_frames",
}
_LISTS = ("backend", "resolution", "effects", "change")


def effective_profile(options: Namespace, default: str) -> Profile:
    """The profile that is asked for, with the options of the command line in it.

    Raises:
        CommandError: there is no such profile, it is not valid, or an option is not.
    """
    try:
        profile = load_profile(getattr(options, "profile", default))
        values, where = _given(options)
        return profile.override(values, where) if values else profile
    except ProfileError as error:
        raise profile_command_error(error) from None


def asks_for_profile(options: Namespace) -> bool:
    """Whether the command line says anything of what is measured."""
    given = vars(options)
    return any(name in given for name in ("profile", "width", "height", *_KEYS))


def camera_label(options: Namespace, default: str) -> str:
    """What an error calls the camera: the option, or the profile's file and key."""
    if "camera" in options:
        return "--camera"
    return f"{profile_path(getattr(options, 'profile', default))}: camera"


def profile_command_error(error: ProfileError) -> CommandError:
    """Give a profile's error its exit code."""
    if error.disk_failed:
        return CommandError(ExitCode.FAILED, str(error))
    return CommandError(ExitCode.SCENE if error.about_scene else ExitCode.USAGE, str(error))


def _given(options: Namespace) -> tuple[dict[str, Any], dict[str, str]]:
    given = vars(options)
    if "scene" in given and "model_path" in given:
        raise CommandError(ExitCode.USAGE, "--scene and --model-path are both given, expected one of the two")
    values: dict[str, Any] = {}
    where: dict[str, str] = {}
    for name, key in _KEYS.items():
        if name in given:
            values[key] = _value(name, given[name])
            where[key] = f"--{name.replace('_', '-')}"
    if any(key.startswith(UNTIL) for key in values):
        # A limit alone needs it, in the profile or beside it.
        where[RELATIVE_ERROR] = "--until"
    if "width" in given or "height" in given:
        values["resolutions"], where["resolutions"] = _width_and_height(given)
    return values, where


def _value(name: str, given: Any) -> Any:
    if name == "model_path":
        # Whatever the path looks like, it names a file and no built-in scene.
        return [given if "/" in given else f"./{given}"]
    if name in _LISTS:
        # No name of these holds a comma: `egl,osmesa` can only mean two.
        return [part for text in given for part in text.split(",")]
    if name in ("workers", "worlds"):
        return [_number(part.strip()) for text in given for part in text.split(",")]
    if name == "save_frames":
        return [_number(part.strip()) for part in given.split(",")]
    return given


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text


def _width_and_height(given: dict[str, Any]) -> tuple[list[str], str]:
    if "resolution" in given:
        raise CommandError(
            ExitCode.USAGE, "--resolution and --width/--height are both given, expected one of the two"
        )
    for name, other in (("width", "height"), ("height", "width")):
        if name not in given:
            raise CommandError(ExitCode.USAGE, f"--{other} is given without --{name}, expected both")
    return [f"{given['width']}x{given['height']}"], "--width/--height"
