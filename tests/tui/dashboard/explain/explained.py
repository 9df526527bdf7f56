"""A session that explains a case, with figures that are made up and the same on every machine."""

import zlib
from pathlib import Path

import msgspec

from engine.case import Case, Effects, Resolution
from engine.changes.registry import all_changes, change_ids
from engine.messages import ChangeStatus
from profiles.profile import Measure, Profile
from profiles.session import Session
from tests.profiles.session_builders import metrics, new_writer, trial

CASE = Case(
    scene="workbench", backend="egl", resolution=Resolution(width=64, height=64), effects=Effects.SCENE
)
FRAME_MS = 200.0
LEFT_MS = {
    "": FRAME_MS,
    "no-shadows": 50.0,
    "quarter-shadow-map": 160.0,
    "half-shadow-map": 180.0,
    "no-multisampling": 140.0,
    "box-meshes": 80.0,
    "one-light": 199.0,
    "no-group-2": 75.0,
    "quarter-resolution": 190.0,
    "no-physics": 202.0,
    "bare": 20.0,
    "quarter-shadow-map+no-multisampling+box-meshes": 40.0,
    "box-meshes+quarter-resolution+bare": 10.0,
}
"""What a frame takes with each change; of `one-light` and `no-physics` nothing is sure."""
NOISE = {"one-light": 0.04, "no-physics": 0.03}
REASONS = {
    "no-reflections": "nothing that is drawn reflects",
    "no-skybox": "the scene has no skybox",
    "no-haze": "haze is where an endless plane meets a skybox, and the scene has no such place",
    "no-fog": "it is off already: only a program that sets mjRND_FOG gets fog",
    "no-textures": "no material has a texture",
    "no-transparency": "nothing that is drawn lets light through",
    "no-group-0": "nothing would be left to draw",
    "no-group-1": "no geom of group 1 is drawn",
    "no-readback": "egl gives a picture to a program only by reading it back",
}
SIZES = {"{half_map}": "1024", "{quarter_map}": "512", "{light}": "0", "{width}": "32", "{height}": "32"}


def changed(change: str, case: Case = CASE) -> Case:
    """The case with a change."""
    return msgspec.structs.replace(case, change=change)


def statuses() -> tuple[ChangeStatus, ...]:
    """What the scene answered."""
    found = []
    for info in all_changes():
        line = info.line
        for name, value in SIZES.items():
            line = line.replace(name, value)
        found.append(ChangeStatus(id=info.id, reason=REASONS.get(info.id, ""), line=line))
    return tuple(found)


def rate(change: str, turn: int) -> float:
    """Frames per second in one round: each has noise of its own, and all share a drift."""
    own = zlib.crc32(f"{change}.{turn}".encode()) % 2001 / 1000 - 1
    noise = NOISE.get(change, 0.01) * own
    return 1000 / (LEFT_MS[change] * (1 + noise) * (1 + 0.01 * turn))


def write_explanation(folder: Path, rounds: int = 3, cut_after: int | None = None) -> Session:
    """Write a session as `explain` leaves it.

    Args:
        folder: where it lies.
        rounds: of each case.
        cut_after: a person ended it after so many trials.
    """
    alone = [name for name in LEFT_MS if len(change_ids(name)) < 2]
    together = ["", *(name for name in LEFT_MS if len(change_ids(name)) > 1)]
    profile = Profile(
        scenes=(CASE.scene,),
        backends=(CASE.backend,),
        resolutions=("64x64",),
        changes=tuple(name or "none" for name in alone),
        measure=Measure(frames=4, trials=rounds),
    )
    cases = [changed(name) for name in alone]
    writer = new_writer(folder, profile=profile, profile_name="explain", cases=cases)
    order = [(name, turn) for turn in range(1, rounds + 1) for name in alone]
    if cut_after is None:
        more = [*alone, *together[1:]]
        extended = profile.override({"changes": [name or "none" for name in more]})
        writer.extend(extended, [changed(name) for name in together])
        order += [(name, turn) for turn in range(rounds + 1, 2 * rounds + 1) for name in together]
    for name, turn in order[:cut_after]:
        writer.append(trial(changed(name), turn, timings=None, metrics=metrics(rate(name, turn))))
    return writer.close("complete" if cut_after is None else "interrupted")
