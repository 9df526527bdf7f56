"""What was noticed during a trial, as it stays in its result."""

from enum import StrEnum

from engine.record import Record


class FindingKind(StrEnum):
    """What disturbed a trial."""

    OTHER_PROCESSES = "other-processes"
    """Programs that are no part of the measurement used the processors."""
    OTHER_INSTANCE = "other-instance"
    """Another instance of this tool measured at the same time."""
    STOLEN_TIME = "stolen-time"
    """The hypervisor gave the processors to other guests."""
    HEAT = "heat"
    """A processor was slowed down by heat."""
    CLOCK = "clock"
    """The processors' clock went up and down."""
    SLOW_CLOCK = "slow-clock"
    """The processors' clock never came near its highest."""
    QUOTA = "quota"
    """A limit of processor time stopped the control group."""
    SWITCHES = "switches"
    """The processor was taken from an engine process very often."""
    PAGE_FAULTS = "page-faults"
    """Engine processes waited for pages from a disk."""
    SWAPPING = "swapping"
    """The kernel moved memory to swap space or back."""
    MEMORY_STALL = "memory-stall"
    """Programs stood still because memory was short."""
    MEMORY_GROWTH = "memory-growth"
    """Engine processes took more and more memory."""
    STOPPED = "stopped"
    """The instrument was stopped by a signal or with its container, and frames waited for it."""
    OBSERVER = "observer"
    """The instrument itself took its part."""
    GPU_HEAT = "gpu-heat"
    """The GPU was slowed down by heat."""
    GPU_POWER_BRAKE = "gpu-power-brake"
    """The GPU was slowed down because its power supply said so."""
    GPU_POWER_LIMIT = "gpu-power-limit"
    """The GPU worked as hard as its power limit allows."""
    GPU_CLOCK = "gpu-clock"
    """The GPU's clock went up and down while it was busy."""
    PICTURE = "picture"
    """The picture differs from another backend's, and which of them is right cannot be told."""
    FRAME_LIMIT = "frame-limit"
    """The trial was ended before its time: the timings of more frames would not fit into memory."""


class Finding(Record, frozen=True):
    """One thing that was noticed while a trial was timed."""

    kind: FindingKind
    size: float
    """How much of it there was, in `unit`: the more, the worse."""
    unit: str
    """"cores", "times", "s", "MiB", and the like; shares are parts of 1."""
    what: str
    """What was so, a sentence without its full stop: "other processes took 38% of one core for 2.1 s"."""
    fix: str
    """What a person can do about it."""
    spoils: bool
    """Whether the figures of the trial cannot be trusted; False where it is only to be known."""


def is_spoiled(findings: tuple[Finding, ...]) -> bool:
    """Whether a trial of which this was noticed is better measured again."""
    return any(finding.spoils for finding in findings)
