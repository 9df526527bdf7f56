"""What the looks at a GPU mean: a pure function."""

from __future__ import annotations

from collections.abc import Iterator

from engine.interference.gpu import GpuTrial
from engine.interference.records import Finding, FindingKind

_CLOCK_FALL = 0.8


def gpu_findings(gpu: GpuTrial) -> Iterator[Finding]:
    """Yield what held a GPU down.

    Heat and a power brake spoil whenever they are seen. A GPU at its power limit works as hard as it may, in
    this trial as in the next, so that is only told. A clock that falls by a fifth while the GPU is busy
    spoils: the figures are of no one speed. Clocks that a person has set are what that person wants.
    """
    if gpu.heat_looks:
        at = f" (at {gpu.hottest_c} °C)" if gpu.hottest_c is not None else ""
        yield Finding(
            kind=FindingKind.GPU_HEAT,
            size=gpu.heat_looks / gpu.looks,
            unit="of the looks",
            what=f"the GPU was slowed down by heat{at} {_in_looks(gpu.heat_looks, gpu.looks)}",
            fix="look after its cooling, let it cool down, and measure again",
            spoils=True,
        )
    if gpu.brake_looks:
        yield Finding(
            kind=FindingKind.GPU_POWER_BRAKE,
            size=gpu.brake_looks / gpu.looks,
            unit="of the looks",
            what=f"the GPU was slowed down by a power brake {_in_looks(gpu.brake_looks, gpu.looks)}",
            fix="look after its power supply, and measure again",
            spoils=True,
        )
    if gpu.limit_looks:
        watts = f" of {gpu.power_limit_w:.0f} W" if gpu.power_limit_w else ""
        yield Finding(
            kind=FindingKind.GPU_POWER_LIMIT,
            size=gpu.limit_looks / gpu.looks,
            unit="of the looks",
            what=f"the GPU was at its power limit{watts} {_in_looks(gpu.limit_looks, gpu.looks)}",
            fix="raise the limit where that is allowed (nvidia-smi -pl); the figures are those of this limit",
            spoils=False,
        )
    low, high = gpu.slowest_mhz, gpu.fastest_mhz
    if low is not None and high is not None and low < _CLOCK_FALL * high:
        yield Finding(
            kind=FindingKind.GPU_CLOCK,
            size=1 - low / high,
            unit="below the highest seen",
            what=f"the GPU's clock went between {low} and {high} MHz while it was busy",
            fix="measure longer, with more warm-up frames, or fix the clock (nvidia-smi -lgc)",
            spoils=True,
        )


def _in_looks(count: int, looks: int) -> str:
    """Write how often: "all the time", "in 2 of 5 looks"."""
    return "all the time" if count == looks else f"in {count} of {looks} looks"
