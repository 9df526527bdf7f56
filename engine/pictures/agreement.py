"""Whether the backends of a session draw the same picture, and which of them is wrong where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from engine.backends.families import Family, family_of
from engine.case import Case, Effects, Resolution
from engine.changes.terms import drawn_resolution
from engine.pictures.fingerprint import likeness
from engine.pictures.records import Fingerprint, PictureFault

LEAST_ALIKE = 0.45
"""Of structure: pictures with less in common are of different things.

Measured on the built-in scenes with both effects, every backend that draws here against every other: at least
0.54 at 64x64 and 0.76 at 320x240. Pictures of another scene, upside down, or noise: at most 0.32.
"""
SMALL_OMISSIONS = frozenset(
    {
        *("reflections", "haze", "multisampling", "ambient light", "specular highlights"),
        *("shadows of lights without a cone", "shadows of all lights but one", "soft edges of spotlights"),
        *("linear attenuation", "motion of lights", "exact cube textures", "textures other than colour"),
    }
)
"""What a backend may leave out and still has to draw the same things in the same places."""
_ONE_VOTE = (Family.CLASSIC, Family.FILAMENT)
"""Backends that are one renderer err together: they have one vote. Any other is a family of its own."""

Group = tuple[str, Resolution, Effects, str]


@dataclass(frozen=True)
class Shown:
    """What a case has drawn at the start of the motion."""

    case: Case
    fingerprint: Fingerprint
    not_drawn: tuple[str, ...] = ()
    """What the backend says that it leaves out."""


@dataclass(frozen=True)
class Verdict:
    """A case whose picture differs from the others'."""

    case: Case
    fault: PictureFault
    is_wrong: bool
    """False where it cannot be told which picture is right, or the backend has said what it leaves out."""
    other: Shown
    """Whose picture it was held against."""
    alike: float


def group_of(case: Case) -> Group:
    """What cases have in common whose pictures have to agree; worlds and workers do not show."""
    return (case.scene, drawn_resolution(case), case.effects, case.change)


def judge(shown: Sequence[Shown]) -> list[Verdict]:
    """Find the pictures of one group that differ from the others'.

    Pictures that are alike, directly or by way of others, belong together. Right is what most families of
    renderers have drawn, and between equally many what MuJoCo's classic renderer has; every picture that is
    not among these is wrong. Where that leaves a tie, nobody is called wrong.
    """
    alike = _likenesses(shown)
    parties = _parties(shown, alike)
    if len(parties) < 2:
        return []
    parties.sort(key=lambda party: _weight(shown, party), reverse=True)
    best = parties[0]
    is_tied = _weight(shown, best) == _weight(shown, parties[1])
    verdicts = []
    for party in parties if is_tied else parties[1:]:
        for index in party:
            rivals = [other for other in range(len(shown)) if other not in party] if is_tied else best
            verdicts.append(_verdict(shown, index, rivals, alike, is_tied))
    return verdicts


def _likenesses(shown: Sequence[Shown]) -> dict[tuple[int, int], float]:
    found = {}
    for first, second in combinations(range(len(shown)), 2):
        value = likeness(shown[first].fingerprint, shown[second].fingerprint)
        found[first, second] = found[second, first] = value
    return found


def _parties(shown: Sequence[Shown], alike: dict[tuple[int, int], float]) -> list[list[int]]:
    """The pictures that belong together, as their places in `shown`."""
    parties: list[list[int]] = []
    for index in range(len(shown)):
        joined = [party for party in parties if any(alike[index, other] >= LEAST_ALIKE for other in party)]
        merged = [index, *(other for party in joined for other in party)]
        parties = [party for party in parties if party not in joined] + [sorted(merged)]
    return parties


def _weight(shown: Sequence[Shown], party: Sequence[int]) -> tuple[int, bool]:
    """How many renderers are behind a picture, and whether MuJoCo's classic one is."""
    families = {_family(shown[index].case.backend) for index in party if not _left_out(shown[index])}
    return len(families), Family.CLASSIC in families


def _left_out(one: Shown) -> list[str]:
    """What the backend does not draw that may be most of a picture."""
    return [word for word in one.not_drawn if word not in SMALL_OMISSIONS]


def _family(backend: str) -> str:
    family = family_of(backend)
    return family if family in _ONE_VOTE else backend


def _verdict(
    shown: Sequence[Shown], index: int, rivals: Sequence[int], alike: dict[tuple[int, int], float], tied: bool
) -> Verdict:
    one = shown[index]
    closest = max(
        rivals, key=lambda rival: (_family(shown[rival].case.backend) == Family.CLASSIC, alike[index, rival])
    )
    other, value = shown[closest], alike[index, closest]
    reason = (
        f"its picture differs from {_name(one.case, other.case)}: {value:.2f} of structure alike, "
        f"at least {LEAST_ALIKE:.2f} is asked"
    )
    left_out = _left_out(one)
    if left_out:
        words = ", ".join(left_out)
        fix = f"{one.case.backend} says that it does not draw {words}: look at both with --save-frames 0"
    elif tied:
        fix = "look at both with --save-frames 0; which of them is right cannot be told"
    else:
        fix = "look at both with --save-frames 0, and use another backend or driver for this scene"
    return Verdict(one.case, PictureFault(reason, fix), not tied and not left_out, other, value)


def _name(case: Case, other: Case) -> str:
    """Whose picture it is held against."""
    if other.backend != case.backend:
        return f"{other.backend}'s"
    return f"that of {other.id}"
