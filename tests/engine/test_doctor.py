"""What the doctor knows: from any file tree, and from processes that ask the graphics libraries."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from engine.doctor.ask import list_devices
from engine.doctor.devices import EglDevice, Library, NvidiaDevice, VulkanDevice
from engine.doctor.egl import pci_of_node
from engine.doctor.facts import Disturbances, DriverFile, Facts, PciGpu, System
from engine.doctor.files import read_disturbances, read_graphics_files, read_system
from engine.doctor.findings import make_findings
from engine.doctor.gather import gather_facts
from engine.doctor.nvidia import slowing_reasons
from engine.doctor.packages import fit_to_system
from engine.doctor.privacy import make_public
from engine.doctor.vulkan import written_version
from engine.messages import DevicesMessage, decode, encode
from engine.process.launcher import SpawnLauncher


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_the_parts_of_drivers_are_found_in_a_tree(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dev/dri/renderD128": "",
            "dev/dri/card0": "",
            "dev/nvidia0": "",
            "dev/nvidiactl": "",
            "dev/nvidia-uvm": "",
            "etc/ld.so.cache": "glibc-ld.so.cache1.1\0libEGL.so.1\0/lib/libEGL.so.1\0libEGL_nvidia.so.0\0x",
            "usr/lib64/libvulkan.so.1": "",
            "usr/share/glvnd/egl_vendor.d/50_mesa.json": '{"ICD": {"library_path": "libEGL_mesa.so.0"}}',
            "etc/glvnd/egl_vendor.d/10_nvidia.json": '{"ICD": {"library_path": "libEGL_nvidia.so.0"}}',
            "usr/share/glvnd/egl_vendor.d/README": "",
            "usr/share/vulkan/icd.d/nvidia_icd.json": "{broken",
            "sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n",
            "sys/bus/pci/devices/0000:01:00.0/class": "0x030200\n",
            "sys/bus/pci/devices/0000:02:00.0/vendor": "0x10de\n",
            "sys/bus/pci/devices/0000:02:00.0/class": "0x040300\n",
            "sys/bus/pci/devices/0000:03:00.0/vendor": "0x1a03\n",
            "sys/bus/pci/devices/0000:03:00.0/class": "0x030000\n",
        },
    )
    (tmp_path / "dev/dri/renderD129").symlink_to("nowhere")
    (tmp_path / "sys/bus/pci/devices/0000:01:00.0/driver").symlink_to("../drivers/nvidia")
    files = read_graphics_files(tmp_path, {})
    assert [(node.path, node.is_accessible) for node in files.nodes] == [
        ("/dev/dri/renderD128", True),
        ("/dev/dri/renderD129", False),
        ("/dev/nvidia0", True),
        ("/dev/nvidiactl", True),
    ]
    assert [file.library for file in files.egl_vendors] == ["libEGL_nvidia.so.0", "libEGL_mesa.so.0"]
    assert files.vulkan_drivers == (DriverFile(path="/usr/share/vulkan/icd.d/nvidia_icd.json", library=""),)
    assert files.libraries == ("libEGL.so.1", "libEGL_nvidia.so.0", "libvulkan.so.1")
    assert files.pci_gpus == (PciGpu(pci="0000:01:00.0", vendor="NVIDIA", driver="nvidia"),)


def test_variables_take_the_place_of_driver_folders(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "usr/share/glvnd/egl_vendor.d/10_nvidia.json": '{"ICD": {"library_path": "libEGL_nvidia.so.0"}}',
            "opt/mesa.json": '{"ICD": {"library_path": "libEGL_mesa.so.0"}}',
            "opt/vendors/20_x.json": '{"ICD": {"library_path": "libEGL_x.so.0"}}',
        },
    )

    def vendors(**variables: str) -> list[str]:
        return [file.library for file in read_graphics_files(tmp_path, variables).egl_vendors]

    assert vendors() == ["libEGL_nvidia.so.0"]
    assert vendors(__EGL_VENDOR_LIBRARY_FILENAMES="/opt/mesa.json:/opt/gone.json") == ["libEGL_mesa.so.0", ""]
    assert vendors(__EGL_VENDOR_LIBRARY_DIRS="/opt/vendors") == ["libEGL_x.so.0"]
    drivers = read_graphics_files(tmp_path, {"VK_ICD_FILENAMES": "/opt/mesa.json"}).vulkan_drivers
    assert [file.path for file in drivers] == ["/opt/mesa.json"]


@pytest.mark.parametrize(
    ("release", "packages"),
    [
        ("ID=ubuntu\nID_LIKE=debian\n", "apt"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"),
        ("ID=arch\n", "pacman"),
        ("ID=something\n", ""),
    ],
)
def test_the_package_manager_is_known_by_the_distribution(
    tmp_path: Path, release: str, packages: str
) -> None:
    system = read_system(plant(tmp_path, {"etc/os-release": release}))
    assert system == System(packages=packages, is_root=os.geteuid() == 0)
    plant(tmp_path, {"proc/sys/kernel/osrelease": "5.15.167.4-microsoft-standard-WSL2\n"})
    assert read_system(tmp_path).is_wsl


def test_disturbances_are_what_the_kernel_counts(tmp_path: Path) -> None:
    assert read_disturbances(tmp_path) == Disturbances()
    plant(
        tmp_path,
        {
            "proc/stat": "cpu  50 0 20 20 0 0 0 10 0 0\ncpu0 1 2 3\n",
            "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "3\n",
            "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count": "7\n",
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/cpu.stat": "usage_usec 5\nnr_periods 10\nnr_throttled 4\n",
        },
    )
    assert read_disturbances(tmp_path) == Disturbances(stolen_share=0.1, heat_throttles=7, quota_waits=4)


@pytest.mark.parametrize("rubbish", ["", "\0\xff rubbish", "cpu", "cpu a b c d e f g h", "[" * 100_000])
def test_a_tree_of_rubbish_says_nothing_and_raises_nothing(tmp_path: Path, rubbish: str) -> None:
    names = (
        *("proc/stat", "proc/self/cgroup", "sys/fs/cgroup/cpu.stat", "etc/os-release", "etc/ld.so.cache"),
        *("usr/share/glvnd/egl_vendor.d/x.json", "sys/bus/pci/devices/0000:01:00.0/vendor", "dev/dri"),
    )
    plant(tmp_path, dict.fromkeys(names, rubbish))
    files = read_graphics_files(tmp_path, {"LD_LIBRARY_PATH": ":::/nowhere"})
    assert (files.nodes, files.libraries, files.pci_gpus) == ((), (), ())
    assert [file.library for file in files.egl_vendors] == [""]
    assert read_disturbances(tmp_path) == Disturbances()
    assert read_system(tmp_path).packages == ""


def test_a_drm_node_leads_to_its_pci_address(tmp_path: Path) -> None:
    plant(tmp_path, {"sys/class/drm/card1/device/uevent": "DRIVER=nvidia\nPCI_SLOT_NAME=0000:01:00.0\n"})
    assert pci_of_node(tmp_path, "/dev/dri/card1") == "0000:01:00.0"
    assert pci_of_node(tmp_path, "/dev/dri/card2") == pci_of_node(tmp_path, "") == ""


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("display '10.0.0.7:10.0' is closed", "display 'x:10.0' is closed"),
        ("host 2001:db8::17 and fe80::1%eth0", "host x and x"),
        ("[::1]:6000", "[x]:6000"),
        ("ip-10-0-0-7.internal", "x.internal"),
        ("/home/ada/.cache and /Users/ada/x", "~/.cache and ~/x"),
        ("/srv/ada/icd.json: no ada here", "/srv/~/icd.json: no ada here"),
        ("Mesa 22.3.6-1+deb12u2, kernel 5.15.0-1051, NVIDIA 570.86.15", None),
        ("0000:01:00.0 at 12:34:56, std::vector", None),
        ("/lib/x86_64-linux-gnu/libEGL.so.1.1.0", None),
    ],
)
def test_texts_lose_addresses_and_names_and_nothing_else(text: str, public: str | None) -> None:
    assert make_public(text, "/data/ada") == (text if public is None else public)


@pytest.mark.parametrize(
    ("system", "fitted"),
    [
        (System(packages="apt", is_root=True), "apt-get install libegl1, and libosmesa6 without a GPU"),
        (System(packages="apt"), "sudo apt-get install libegl1, and libosmesa6 without a GPU"),
        (System(packages="dnf"), "sudo dnf install libglvnd-egl, and mesa-libOSMesa without a GPU"),
        (
            System(packages="zypper", is_root=True),
            "apt-get install libegl1, and libosmesa6 without a GPU (Debian's names; zypper has others)",
        ),
    ],
)
def test_fixes_speak_the_systems_language(system: System, fitted: str) -> None:
    assert fit_to_system("apt-get install libegl1, and libosmesa6 without a GPU", system) == fitted
    assert fit_to_system("use egl", system) == "use egl"


def test_numbers_of_drivers_are_read() -> None:
    assert written_version((1 << 22) | (3 << 12) | 230) == "1.3.230"
    assert written_version((570 << 22) | (86 << 14) | (15 << 6), 0x10DE) == "570.86.15"
    assert slowing_reasons(0x01) == ()
    assert slowing_reasons(0x04 | 0x40) == ("its power limit", "heat")


def test_egl_lists_its_devices_and_what_each_draws() -> None:
    listed = list_devices(Library.EGL, SpawnLauncher())
    assert listed.reason == ""
    assert [device.index for device in listed.egl] == list(range(len(listed.egl)))
    (default,) = [device for device in listed.egl if device.is_default]
    assert default.renderer
    assert default.limits is not None
    assert min(default.limits.width, default.limits.height, default.limits.renderbuffer) >= 2048
    rasterizers = [device for device in listed.egl if device.rasterizer]
    assert all(device.cuda is None for device in rasterizers)
    assert all("llvmpipe" in device.renderer and device.software for device in rasterizers)


def test_an_egl_device_that_is_asked_for_in_vain_is_the_default_of_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUJOCO_EGL_DEVICE_ID", "99")
    listed = list_devices(Library.EGL, SpawnLauncher())
    assert listed.egl
    assert not any(device.is_default for device in listed.egl)
    assert all(device.renderer for device in listed.egl if device.rasterizer)


def test_vulkan_lists_its_devices() -> None:
    listed = list_devices(Library.VULKAN, SpawnLauncher())
    if not listed.vulkan:
        pytest.skip(f"no Vulkan here: {listed.reason}")
    for device in listed.vulkan:
        assert device.name.isprintable()
        assert device.api.startswith("1.")
        assert 4096 <= device.image_side <= 65536
        assert device.software == (device.kind == "processor")


def test_a_library_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("libEGL.so", "libEGL.so.1", "libvulkan.so.1", "libnvidia-ml.so.1"):
        (tmp_path / name).write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    listed = list_devices(Library.EGL, SpawnLauncher())
    assert (listed.egl, listed.reason) == ((), "libEGL is not installed")
    assert "apt-get install libegl1" in listed.fix
    listed = list_devices(Library.VULKAN, SpawnLauncher())
    assert "needs Vulkan's loader libvulkan.so.1, which is not installed" in listed.reason
    assert "NVIDIA's management library" in list_devices(Library.NVML, SpawnLauncher()).reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("abort();", "the process that listed vulkan devices was killed by SIGABRT"),
        ("pause();", "within 3 s"),
    ],
    ids=["aborts", "hangs"],
)
def test_a_library_that_crashes_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here")
    source = tmp_path / "vulkan.c"
    source.write_text(
        f"#include <stdlib.h>\n#include <unistd.h>\nint vkCreateInstance() {{ {body} return 0; }}\n"
    )
    library = tmp_path / "libvulkan.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    (tmp_path / "driver.json").write_text("{}")
    monkeypatch.setenv("VK_DRIVER_FILES", str(tmp_path / "driver.json"))
    began = time.monotonic()
    listed = list_devices(Library.VULKAN, SpawnLauncher(), limit_s=3)
    assert time.monotonic() - began < 3 + 15
    assert reason in listed.reason
    assert listed.fix


def test_messages_about_devices_survive_the_way() -> None:
    message = DevicesMessage(
        egl=(EglDevice(index=0, cuda=1, reason="no"),),
        vulkan=(
            VulkanDevice(
                index=0,
                name="L4",
                kind="discrete GPU",
                api="1.3.0",
                driver="570",
                image_side=32768,
                software=False,
            ),
        ),
        nvidia=(NvidiaDevice(index=0, name="L4", slowed_by=("heat",)),),
    )
    assert decode(encode(message)) == message


def test_this_machines_facts_are_whole_and_nobodys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    these = gather_facts(SpawnLauncher())
    text = msgspec.json.encode(these)
    assert msgspec.json.decode(text, type=Facts) == these
    assert str(tmp_path) not in text.decode()
    assert these.machine.hostname == ""
    assert {found.backend for found in these.working} >= {"egl", "osmesa"}
    osmesa = these.backend("osmesa")
    assert osmesa is not None
    assert osmesa not in these.on_hardware
    assert these.egl.egl
    assert make_findings(these)
