"""What is measured, as a person puts it together: plain data between the lists and inputs and a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.preflight import BackendStatus
from profiles.errors import ProfileError
from profiles.profile import AUTO, Profile
from tui.estimate import run_seconds
from tui.text import duration, printable, short_renderer


@dataclass(frozen=True)
class Setting:
    """One input of the settings."""

    key: str
    """The profile's dotted key."""
    label: str
    hint: str
    is_list: bool = False


SETTINGS = (
    Setting("resolutions", "Resolutions", "640x480 1280x720", is_list=True),
    Setting("effects", "Effects", "scene bare", is_list=True),
    Setting("measure.duration", "Seconds a trial", "3"),
    Setting("measure.trials", "Trials", "1"),
    Setting("measure.warmup_frames", "Warm-up frames", "10"),
    Setting("camera", "Camera", "the scene's own"),
    Setting("seed", "Seed", "0"),
    Setting("target_fps", "Target FPS", "60"),
)


def setting_texts(profile: Profile) -> dict[str, str]:
    """What stands in each input for a profile, by key; a profile of frames has no duration."""
    measure = profile.measure
    return {
        "resolutions": " ".join(profile.resolutions),
        "effects": " ".join(profile.effects),
        "measure.duration": "" if measure.duration is None else f"{measure.duration:g}",
        "measure.trials": str(measure.trials),
        "measure.warmup_frames": str(measure.warmup_frames),
        "camera": profile.camera or "",
        "seed": str(profile.seed),
        "target_fps": f"{profile.target_fps:g}",
    }


@dataclass(frozen=True)
class Choice:
    """What a person has chosen, valid or not."""

    scenes: Sequence[str]
    backends: Sequence[str]
    texts: Mapping[str, str]
    """By the key of each setting."""

    def profile(self, start: Profile) -> Profile:
        """Put the choice into the profile it started from.

        Raises:
            ProfileError: something is missing or not valid; one sentence that names it as the screen does.
        """
        if not self.scenes:
            raise ProfileError("choose at least one scene")
        if not self.backends:
            raise ProfileError("choose at least one backend")
        values: dict[str, object] = {"scenes": list(self.scenes), "backends": list(self.backends)}
        for setting in SETTINGS:
            text = self.texts.get(setting.key, "").replace(",", " ").strip()
            if setting.is_list:
                values[setting.key] = text.split()
            elif text or setting.key == "camera":
                values[setting.key] = text or None
        return start.override(values, {setting.key: setting.label for setting in SETTINGS})


def summary(profile: Profile) -> str:
    """How much a profile asks for, in words."""
    cases = profile.cases([name for name in profile.backends if name != AUTO])
    trials = len(cases) * profile.measure.trials
    count = f"{len(cases)} case{'s' if len(cases) != 1 else ''}"
    count += f", {trials} trials" if profile.measure.trials > 1 else ""
    return f"{count}, about {duration(run_seconds(cases, profile.settings()))}"


def backend_line(name: str, status: BackendStatus | None) -> str:
    """One backend in the list: its driver, or why it does not work."""
    if status is None:
        return f"{name:<8} being tried ..."
    if not status.works:
        fix = f"; fix: {status.fix}" if status.fix else ""
        return printable(f"{name:<8} does not work: {status.reason}{fix}")
    if status.renderer is None:
        return f"{name:<8} works"
    software = ", SOFTWARE" if status.renderer.software else ""
    return f"{name:<8} {short_renderer(status.renderer.renderer)}{software}"
