"""The settings of a profile as a person types them: plain data between inputs and a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.case import Effects, Physics
from profiles.errors import ProfileError, quoted
from profiles.profile import RELATIVE_ERROR, TRIALS, UNTIL, Profile

DURATION = "measure.duration"
FRAMES = "measure.frames"
EITHER = ((DURATION, FRAMES), (TRIALS, RELATIVE_ERROR))
"""Settings of which one empties the other."""


@dataclass(frozen=True)
class Setting:
    """One setting."""

    key: str
    """The profile's dotted key."""
    label: str
    explanation: str
    """What it is for, in a sentence or two."""
    placeholder: str = ""
    """What an empty field means."""
    choices: tuple[str, ...] = ()
    """All that can be chosen, where that is less than anything."""
    is_list: bool = False
    is_single: bool = False
    """Just one of the choices is chosen."""
    may_be_empty: bool = False
    is_wide: bool = False
    """Needs the room of two fields."""

    @property
    def widget_id(self) -> str:
        """The id of its widget."""
        return self.key.replace(".", "-")


SETTINGS = (
    Setting(
        "resolutions",
        "Resolutions",
        "Sizes of the images in pixels, WIDTHxHEIGHT, one or several: "
        "640x480 1280x720. Each is measured apart.",
        placeholder="640x480 1280x720",
        is_list=True,
        is_wide=True,
    ),
    Setting(
        "effects",
        "Effects",
        "scene draws shadows, reflections, multisampling, skybox and haze as the MJCF file has them; bare "
        "draws none of them. Both together show what they cost. Space chooses, left and right move.",
        choices=tuple(str(effects) for effects in Effects),
        is_list=True,
    ),
    Setting(
        "camera",
        "Camera",
        "The named camera that every scene is drawn from; leave it empty for each scene's own.",
        placeholder="each scene's own",
        may_be_empty=True,
    ),
    Setting(
        "workers",
        "Workers",
        "Engine processes that draw the same case at the same time, one number or several: 1 2 4. Their "
        "frames add up; each number is a case of its own.",
        placeholder="1",
        is_list=True,
    ),
    Setting(
        "worlds",
        "Worlds",
        "Environments that are drawn in one batch, one number or several: 1 16 256. For backends that draw "
        "batches, such as mjwarp; the others draw one.",
        placeholder="1",
        is_list=True,
    ),
    Setting(
        DURATION,
        "Seconds a trial",
        "How long each trial is measured. Give seconds or frames: one empties the other.",
        placeholder="given in frames",
        may_be_empty=True,
    ),
    Setting(
        FRAMES,
        "Frames a trial",
        "A trial ends after so many frames in the place of a time: every backend then draws the same ones. "
        "Give seconds or frames: one empties the other.",
        placeholder="given in seconds",
        may_be_empty=True,
    ),
    Setting(
        "measure.warmup_frames",
        "Warm-up frames",
        "Warm-up frames are drawn first, kept apart and not counted: drivers compile and caches "
        "fill in them.",
    ),
    Setting(
        TRIALS,
        "Trials",
        "How often each case is measured, each time in a fresh process. One is a first look; five tell how "
        "far results spread. Give this or Known to: one empties the other.",
        placeholder="until it is known",
    ),
    Setting(
        RELATIVE_ERROR,
        "Known to, %",
        "In the place of a number of trials: rounds are added until the FPS of each case is known to so many "
        "percent, such as 1, or a limit is reached: the profile's, or else 30 trials and 600 s.",
        placeholder="given in trials",
        may_be_empty=True,
    ),
    Setting(
        "measure.rerun_spoiled",
        "Rerun spoiled",
        "How often a trial is run again that something disturbed, such as another program: 3 is a good "
        "number, 0 means never. What was spoiled stays visible and does not count.",
    ),
    Setting(
        "target_fps",
        "Target FPS",
        "Frames per second of simulated time: it decides how many physics steps lie between two frames. It "
        "does not slow anything down.",
    ),
    Setting(
        "measure.hang_timeout",
        "Hang timeout, s",
        "Seconds without any progress until a case is given up as hung; the others go on.",
    ),
    Setting(
        "seed",
        "Seed",
        "Where the scene's motion starts from: with the same seed the same frames are drawn.",
    ),
    Setting(
        "physics",
        "Physics",
        "Who moves the scene: mujoco on the processor, or warp where the backend mjwarp draws; the others "
        "use mujoco then too.",
        choices=tuple(str(physics) for physics in Physics),
        is_single=True,
    ),
    Setting(
        "readback",
        "Read back",
        "yes carries every picture to host memory; no leaves it on the device, as for training there, with "
        "backends that can.",
        choices=("yes", "no"),
        is_single=True,
    ),
    Setting(
        "output.save_frames",
        "Frames to save",
        "Frames of each case kept as PNG files, by number from 0, such as 0 60 120: see what each backend "
        "draws. Empty for none.",
        placeholder="none",
        is_list=True,
        may_be_empty=True,
    ),
)
"""In the order of reading, two in a line."""

