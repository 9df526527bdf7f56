"""The figures of a runner that told no frame times: its own, checked against each other."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from engine.backends.madrona_runner.numbers import WrongResultError, count, number, text
from engine.backends.madrona_runner.times import FRAME_TIMES, TOLERANCE, check_close
from engine.metrics import BenchmarkMetrics, PhaseMetrics
from engine.timings import PHASES

_COUNTS = {"frames": 1, "warmup_frames": 0}
"""Whole numbers, and the least that each may be."""
_ORDERED = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms")
_TIMES = ("wall_time_s", "std_ms", *_ORDERED, "first_frame_ms", "warmup_mean_ms")
_REQUIRED = (*_COUNTS, *_TIMES, "stutter_share")
_LOWS = ("low1_fps", "low01_fps")
_OF_WORKERS = ("worker_fps", "fairness")
FIGURE_KEYS = tuple(field.name for field in msgspec.structs.fields(BenchmarkMetrics))
_NOT_TOLD = "the runner module does not tell it"
_LONGEST_REASON = 200
_PHASE_KEYS = tuple(field.name for field in msgspec.structs.fields(PhaseMetrics))
_ROUNDING = 1e-9


def read_figures(told: Mapping[str, Any], worlds: int, pixels: int) -> BenchmarkMetrics:
    """Read the fields of `BenchmarkMetrics`; what follows from others is computed or may be left out.

    Args:
        told: by name; unknown names were refused before.
        worlds: frames in each batch.
        pixels: in one image.

    Raises:
        WrongResultError: a figure is missing, no number, or contradicts another.
    """
    missing = [name for name in _REQUIRED if told.get(name) is None]
    if missing:
        raise WrongResultError(f"no {FRAME_TIMES}, and no {_listed(missing)} either")
    counts = {name: count(name, told[name], least) for name, least in _COUNTS.items()}
    figures = {name: number(name, told[name]) for name in _TIMES}
    frames, wall_s = counts["frames"], figures["wall_time_s"]
    if not wall_s:
        raise WrongResultError("wall_time_s = 0, expected the seconds in which the frames were drawn")
    fps = frames / wall_s
    if not math.isfinite(fps):
        raise WrongResultError(f"wall_time_s = {wall_s:g}, which is too short for {frames} frames")
    mean_ms = 1e3 * wall_s * worlds / frames
    if told.get("fps") is not None:
        check_close("fps", number("fps", told["fps"]), fps, "frames and wall_time_s")
    if told.get("mean_ms") is not None:
        source = "frames, wall_time_s and worlds" if worlds > 1 else "frames and wall_time_s"
        check_close("mean_ms", number("mean_ms", told["mean_ms"]), mean_ms, source)
    _check_order(figures, mean_ms)
    if any(told.get(name) for name in _OF_WORKERS):
        raise WrongResultError("figures of several workers, but a runner module is one worker")
    lows = {name: None if told.get(name) is None else number(name, told[name]) for name in _LOWS}
    computed = {"fps": fps, "mean_ms": mean_ms, "pixels_per_s": fps * pixels}
    others = {
        "stutter_share": _share("stutter_share", told["stutter_share"]),
        "absent": _absent(told.get("absent") or {}, lows),
        "phases": _phases(told.get("phases") or {}, mean_ms, figures),
    }
    return msgspec.convert({**counts, **figures, **computed, **lows, **others}, BenchmarkMetrics)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _check_order(figures: Mapping[str, float], mean_ms: float) -> None:
    """Percentiles rise, and no mean is above the greatest."""
    for lower, higher in itertools.pairwise(_ORDERED):
        if figures[lower] > figures[higher] * (1 + _ROUNDING):
            raise WrongResultError(
                f"{lower} = {figures[lower]:g} above {higher} = {figures[higher]:g}, "
                "which percentiles of the same frames are not"
            )
    if mean_ms > figures["max_ms"] * (1 + TOLERANCE):
        raise WrongResultError(
            f"max_ms = {figures['max_ms']:g}, but frames and wall_time_s give a mean of {mean_ms:g} ms"
        )


def _share(name: str, value: object) -> float:
    read = number(name, value)
    if read > 1 + _ROUNDING:
        raise WrongResultError(f"{name} = {read:g}, expected a part from 0 to 1")
    return min(read, 1.0)


def _absent(told: Any, lows: Mapping[str, float | None]) -> dict[str, str]:
    """Why each low that is None is not there."""
    if not isinstance(told, Mapping):
        raise WrongResultError(f"absent of type {type(told).__name__}, expected reasons by name")
    return {
        name: text(f"absent[{name!r}]", told.get(name, _NOT_TOLD), _LONGEST_REASON)
        for name, value in lows.items()
        if value is None
    }


def _phases(told: Any, mean_ms: float, figures: Mapping[str, float]) -> dict[str, PhaseMetrics]:
    """The phases; where none is told, all of a frame counts as `render`."""
    if not isinstance(told, Mapping):
        raise WrongResultError(f"phases of type {type(told).__name__}, expected figures by name")
    phases = {name: PhaseMetrics(mean_ms=0.0, p50_ms=0.0, p95_ms=0.0, share=0.0) for name in PHASES}
    if not told:
        phases["render"] = PhaseMetrics(
            mean_ms=mean_ms, p50_ms=figures["p50_ms"], p95_ms=figures["p95_ms"], share=1.0
        )
        return phases
    for name, value in told.items():
        if name not in PHASES:
            raise WrongResultError(f"phases of {name!r}, expected some of {', '.join(PHASES)}")
        phases[name] = _phase(name, value)
    total = sum(phase.share for phase in phases.values())
    if abs(total - 1) > TOLERANCE:
        raise WrongResultError(f"shares of phases that add up to {total:g}, expected 1")
    return phases


def _phase(name: str, value: Any) -> PhaseMetrics:
    told = msgspec.structs.asdict(value) if isinstance(value, PhaseMetrics) else value
    if not isinstance(told, Mapping) or set(told) != set(_PHASE_KEYS):
        raise WrongResultError(f"phases[{name!r}] without just {_listed(list(_PHASE_KEYS))}")
    figures = {key: number(f"phases[{name!r}].{key}", told[key]) for key in _PHASE_KEYS}
    return PhaseMetrics(**{**figures, "share": _share(f"phases[{name!r}].share", told["share"])})
