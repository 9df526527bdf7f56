"""The curves of a session as data, for programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from profiles.scaling import (
    BatchAgainstProcesses,
    PixelCurve,
    ThroughputCurve,
    case_fps,
    session_scaling,
)

if TYPE_CHECKING:
    from engine.uncertainty.records import Interval
    from profiles.session import CaseRecord, Session


def scaling_document(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Every curve of a session; seconds, images per second, and parts of 1. What there is none of is null."""
    scaling = session_scaling(session)
    return {
        "pixels": [_pixels(curve) for curve in scaling.pixels],
        "workers": [_throughput(curve) for curve in scaling.workers],
        "worlds": [_throughput(curve) for curve in scaling.worlds],
        "crossovers": [_crossover(against) for against in scaling.crossovers],
    }


def _picture(case: CaseRecord) -> dict[str, Any]:
    return {
        "scene": case.scene,
        "backend": case.backend,
        "effects": str(case.effects),
        "change": case.change,
    }


def _pixels(curve: PixelCurve) -> dict[str, Any]:
    fit, case = curve.fit, curve.cases[0]
    return {
        **_picture(case),
        "workers": case.workers,
        "worlds": case.worlds,
        "fits": fit.fits,
        "tested": fit.is_tested,
        "fixed_s": fit.fixed_s,
        "fixed_interval": _interval(fit.fixed_interval),
        "s_per_pixel": fit.s_per_pixel,
        "s_per_pixel_interval": _interval(fit.s_per_pixel_interval),
        "largest_deviation": fit.largest_deviation,
        "deviates_at_pixels": fit.deviates_at,
        "deviation_within_noise": fit.is_within_noise,
        "matters_from_pixels": _finite(fit.matters_from_pixels),
        "half_pixels": _finite(fit.half_pixels),
        "points": [
            {
                "case": one.id,
                "width": one.resolution.width,
                "height": one.resolution.height,
                "time_s": time,
                "fitted_s": fit.time_s(one.resolution.pixels),
            }
            for one, time in zip(curve.cases, curve.times_s, strict=True)
        ],
        "missing": [one.id for one in curve.missing],
    }


def _throughput(curve: ThroughputCurve) -> dict[str, Any]:
    throughput, case = curve.throughput, curve.cases[0]
    fixed = {name: getattr(case, name) for name in ("workers", "worlds") if name != curve.axis}
    return {
        **_picture(case),
        "width": case.resolution.width,
        "height": case.resolution.height,
        **fixed,
        "base": throughput.base,
        "knee": None if throughput.is_knee_beyond else throughput.knee,
        "knee_beyond_largest": throughput.is_knee_beyond,
        "points": [
            {
                "case": one.id,
                str(curve.axis): point.size,
                "fps": point.fps,
                "speed_up": point.speed_up,
                "efficiency": point.efficiency,
                "efficiency_interval": _interval(point.efficiency_interval),
                "doubling_gain": point.doubling_gain,
                "doubling_measured": point.is_doubling_measured,
            }
            for one, point in zip(curve.cases, throughput.points, strict=True)
        ],
        "missing": [one.id for one in curve.missing],
    }


def _crossover(against: BatchAgainstProcesses) -> dict[str, Any]:
    first, found = against.batch[0], against.crossover
    return {
        **_picture(first),
        "width": first.resolution.width,
        "height": first.resolution.height,
        "workers": first.workers,
        "points": [{"case": case.id, "worlds": case.worlds, "fps": case_fps(case)} for case in against.batch],
        "process": {
            "case": against.process.id,
            "backend": against.process.backend,
            "workers": against.process.workers,
            "fps": against.process_fps,
        },
        "faster": str(found.outcome),
        "from_worlds": found.worlds,
        "between": list(found.between) if found.between else None,
        "faster_at": list(found.faster_at),
        "best_ratio": found.best_ratio,
        "best_worlds": found.best_worlds,
    }


def _interval(interval: Interval | None) -> dict[str, float] | None:
    return None if interval is None else {"low": interval.low, "high": interval.high}


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
