"""Cases of one session held against each other, round by round: the fastest of each picture is the base."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.backends.registry import drawing_backends
from engine.uncertainty.comparison import THRESHOLD, Comparison, compare_over_scenes, compare_rounds
from engine.uncertainty.intervals import geometric_mean
from profiles.session import CaseRecord


@dataclass(frozen=True)
class RelativeSpeed:
    """A case held against the fastest one that drew the same picture."""

    case: CaseRecord
    base: CaseRecord | None
    """The fastest by its mean over the trials; None where nothing was drawn."""
    comparison: Comparison | None
    """None of the base itself, and where there is no round in which both were measured."""

    @property
    def speed(self) -> float | None:
        """A part of the base's speed: 1 of the base itself; None without a figure."""
        if self.comparison is not None:
            return self.comparison.ratio
        return 1.0 if self.case is self.base else None


@dataclass(frozen=True)
class OverScenes:
    """A backend held against another in every scene that both drew, all else being equal."""

    case: CaseRecord
    """One of its cases: it tells resolution, effects, workers, worlds and change."""
    base_backend: str
    scenes: tuple[str, ...]
    comparison: Comparison
    """The geometric mean over the scenes."""


def relative_speeds(cases: Iterable[CaseRecord], threshold: float = THRESHOLD) -> list[RelativeSpeed]:
    """Hold each case against the fastest of the same scene, resolution, effects and change."""
    cases = list(cases)
    drawing = drawing_backends()
    bases: dict[tuple[str, ...], tuple[float, CaseRecord]] = {}
    for case in cases:
        rates = case.rates
        # What draws no picture is nothing that anything could be held against.
        if case.backend in drawing and rates:
            known = bases.get(_picture(case))
            mean = geometric_mean(list(rates.values()))
            if known is None or mean > known[0]:
                bases[_picture(case)] = mean, case
    return [_relative(case, bases.get(_picture(case)), case.backend in drawing, threshold) for case in cases]


def over_scenes(cases: Iterable[CaseRecord], threshold: float = THRESHOLD) -> list[OverScenes]:
    """Summarize how the backends compare over scenes, where at least two scenes were drawn alike.

    The base is the backend with figures in most scenes; of several, the one with the highest mean FPS.
    """
    drawing = drawing_backends()
    groups: dict[tuple[object, ...], dict[str, dict[str, CaseRecord]]] = {}
    for case in cases:
        if case.backend in drawing and case.rates:
            key = (case.resolution, case.effects, case.workers, case.worlds, case.change)
            groups.setdefault(key, {}).setdefault(case.backend, {})[case.scene] = case
    return [told for backends in groups.values() for told in _in_group(backends, threshold)]


def _in_group(backends: dict[str, dict[str, CaseRecord]], threshold: float) -> list[OverScenes]:
    """Hold every other backend against the base.

    Args:
        backends: cases by scene, by backend.
        threshold: differences up to this part are none.
    """

    def rank(name: str) -> tuple[int, float]:
        means = [geometric_mean(list(case.rates.values())) for case in backends[name].values()]
        return len(means), geometric_mean(means)

    base = max(backends, key=rank)
    found = []
    for name, scenes in backends.items():
        common = [scene for scene in scenes if scene in backends[base]]
        compared = [compare_cases(backends[base][scene], scenes[scene], threshold) for scene in common]
        known = [comparison for comparison in compared if comparison is not None]
        if name != base and len(known) == len(common) > 1:
            overall = compare_over_scenes(known, threshold)
            found.append(OverScenes(scenes[common[0]], base, tuple(common), overall))
    return found


def compare_cases(base: CaseRecord, other: CaseRecord, threshold: float = THRESHOLD) -> Comparison | None:
    """Compare two cases of one session by the rounds in which both were measured; None without one."""
    ours, theirs = other.rates, base.rates
    rounds = sorted(ours.keys() | theirs.keys())
    return compare_rounds(
        [theirs.get(number) for number in rounds], [ours.get(number) for number in rounds], threshold
    )


def _relative(
    case: CaseRecord, base: tuple[float, CaseRecord] | None, draws: bool, threshold: float
) -> RelativeSpeed:
    if base is None or not draws:
        return RelativeSpeed(case, None, None)
    if case is base[1]:
        return RelativeSpeed(case, case, None)
    return RelativeSpeed(case, base[1], compare_cases(base[1], case, threshold))


def _picture(case: CaseRecord) -> tuple[str, ...]:
    return (case.scene, str(case.resolution), str(case.effects), case.change)
