"""What facts mean to a person: each finding is made by facts alone."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from engine.doctor.causes import allows_graphics
from engine.doctor.devices import DeviceList, EglDevice, NvidiaDevice, VulkanDevice
from engine.doctor.facts import (
    DeviceNode,
    Disturbances,
    DriverFile,
    Facts,
    GraphicsFiles,
    ModelCache,
    PciGpu,
    System,
)
from engine.doctor.files import read_graphics_files
from engine.doctor.findings import Finding, Level, make_findings
from engine.doctor.gather import publish
from engine.machine import Container, Cpu, Gpu, Machine, Memory, Virtualization
from engine.messages import RendererIdentity
from engine.preflight import BackendStatus

LLVMPIPE = RendererIdentity(
    vendor="Mesa", renderer="llvmpipe (LLVM 19, 256 bits)", version="4.5 Mesa 25.0.7", software=True
)
H100 = RendererIdentity(
    vendor="NVIDIA Corporation",
    renderer="NVIDIA H100/PCIe/SSE2",
    version="4.6.0 NVIDIA 570.86",
    software=False,
)
H100_GPU = Gpu(name="NVIDIA H100", driver="nvidia 570.86.15", memory_mib=81559, pci="0000:01:00.0")
RADEON_GPU = Gpu(name="AMD 0x1002:0x744c", driver="amdgpu", memory_mib=24560, pci="0000:03:00.0")
OPEN_NODES = tuple(
    DeviceNode(path=path, is_accessible=True, group="render")
    for path in ("/dev/dri/renderD128", "/dev/nvidia0", "/dev/nvidiactl")
)
MESA_VENDOR = DriverFile(path="/usr/share/glvnd/egl_vendor.d/50_mesa.json", library="libEGL_mesa.so.0")
NVIDIA_VENDOR = DriverFile(path="/usr/share/glvnd/egl_vendor.d/10_nvidia.json", library="libEGL_nvidia.so.0")
NVIDIA_ICD = DriverFile(path="/etc/vulkan/icd.d/nvidia_icd.json", library="libGLX_nvidia.so.0")
NVIDIA_LIBRARIES = (
    "libEGL.so.1",
    "libEGL_nvidia.so.0",
    "libEGL_mesa.so.0",
    "libGLX_nvidia.so.0",
    "libvulkan.so.1",
)
WHOLE_NVIDIA = GraphicsFiles(
    nodes=OPEN_NODES,
    egl_vendors=(NVIDIA_VENDOR, MESA_VENDOR),
    vulkan_drivers=(NVIDIA_ICD,),
    libraries=NVIDIA_LIBRARIES,
)
DOCKER = Container(kind="docker")
LAVAPIPE = VulkanDevice(
    index=0, name="llvmpipe", kind="processor", api="1.3.230", driver="0.0.1", image_side=16384, software=True
)
MACHINE = Machine(
    hostname="",
    architecture="x86_64",
    os="Ubuntu 24.04.2 LTS",
    kernel="6.8.0-58-generic",
    uptime_s=100.0,
    load_average=(0.1, 0.1, 0.1),
    cpu=Cpu(model="EPYC", physical=4, logical=8, usable=8, governors=(), max_frequency_mhz=0),
    memory=Memory(total_mib=32000, available_mib=30000),
    virtualization=Virtualization(hypervisor=False, vendor="", product=""),
    container=Container(kind=""),
    gpus=(),
    versions={"mesa": "25.0.7-0ubuntu1"},
    environment={},
)


def status(name: str, renderer: RendererIdentity | None, **others: str) -> BackendStatus:
    return BackendStatus(backend=name, works=renderer is not None, renderer=renderer, **others)


def facts(
    machine: dict[str, object] | None = None,
    draws: RendererIdentity | None = LLVMPIPE,
    **others: object,
) -> Facts:
    """A machine on which egl and osmesa draw on the processor, with what is told otherwise."""
    given = {
        "machine": msgspec.structs.replace(MACHINE, **(machine or {})),
        "system": System(packages="apt", is_root=True),
        "backends": (status("egl", draws), status("osmesa", LLVMPIPE)),
        "drawing": ("egl", "osmesa", "glfw", "filament-vulkan"),
        "egl": DeviceList(),
        "vulkan": DeviceList(),
        "nvidia": DeviceList(),
        "files": GraphicsFiles(libraries=("libEGL.so.1", "libEGL_mesa.so.0")),
        "disturbances": Disturbances(),
        "models": ModelCache(known=3, here=3),
    } | others
    return Facts(**given)


def without(files: GraphicsFiles, **changes: object) -> GraphicsFiles:
    return msgspec.structs.replace(files, **changes)


def found(these: Facts) -> dict[str, Finding]:
    findings = make_findings(these)
    for finding in findings:
        assert "\n" not in finding.what + finding.fix
        assert bool(finding.fix) == (finding.level is not Level.OK), finding
    by_id = {finding.id: finding for finding in findings}
    assert len(by_id) == len(findings)
    return by_id


def test_a_machine_without_a_gpu_has_no_problem() -> None:
    findings = found(facts())
    assert set(findings) == {"no-gpu", "undisturbed"}
    assert {finding.level for finding in findings.values()} == {Level.OK}


def test_a_whole_gpu_machine_has_no_problem() -> None:
    devices = DeviceList(vulkan=(msgspec.structs.replace(LAVAPIPE, name="NVIDIA H100", software=False),))
    these = facts({"gpus": (H100_GPU,)}, draws=H100, files=WHOLE_NVIDIA, vulkan=devices)
    findings = found(these)
    assert set(findings) == {"on-gpu", "undisturbed"}
    assert "egl on NVIDIA H100" in findings["on-gpu"].what
    assert [found.backend for found in these.on_hardware] == ["egl"]


@pytest.mark.parametrize(
    ("machine", "files", "reason", "fix"),
    [
        pytest.param(
            {"container": DOCKER},
            without(WHOLE_NVIDIA, libraries=("libEGL.so.1",), egl_vendors=(MESA_VENDOR,), vulkan_drivers=()),
            "NVIDIA_DRIVER_CAPABILITIES is not set and has to contain graphics",
            "start the container with -e NVIDIA_DRIVER_CAPABILITIES=all",
            id="no capabilities",
        ),
        pytest.param(
            {"container": DOCKER, "environment": {"NVIDIA_DRIVER_CAPABILITIES": "compute,utility"}},
            without(WHOLE_NVIDIA, libraries=("libEGL.so.1",)),
            "NVIDIA_DRIVER_CAPABILITIES is 'compute,utility' and has to contain graphics",
            "NVIDIA_DRIVER_CAPABILITIES=all",
            id="capabilities without graphics",
        ),
        pytest.param(
            {"container": DOCKER, "environment": {"NVIDIA_DRIVER_CAPABILITIES": "all"}},
            without(WHOLE_NVIDIA, libraries=("libEGL.so.1",)),
            "the host's NVIDIA driver is installed without its graphics libraries",
            "on the host: apt-get install libnvidia-gl-570",
            id="host without graphics",
        ),
        pytest.param(
            {},
            without(WHOLE_NVIDIA, libraries=("libEGL.so.1",)),
            "the NVIDIA driver is installed without its graphics libraries",
            "apt-get install libnvidia-gl-570 ",
            id="headless driver",
        ),
        pytest.param(
            {},
            without(WHOLE_NVIDIA, egl_vendors=(MESA_VENDOR,)),
            "no EGL vendor file of NVIDIA's is there (/usr/share/glvnd/egl_vendor.d/10_nvidia.json)",
            "tee /usr/share/glvnd/egl_vendor.d/10_nvidia.json",
            id="no vendor file",
        ),
        pytest.param(
            {"container": DOCKER},
            without(WHOLE_NVIDIA, nodes=()),
            "the container was given no GPU (/dev/nvidiactl is missing)",
            "--gpus all and -e NVIDIA_DRIVER_CAPABILITIES=all",
            id="no gpus option",
        ),
        pytest.param(
            {"container": Container(kind="podman")},
            without(WHOLE_NVIDIA, nodes=()),
            "/dev/nvidiactl is missing",
            "--device nvidia.com/gpu=all",
            id="podman",
        ),
        pytest.param(
            {"container": Container(kind="kubernetes")},
            without(WHOLE_NVIDIA, nodes=()),
            "the pod was given no GPU",
            "nvidia.com/gpu",
            id="kubernetes",
        ),
        pytest.param(
            {},
            without(WHOLE_NVIDIA, nodes=()),
            "the NVIDIA driver is not loaded",
            "nvidia-modprobe",
            id="not loaded",
        ),
        pytest.param(
            {},
            without(
                WHOLE_NVIDIA,
                nodes=(
                    DeviceNode(path="/dev/nvidia0", is_accessible=False, group="vglusers"),
                    DeviceNode(path="/dev/nvidiactl", is_accessible=False, group="vglusers"),
                ),
            ),
            "this user may not open /dev/nvidia0, /dev/nvidiactl (group vglusers)",
            'usermod -aG vglusers "$USER", then log in again',
            id="closed nodes",
        ),
        pytest.param(
            {"environment": {"__EGL_VENDOR_LIBRARY_FILENAMES": "/mesa.json"}},
            without(WHOLE_NVIDIA, egl_vendors=(MESA_VENDOR,)),
            "__EGL_VENDOR_LIBRARY_FILENAMES=/mesa.json names drivers without NVIDIA's",
            "unset __EGL_VENDOR_LIBRARY_FILENAMES",
            id="vendor variable",
        ),
        pytest.param({}, WHOLE_NVIDIA, "no known reason fits", "EGL_LOG_LEVEL=debug", id="unknown"),
    ],
)
def test_egl_on_the_processor_beside_an_nvidia_gpu_is_explained(
    machine: dict[str, object], files: GraphicsFiles, reason: str, fix: str
) -> None:
    gpu_listed = DeviceList(vulkan=(msgspec.structs.replace(LAVAPIPE, name="NVIDIA H100", software=False),))
    these = facts({"gpus": (H100_GPU,)} | machine, files=files, vulkan=gpu_listed)
    finding = found(these)["egl-on-processor"]
    assert finding.level is Level.PROBLEM
    assert finding.what.startswith("EGL draws on the processor although there is a GPU (NVIDIA H100): ")
    assert reason in finding.what
    assert fix in finding.fix


@pytest.mark.parametrize(
    ("machine", "files", "reason", "fix"),
    [
        pytest.param(
            {"environment": {"LIBGL_ALWAYS_SOFTWARE": "1"}},
            GraphicsFiles(nodes=OPEN_NODES[:1]),
            "LIBGL_ALWAYS_SOFTWARE=1 is set",
            "unset LIBGL_ALWAYS_SOFTWARE",
            id="variable",
        ),
        pytest.param(
            {},
            GraphicsFiles(
                nodes=(DeviceNode(path="/dev/dri/renderD128", is_accessible=False, group="render"),)
            ),
            "this user may not open /dev/dri/renderD128 (group render)",
            'usermod -aG render "$USER", then log in again',
            id="closed",
        ),
        pytest.param(
            {"container": DOCKER},
            GraphicsFiles(nodes=(DeviceNode(path="/dev/dri/renderD128", is_accessible=False, group="992"),)),
            "this user may not open /dev/dri/renderD128 (group 992)",
            '--group-add "$(stat -c %g /dev/dri/renderD128)"',
            id="closed in a container",
        ),
        pytest.param(
            {"container": DOCKER},
            GraphicsFiles(),
            "the container was given no GPU (/dev/dri is missing)",
            "--device /dev/dri",
            id="container without it",
        ),
        pytest.param(
            {}, GraphicsFiles(), "/dev/dri/renderD* is missing", "linux-modules-extra", id="no node"
        ),
        pytest.param(
            {},
            GraphicsFiles(nodes=OPEN_NODES[:1]),
            "Mesa's EGL is not installed",
            "apt-get install libegl-mesa0 libgl1-mesa-dri",
            id="no Mesa",
        ),
        pytest.param(
            {},
            GraphicsFiles(nodes=OPEN_NODES[:1], libraries=("libEGL_mesa.so.0",)),
            "Mesa 25.0.7-0ubuntu1 seems to have no driver for it",
            "a newer Mesa",
            id="old Mesa",
        ),
    ],
)
def test_egl_on_the_processor_beside_another_gpu_is_explained(
    machine: dict[str, object], files: GraphicsFiles, reason: str, fix: str
) -> None:
    finding = found(facts({"gpus": (RADEON_GPU,)} | machine, files=files))["egl-on-processor"]
    assert finding.level is Level.PROBLEM
    assert reason in finding.what
    assert fix in finding.fix


def test_one_cause_of_egl_and_vulkan_is_one_finding() -> None:
    files = GraphicsFiles(nodes=OPEN_NODES, libraries=("libEGL.so.1", "libvulkan.so.1"))
    these = facts(
        {"gpus": (H100_GPU,), "container": DOCKER}, files=files, vulkan=DeviceList(vulkan=(LAVAPIPE,))
    )
    problems = [finding for finding in make_findings(these) if finding.level is Level.PROBLEM]
    assert [finding.id for finding in problems] == ["egl-on-processor"]
    assert problems[0].what.startswith("EGL and Vulkan draw on the processor although")


def test_vulkan_without_nvidias_driver_file_is_told() -> None:
    files = without(WHOLE_NVIDIA, vulkan_drivers=())
    these = facts({"gpus": (H100_GPU,)}, draws=H100, files=files, vulkan=DeviceList(vulkan=(LAVAPIPE,)))
    finding = found(these)["vulkan-on-processor"]
    assert "/etc/vulkan/icd.d/nvidia_icd.json" in finding.what
    text = finding.fix.partition("echo '")[2].partition("'")[0]
    assert json.loads(text)["ICD"]["library_path"] == "libGLX_nvidia.so.0"


def test_the_vendor_file_that_is_offered_is_one_that_is_then_found(tmp_path: Path) -> None:
    files = without(WHOLE_NVIDIA, egl_vendors=())
    finding = found(facts({"gpus": (H100_GPU,)}, files=files))["egl-on-processor"]
    command = finding.fix.replace("/usr/", f"{tmp_path}/usr/")
    subprocess.run(["sh", "-c", command], check=True, stdout=subprocess.DEVNULL)
    assert read_graphics_files(tmp_path, {}).egl_vendors == (NVIDIA_VENDOR,)


def test_egl_that_does_not_open_beside_a_gpu_is_a_problem_too() -> None:
    files = without(WHOLE_NVIDIA, egl_vendors=())
    these = facts({"gpus": (H100_GPU,)}, draws=None, files=files)
    finding = found(these)["egl-without-gpu"]
    assert finding.what.startswith("EGL cannot draw although there is a GPU")
    # Where EGL itself is not installed, its backend says so, and that is enough.
    missing = without(files, libraries=())
    assert "egl-without-gpu" not in found(facts({"gpus": (H100_GPU,)}, draws=None, files=missing))


@pytest.mark.parametrize("chosen", [None, "1"])
def test_another_egl_device_would_be_the_gpu(chosen: str | None) -> None:
    devices = (
        EglDevice(index=0, rasterizer=True, renderer="llvmpipe", software=True, is_default=True),
        EglDevice(index=1, cuda=0, renderer="NVIDIA H100/PCIe/SSE2"),
    )
    environment = {} if chosen is None else {"MUJOCO_EGL_DEVICE_ID": chosen}
    machine = {"gpus": (H100_GPU,), "environment": environment}
    finding = found(facts(machine, files=WHOLE_NVIDIA, egl=DeviceList(egl=devices)))["egl-on-processor"]
    assert ("MUJOCO_EGL_DEVICE_ID=1 chooses the processor" in finding.what) == (chosen is not None)
    assert "0, which is NVIDIA H100/PCIe/SSE2" in finding.fix


def test_a_gpu_in_mig_mode_and_one_that_opens_nothing_are_explained() -> None:
    machine = {"gpus": (H100_GPU,)}
    split = DeviceList(nvidia=(NvidiaDevice(index=0, name="NVIDIA H100", is_split=True),))
    finding = found(facts(machine, files=WHOLE_NVIDIA, nvidia=split))["egl-on-processor"]
    assert "MIG" in finding.what
    assert "nvidia-smi -i 0 -mig 0" in finding.fix
    broken = DeviceList(egl=(EglDevice(index=0, cuda=0, reason="EGL_NOT_INITIALIZED"),))
    finding = found(facts(machine, files=WHOLE_NVIDIA, egl=broken))["egl-on-processor"]
    assert "EGL's device 0 (CUDA 0) opens no context: EGL_NOT_INITIALIZED" in finding.what


def test_windows_gpu_needs_a_word_to_mesa() -> None:
    files = GraphicsFiles(nodes=(DeviceNode(path="/dev/dxg", is_accessible=True, group="root"),))
    finding = found(facts(files=files, system=System(packages="apt", is_wsl=True)))["egl-on-processor"]
    assert "(Windows' GPU)" in finding.what
    assert finding.fix == "export GALLIUM_DRIVER=d3d12"


def test_a_gpu_on_the_bus_without_a_driver_is_found() -> None:
    files = GraphicsFiles(pci_gpus=(PciGpu(pci="0000:01:00.0", vendor="NVIDIA", driver=""),))
    finding = found(facts(files=files))["egl-on-processor"]
    assert "(NVIDIA 0000:01:00.0): it has no driver" in finding.what
    assert "ubuntu-drivers install" in finding.fix
    given_away = GraphicsFiles(pci_gpus=(PciGpu(pci="0000:01:00.0", vendor="NVIDIA", driver="vfio-pci"),))
    assert "no-gpu" in found(facts(files=given_away))


def test_a_virtual_machines_display_is_no_gpu() -> None:
    virtio = Gpu(name="virtio 0x1af4:0x1050", driver="virtio-pci", memory_mib=0, pci="0000:00:02.0")
    assert "no-gpu" in found(facts({"gpus": (virtio,)}))


def test_filament_on_the_processor_beside_vulkans_gpu() -> None:
    gpu = msgspec.structs.replace(LAVAPIPE, index=1, name="NVIDIA H100", kind="discrete GPU", software=False)
    backends = (status("egl", H100), status("filament-vulkan", LLVMPIPE))
    these = facts(
        {"gpus": (H100_GPU,)},
        files=WHOLE_NVIDIA,
        backends=backends,
        vulkan=DeviceList(vulkan=(LAVAPIPE, gpu)),
    )
    finding = found(these)["filament-on-processor"]
    assert finding.level is Level.PROBLEM
    assert finding.fix == "export VK_DRIVER_FILES=/etc/vulkan/icd.d/nvidia_icd.json"


def test_a_display_without_the_gpu_is_a_warning() -> None:
    backends = (status("egl", H100), status("glfw", LLVMPIPE))
    finding = found(facts({"gpus": (H100_GPU,)}, files=WHOLE_NVIDIA, backends=backends))[
        "display-on-processor"
    ]
    assert finding.level is Level.WARN
    assert finding.what.startswith("glfw draws on the processor")


@pytest.mark.parametrize(
    ("environment", "reason"),
    [({"CUDA_VISIBLE_DEVICES": ""}, "CUDA_VISIBLE_DEVICES= hides it"), ({}, "CUDA does not reach it")],
)
def test_warp_on_the_processor_beside_a_gpu_is_told(environment: dict[str, str], reason: str) -> None:
    processor = RendererIdentity(vendor="", renderer="EPYC", version="Warp 1.19", software=True)
    machine = {"gpus": (H100_GPU,), "environment": environment}
    backends = (status("egl", H100), status("mjwarp", processor))
    these = facts(machine, files=WHOLE_NVIDIA, backends=backends, drawing=("egl", "mjwarp"))
    finding = found(these)["cuda-on-processor"]
    assert finding.what == f"mjwarp draws on the processor although there is a GPU: {reason}"
    assert "cuda-on-processor" not in found(facts(backends=backends, drawing=("egl", "mjwarp")))


@pytest.mark.parametrize("visible", ["1,0", "GPU-8c2d1a4e"])
def test_egl_on_another_gpu_than_cudas_is_told(visible: str) -> None:
    devices = tuple(
        EglDevice(index=index, cuda=index, pci=f"0000:0{index}:00.0", is_default=index == 0)
        for index in (0, 1)
    )
    machine = {"gpus": (H100_GPU,), "environment": {"CUDA_VISIBLE_DEVICES": visible}}
    these = facts(machine, draws=H100, files=WHOLE_NVIDIA, egl=DeviceList(egl=devices))
    finding = found(these)["other-gpu"]
    assert f"begins with {visible.partition(',')[0]}" in finding.what
    assert "1 (0000:01:00.0)" in finding.fix
    for fine in ({}, {"CUDA_VISIBLE_DEVICES": "0"}, {"CUDA_VISIBLE_DEVICES": "2,3"}):
        machine["environment"] = fine
        assert "other-gpu" not in found(
            facts(machine, draws=H100, files=WHOLE_NVIDIA, egl=DeviceList(egl=devices))
        )


def test_no_backend_at_all_is_a_problem() -> None:
    broken = status("egl", None, reason="libEGL is not installed", fix="apt-get install libegl1")
    null = status("null", RendererIdentity(vendor="", renderer="none", version="", software=False))
    findings = found(facts(backends=(broken, null)))
    assert findings["no-backend"].fix == "apt-get install libegl1"
    assert next(iter(findings)) == "no-backend"


@pytest.mark.parametrize(
    ("name", "changes", "what", "fix"),
    [
        ("load", {"machine": {"load_average": (6.5, 1.0, 1.0)}}, "6.5 programs", "below 1.6"),
        (
            "governor",
            {"machine": {"cpu": msgspec.structs.replace(MACHINE.cpu, governors=("powersave",))}},
            "governor powersave",
            "cpupower frequency-set -g performance",
        ),
        ("stolen-time", {"disturbances": Disturbances(stolen_share=0.08)}, "8% of", "dedicated"),
        ("heat", {"disturbances": Disturbances(heat_throttles=12)}, "heat 12 times", "cooling"),
        (
            "cpu-quota",
            {
                "machine": {"container": Container(kind="docker", cpus=1.5)},
                "disturbances": Disturbances(quota_waits=31),
            },
            "1.5 of 8 processors' time: frames stall when it is used up, and it has waited 31 times",
            "without a limit",
        ),
        (
            "affinity",
            {"machine": {"cpu": msgspec.structs.replace(MACHINE.cpu, usable=2)}},
            "2 of 8 processors",
            "taskset",
        ),
        (
            "threads",
            {"machine": {"environment": {"LP_NUM_THREADS": "1"}}},
            "LP_NUM_THREADS=1 decides how many threads draw on egl, osmesa, for 8 processors",
            "unset LP_NUM_THREADS",
        ),
        (
            "threads",
            {"machine": {"container": Container(kind="docker", cpus=2.5)}},
            "a thread for each of 8 processors, and a limit allows 2.5",
            "export LP_NUM_THREADS=2",
        ),
        (
            "memory",
            {"machine": {"memory": Memory(total_mib=2000, available_mib=300)}},
            "only 300 MiB of 2000 MiB",
            "small resolutions",
        ),
        (
            "gpu-busy",
            {"nvidia": DeviceList(nvidia=(NvidiaDevice(index=1, name="L4", busy_percent=97, processes=2),))},
            "GPU 1 (L4) is 97% busy by 2 programs",
            "nvidia-smi",
        ),
        (
            "gpu-memory",
            {
                "nvidia": DeviceList(
                    nvidia=(NvidiaDevice(index=0, name="L4", memory_used_mib=23000, memory_total_mib=24000),)
                )
            },
            "only 1000 MiB of 24000 MiB are free on GPU 0 (L4)",
            "another GPU",
        ),
        (
            "gpu-slowed",
            {"nvidia": DeviceList(nvidia=(NvidiaDevice(index=0, name="L4", slowed_by=("heat",)),))},
            "slowed down now by heat",
            "nvidia-smi -q -d PERFORMANCE",
        ),
        ("models", {"models": ModelCache(known=3, missing=("panda",))}, "lack panda", "assets fetch"),
        (
            "models",
            {"models": ModelCache(known=3, missing=("panda",), is_fixed=True)},
            "lack panda",
            "put panda into the folder that MENAGERIE_ROOT names",
        ),
    ],
)
def test_what_would_spoil_a_measurement(name: str, changes: dict[str, object], what: str, fix: str) -> None:
    finding = found(facts(**changes))[name]
    assert finding.level is Level.WARN
    assert what in finding.what
    assert fix in finding.fix
    assert name not in found(facts())


def test_threads_matter_only_where_the_processor_draws() -> None:
    machine = {"environment": {"LP_NUM_THREADS": "1"}, "gpus": (H100_GPU,)}
    hardware = facts(machine, files=WHOLE_NVIDIA, backends=(status("egl", H100),))
    assert "threads" not in found(hardware)


@pytest.mark.parametrize(
    ("capabilities", "allowed"),
    [(None, False), ("", False), ("compute,utility", False), ("all", True), ("compute, graphics", True)],
)
def test_capabilities_that_bring_graphics(capabilities: str | None, allowed: bool) -> None:
    assert allows_graphics(capabilities) is allowed


def test_facts_are_published_without_what_is_a_persons() -> None:
    broken = status(
        "egl", None, reason="no 10.1.2.3", fix="apt-get install xvfb", log="/home/ada/x\n10.1.2.3"
    )
    listed = DeviceList(egl=(EglDevice(index=0, reason="/home/ada/y"),), reason="from 10.1.2.3")
    these = facts({"hostname": "adas-laptop"}, backends=(broken,), egl=listed, system=System(packages="apt"))
    text = msgspec.json.encode(publish(these, {"HOME": "/home/ada"})).decode()
    assert not any(word in text for word in ("ada", "10.1.2.3"))
    assert "sudo apt-get install xvfb" in text
