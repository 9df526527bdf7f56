"""What a session's curves say, in words: pure functions of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.case import Resolution
from engine.scaling.crossover import Outcome
from engine.scaling.throughput import WORTH_DOUBLING
from engine.uncertainty.digits import written_with
from engine.uncertainty.records import Interval
from profiles.case_figures import case_figures
from profiles.scaling import Axis
from tui.output.figure_texts import figure_text, noise_text
from tui.output.tables import backend_title, scene_title
from tui.text import NO_VALUE, counted, printable, three_digits

if TYPE_CHECKING:
    from engine.scaling.pixels import PixelFit
    from engine.scaling.throughput import Throughput, ThroughputPoint
    from profiles.scaling import BatchAgainstProcesses, PixelCurve, ThroughputCurve
    from profiles.session import CaseRecord

NO_SIZE = "no measured size"
EVERY_SIZE = "every measured size"
_THING = {Axis.WORKERS: "worker", Axis.WORLDS: "world"}


def pixel_curve_name(curve: PixelCurve) -> str:
    """Which cases a line goes through."""
    case = curve.cases[0]
    return printable(f"{scene_title(case.scene)}, {backend_title(case)}, {case.effects}")


def throughput_curve_name(curve: ThroughputCurve) -> str:
    """Which cases a curve goes through."""
    case = curve.cases[0]
    what = f"{scene_title(case.scene)}, {throughput_backend(curve)}, {case.resolution}, {case.effects}"
    return printable(f"{what}, {case.change}" if case.change else what)


def throughput_backend(curve: ThroughputCurve) -> str:
    """The backend, with the number that is the same all along the curve where it is not one."""
    fixed = Axis.WORLDS if curve.axis is Axis.WORKERS else Axis.WORKERS
    number = getattr(curve.cases[0], fixed)
    name = curve.cases[0].backend
    return f"{name} {counted(number, _THING[fixed])}" if number > 1 else name


def matters_text(curve: PixelCurve) -> str:
    """The size from which on pixels matter, in the shape of the largest measured one: 56x42 (2,400 pixels).

    Beyond the measured sizes nothing is told but on which side of them it lies.
    """
    sizes = [case.resolution for case in curve.cases]
    pixels = curve.fit.matters_from_pixels
    if pixels > sizes[-1].pixels:
        return NO_SIZE
    if pixels < sizes[0].pixels:
        return EVERY_SIZE
    shape = shaped(sizes[-1], pixels)
    return f"{shape} ({_rounded(pixels):,} pixels)"


def shaped(like: Resolution, pixels: float) -> Resolution:
    """A size of so many pixels with the sides in the same proportion."""
    part = math.sqrt(pixels / like.pixels)
    return Resolution(max(1, round(like.width * part)), max(1, round(like.height * part)))


def _rounded(number: float) -> int:
    """Two digits of a number that is an estimate."""
    return int(float(f"{number:.2g}")) if number >= 100 else round(number)


def pixel_sentences(curve: PixelCurve) -> list[str]:
    """What the line says of one backend, and how far it can be trusted."""
    fit = curve.fit
    if not fit.fits:
        said = [_does_not_fit(curve)]
    else:
        said = [f"{_costs(fit)}; {_matters(curve)}."]
        if not fit.is_tested:
            said.append("Two sizes make a line whatever they are: a third would test it.")
    return [*said, *_missing(curve.missing, [str(case.resolution) for case in curve.missing])]


def _costs(fit: PixelFit) -> str:
    fixed, each = three_digits(1e3 * fit.fixed_s), three_digits(1e9 * fit.s_per_pixel)
    return f"an image takes {fixed} ms and {each} ns a pixel"


def _matters(curve: PixelCurve) -> str:
    text = matters_text(curve)
    if text == NO_SIZE:
        return "pixels take less than a tenth of it at every measured size"
    if text == EVERY_SIZE:
        return "pixels take more than a tenth of it at every measured size"
    return f"below about {text} pixels take less than a tenth of it"


def _does_not_fit(curve: PixelCurve) -> str:
    fit = curve.fit
    at = next(case.resolution for case in curve.cases if case.resolution.pixels == fit.deviates_at)
    if fit.is_within_noise:
        return (
            f"At {at} the nearest line of fixed cost and cost per pixel is {off_text(fit)} off, which may be "
            "noise alone: it lies in the interval of every size. More or longer trials tell."
        )
    return (
        f"A fixed cost and a cost per pixel do not explain these times: at {at} the nearest line is "
        f"{off_text(fit)} off."
    )


def off_text(fit: PixelFit) -> str:
    """The largest distance of a measured time from the line, in percent."""
    return f"{three_digits(100 * fit.largest_deviation)}%"


def throughput_sentences(curve: ThroughputCurve) -> list[str]:
    """Where the knee of one curve is, and what else has to be known of it."""
    throughput = curve.throughput
    said = [f"{_knee(throughput, _THING[curve.axis])}."]
    if throughput.base > 1:
        fewest = counted(throughput.base, _THING[curve.axis])
        said.append(f"Efficiency is relative to {fewest}, the fewest with figures.")
    numbers = [counted(getattr(case, curve.axis), _THING[curve.axis]) for case in curve.missing]
    return said + _missing(curve.missing, numbers)


def _knee(throughput: Throughput, thing: str) -> str:
    at = counted(throughput.knee, thing)
    gain, after = throughput.knee_point.doubling_gain, throughput.after_knee
    if after is None:
        return f"the knee lies beyond the largest measured, {at}: doubling to it still {_gains(gain)}"
    more = f"from there to {counted(after.size, thing)} it {_gains(after.doubling_gain)}"
    if gain is None:
        return f"the knee is at {at}, the fewest: no doubling gains {WORTH_DOUBLING:.0%}, {more}"
    return f"the knee is at {at}: doubling to it {_gains(gain)}, {more}"


def _gains(gain: float | None) -> str:
    gain = gain or 0.0
    return f"{'loses' if gain < 0 else 'gains'} {noise_text(abs(gain))}"


def fps_text(case: CaseRecord) -> str:
    """The FPS of a case that has figures, with the digits that its interval bears out."""
    return figure_text(case_figures(case).figures["fps"])


def efficiency_texts(point: ThroughputPoint) -> tuple[str, str]:
    """The efficiency of a point and its interval: 92% and 90..94%; a dash where it has none."""
    interval = point.efficiency_interval
    if interval is None:
        return noise_text(point.efficiency), NO_VALUE
    percent = Interval(100 * interval.low, 100 * interval.high, interval.kind, interval.level)
    figure, low, high = written_with(100 * point.efficiency, percent)
    return f"{figure}%", f"{low}..{high}%"


def gain_text(gain: float | None) -> str:
    """What a doubling gains: +85%, +0.71%, -12%."""
    if gain is None:
        return ""
    return f"{'-' if gain < 0 else '+'}{noise_text(abs(gain))}"


def doubling_text(point: ThroughputPoint) -> str:
    """The gain of the doubling to a point, in brackets where half as many were not measured."""
    if point.doubling_gain is None:
        return ""
    text = gain_text(point.doubling_gain)
    return text if point.is_doubling_measured else f"({text})"


def _missing(cases: Sequence[CaseRecord], names: Sequence[str]) -> list[str]:
    return [f"No figures: {', '.join(names)}."] if cases else []


def crossover_sentence(against: BatchAgainstProcesses) -> str:
    """From how many worlds on a batch renderer is faster, in a sentence."""
    first, process = against.batch[0], against.process
    found = against.crossover
    batch = f"{first.backend} with {counted(first.workers, 'worker')}" if first.workers > 1 else first.backend
    picture = f"{scene_title(first.scene)}, {first.resolution}, {first.effects}"
    picture += f", {first.change}" if first.change else ""
    processes = "1 process" if process.workers == 1 else f"{process.workers} processes"
    rate = f"{processes} of {process.backend} ({fps_text(process)} FPS)"
    return printable(f"{picture}: {batch} {_beats(found.outcome, against, rate)}.")


def _beats(outcome: Outcome, against: BatchAgainstProcesses, rate: str) -> str:
    found, sizes = against.crossover, [case.worlds for case in against.batch]
    span = f"{sizes[0]} to {sizes[-1]}" if len(sizes) > 1 else f"{sizes[0]} alone"
    if outcome is Outcome.EVERY:
        return f"beats {rate} at every measured number of worlds, {span}"
    if outcome is Outcome.NONE:
        best = f"{found.best_ratio:.2f}" if found.best_ratio >= 0.1 else three_digits(found.best_ratio)
        return (
            f"beats {rate} at no measured number of worlds, {span}: at best {best} of it, with "
            f"{counted(found.best_worlds, 'world')}"
        )
    if found.between is None:
        faster = ", ".join(map(str, found.faster_at))
        return f"beats {rate} with {faster} worlds, and no more with {sizes[-1]}"
    low, high = found.between
    if high == low + 1:
        return f"beats {rate} from {counted(high, 'world')} on"
    return f"beats {rate} from about {counted(found.worlds or high, 'world')} on, between {low} and {high}"
