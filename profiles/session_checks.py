"""Rules for what a session says was measured: no figure that nothing can have, none that contradicts another.

What is shown, compared and plotted is reckoned from these figures, and a file may come from anywhere.
"""

import functools
import itertools
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from engine.case import Resolution
from engine.metrics import PERCENTILES, WITH_INTERVALS, BenchmarkMetrics
from engine.timings import PHASES
from profiles.errors import Problem, found, quoted
from profiles.toml_errors import bare, element, is_record

if TYPE_CHECKING:
    from profiles.session import CaseRecord, Session, TrialRecord

_SMALLEST, _LARGEST = 1e-30, 1e20
"""Beyond these nothing is a figure, and what is reckoned from it may be no number any more."""
_MOST_COUNT = 10**15
_MOST_WORKERS = 256
_MOST_WORLDS = 65_536
_ROUNDING = 1e-9
_ORDERED = (*PERCENTILES, "max_ms")
_SHARES = ("stutter_share", "fairness")


def check_session(session: "Session") -> None:
    """Refuse figures that cannot be.

    Raises:
        Problem: a figure is no number, is negative or contradicts another.
    """
    _check_numbers(session.machine, "machine", is_signed=True)
    _check_numbers(session.session, "session", is_signed=True)
    for index, case in enumerate(session.cases):
        _check_case(case, f"cases[{index}]")


def _check_case(case: "CaseRecord", key: str) -> None:
    for name, most in (("workers", _MOST_WORKERS), ("worlds", _MOST_WORLDS)):
        _check_count(getattr(case, name), f"{key}.{name}", 1, most)
    for name in ("width", "height"):
        _check_count(getattr(case.resolution, name), f"{key}.resolution.{name}", 1, Resolution.MAX_SIDE)
    for name in ("steps_per_frame", "rasterizer_threads"):
        _check_count(getattr(case, name), f"{key}.{name}")
    _check_numbers(case.drawn, f"{key}.drawn")
    places: dict[tuple[int, int], int] = {}
    for index, trial in enumerate(case.trials):
        here = f"{key}.trials[{index}]"
        if (first := places.setdefault((trial.trial, trial.attempt), index)) != index:
            text = (
                f"is {trial.trial}, attempt {trial.attempt}: that is trials[{first}] too, expected each once"
            )
            raise Problem(f"{here}.trial", text)
        _check_trial(trial, here, case.workers)


def _check_trial(trial: "TrialRecord", key: str, workers: int) -> None:
    _check_count(trial.trial, f"{key}.trial", 1)
    _check_count(trial.attempt, f"{key}.attempt", 1)
    for name in ("device", "floor"):
        _check_numbers(getattr(trial, name), f"{key}.{name}")
    for name in ("start_up", "memory"):
        # Differences, which may come out below 0.
        _check_numbers(getattr(trial, name), f"{key}.{name}", is_signed=True)
    for index, finding in enumerate(trial.findings):
        _check_numbers(finding, f"{key}.findings[{index}]", is_signed=True)
    if trial.metrics is not None:
        _check_metrics(trial.metrics, f"{key}.metrics", workers)


def _check_metrics(metrics: BenchmarkMetrics, key: str, workers: int) -> None:
    _check_numbers(metrics, key)
    _check_count(metrics.frames, f"{key}.frames", 1)
    figures = [getattr(metrics, name) for name in _ORDERED]
    for (name, low), (other, high) in itertools.pairwise(zip(_ORDERED, figures, strict=True)):
        if low > high * (1 + _ROUNDING):
            raise Problem(
                f"{key}.{other}", f"is {found(high)}, expected at least {name}, which is {found(low)}"
            )
    for name in _SHARES:
        _check_share(getattr(metrics, name), f"{key}.{name}")
    _check_names(metrics.phases, PHASES, f"{key}.phases")
    for name in PHASES:
        if name not in metrics.phases:
            raise Problem(f"{key}.phases.{name}", "is missing, expected a table")
        _check_share(metrics.phases[name].share, f"{key}.phases.{name}.share")
    _check_names(metrics.intervals, WITH_INTERVALS, f"{key}.intervals")
    for name, interval in metrics.intervals.items():
        if interval.low > interval.high:
            text = f"is {found(interval.high)}, expected at least low, which is {found(interval.low)}"
            raise Problem(f"{key}.intervals.{name}.high", text)
    if len(metrics.worker_fps) not in (0, workers):
        text = f"has {len(metrics.worker_fps)} rates, expected one for each of {workers} workers"
        raise Problem(f"{key}.worker_fps", text)
    steady = metrics.steady
    if steady is not None:
        _check_count(steady.first_frame, f"{key}.steady.first_frame")
        if steady.change is not None and not -1 < steady.change < _LARGEST:
            raise Problem(f"{key}.steady.change", f"is {found(steady.change)}, expected a number above -1")


def _check_names(table: Mapping[str, object], known: Iterable[str], key: str) -> None:
    for name in table:
        if name not in known:
            raise Problem(key, f"holds {quoted(name)}, expected some of {', '.join(known)}")


def _check_share(value: float | None, key: str) -> None:
    if value is not None and value > 1 + _ROUNDING:
        raise Problem(key, f"is {found(value)}, expected a part from 0 to 1")


def _check_count(value: int, key: str, least: int = 0, most: int = _MOST_COUNT) -> None:
    if not least <= value <= most:
        raise Problem(key, f"is {found(value)}, expected a whole number from {least} to {most}")


def _check_numbers(record: Any, key: str, is_signed: bool = False) -> None:
    """Look at all numbers of a record, and of the records in it."""
    if record is None:
        return
    kind: Any = type(record)
    plan = _numbers_of(kind)
    for name in plan.numbers:
        value = getattr(record, name)
        if value is not None:
            _check_number(value, key, name, is_signed or name in _SIGNED)
    for name in plan.lists:
        for value in getattr(record, name):
            _check_number(value, key, name, is_signed)
    for name in plan.records:
        _check_numbers(getattr(record, name), f"{key}.{name}", is_signed)
    for name in plan.tables:
        for inner, value in getattr(record, name).items():
            _check_numbers(value, f"{key}.{name}.{inner}", is_signed)


_SIGNED = ("change",)


def _check_number(value: float, key: str, name: str, is_signed: bool) -> None:
    size = abs(value)
    # Written so that what is no number is refused too.
    if (size == 0 or _SMALLEST <= size <= _LARGEST) and (is_signed or value >= 0):
        return
    expected = "a number" if is_signed else "a number from 0 on"
    raise Problem(f"{key}.{name}", f"is {found(value)}, expected {expected} that can be one of a measurement")


class _Numbers(typing.NamedTuple):
    """The fields of a record that hold numbers, lists of these, records, and tables of records."""

    numbers: tuple[str, ...]
    lists: tuple[str, ...]
    records: tuple[str, ...]
    tables: tuple[str, ...]


@functools.cache
def _numbers_of(kind: Any) -> _Numbers:
    fields = {field.name: bare(field.type) for field in msgspec.structs.fields(kind)}

    def holding(origin: type, test: Callable[[Any], bool]) -> tuple[str, ...]:
        found = [name for name, plain in fields.items() if typing.get_origin(plain) is origin]
        return tuple(name for name in found if test(bare(element(fields[name]))))

    return _Numbers(
        tuple(name for name, plain in fields.items() if _is_number(plain)),
        holding(tuple, _is_number),
        tuple(name for name, plain in fields.items() if is_record(plain)),
        holding(dict, is_record),
    )


def _is_number(kind: Any) -> bool:
    return kind in (int, float)
