"""All that the findings are made of, as plain records. What could not be read is None, 0, "" or empty."""

from engine.doctor.devices import DeviceList
from engine.machine.records import Machine
from engine.preflight import BackendStatus
from engine.record import Record


class PciGpu(Record, frozen=True):
    """A graphics device on the PCI bus, whether or not anything can use it."""

    pci: str
    """Its address, as "0000:01:00.0"."""
    vendor: str
    """"NVIDIA", "AMD" or "Intel"; others only show pixels."""
    driver: str
    """The kernel driver bound to it; "" where there is none."""


class DeviceNode(Record, frozen=True):
    """A file by which programs reach a GPU."""

    path: str
    is_accessible: bool
    """Whether this process may read and write it."""
    group: str
    """The group that owns it, by name or else by number."""


class DriverFile(Record, frozen=True):
    """A small file that tells a loader (EGL's or Vulkan's) of one driver."""

    path: str
    library: str
    """What it names, such as "libEGL_nvidia.so.0"; "" where it cannot be read."""


class GraphicsFiles(Record, frozen=True):
    """What of a driver's parts is in this file tree."""

    nodes: tuple[DeviceNode, ...] = ()
    """/dev/dri/renderD*, /dev/nvidia*, /dev/dxg, as far as they are there."""
    egl_vendors: tuple[DriverFile, ...] = ()
    """What libglvnd's EGL finds, in its order."""
    vulkan_drivers: tuple[DriverFile, ...] = ()
    libraries: tuple[str, ...] = ()
    """Of the drivers' libraries, those that are installed: "libEGL_nvidia.so.0", ..."""
    pci_gpus: tuple[PciGpu, ...] = ()

    def has_node(self, beginning: str) -> bool:
        """Whether a node's path begins so."""
        return any(node.path.startswith(beginning) for node in self.nodes)


class System(Record, frozen=True):
    """How software gets onto this system, and how far this process may do it."""

    packages: str = ""
    """"apt", "dnf", or another package manager's own name; "" where none is known."""
    is_root: bool = False
    is_wsl: bool = False
    """True in Windows' subsystem for Linux."""


class Disturbances(Record, frozen=True):
    """What takes time from a program, as the kernel has counted it; None where it does not count."""

    stolen_share: float | None = None
    """The part of all processor time since the start that the hypervisor gave to others."""
    heat_throttles: int | None = None
    """How often a core was slowed by heat since the start."""
    quota_waits: int | None = None
    """How often this control group had used up its quota of processor time."""


class ModelCache(Record, frozen=True):
    """Menagerie's models on this machine."""

    known: int = 0
    """How many can be fetched."""
    here: int = 0
    missing: tuple[str, ...] = ()
    """Those that built-in scenes need and that are not here."""
    is_fixed: bool = False
    """True where MENAGERIE_ROOT says where they are: then nothing is fetched."""
    reason: str = ""
    """Why they cannot be looked for."""


class Facts(Record, frozen=True):
    """A machine as the doctor sees it. Holds no secret, no address, and no name of a person or a host."""

    machine: Machine
    system: System
    backends: tuple[BackendStatus, ...]
    drawing: tuple[str, ...]
    """Those of them that draw."""
    egl: DeviceList
    vulkan: DeviceList
    nvidia: DeviceList
    files: GraphicsFiles
    disturbances: Disturbances
    models: ModelCache

    def backend(self, name: str) -> BackendStatus | None:
        """One backend by its name."""
        return next((status for status in self.backends if status.backend == name), None)

    @property
    def working(self) -> tuple[BackendStatus, ...]:
        """The backends that draw, and work here."""
        return tuple(status for status in self.backends if status.works and status.backend in self.drawing)

    @property
    def on_hardware(self) -> tuple[BackendStatus, ...]:
        """Those of them that draw on a GPU."""
        return tuple(status for status in self.working if not is_on_processor(status))


def is_on_processor(status: BackendStatus) -> bool:
    """Whether a backend that works draws with a software rasterizer."""
    return status.works and status.renderer is not None and status.renderer.software
