"""What disturbed a trial on the processors: pure functions of readings."""

from __future__ import annotations

from collections.abc import Iterator

from engine.interference.readings import Interval, Readings
from engine.interference.records import Finding, FindingKind
from engine.interference.texts import cores_text, seconds_text, times_text

COUNTS = 0.02
"""A part of the time that is as much as the smallest difference of speed that counts as one."""
_LOAD_CORES, _LOAD_A_PROCESSOR = 0.1, 0.005
_LEAST_LOAD_S, _LEAST_LOAD_A_PROCESSOR_S = 0.1, 0.002
_LEAST_STOLEN_S = 0.03
_CLOCK_FALL = 0.8
_SLOW_CLOCK = 0.5
_SWITCHES_A_SECOND = 100
_UNASKED_CORES = 0.5
_OWN_CORES = 0.05


def processor_findings(readings: Readings) -> Iterator[Finding]:
    """Yield what took processor time away, or made it worth less."""
    others = tuple(_other_processes(readings))
    yield from others
    if not others and not readings.instances:
        yield from _switches(readings)
    yield from _stolen(readings)
    yield from _heat(readings)
    yield from _clock(readings)
    yield from _quota(readings)
    yield from _observer(readings)


def _other_processes(readings: Readings) -> Iterator[Finding]:
    """Tell of the stretch in which others took most processor time.

    A stretch counts from 10% of one core on (on large machines 0.5% of every processor): a machine with
    nothing else to do stays below. It spoils from 2% of what the engine processes took on, of which counts
    what was taken while less than one core had nothing to do: others then stood in the way of ours, or shared
    a core's two threads with them. Where there was room for both it is only told.
    """
    intervals = readings.intervals
    least = max(_LOAD_CORES, _LOAD_A_PROCESSOR * readings.processors)
    stretches: list[list[Interval]] = [[]]
    for interval in intervals:
        if interval.others >= least:
            stretches[-1].append(interval)
        else:
            stretches.append([])
    loaded = [interval for stretch in stretches for interval in stretch]
    taken_s = sum(interval.taken_s for interval in loaded)
    # The kernel counts the time of each processor in steps of 10 ms.
    if taken_s < max(_LEAST_LOAD_S, _LEAST_LOAD_A_PROCESSOR_S * readings.processors):
        return
    worst = max(stretches, key=lambda stretch: sum(interval.taken_s for interval in stretch))
    lasted_s = sum(interval.seconds for interval in worst)
    cores = sum(interval.taken_s for interval in worst) / lasted_s
    crowded_s = sum(interval.taken_s for interval in loaded if interval.is_crowded)
    yield Finding(
        kind=FindingKind.OTHER_PROCESSES,
        size=cores,
        unit="cores",
        what=f"other processes took {cores_text(cores)} for {seconds_text(lasted_s)}",
        fix="end other programs and measure again",
        spoils=crowded_s >= COUNTS * readings.ours_s,
    )


def _stolen(readings: Readings) -> Iterator[Finding]:
    """Tell of stolen time from 2% of the time in which there was work; it is counted where work waited."""
    first, last = readings.snapshots[0].total, readings.snapshots[-1].total
    if first is None or last is None:
        return
    stolen_s, busy_s = last.stolen_s - first.stolen_s, last.busy_s - first.busy_s
    if stolen_s < _LEAST_STOLEN_S or stolen_s < COUNTS * (busy_s + stolen_s):
        return
    share = stolen_s / (busy_s + stolen_s)
    yield Finding(
        kind=FindingKind.STOLEN_TIME,
        size=stolen_s,
        unit="s",
        what=f"the hypervisor gave {share:.0%} of the processors to others, {seconds_text(stolen_s)} in all",
        fix="measure again, or on a machine with processors of its own (dedicated CPU)",
        spoils=True,
    )


