"""What the readings of a trial mean.

A finding spoils a trial where it moves the figures by about 2%, the smallest difference of speed that counts
as one, or where nobody can tell by how much, and where another trial may well go without it. What is the same
in every trial (a limit of processor time, a slow governor, the instrument's own share) is only told:
measuring again would not help.
"""

from engine.interference.gpu_findings import gpu_findings
from engine.interference.instance_findings import instance_findings
from engine.interference.memory_findings import memory_findings
from engine.interference.processor_findings import processor_findings
from engine.interference.readings import SHORTEST_S, Readings
from engine.interference.records import Finding


def find_interference(readings: Readings) -> tuple[Finding, ...]:
    """Tell what disturbed a trial, what spoils it first; of one too short to tell, only who else measured."""
    if len(readings.snapshots) < 2:
        return ()
    found = [*instance_findings(readings)]
    if readings.seconds >= SHORTEST_S:
        found += processor_findings(readings)
        found += memory_findings(readings)
        found += gpu_findings(readings.gpu)
    return tuple(sorted(found, key=lambda finding: not finding.spoils))
