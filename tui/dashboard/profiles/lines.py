"""Profiles in words: a line of the list, and what stands below it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from engine.case import Physics
from profiles.profile import AUTO, Profile
from profiles.store import ProfileEntry
from tui.output.standing_notes import trials_text
from tui.output.tables import scene_title
from tui.text import counted, printable

_WIDEST_NAME = 28
_LONGEST_LIST = 6
_CASES_WIDTH = 17


def case_count(profile: Profile) -> str:
    """How many cases a profile asks for; `auto` stands for as many backends as work here."""
    cases = len(profile.cases([AUTO]))
    if AUTO not in profile.backends:
        return counted(cases, "case")
    # Only some of the backends that `auto` stands for draw several worlds.
    if set(profile.backends) == {AUTO} and profile.worlds == (1,):
        return f"{counted(cases, 'case')} a backend"
    return f"{counted(cases, 'case')} or more"


def list_lines(entries: Sequence[ProfileEntry], loaded: str, ascii_only: bool = False) -> list[str]:
    """A line for each profile: a mark for the one that is loaded, name, origin, number of cases, title.

    Args:
        entries: all profiles.
        loaded: the name of the one that is loaded.
        ascii_only: do without other characters of ours.
    """
    width = min(_WIDEST_NAME, max((cell_len(printable(entry.name)) for entry in entries), default=0))
    return [_line(entry, width, entry.name == loaded, ascii_only) for entry in entries]


def _line(entry: ProfileEntry, width: int, is_loaded: bool, ascii_only: bool) -> str:
    mark = (">" if ascii_only else "›") if is_loaded else " "
    start = f"{mark} {_fitted(printable(entry.name), width, ascii_only)}  {entry.origin:<8}  "
    if entry.profile is None:
        return f"{start}! cannot be used"
    return f"{start}{case_count(entry.profile):<{_CASES_WIDTH}}  {printable(entry.title)}".rstrip()


def _fitted(text: str, width: int, ascii_only: bool) -> str:
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + ("~" if ascii_only else "…")


def description_lines(profile: Profile) -> list[str]:
    """The description as its author broke it."""
    return [printable(line.expandtabs(4)) for line in profile.description.splitlines()]


def setting_facts(profile: Profile) -> list[tuple[str, str]]:
    """The main settings in words, each with its name."""
    effects = _listed([str(effect) for effect in profile.effects])
    facts = [
        ("scenes", _listed([scene_title(name) for name in profile.scenes])),
        ("backends", _backends(profile)),
        ("images", f"{_listed(profile.resolutions)}; effects: {effects}"),
        *_workload(profile),
        ("camera", profile.camera or "each scene's own"),
        ("measured", _measured(profile)),
        ("motion", f"{profile.target_fps:g} FPS of simulated time, seed {profile.seed}"),
    ]
    if profile.output.save_frames:
        frames = _listed([str(number) for number in profile.output.save_frames])
        facts.append(("pictures", f"of each case, frame {frames} as PNG"))
    return facts


def _workload(profile: Profile) -> list[tuple[str, str]]:
    """Workers, worlds and what goes with them, where a profile says anything of it."""
    said = []
    if profile.workers != (1,):
        said.append(f"{_listed([str(number) for number in profile.workers])} workers")
    if profile.worlds != (1,):
        said.append(f"{_listed([str(number) for number in profile.worlds])} worlds a batch")
    if profile.physics is not Physics.MUJOCO:
        said.append(f"physics by {profile.physics}")
    if not profile.readback:
        said.append("pixels stay on the device")
    return [("at once", "; ".join(said))] if said else []


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_LONGEST_LIST])
    more = len(names) - _LONGEST_LIST
    return f"{shown} and {more} more" if more > 0 else shown


def _backends(profile: Profile) -> str:
    names = [name for name in profile.backends if name != AUTO]
    if not names:
        return "all that work here"
    return f"all that work here, and {_listed(names)}" if AUTO in profile.backends else _listed(names)


def _measured(profile: Profile) -> str:
    settings = profile.settings()
    if settings.duration_s is not None:
        length = f"{settings.duration_s:g} s"
    else:
        length = counted(settings.frames or 0, "frame")
    trials = "" if settings.trials == 1 else f", {trials_text(settings)} of each case"
    return f"{length} after {counted(settings.warmup_frames, 'warm-up frame')}{trials}"
