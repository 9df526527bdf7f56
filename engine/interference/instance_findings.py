"""What it means for a trial that another instance of this tool measured at the same time: a pure function."""

from __future__ import annotations

from collections.abc import Iterator

from engine.interference.instances import Instance
from engine.interference.processor_findings import COUNTS
from engine.interference.readings import SHORTEST_S, Readings
from engine.interference.records import Finding, FindingKind
from engine.interference.texts import cores_text, seconds_text

_FIX = "wait until it is done, and measure again"


def instance_findings(readings: Readings) -> Iterator[Finding]:
    """Tell of other instances, however little they took: they are there to load the machine.

    It spoils by the same law as other programs: from 2% of what the engine processes took on, of which counts
    what was taken while less than one core had nothing to do. Where nobody can tell by how much it disturbs
    it spoils too: on a GPU, in a trial too short to count processor time, beside an instance in a container.
    """
    if not readings.instances:
        return
    known = [interval for interval in readings.intervals if interval.instances is not None]
    lasted_s = sum(interval.seconds for interval in known)
    taken_s = sum((interval.instances or 0.0) * interval.seconds for interval in known)
    crowded_s = sum(
        (interval.instances or 0.0) * interval.seconds for interval in known if interval.is_crowded
    )
    who = _who_measured(readings.instances)
    if lasted_s < SHORTEST_S:
        yield Finding(
            kind=FindingKind.OTHER_INSTANCE,
            size=len(readings.instances),
            unit="instances",
            what=who,
            fix=_FIX,
            spoils=True,
        )
        return
    yield Finding(
        kind=FindingKind.OTHER_INSTANCE,
        size=taken_s / lasted_s,
        unit="cores",
        what=f"{who} and took {cores_text(taken_s / lasted_s)} for {seconds_text(lasted_s)}",
        fix=_FIX,
        spoils=readings.on_gpu or crowded_s >= COUNTS * readings.ours_s,
    )


def _who_measured(instances: tuple[Instance, ...]) -> str:
    # What counts comes first: the dashboard's line may have no room for all of it.
    count = len(instances)
    if count == 1:
        return f"another mjbench-tui measured at the same time ({instances[0]})"
    return f"{count} other mjbench-tui measured at the same time (the first: {instances[0]})"
