"""What a runner module returned: read, checked, and refused in one sentence where it is anything else."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.backends.madrona_runner.figures import FIGURE_KEYS, read_figures
from engine.backends.madrona_runner.numbers import WrongResultError, described, text
from engine.backends.madrona_runner.times import (
    CHECKED_KEYS,
    FRAME_TIMES,
    TIME_KEYS,
    FrameTimes,
    read_times,
)
from engine.metrics import BenchmarkMetrics

DEVICE = "device"
_KNOWN = (*FIGURE_KEYS, *TIME_KEYS, DEVICE)
_EXPECTED = "expected BenchmarkMetrics, a mapping of figures, or one of these and a folder of frames"
_LONGEST_DEVICE = 200


@dataclass(frozen=True)
class RunnerResult:
    """What came out: either `times` or `metrics` is there."""

    times: FrameTimes | None
    """From which the figures are computed."""
    metrics: BenchmarkMetrics | None
    """The runner's own figures."""
    device: str
    """What drew, in the runner's words; "" where it does not tell."""
    folder: Path | None
    """Where it left pictures."""


def read_result(returned: object, worlds: int, pixels: int) -> RunnerResult:
    """Read whatever a runner returned.

    Args:
        returned: by the runner's function.
        worlds: frames in each batch.
        pixels: in one image.

    Raises:
        WrongResultError: it is not what is asked for; the message goes on after "returned ".
    """
    folder = None
    if isinstance(returned, tuple | list):
        if len(returned) != 2:
            raise WrongResultError(f"{len(returned)} values in a {type(returned).__name__}, {_EXPECTED}")
        answer, folder = returned[0], _folder(returned[1])
    else:
        answer = returned
    told = _mapping(answer)
    device = text(DEVICE, told[DEVICE], _LONGEST_DEVICE) if told.get(DEVICE) is not None else ""
    if told.get(FRAME_TIMES) is None:
        lonely = next((key for key in TIME_KEYS if key in told), None)
        if lonely is not None:
            raise WrongResultError(f"{lonely} without {FRAME_TIMES}")
        return RunnerResult(None, read_figures(told, worlds, pixels), device, folder)
    computed = next((key for key in FIGURE_KEYS if key in told and key not in CHECKED_KEYS), None)
    if computed is not None:
        raise WrongResultError(f"{computed} beside {FRAME_TIMES}, from which it is computed: leave it out")
    return RunnerResult(read_times(told, worlds), None, device, folder)


def _mapping(returned: object) -> dict[str, Any]:
    if isinstance(returned, BenchmarkMetrics):
        return msgspec.structs.asdict(returned)
    if not isinstance(returned, Mapping):
        said = described(returned) if returned is None else f"something of type {type(returned).__name__}"
        raise WrongResultError(f"{said}, {_EXPECTED}")
    told = dict(returned)
    for key in told:
        if key not in _KNOWN:
            near = difflib.get_close_matches(str(key), _KNOWN, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_KNOWN)}"
            raise WrongResultError(f"the unknown figure {described(key)}: {hint}")
    return told


def _folder(value: object) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike):
        raise WrongResultError(f"{described(value)} in the place of a folder of frames, expected a path")
    try:
        path = Path(value).absolute()
        if path.is_dir():
            return path
    except (OSError, TypeError, ValueError) as error:
        raise WrongResultError(f"a folder of frames {described(value)} that cannot be read") from error
    raise WrongResultError(f"a folder of frames {described(value)} that is not there")
