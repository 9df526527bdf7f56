"""The machine is read from any file tree, however little of it there is."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from engine.machine import Container, Cpu, Machine, read_machine
from engine.machine.container import container_kind, read_container, read_virtualization
from engine.machine.cpu import cpu_model, read_cpu, read_memory
from engine.machine.gpu import ask_nvidia_smi, parse_nvidia_smi, read_gpus
from engine.machine.reader import short_host_name
from engine.machine.software import hide, mesa_version, package_version, read_environment

XEON = """processor\t: 0
model name\t: Intel(R)  Xeon(R) Platinum 8488C
physical id\t: 0
core id\t\t: 0
flags\t\t: fpu sse hypervisor avx

processor\t: 1
model name\t: Intel(R)  Xeon(R) Platinum 8488C
physical id\t: 0
core id\t\t: 0
flags\t\t: fpu sse hypervisor avx

processor\t: 2
model name\t: Intel(R)  Xeon(R) Platinum 8488C
physical id\t: 1
core id\t\t: 0
flags\t\t: fpu sse hypervisor avx
"""


def plant(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def test_this_machine_is_read_quickly_and_survives_toml_and_json() -> None:
    began = time.perf_counter()
    machine = read_machine()
    assert time.perf_counter() - began < (6.0 if machine.gpus else 1.0)
    assert machine.cpu.logical >= machine.cpu.physical
    assert 1 <= machine.cpu.usable <= machine.cpu.logical
    assert machine.memory.total_mib >= machine.memory.available_mib > 0
    assert machine.versions["python"] == sys.version.split()[0]
    assert msgspec.json.decode(msgspec.json.encode(machine), type=Machine) == machine
    assert isinstance(msgspec.toml.encode(without_none(msgspec.to_builtins(machine))), bytes)


def without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list | tuple) else value


def test_limits_that_were_dropped_from_toml_are_none_again() -> None:
    assert msgspec.convert({"kind": "docker"}, Container) == Container(
        kind="docker", cpus=None, memory_mib=None
    )


def test_an_empty_tree_gives_unknowns(tmp_path: Path) -> None:
    machine = read_machine(tmp_path, {})
    assert machine.cpu.model == machine.virtualization.vendor == machine.container.kind == ""
    assert machine.memory.total_mib == 0
    assert machine.load_average == machine.gpus == machine.cpu.governors == ()
    assert machine.environment == {}


def test_a_tree_of_rubbish_gives_unknowns(tmp_path: Path) -> None:
    rubbish = b"\xff\xfe\x00: \x1b[31m\n::\n=\nMemTotal: \xff kB\nprocessor\n" + b"9" * 60 + b"\n"
    paths = ["cpuinfo", "meminfo", "loadavg", "uptime", "self/cgroup", "driver/nvidia/version"]
    plant(tmp_path, {f"proc/{path}": rubbish for path in paths})
    plant(tmp_path, {"etc/os-release": rubbish, "sys/class/dmi/id/sys_vendor": rubbish})
    plant(tmp_path, {"sys/class/drm/card0": rubbish, "sys/fs/cgroup/cpu.max": rubbish})
    plant(tmp_path, {"sys/devices/system/cpu/cpu0": rubbish, "var/lib/dpkg/status": rubbish})
    machine = read_machine(tmp_path, {"MESA_X": "\udcff\x1b[31m"})
    assert machine.memory.total_mib == 0
    assert machine.environment == {"MESA_X": "?[31m"}
    assert "\x1b" not in msgspec.json.encode(machine).decode()


def test_folders_and_loops_in_place_of_files_are_unknown(tmp_path: Path) -> None:
    for name in ("proc/cpuinfo", "proc/meminfo", "etc/os-release"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "proc/uptime").symlink_to("uptime")
    machine = read_machine(tmp_path, {})
    assert (machine.cpu.model, machine.uptime_s) == ("", 0.0)


def test_cores_come_from_cpuinfo_where_sys_is_missing(tmp_path: Path) -> None:
    cpu = read_cpu(plant(tmp_path, {"proc/cpuinfo": XEON}))
    assert (cpu.model, cpu.physical, cpu.logical) == ("Intel(R) Xeon(R) Platinum 8488C", 2, 3)


def test_cores_governors_and_frequency_come_from_sys(tmp_path: Path) -> None:
    folder = "sys/devices/system/cpu"
    for number, siblings in enumerate(("0,2", "1,3", "0,2", "1,3")):
        plant(tmp_path, {f"{folder}/cpu{number}/topology/core_cpus_list": f"{siblings}\n"})
    for number, (governor, khz) in enumerate((("powersave", 3_400_000), ("performance", 4_100_000))):
        plant(tmp_path, {f"{folder}/cpufreq/policy{number}/scaling_governor": governor})
        plant(tmp_path, {f"{folder}/cpufreq/policy{number}/cpuinfo_max_freq": f"{khz}\n"})
    cpu = read_cpu(tmp_path)
    assert isinstance(cpu, Cpu)
    assert (cpu.physical, cpu.governors, cpu.max_frequency_mhz) == (2, ("performance", "powersave"), 4100)


@pytest.mark.parametrize(
    ("cpuinfo", "model"),
    [
        ("CPU implementer\t: 0x41\nCPU part\t: 0xd4f\n", "ARM Neoverse-V2"),
        ("CPU implementer\t: 0x99\nCPU part\t: 0x001\n", "ARM implementer 0x99 part 0x001"),
        ("processor: 0\nModel\t\t: Raspberry Pi 5 Model B\n", "Raspberry Pi 5 Model B"),
        ("", ""),
    ],
)
def test_processors_without_a_model_name(cpuinfo: str, model: str) -> None:
    assert cpu_model(cpuinfo) == model


def test_memory_is_in_mib(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/meminfo": "MemTotal:  2048000 kB\nMemFree: 1024 kB\nMemAvailable:  1024000 kB\n"})
    memory = read_memory(tmp_path)
    assert (memory.total_mib, memory.available_mib) == (2000, 1000)


def test_a_droplet_is_a_guest(tmp_path: Path) -> None:
    plant(tmp_path, {"sys/class/dmi/id/sys_vendor": "DigitalOcean\n"})
    plant(tmp_path, {"sys/class/dmi/id/product_name": "Droplet\n", "proc/cpuinfo": "flags: fpu\n"})
    guest = read_virtualization(tmp_path)
    assert (guest.hypervisor, guest.vendor, guest.product) == (True, "DigitalOcean", "Droplet")


def test_a_workstation_is_no_guest(tmp_path: Path) -> None:
    plant(tmp_path, {"sys/class/dmi/id/sys_vendor": "Dell Inc.\n", "proc/cpuinfo": "flags: fpu vmx\n"})
    assert not read_virtualization(tmp_path).hypervisor


def test_the_tightest_limit_of_cgroup_v2_holds(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/self/cgroup": "0::/user.slice/session\n"})
    plant(tmp_path, {"sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n"})
    plant(tmp_path, {"sys/fs/cgroup/user.slice/session/cpu.max": "max 100000\n"})
    plant(tmp_path, {"sys/fs/cgroup/user.slice/memory.max": "536870912\n"})
    plant(tmp_path, {"sys/fs/cgroup/user.slice/session/memory.max": "1073741824\n"})
    container = read_container(tmp_path)
    assert (container.cpus, container.memory_mib) == (1.5, 512)


def test_limits_of_cgroup_v1_seen_from_inside_a_container(tmp_path: Path) -> None:
    groups = "5:memory:/docker/0123456789ab\n4:cpu,cpuacct:/docker/0123456789ab\n1:name=systemd:/\n"
    plant(tmp_path, {"proc/self/cgroup": groups})
    plant(tmp_path, {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n"})
    plant(tmp_path, {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n"})
    plant(tmp_path, {"sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n"})
    assert read_container(tmp_path) == Container(kind="docker", cpus=0.5, memory_mib=256)


def test_what_does_not_limit_is_none(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/self/cgroup": "5:memory:/\n4:cpu:/\n0::/../..\n"})
    plant(tmp_path, {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu.max": "max 100000\n"})
    plant(tmp_path, {"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"})
    plant(tmp_path, {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"})
    plant(tmp_path, {"sys/fs/cgroup/memory.max": str(8 << 30)})
    assert read_container(tmp_path, total_mib=4096) == Container(kind="")


@pytest.mark.parametrize(
    ("files", "environment", "groups", "kind"),
    [
        ({".dockerenv": ""}, {}, "", "docker"),
        ({".dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "", "kubernetes"),
        ({"run/.containerenv": ""}, {"container": "podman"}, "", "podman"),
        ({}, {"container": "systemd-nspawn"}, "", "systemd-nspawn"),
        ({}, {"container": "of my things"}, "", ""),
        ({}, {}, "0::/lxc.payload.box/init.scope", "lxc"),
        ({}, {}, "0::/kubepods/besteffort/pod1", "kubernetes"),
        ({}, {}, "0::/system.slice/docker.service", ""),
        ({"run/systemd/container": "lxc\n"}, {}, "", "lxc"),
    ],
)
def test_container_kinds(
    tmp_path: Path, files: dict[str, str | bytes], environment: dict[str, str], groups: str, kind: str
) -> None:
    assert container_kind(plant(tmp_path, files), environment, groups) == kind


def test_nvidia_smi_lines() -> None:
    lines = [
        "NVIDIA H200, 570.86.15, 143771, 00000000:4E:00.0",
        "NVIDIA GB10, 580.1, [N/A], 0000000F:01:00.0",
    ]
    first, second = parse_nvidia_smi("\n".join([*lines, "", "error"]))
    assert (first.name, first.driver, first.memory_mib) == ("NVIDIA H200", "nvidia 570.86.15", 143771)
    assert (first.pci, second.pci, second.memory_mib) == ("0000:4e:00.0", "000f:01:00.0", 0)


@pytest.mark.parametrize(
    ("body", "answer"), [("echo answer", "answer\n"), ("exec sleep 60", ""), ("echo No devices; exit 9", "")]
)
def test_nvidia_smi_may_hang_or_fail(tmp_path: Path, body: str, answer: str) -> None:
    command = tmp_path / "nvidia-smi"
    command.write_text(f"#!/bin/sh\n{body}\n")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    began = time.monotonic()
    assert ask_nvidia_smi(str(command), limit_s=0.5) == answer
    assert time.monotonic() - began < 5
    assert ask_nvidia_smi(str(tmp_path / "missing")) == ""


def test_nvidia_driver_without_its_tool_and_other_cards(tmp_path: Path) -> None:
    version = (
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\nGCC 13.3.0\n"
    )
    information = "Model: \t\t NVIDIA L40S\nBus Location: \t 0000:82:00.0\n"
    plant(tmp_path, {"proc/driver/nvidia/version": version})
    plant(tmp_path, {"proc/driver/nvidia/gpus/0000:82:00.0/information": information})
    drm = {
        "card0": ("nvidia", "0x10de", "0x26b9"),
        "card1": ("i915", "0x8086", "0x9a49"),
        "card2": ("ast", "0x1a03", "0x2000"),
    }
    for card, (driver, vendor, device) in drm.items():
        uevent = f"DRIVER={driver}\nPCI_SLOT_NAME=0000:0{card[-1]}:00.0\n"
        folder = f"sys/class/drm/{card}/device"
        plant(tmp_path, {f"{folder}/uevent": uevent, f"{folder}/vendor": vendor, f"{folder}/device": device})
        if driver != "ast":
            plant(tmp_path, {f"{folder}/drm/renderD128/dev": ""})
    plant(tmp_path, {"sys/class/drm/card1-HDMI-A-1/status": "connected"})
    gpus = read_gpus(tmp_path)
    assert [(gpu.name, gpu.driver, gpu.pci) for gpu in gpus] == [
        ("NVIDIA L40S", "nvidia 570.86.15", "0000:82:00.0"),
        ("Intel 0x8086:0x9a49", "i915", "0000:01:00.0"),
    ]


def test_the_environment_keeps_what_renders_and_hides_who_and_where() -> None:
    environment = {
        "MUJOCO_GL": "egl",
        "LP_NUM_THREADS": "4",
        "DISPLAY": "192.168.1.7:10.0",
        "VK_ICD_FILENAMES": "/home/ada/icd.json:/data/ada/icd.json:/usr/share/a.json",
        "MUJOCO_LICENSE_KEY": "hunter2",
        "PATH": "/bin",
        "DISPLAYS": "no",
    }
    assert read_environment(environment, home="/srv/ada") == {
        "DISPLAY": "x:10.0",
        "LP_NUM_THREADS": "4",
        "MUJOCO_GL": "egl",
        "VK_ICD_FILENAMES": "~/icd.json:/data/~/icd.json:/usr/share/a.json",
    }


@pytest.mark.parametrize(
    ("value", "home", "shown"),
    [
        ("/root/x.json", "/root", "~/x.json"),
        ("/rootless/x.json", "/root", "/rootless/x.json"),
        ("/usr/lib", "/", "/usr/lib"),
        ("[fe80::1]:0", "", "x:0"),
        ("4.5COMPAT", "", "4.5COMPAT"),
        ("a" * 9000, "", "a" * 500),
    ],
)
def test_hiding(value: str, home: str, shown: str) -> None:
    assert hide(value, home) == shown


def test_host_names() -> None:
    assert short_host_name("gpu-1.lab.example.org") == "gpu-1"
    assert short_host_name("ip-172-31-5-6.ec2.internal") == "ip-x"
    assert short_host_name("10.1.2.3") == "x"


def test_mesa_is_only_what_is_installed() -> None:
    stanza = "Package: libgl1-mesa-dri\nStatus: {}\nArchitecture: amd64\nVersion: 25.0.7-2\n"
    after = "\nPackage: other\nStatus: install ok installed\nVersion: 9\n"
    assert mesa_version(stanza.format("install ok installed") + after) == "25.0.7-2"
    assert mesa_version(stanza.format("deinstall ok config-files") + after) == ""
    assert package_version("no-such-package-anywhere") == ""


def test_reading_the_machine_imports_nothing_heavy() -> None:
    heavy = "mujoco numpy scipy textual rich argparse glfw OpenGL"
    script = (
        "import sys; from engine.machine import read_machine; read_machine(); "
        f"sys.exit(' '.join(set('{heavy}'.split()) & set(sys.modules)) or 0)"
    )
    environment = {**os.environ, "PATH": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
