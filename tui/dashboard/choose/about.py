"""What the screen says of a scene, a backend, a setting and all of them together: pure functions to text."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from rich.cells import cell_len, set_cell_size

from engine.backends.registry import UnknownBackendError, find_backend
from engine.case import Case
from engine.preflight import BackendStatus
from profiles.profile import AUTO, Profile
from scenes.assets import AssetsError, known_models
from tui.dashboard.choose.settings import find_setting
from tui.dashboard.choose.state import ChooseState, SceneFacts
from tui.dashboard.watch.titles import short_scene
from tui.estimate import most_seconds, run_seconds, time_text
from tui.output.tables import counts_text, scene_title
from tui.progress import total_text
from tui.text import counted, printable, short_renderer

_ANY_WIDTH = 10_000
_SHORTEST_SCENE = 6


def scene_note(facts: SceneFacts) -> str:
    """What stands behind a scene's name in the list."""
    if facts.missing:
        return "lacks models: press f"
    if facts.problem:
        return facts.problem
    if facts.name.startswith("/"):
        return f"in {facts.name.rpartition('/')[0] or '/'}"
    return ""


def backend_note(name: str, status: BackendStatus | None) -> str:
    """What stands behind a backend's name in the list: its driver, or why it does not work."""
    if status is None:
        return "being tried ..."
    if not status.works:
        return status.reason.removeprefix(f"{name} ")
    if status.renderer is None:
        return "works"
    return short_renderer(status.renderer.renderer)


def backend_mark(status: BackendStatus | None) -> str:
    """What has to be seen of a backend however little room its line has."""
    if status is None or not status.works or status.renderer is None:
        return ""
    return "SOFTWARE" if status.renderer.software else ""


def about_scene(facts: SceneFacts, chosen: bool) -> str:
    """Tell all that is known of a scene."""
    if facts.info is None:
        return _sentence(f"{scene_title(facts.name)} cannot be drawn: {facts.problem}")
    lines = [facts.info.description]
    if facts.info.cameras:
        lines.append(f"Cameras: {', '.join(facts.info.cameras)}.")
    if facts.missing:
        what = "Chosen, but it will fail" if chosen else "It cannot be chosen yet"
        lines.append(
            f"{what}: it needs {_models(facts.missing)}, not on this machine. f fetches what is missing."
        )
    elif facts.problem:
        lines.append(_sentence(f"It cannot be drawn: {facts.problem}"))
    elif not facts.info.cameras:
        lines.append("Drawn from its first camera, or from one that has all of it in view.")
    return "\n".join(lines)


def about_backend(name: str, status: BackendStatus | None, chosen: bool) -> str:
    """Tell all that is known of a backend, and how one that does not work can be made to."""
    title = f"{name}: {_title(name)}."
    if status is None:
        return f"{printable(title)}\n{_being_tried(name)}"
    if not status.works:
        # What it is comes last: where there is little room, the reason and the fix have to be there.
        what = "is chosen, but will fail here" if chosen else "cannot work here"
        reason = status.reason.removeprefix(f"{name} ").removeprefix(f"{name}: ")
        lines = [f"{name} {what}: {reason}", f"Fix: {status.fix}" if status.fix else "", title]
        return "\n".join(_sentence(line) for line in lines if line)
    if status.renderer is None:
        return printable(title)
    said = (status.renderer.renderer, status.renderer.version, status.renderer.vendor)
    lines = [title, f"Driver: {'; '.join(part for part in said if part)}."]
    if status.renderer.software:
        lines.append("A SOFTWARE rasterizer: the processor draws, no graphics card is used.")
    return "\n".join(printable(line) for line in lines)


def about_setting(key: str, state: ChooseState, error: str = "") -> str:
    """Tell what a setting is for, and what is wrong with it."""
    setting = find_setting(key)
    text = f"{setting.label}: {setting.explanation}"
    if key == "camera":
        known = [
            f"{name} has {', '.join(facts.info.cameras)}"
            for name, facts in state.scenes.items()
            if facts.info is not None and facts.info.cameras and state.is_scene_chosen(name)
        ]
        text += f" {'; '.join(known)}." if known else ""
    return f"! {_sentence(error)}\n{text}" if error else text


