"""What disturbed a trial in main memory: pure functions of readings."""

from __future__ import annotations

from collections.abc import Iterator

from engine.interference.readings import Readings
from engine.interference.records import Finding, FindingKind
from engine.interference.texts import seconds_text

_FAULTS, _FAULTS_A_SECOND = 10, 10
_SWAPPED_MIB, _SWAPPED_MIB_A_SECOND = 1.0, 1.0
_STALLED = 0.02
_GROWTH_MIB, _GROWTH_SHARE, _LATE_GROWTH = 64, 0.1, 0.25


def memory_findings(readings: Readings) -> Iterator[Finding]:
    """Yield where memory was short, or grew."""
    yield from _page_faults(readings)
    yield from _swapping(readings)
    yield from _memory_stall(readings)
    yield from _memory_growth(readings)


def _page_faults(readings: Readings) -> Iterator[Finding]:
    """Tell of waits for a disk from 10 on; 10 a second are 2% where one takes 2 ms.

    Faults that no disk is needed for are the renderer's own way with memory, and are not counted.
    """
    totals = [sum(process.major_faults for process in engine) for _, engine in readings.engine]
    count = totals[-1] - totals[0] if totals else 0
    if count >= _FAULTS:
        yield Finding(
            kind=FindingKind.PAGE_FAULTS,
            size=count,
            unit="times",
            what=f"the engine waited {count} times for pages from a disk",
            fix="measure again with more warm-up frames; if it stays, free main memory",
            spoils=count >= _FAULTS_A_SECOND * readings.seconds,
        )


def _swapping(readings: Readings) -> Iterator[Finding]:
    """Tell of swapping from 1 MiB on; at 1 MiB a second memory is short, and which pages go is chance."""
    swapped_mib = readings.difference("swapped_mib")
    if swapped_mib >= _SWAPPED_MIB:
        yield Finding(
            kind=FindingKind.SWAPPING,
            size=swapped_mib,
            unit="MiB",
            what=f"{swapped_mib:.0f} MiB of memory went to swap space or came back",
            fix="end other programs, or measure on a machine with more memory",
            spoils=swapped_mib >= _SWAPPED_MIB_A_SECOND * readings.seconds,
        )


def _memory_stall(readings: Readings) -> Iterator[Finding]:
    """Tell of programs that stood still for want of memory in 2% of the time."""
    stall_s = readings.difference("memory_stall_s")
    if stall_s >= _STALLED * readings.seconds:
        yield Finding(
            kind=FindingKind.MEMORY_STALL,
            size=stall_s,
            unit="s",
            what=f"programs stood still for {seconds_text(stall_s)} because main memory was short",
            fix="end other programs, or measure on a machine with more memory",
            spoils=True,
        )


def _memory_growth(readings: Readings) -> Iterator[Finding]:
    """Tell of memory that grew by 64 MiB and by a tenth, and went on growing in the second half.

    What a driver fills at the beginning and keeps is no growth.
    """
    held = [(at_s, sum(process.resident_mib for process in engine)) for at_s, engine in readings.engine]
    if not held:
        return
    first, last = held[0][1], held[-1][1]
    middle_s = (held[0][0] + held[-1][0]) / 2
    middle = max(mib for at_s, mib in held if at_s <= middle_s)
    grown = last - first
    if grown >= max(_GROWTH_MIB, _GROWTH_SHARE * first) and last - middle >= _LATE_GROWTH * grown:
        yield Finding(
            kind=FindingKind.MEMORY_GROWTH,
            size=grown,
            unit="MiB",
            what=f"the engine's memory grew by {grown:.0f} MiB, from {first:.0f} to {last:.0f}, and went on",
            fix="look whether the renderer's driver leaks: a longer run would end without memory",
            spoils=False,
        )
