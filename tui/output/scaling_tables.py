"""The curves of a session as tables: fixed cost and cost per pixel, efficiency and knee."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.uncertainty.digits import written_with
from profiles.scaling import Axis, PixelCurve, Scaling, ThroughputCurve, session_scaling
from tui.output.markdown import markdown_list, markdown_table
from tui.output.scaling_texts import (
    crossover_sentence,
    doubling_text,
    efficiency_texts,
    fps_text,
    matters_text,
    off_text,
    pixel_curve_name,
    pixel_sentences,
    throughput_backend,
    throughput_curve_name,
    throughput_sentences,
)
from tui.output.tables import DITTO, Column, backend_title, fitted_table, plain, scene_cells, scene_title
from tui.text import NO_VALUE, three_digits

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from engine.scaling.throughput import Throughput, ThroughputPoint
    from engine.uncertainty.records import Interval
    from profiles.session import Session

_GAP = 3
"""Columns between two cells of a table."""
_PIXELS = "Time per image = fixed cost + cost per pixel:"
_THROUGHPUT = {
    Axis.WORKERS: "FPS of all workers together:",
    Axis.WORLDS: "FPS of all worlds together:",
}
_CROSSOVERS = "Batch renderers against the fastest processes of the classic one:"
_BRACKETS = "In brackets: half as many were not measured, so it is read off between neighbours."


def print_scaling(session: Session, screen: Console) -> None:
    """Print every curve of a session; nothing where it has none."""
    scaling = session_scaling(session)
    if scaling.pixels:
        columns = _fitting(_pixel_columns(scaling.pixels), _short_pixel_columns(scaling.pixels), screen.width)
        _print_section(screen, _PIXELS, columns, _pixel_notes(scaling.pixels))
    for axis, curves in _throughputs(scaling):
        columns = _fitting(_throughput_columns(curves), _short_throughput_columns(curves), screen.width)
        _print_section(screen, _THROUGHPUT[axis], columns, _throughput_notes(curves))
    if scaling.crossovers:
        _print_section(screen, _CROSSOVERS, [], _crossover_notes(scaling))


def scaling_markdown(session: Session) -> str:
    """The same tables and sentences for a pull request; "" where a session has no curve."""
    scaling = session_scaling(session)
    parts = []
    if scaling.pixels:
        columns = _pixel_columns(scaling.pixels, repeat=True)
        parts.append(_markdown(_PIXELS, columns, _pixel_notes(scaling.pixels)))
    for axis, curves in _throughputs(scaling):
        columns = _throughput_columns(curves, repeat=True)
        parts.append(_markdown(_THROUGHPUT[axis], columns, _throughput_notes(curves)))
    if scaling.crossovers:
        parts.append(_markdown(_CROSSOVERS, [], _crossover_notes(scaling)))
    return "".join(f"\n{part}" for part in parts)


def _throughputs(scaling: Scaling) -> list[tuple[Axis, Sequence[ThroughputCurve]]]:
    both = [(Axis.WORKERS, scaling.workers), (Axis.WORLDS, scaling.worlds)]
    return [(axis, curves) for axis, curves in both if curves]


def _print_section(screen: Console, title: str, columns: list[Column], notes: Sequence[str]) -> None:
    screen.print()
    screen.print(plain(title))
    if columns:
        screen.print(fitted_table(columns, screen.width))
    for note in notes:
        screen.print(plain(note), soft_wrap=not screen.is_terminal)


def _markdown(title: str, columns: Sequence[Column], notes: Sequence[str]) -> str:
    lines = [f"**{title}**", ""]
    if columns:
        rows = zip(*(column.cells for column in columns), strict=True)
        cells = [[cell.plain for cell in row] for row in rows]
        lines += [*markdown_table([column.title for column in columns], cells), ""]
    lines += markdown_list(notes)
    return "\n".join(lines).rstrip() + "\n"


def _fitting(columns: list[Column], short: list[Column], width: int) -> list[Column]:
    """The columns where those that always stay have room, else those that name each curve above its rows."""
    always = [column.width for column in columns if not column.rank]
    return columns if sum(always) + _GAP * (len(always) - 1) <= width else short


def _pixel_columns(curves: Sequence[PixelCurve], repeat: bool = False) -> list[Column]:
    cases = [curve.cases[0] for curve in curves]
    return [
        Column("scene", _scenes([case.scene for case in cases], repeat)),
        Column("backend", [plain(backend_title(case)) for case in cases]),
        Column("effects", [plain(case.effects) for case in cases]),
        *_pixel_figures(curves),
    ]


def _short_pixel_columns(curves: Sequence[PixelCurve]) -> list[Column]:
    return [
        Column("", [plain(pixel_curve_name(curve)) for curve in curves], heads=True),
        *_pixel_figures(curves),
    ]


def _pixel_figures(curves: Sequence[PixelCurve]) -> list[Column]:
    fixed = [_figure(curve, 1e3, curve.fit.fixed_s, curve.fit.fixed_interval) for curve in curves]
    each = [_figure(curve, 1e9, curve.fit.s_per_pixel, curve.fit.s_per_pixel_interval) for curve in curves]
    matters = [matters_text(curve) if curve.fit.fits else NO_VALUE for curve in curves]
    return [
        Column("sizes", [plain(curve.fit.sizes) for curve in curves], number=True, rank=2),
        Column("fixed ms", [plain(figure) for figure, _ in fixed], number=True),
        *_intervals([interval for _, interval in fixed]),
        Column("ns a pixel", [plain(figure) for figure, _ in each], number=True),
        *_intervals([interval for _, interval in each], rank=4),
        Column("off by", [plain(_off(curve)) for curve in curves], number=True),
        Column("pixels matter from", _plain(matters)),
    ]


def _plain(texts: Sequence[str]) -> list[Text]:
    return [plain(text) for text in texts]


def _scenes(scenes: Sequence[str], repeat: bool) -> list[Text]:
    return [plain(scene_title(scene)) for scene in scenes] if repeat else scene_cells(scenes)


def _intervals(texts: Sequence[str], rank: int = 3) -> list[Column]:
    """The column of some intervals, where there is any."""
    if all(text == NO_VALUE for text in texts):
        return []
    return [Column("95%", _plain(texts), number=True, rank=rank)]


def _figure(curve: PixelCurve, unit: float, value: float, interval: Interval | None) -> tuple[str, str]:
    """A part of the line and its interval, in parts of a unit; a line that does not fit tells neither."""
    if not curve.fit.fits:
        return NO_VALUE, NO_VALUE
    if interval is None or not value > 0:
        return three_digits(unit * value), NO_VALUE
    scaled = type(interval)(unit * interval.low, unit * interval.high, interval.kind, interval.level)
    figure, low, high = written_with(unit * value, scaled)
    return figure, f"{low}..{high}"


def _off(curve: PixelCurve) -> str:
    return off_text(curve.fit) if curve.fit.is_tested else NO_VALUE


def _pixel_notes(curves: Sequence[PixelCurve]) -> list[str]:
    notes = [
        "off by: the largest distance of a measured time from the line. Pixels matter from where they take a "
        "tenth of the time: below it a smaller image gains less than that."
    ]
    # What the table has told of a line that fits is not told again.
    told = [(pixel_curve_name(curve), pixel_sentences(curve)[int(curve.fit.fits) :]) for curve in curves]
    return notes + _named(told)


def _named(told: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Sentences with the names of their curves before them; what is said of several, once for all."""
    groups: dict[str, list[str]] = {}
    for name, sentences in told:
        if said := " ".join(sentences):
            groups.setdefault(said, []).append(name)
    return [f"{'; '.join(names)}: {said}" for said, names in groups.items()]