def totals(state: ChooseState, profile: Profile | None) -> str:
    """How much is asked for: cases, trials, time, and what of it will fail."""
    if profile is None:
        return "No cases yet"
    cases, failing = state.cases(profile)
    settings = profile.settings()
    trials = total_text(
        len(cases) * settings.trials, len(cases) * settings.until.max_trials if settings.until else None
    )
    lasting = [case for case in cases if case not in set(failing)]
    unsure = "at most " if AUTO in profile.backends and state.untried else ""
    text = f"{unsure}{counted(len(cases), 'case')}, {trials} {'trial' if trials == '1' else 'trials'}"
    text += f", {time_text(run_seconds(lasting, settings), most_seconds(lasting, settings))} in all"
    if failing:
        names = ", ".join(scene_title(name) for name in state.failing_names(failing))
        text += f"; {len(failing)} will fail: {names}"
    return text


def case_lines(
    state: ChooseState, profile: Profile, limit: int, width: int = _ANY_WIDTH, ascii_only: bool = False
) -> list[str]:
    """Every case in a line, and at the end how many there was no room for.

    Args:
        state: what is known of the backends and scenes.
        profile: what is chosen.
        limit: lines that there is room for.
        width: characters of a line; the names of scenes are cut to fit.
        ascii_only: do without other characters of ours.
    """
    cases, failing = state.cases(profile)
    shown = cases if len(cases) <= limit else cases[: max(0, limit - 1)]
    lines = _columns(shown, set(failing), width, ascii_only)
    if len(shown) < len(cases):
        lines.append(f"... and {len(cases) - len(shown)} more")
    return lines


def _columns(cases: Sequence[Case], failing: set[Case], width: int, ascii_only: bool) -> list[str]:
    cells = [
        (case.backend, str(case.resolution), str(case.effects), counts_text(case), _failing(case, failing))
        for case in cases
    ]
    columns = [column for column in zip(*cells, strict=True) if any(column)]
    filled = [[set_cell_size(cell, max(map(cell_len, column))) for cell in column] for column in columns]
    rest = ["  ".join(row).rstrip() for row in zip(*filled, strict=True)]
    room = width - len("! ") - 2 - max(map(cell_len, rest), default=0)
    scenes = [short_scene(scene_title(case.scene), max(_SHORTEST_SCENE, room), ascii_only) for case in cases]
    widest = max(map(cell_len, scenes), default=0)
    return [
        f"{'!' if case in failing else ' '} {set_cell_size(scene, widest)}  {words}"
        for case, scene, words in zip(cases, scenes, rest, strict=True)
    ]


def _failing(case: Case, failing: set[Case]) -> str:
    return "will fail" if case in failing else ""


def _being_tried(name: str) -> str:
    said = "It is being tried: it draws one small frame in a process of its own."
    with suppress(UnknownBackendError):
        if find_backend(name).batches:
            said += " The first time on a machine its kernels are compiled, which can take minutes."
    return said


def _title(name: str) -> str:
    try:
        return find_backend(name).title
    except UnknownBackendError:
        return "this version knows no such backend"


def _models(names: Sequence[str]) -> str:
    """Models with the sizes of their downloads."""
    try:
        sizes = {model.name: model.download_bytes for model in known_models()}
    except AssetsError:
        sizes = {}
    parts = [f"{name} ({sizes[name] / 2**20:.1f} MiB)" if sizes.get(name) else name for name in names]
    noun = "the model" if len(parts) == 1 else "the models"
    return f"{noun} {', '.join(parts)}"


def _sentence(text: str) -> str:
    return printable(text if text.endswith((".", "!", "?")) else f"{text}.")