LABELS = {setting.key: setting.label for setting in SETTINGS}


def find_setting(key: str) -> Setting:
    """The setting of a dotted key."""
    return next(setting for setting in SETTINGS if setting.key == key)


def setting_texts(profile: Profile) -> dict[str, str]:
    """What stands in each field for a profile, by key; of duration and frames one is empty."""
    measure = profile.measure
    return {
        "resolutions": " ".join(profile.resolutions),
        "effects": " ".join(profile.effects),
        "workers": " ".join(str(number) for number in profile.workers),
        "worlds": " ".join(str(number) for number in profile.worlds),
        "physics": str(profile.physics),
        "readback": "yes" if profile.readback else "no",
        "camera": profile.camera or "",
        DURATION: _number_text(measure.duration),
        FRAMES: _number_text(measure.frames),
        "measure.warmup_frames": str(measure.warmup_frames),
        TRIALS: "" if measure.until else str(measure.trials),
        RELATIVE_ERROR: _percent_text(measure.until.relative_error) if measure.until else "",
        "measure.rerun_spoiled": str(measure.rerun_spoiled),
        "target_fps": _number_text(profile.target_fps),
        "measure.hang_timeout": _number_text(measure.hang_timeout),
        "seed": str(profile.seed),
        "output.save_frames": " ".join(str(number) for number in profile.output.save_frames),
    }


def changed_values(loaded: Profile, texts: Mapping[str, str]) -> dict[str, object]:
    """What `Profile.override` needs for the fields that no longer hold what was loaded, by key.

    A field that holds what was loaded is left out, so that all of it stays as it was.
    """
    before = setting_texts(loaded)
    changed = {key: text.strip() for key, text in texts.items() if text.strip() != before[key]}
    for pair in EITHER:
        if any(changed.get(key) for key in pair):
            changed = {key: text for key, text in changed.items() if text or key not in pair}
    values = {key: _value(find_setting(key), text) for key, text in changed.items()}
    if values.get(RELATIVE_ERROR) == "":
        del values[RELATIVE_ERROR]
        values[UNTIL] = None
    return values


def setting_errors(loaded: Profile, texts: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with each field that is wrong, one sentence by key."""
    errors = {}
    if not texts[DURATION].strip() and not texts[FRAMES].strip():
        sentence = f"give {LABELS[DURATION]} or {LABELS[FRAMES]}"
        errors = {DURATION: sentence, FRAMES: sentence}
    if not texts[TRIALS].strip() and not texts[RELATIVE_ERROR].strip():
        errors[TRIALS] = _error(loaded, find_setting(TRIALS), "")
    for key, value in changed_values(loaded, texts).items():
        if key not in (*errors, UNTIL):
            error = _error(loaded, find_setting(key), value)
            errors |= {key: error} if error else {}
    return errors


def _error(loaded: Profile, setting: Setting, value: object) -> str:
    if value in ("", []) and not setting.may_be_empty:
        example = f"something such as {setting.placeholder}" if setting.is_list else ""
        expected = " or ".join(setting.choices) or example or _expected(loaded, setting)
        return f"{setting.label} is empty, expected {expected}"
    try:
        loaded.override({setting.key: value}, LABELS)
    except ProfileError as error:
        if setting.key == RELATIVE_ERROR:
            # The profile's own check speaks of a part, not of a percentage.
            return f"{setting.label} is {quoted(str(value)[:-1])}, expected a number above 0 and below 100"
        return str(error)
    return ""


def _expected(loaded: Profile, setting: Setting) -> str:
    """What a field takes, in the words of the profile's own check."""
    try:
        loaded.override({setting.key: ""}, LABELS)
    except ProfileError as error:
        return str(error).partition("expected ")[2]
    return "a value"


def _value(setting: Setting, text: str) -> object:
    if setting.key == "readback":
        return text == "yes"
    if setting.key in ("output.save_frames", "workers", "worlds"):
        return [_whole_number(part) for part in text.replace(",", " ").split()]
    if setting.key == RELATIVE_ERROR:
        return text and f"{text.removesuffix('%').rstrip()}%"
    if setting.is_list:
        return text.replace(",", " ").split()
    return None if setting.key == "camera" and not text else text


def _whole_number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text


def _number_text(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")


def _percent_text(part: float) -> str:
    """The percentage of a part, with just the digits that it has: 0.007 is 0.7."""
    return f"{(Decimal(repr(part)) * 100).normalize():f}"
