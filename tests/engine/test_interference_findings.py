"""What counters of a machine mean for a trial: trees as a kernel would have them, and what follows."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from engine.interference.findings import find_interference
from engine.interference.gpu import GpuLook, GpuTrial
from engine.interference.readings import Readings
from engine.interference.records import Finding, FindingKind
from engine.interference.snapshot import Snapshot, take_snapshot
from tests.engine.made_machine import MadeMachine, MadeProcess


@pytest.fixture
def machine(tmp_path: Path) -> MadeMachine:
    return MadeMachine(tmp_path)


def findings(*snapshots: Snapshot, **others: object) -> tuple[Finding, ...]:
    return find_interference(Readings(snapshots, **others))


def only(*snapshots: Snapshot, **others: object) -> Finding:
    (finding,) = findings(*snapshots, **others)
    return finding


def trial(machine: MadeMachine, *loads: float, ours: float = 1.0) -> list[Snapshot]:
    """Snapshots a second apart, between which others use so many cores."""
    snapshots = [machine.snapshot(0.0)]
    for second, others in enumerate(loads, 1):
        machine.pass_time(1.0, others, ours)
        snapshots.append(machine.snapshot(float(second), before=snapshots[-1]))
    return snapshots


@pytest.mark.parametrize("ours", [0.2, 1.0, 1.9])
def test_an_idle_machine_has_nothing_to_tell(machine, ours: float) -> None:
    machine.files = {
        "proc/vmstat": "pswpin 7\npswpout 9\n",
        "proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=123\nfull avg10=0 total=1\n",
        "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "5",
    }
    assert findings(*trial(machine, 0.02, 0.05, 0.01, ours=ours)) == ()


def test_a_load_of_others_is_told_with_its_size_and_its_time(machine) -> None:
    first = machine.snapshot(10.0)
    machine.pass_time(2.1, others=0.38)
    finding = only(first, machine.snapshot(12.1))
    assert finding.what == "other processes took 38% of one core for 2.1 s"
    assert finding.kind is FindingKind.OTHER_PROCESSES
    assert finding.unit == "cores"
    assert finding.size == pytest.approx(0.38, abs=0.02)
    assert finding.spoils
    assert "measure again" in finding.fix


def test_of_several_stretches_the_one_that_took_most_is_told(machine) -> None:
    finding = only(*trial(machine, 0.3, 0.0, 0.9, 0.5, 0.01, 0.2))
    assert finding.what == "other processes took 70% of one core for 2.0 s"


def test_more_than_one_core_is_told_in_cores(tmp_path: Path) -> None:
    finding = only(*trial(MadeMachine(tmp_path, processors=8), 3.2, 3.2))
    assert finding.what == "other processes took 3.2 cores for 2.0 s"


def test_a_load_spoils_where_there_was_no_room_for_both(tmp_path: Path) -> None:
    assert only(*trial(MadeMachine(tmp_path / "small", processors=2), 0.5, 0.5)).spoils
    assert not only(*trial(MadeMachine(tmp_path / "large", processors=16), 0.5, 0.5)).spoils
    crowded = MadeMachine(tmp_path / "crowded", processors=16)
    assert not only(*trial(crowded, 0.2, 0.2, ours=15.5)).spoils, "one part in eighty"
    assert only(*trial(crowded, 3.0, 3.0, ours=12.5)).spoils


def test_a_short_load_in_a_long_trial_does_not_spoil_it(machine) -> None:
    assert not only(*trial(machine, *[0.0] * 30, 0.4, *[0.0] * 30)).spoils
    assert only(*trial(machine, *[0.0] * 4, 0.4, *[0.0] * 5)).spoils


def test_a_large_machine_may_hum(tmp_path: Path) -> None:
    machine = MadeMachine(tmp_path, processors=200)
    assert findings(*trial(machine, 0.6, 0.7, 0.5)) == ()


def test_a_moment_of_load_at_the_end_is_none(machine) -> None:
    snapshots = trial(machine, 0.02, 0.02)
    # Two steps of the kernel's clock within 30 ms.
    machine.pass_time(0.03, others=0.66)
    assert findings(*snapshots, machine.snapshot(2.03)) == ()


def test_a_moment_without_room_does_not_spoil_a_load_that_had_room(tmp_path: Path) -> None:
    machine = MadeMachine(tmp_path, processors=4)
    snapshots = trial(machine, 0.6, 0.6)
    machine.pass_time(0.02, others=1.0, ours=2.6)
    assert not only(*snapshots, machine.snapshot(2.02)).spoils


def test_our_own_processes_are_not_others(machine) -> None:
    machine.processors = 8
    machine.processes |= {
        101: MadeProcess(),
        102: MadeProcess(name="a (b) c"),
        200: MadeProcess(parent=102),
        201: MadeProcess(parent=200),
    }
    first = machine.snapshot(0.0, pids=(100, 101, 102))
    for process in machine.processes.values():
        process.cpu_s += 2.0
    # A descendant that has ended is in the time of the one who started it.
    machine.processes[200].ended_children_s += 1.0
    machine.own_cpu_s += 0.4
    machine.busy_s += 5 * 2.0 + 1.0 + 0.4
    machine.idle_s += 8 * 2.0 - 11.4
    last = machine.snapshot(2.0, pids=(100, 101, 102))
    assert [finding.kind for finding in findings(first, last)] == [FindingKind.OBSERVER]
    assert findings(first, last, draws=False) == ()
    alone = findings(machine_of(first, 1), machine_of(last, 1), draws=False)
    assert [finding.what for finding in alone] == ["other processes took 4.5 cores for 2.0 s"]


def machine_of(snapshot: Snapshot, count: int) -> Snapshot:
    """The same moment, seen by somebody who knows so many of the engine processes only."""
    assert snapshot.engine is not None
    return replace(snapshot, engine=snapshot.engine[:count])


def test_descendants_are_found_in_the_kernels_lists_too(machine) -> None:
    machine.processes = {
        100: MadeProcess(children=(200,)),
        200: MadeProcess(children=(), parent=77),
        300: MadeProcess(parent=100),
    }
    machine.processes[200].cpu_s = 5.0
    machine.processes[300].cpu_s = 70.0
    (counters,) = machine.snapshot(0.0).engine
    assert counters.cpu_s == pytest.approx(5.0), "where there is a list, nobody's parent is asked"


def test_processors_that_are_not_ours_do_not_count(machine) -> None:
    first = machine.snapshot(0.0)
    machine.pass_time(2.0, others=0.9)
    last = machine.snapshot(2.0)
    assert findings(first, last)
    machine.usable = frozenset({7})
    assert machine.snapshot(0.0).total is None


def test_a_process_that_is_gone_in_the_end_is_judged_until_then(machine) -> None:
    snapshots = trial(machine, 0.5, 0.5)
    machine.processes[100].state = "Z"
    machine.pass_time(1.0, others=1.0, ours=0.0)
    last = machine.snapshot(3.0)
    assert last.engine is None
    assert only(*snapshots, last).what == "other processes took 50% of one core for 2.0 s"


def test_stolen_time(machine) -> None:
    first = machine.snapshot(0.0)
    machine.pass_time(3.0, ours=0.9, stolen=0.1)
    finding = only(first, machine.snapshot(3.0))
    assert finding.what == "the hypervisor gave 10% of the processors to others, 0.3 s in all"
    assert finding.spoils
    second = machine.snapshot(3.0)
    machine.pass_time(3.0, ours=0.99, stolen=0.01)
    assert findings(second, machine.snapshot(6.0)) == ()


def change(machine: MadeMachine, name: str, before: str, after: str, seconds: float = 2.0) -> Finding:
    """What is told of a file that changes while a trial runs."""
    machine.files[name] = before
    first = machine.snapshot(0.0)
    machine.pass_time(seconds)
    machine.files[name] = after
    return only(first, machine.snapshot(seconds))


def test_heat(machine) -> None:
    name = "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count"
    finding = change(machine, name, "41", "44")
    assert finding.what == "a processor was slowed down by heat 3 times"
    assert finding.spoils
    assert change(machine, name, "1", "2").what == "a processor was slowed down by heat once"


def test_a_limit_of_processor_time_is_told_and_spoils_nothing(machine) -> None:
    machine.files["proc/self/cgroup"] = "0::/\n"
    finding = change(
        machine,
        "sys/fs/cgroup/cpu.stat",
        "nr_periods 9\nnr_throttled 4\n",
        "nr_periods 30\nnr_throttled 16\n",
    )
    assert (finding.kind, finding.size, finding.spoils) == (FindingKind.QUOTA, 12, False)


@pytest.mark.parametrize(("pages", "spoils"), [(300, False), (2000, True)])
def test_swapping(machine, pages: int, spoils: bool) -> None:
    finding = change(machine, "proc/vmstat", "pswpin 5\npswpout 5\n", f"pswpin 5\npswpout {5 + pages}\n")
    assert (finding.kind, finding.spoils) == (FindingKind.SWAPPING, spoils)
    assert re.fullmatch(r"\d+ MiB of memory went to swap space or came back", finding.what)


def test_memory_that_is_short_stops_programs(machine) -> None:
    pressure = "some avg10=0.00 avg60=0.00 avg300=0.00 total={}\nfull avg10=0.00 total=0\n"
    finding = change(machine, "proc/pressure/memory", pressure.format(1000), pressure.format(401_000))
    assert finding.what == "programs stood still for 0.4 s because main memory was short"
    assert finding.spoils


@pytest.mark.parametrize(("count", "seconds", "spoils"), [(40, 2.0, True), (40, 10.0, False)])
def test_pages_from_a_disk(machine, count: int, seconds: float, spoils: bool) -> None:
    first = machine.snapshot(0.0)
    machine.pass_time(seconds)
    machine.processes[100].major_faults += count
    finding = only(first, machine.snapshot(seconds))
    assert finding.what == "the engine waited 40 times for pages from a disk"
    assert finding.spoils is spoils


def test_switches_are_told_where_our_own_threads_cannot_be_the_reason(machine) -> None:
    def switched(ours: float) -> tuple[Finding, ...]:
        first = machine.snapshot(0.0)
        machine.pass_time(2.0, ours=ours)
        machine.processes[100].switches += 500
        return findings(first, machine.snapshot(2.0))

    (finding,) = switched(ours=1.0)
    assert finding.what == "the processor was taken from the engine process 250 times a second"
    assert not finding.spoils
    assert switched(ours=1.9) == ()


@pytest.mark.parametrize(
    ("held", "is_told"),
    [
        ((200, 240, 280, 320, 360), True),
        ((200, 360, 360, 360, 360), False),
        ((200, 210, 220, 230, 240), False),
        ((2000, 2020, 2040, 2060, 2080), False),
    ],
)
def test_memory_that_grows_and_goes_on(machine, held: tuple[int, ...], is_told: bool) -> None:
    snapshots = []
    for second, resident_mib in enumerate(held):
        machine.processes[100].resident_mib = resident_mib
        snapshots.append(machine.snapshot(float(second)))
        machine.pass_time(1.0)
    told = findings(*snapshots)
    assert bool(told) is is_told
    if is_told:
        assert "grew by 160 MiB, from 200 to 360" in told[0].what
        assert not told[0].spoils


class Clocks:
    """Lets a processor run at other clocks."""

    def __init__(self, machine: MadeMachine) -> None:
        self.machine = machine

    def run(self, *clocks_mhz: int, ours: float) -> tuple[Finding, ...]:
        snapshots = [self.machine.snapshot(0.0)]
        for second, mhz in enumerate(clocks_mhz, 1):
            for number in range(self.machine.processors):
                folder = f"sys/devices/system/cpu/cpu{number}/cpufreq"
                self.machine.files[f"{folder}/scaling_cur_freq"] = f"{mhz * 1000}"
                self.machine.files[f"{folder}/cpuinfo_max_freq"] = "3600000"
            self.machine.pass_time(1.0, ours=ours)
            snapshots.append(self.machine.snapshot(float(second), before=snapshots[-1]))
        return findings(*snapshots)


def test_a_clock_that_falls(machine) -> None:
    (finding,) = Clocks(machine).run(3400, 3300, 2400, ours=1.95)
    assert finding.what == "the processors' clock went between 67% and 94% of 3.60 GHz"
    assert finding.spoils


def test_a_clock_that_is_steady_is_not_told_and_a_slow_one_spoils_nothing(machine) -> None:
    clocks = Clocks(machine)
    assert clocks.run(3000, 2900, 3100, ours=1.95) == ()
    (finding,) = clocks.run(1200, 1210, ours=1.95)
    assert (finding.kind, finding.spoils) == (FindingKind.SLOW_CLOCK, False)


def test_the_clock_of_a_processor_that_has_little_to_do_means_nothing(machine) -> None:
    assert Clocks(machine).run(3400, 800, 2000, ours=1.0) == ()


def test_what_cannot_be_read_is_not_told(tmp_path: Path) -> None:
    empty = take_snapshot((100,), whole=True, root=tmp_path)
    assert (empty.total, empty.engine, empty.clock) == (None, None, None)
    assert findings(replace(empty, at_s=0.0, own_cpu_s=0.0), replace(empty, at_s=9.0, own_cpu_s=0.0)) == ()


@pytest.mark.parametrize(
    "stat", ["cpu 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n", "cpu0 1 2\n", "\0\xff cpu", "cpu0 x y z\n"]
)
def test_a_kernel_that_counts_nothing_has_nothing_to_tell(machine, stat: str) -> None:
    machine.snapshot(0.0)
    (machine.root / "proc/stat").write_text(stat)
    assert take_snapshot((100,), whole=True, root=machine.root).total is None


def test_processes_of_another_machine_are_not_known(machine) -> None:
    first = machine.snapshot(0.0, pids=())
    machine.pass_time(2.0, others=0.9)
    assert findings(first, machine.snapshot(2.0, pids=())) == ()


def test_a_trial_too_short_to_tell(machine) -> None:
    first = machine.snapshot(0.0)
    machine.pass_time(0.05, others=1.0)
    assert findings(first, machine.snapshot(0.05)) == ()


def test_the_instruments_own_share(machine) -> None:
    first = machine.snapshot(0.0)
    machine.pass_time(2.0)
    machine.own_cpu_s += 0.3
    machine.busy_s += 0.3
    finding = only(first, machine.snapshot(2.0))
    assert finding.what == "mjbench-tui itself took 15% of one core"
    assert not finding.spoils


def gpu(*looks: GpuLook) -> GpuTrial:
    seen = GpuTrial()
    for look in looks:
        seen = seen.with_look(look)
    return seen


def test_a_gpu_that_is_hot_and_one_at_its_power_limit(machine) -> None:
    snapshots = trial(machine, 0.0, 0.0)
    cool = GpuLook(busy_percent=90, clock_mhz=1900, temperature_c=70)
    hot = replace(cool, reasons=0x20 | 0x04, temperature_c=91, power_limit_w=350.0)
    first, second = findings(*snapshots, gpu=gpu(cool, hot, cool))
    assert first.what == "the GPU was slowed down by heat (at 91 °C) in 1 of 3 looks"
    assert first.spoils
    assert second.what == "the GPU was at its power limit of 350 W in 1 of 3 looks"
    assert not second.spoils
    braked = only(*snapshots, gpu=gpu(replace(cool, reasons=0x80)))
    assert braked.what == "the GPU was slowed down by a power brake all the time"
    # Idle, clocks that a person has set, and the like.
    assert findings(*snapshots, gpu=gpu(replace(cool, reasons=0x01 | 0x02 | 0x100))) == ()


def test_a_gpus_clock_counts_only_while_it_is_busy(machine) -> None:
    snapshots = trial(machine, 0.0, 0.0)
    fast = GpuLook(busy_percent=90, clock_mhz=1900)
    resting = GpuLook(busy_percent=10, clock_mhz=300)
    slow = GpuLook(busy_percent=90, clock_mhz=1200)
    assert findings(*snapshots, gpu=gpu(fast, resting, fast)) == ()
    finding = only(*snapshots, gpu=gpu(resting, fast, slow))
    assert finding.what == "the GPU's clock went between 1200 and 1900 MHz while it was busy"
    assert finding.spoils