def _heat(readings: Readings) -> Iterator[Finding]:
    """Tell of every slowing by heat: how long one lasts is not counted everywhere, and clocks rise slowly."""
    count = readings.difference("heat_throttles")
    if count:
        yield Finding(
            kind=FindingKind.HEAT,
            size=count,
            unit="times",
            what=f"a processor was slowed down by heat {times_text(count)}",
            fix="look after its cooling, let it cool down, and measure again",
            spoils=True,
        )


def _clock(readings: Readings) -> Iterator[Finding]:
    """Tell of clocks of processors that had work; those of idle ones mean nothing.

    A clock that falls by a fifth spoils: the figures are of no one speed. One that stays below half of the
    highest in every look is a machine's habit, or its governor's.
    """
    clocks = [snapshot.clock for snapshot in readings.snapshots if snapshot.clock is not None]
    if not clocks:
        return
    low, high = min(clock.share for clock in clocks), max(clock.share for clock in clocks)
    highest = f"{max(clock.highest_mhz for clock in clocks) / 1000:.2f} GHz"
    if low < _CLOCK_FALL * high:
        yield Finding(
            kind=FindingKind.CLOCK,
            size=1 - low / high,
            unit="below the highest seen",
            what=f"the processors' clock went between {low:.0%} and {high:.0%} of {highest}",
            fix="set the governor performance, see to cooling and power supply, and measure again",
            spoils=True,
        )
    elif high < _SLOW_CLOCK:
        yield Finding(
            kind=FindingKind.SLOW_CLOCK,
            size=1 - high,
            unit="below the highest",
            what=f"the processors' clock stayed below {high:.0%} of {highest}",
            fix="set the governor performance, and look whether power saving or heat holds it down",
            spoils=False,
        )


def _quota(readings: Readings) -> Iterator[Finding]:
    """Tell of every wait for the next period of a quota; another trial would have them too."""
    count = readings.difference("quota_waits")
    if count:
        yield Finding(
            kind=FindingKind.QUOTA,
            size=count,
            unit="times",
            what=f"a limit of processor time stopped the programs of this container {times_text(count)}",
            fix="start it without a limit of processor time; to give it fewer processors, use --cpuset-cpus",
            spoils=False,
        )


def _switches(readings: Readings) -> Iterator[Finding]:
    """Tell where the thread that times frames lost its processor 100 times a second and more.

    To be asked only where others took too little to be told of: they would be the reason. Nothing is told
    unless half a core was left that we and the engine processes had not asked for: a rasterizer's threads or
    other workers would be the reason. What was lost is little then, so it does not spoil.
    """
    intervals, engine = readings.intervals, readings.engine
    if not intervals:
        return
    lasted_s = sum(interval.seconds for interval in intervals)
    ours = sum(interval.ours * interval.seconds for interval in intervals) / lasted_s
    if ours > readings.processors - _UNASKED_CORES:
        return
    counts = [
        after.involuntary_switches - before.involuntary_switches
        for before, after in zip(engine[0][1], engine[-1][1], strict=True)
        if before.involuntary_switches is not None and after.involuntary_switches is not None
    ]
    rate = max(counts, default=0) / lasted_s
    if rate >= _SWITCHES_A_SECOND:
        yield Finding(
            kind=FindingKind.SWITCHES,
            size=rate,
            unit="times a second",
            what=f"the processor was taken from the engine process {rate:.0f} times a second",
            fix="end other programs, or keep them off some processors (taskset) and measure there",
            spoils=False,
        )


def _observer(readings: Readings) -> Iterator[Finding]:
    """Tell of the instrument's own share from 5% of one core on; it is meant to stay under 3%."""
    own_s = readings.snapshots[-1].own_cpu_s - readings.snapshots[0].own_cpu_s
    cores = own_s / readings.seconds
    if readings.draws and cores >= _OWN_CORES:
        yield Finding(
            kind=FindingKind.OBSERVER,
            size=cores,
            unit="cores",
            what=f"mjbench-tui itself took {cores_text(cores)}",
            fix="measure with `mjbench-tui run --quiet`, which shows nothing meanwhile",
            spoils=False,
        )