def _throughput_columns(curves: Sequence[ThroughputCurve], repeat: bool = False) -> list[Column]:
    firsts = [index == 0 for curve in curves for index in range(len(curve.cases))]
    of_rows = [curve for curve in curves for _ in curve.cases]

    def of_curve(text: Callable[[ThroughputCurve], object]) -> list[Text]:
        """What is the same all along a curve, in its first row."""
        pairs = zip(of_rows, firsts, strict=True)
        return [plain(text(curve) if first or repeat else DITTO) for curve, first in pairs]

    columns = [
        Column("scene", _scenes([curve.cases[0].scene for curve in of_rows], repeat)),
        Column("backend", of_curve(throughput_backend)),
        Column("size", of_curve(lambda curve: curve.cases[0].resolution)),
        Column("effects", of_curve(lambda curve: curve.cases[0].effects)),
    ]
    if any(curve.cases[0].change for curve in curves):
        columns.append(Column("change", of_curve(lambda curve: curve.cases[0].change or NO_VALUE)))
    return [*columns, *_throughput_figures(curves)]


def _short_throughput_columns(curves: Sequence[ThroughputCurve]) -> list[Column]:
    names = [
        plain(DITTO if index else throughput_curve_name(curve))
        for curve in curves
        for index in range(len(curve.cases))
    ]
    return [Column("", names, heads=True), *_throughput_figures(curves)]


def _throughput_figures(curves: Sequence[ThroughputCurve]) -> list[Column]:
    points = [point for curve in curves for point in curve.throughput.points]
    cases = [case for curve in curves for case in curve.cases]
    efficiencies = [efficiency_texts(point) for point in points]
    return [
        Column(curves[0].axis, [plain(point.size) for point in points], number=True),
        Column("FPS", [plain(fps_text(case)) for case in cases], number=True),
        Column("times", [plain(f"{point.speed_up:.2f}") for point in points], number=True, rank=5),
        Column("efficiency", [plain(text) for text, _ in efficiencies], number=True),
        *_intervals([interval for _, interval in efficiencies]),
        Column("doubling", [plain(doubling_text(point) or NO_VALUE) for point in points], number=True),
        *_knee_column(
            [_mark(curve.throughput, point) for curve in curves for point in curve.throughput.points]
        ),
    ]


def _knee_column(marks: Sequence[str]) -> list[Column]:
    return [Column("", _plain(marks))] if any(marks) else []


def _mark(throughput: Throughput, point: ThroughputPoint) -> str:
    return "knee" if point.size == throughput.knee and not throughput.is_knee_beyond else ""


def _throughput_notes(curves: Sequence[ThroughputCurve]) -> list[str]:
    thing = curves[0].axis.removesuffix("s")
    notes = [
        f"efficiency: FPS of one {thing} as a part of what one does among the fewest. doubling: what is "
        "gained over half as many. knee: the largest number to which a doubling gains a tenth."
    ]
    points = [point for curve in curves for point in curve.throughput.points[1:]]
    notes += [] if all(point.is_doubling_measured for point in points) else [_BRACKETS]
    return notes + _named([(throughput_curve_name(curve), throughput_sentences(curve)) for curve in curves])


def _crossover_notes(scaling: Scaling) -> list[str]:
    return [crossover_sentence(against) for against in scaling.crossovers]
