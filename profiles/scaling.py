"""The curves of a session: cases that differ in resolution, workers or worlds alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.backends.families import Family, family_of
from engine.scaling.crossover import Crossover, find_crossover
from engine.scaling.pixels import PixelFit, fit_pixels
from engine.scaling.throughput import Throughput, throughput_curve
from engine.uncertainty.intervals import geometric_mean

if TYPE_CHECKING:
    from profiles.session import CaseRecord, Session


class Axis(StrEnum):
    """What the cases of a throughput curve differ in."""

    WORKERS = "workers"
    WORLDS = "worlds"


@dataclass(frozen=True)
class PixelCurve:
    """One backend's time per image over the resolutions, all else being equal.

    Of several workers or worlds it is the time that all of them together take for one image: 1 / FPS.
    """

    cases: tuple[CaseRecord, ...]
    """Those with figures, by ascending pixels."""
    fit: PixelFit
    missing: tuple[CaseRecord, ...]
    """Those without figures."""

    @property
    def times_s(self) -> tuple[float, ...]:
        """Seconds of wall time for one image at each of the resolutions."""
        return tuple(1 / case_fps(case) for case in self.cases)


@dataclass(frozen=True)
class ThroughputCurve:
    """One backend's FPS over the number of workers or worlds, all else being equal."""

    axis: Axis
    cases: tuple[CaseRecord, ...]
    """Those with figures, by ascending number."""
    throughput: Throughput
    missing: tuple[CaseRecord, ...]
    """Those without figures."""


@dataclass(frozen=True)
class BatchAgainstProcesses:
    """A batch renderer held against the classic one's processes that draw the same."""

    batch: tuple[CaseRecord, ...]
    """By ascending worlds, those with figures."""
    process: CaseRecord
    """The fastest case of the classic renderer, over its backends and numbers of workers."""
    process_fps: float
    crossover: Crossover


@dataclass(frozen=True)
class Scaling:
    """All curves of a session, in the order of their first cases."""

    pixels: tuple[PixelCurve, ...]
    workers: tuple[ThroughputCurve, ...]
    worlds: tuple[ThroughputCurve, ...]
    crossovers: tuple[BatchAgainstProcesses, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.pixels or self.workers or self.worlds or self.crossovers)


def session_scaling(session: Session) -> Scaling:
    """Find every curve in a session and fit it."""
    return scaling_of(session.cases)


def scaling_of(cases: Sequence[CaseRecord]) -> Scaling:
    """Find every curve in some cases of one session and fit it.

    A curve takes at least two sizes with figures. What draws nothing has no cost per pixel.
    """
    drawing = [case for case in cases if _draws(case.backend)]
    pixels = [_pixel_curve(group) for group in _groups(drawing, _all_but_resolution)]
    return Scaling(
        pixels=tuple(curve for curve in pixels if curve is not None),
        workers=_throughput_curves(cases, Axis.WORKERS),
        worlds=_throughput_curves(cases, Axis.WORLDS),
        crossovers=tuple(_crossovers(drawing)),
    )


def case_fps(case: CaseRecord) -> float:
    """The geometric mean of the FPS of the trials that count.

    Raises:
        ValueError: no trial has figures.
    """
    return geometric_mean(list(case.rates.values()))


def _draws(backend: str) -> bool:
    """Whether pictures come out; of a backend that is not known here it is taken to be so."""
    from engine.backends.registry import UnknownBackendError, find_backend

    try:
        return find_backend(backend).draws
    except UnknownBackendError:
        return True


def _groups(
    cases: Iterable[CaseRecord], key: Callable[[CaseRecord], Hashable]
) -> list[tuple[list[CaseRecord], list[CaseRecord]]]:
    """Cases of one key, those with figures and those without, in the session's order."""
    found: dict[Hashable, tuple[list[CaseRecord], list[CaseRecord]]] = {}
    for case in cases:
        with_figures, without = found.setdefault(key(case), ([], []))
        (with_figures if case.rates else without).append(case)
    return list(found.values())


def _picture(case: CaseRecord) -> tuple[Hashable, ...]:
    return case.scene, case.resolution, case.effects, case.change


def _all_but_resolution(case: CaseRecord) -> Hashable:
    return case.scene, case.backend, case.effects, case.change, case.workers, case.worlds


def _pixel_curve(group: tuple[list[CaseRecord], list[CaseRecord]]) -> PixelCurve | None:
    cases = sorted(group[0], key=lambda case: (case.resolution.pixels, case.resolution.width))
    times = [[1 / rate if rate else None for rate in rates] for rates in _by_rounds(cases)]
    fit = fit_pixels([case.resolution.pixels for case in cases], times)
    return None if fit is None else PixelCurve(tuple(cases), fit, tuple(group[1]))


def _by_rounds(cases: Sequence[CaseRecord]) -> list[list[float | None]]:
    """Each case's FPS in every round in which any of them has one."""
    rates = [case.rates for case in cases]
    rounds = sorted(set().union(*rates))
    return [[of_case.get(number) for number in rounds] for of_case in rates]


def _throughput_curves(cases: Sequence[CaseRecord], axis: Axis) -> tuple[ThroughputCurve, ...]:
    other = Axis.WORLDS if axis is Axis.WORKERS else Axis.WORKERS
    groups = _groups(cases, lambda case: (*_picture(case), case.backend, getattr(case, other)))
    curves = [_throughput_curve(group, axis) for group in groups]
    return tuple(curve for curve in curves if curve is not None)


def _throughput_curve(group: tuple[list[CaseRecord], list[CaseRecord]], axis: Axis) -> ThroughputCurve | None:
    cases = sorted(group[0], key=lambda case: int(getattr(case, axis)))
    rates = zip(cases, _by_rounds(cases), strict=True)
    throughput = throughput_curve({getattr(case, axis): of_case for case, of_case in rates})
    if throughput is None:
        return None
    return ThroughputCurve(axis, tuple(cases), throughput, tuple(group[1]))


def _crossovers(cases: Sequence[CaseRecord]) -> Iterable[BatchAgainstProcesses]:
    """Hold each batch renderer that drew several worlds against the classic one's fastest for the picture."""
    fastest: dict[Hashable, CaseRecord] = {}
    for case in cases:
        if family_of(case.backend) is Family.CLASSIC and case.rates:
            known = fastest.get(_picture(case))
            if known is None or case_fps(case) > case_fps(known):
                fastest[_picture(case)] = case
    batches = [case for case in cases if family_of(case.backend) is not Family.CLASSIC]
    for with_figures, _ in _groups(batches, lambda case: (*_picture(case), case.backend, case.workers)):
        if not any(case.worlds > 1 for case in with_figures):
            continue
        process = fastest.get(_picture(with_figures[0]))
        if process is None:
            continue
        batch = tuple(sorted(with_figures, key=lambda case: case.worlds))
        rate = case_fps(process)
        crossover = find_crossover({case.worlds: case_fps(case) for case in batch}, rate)
        yield BatchAgainstProcesses(batch, process, rate, crossover)
