"""The machine as plain records. What could not be read is 0, "" or empty."""

from engine.record import Record


class Cpu(Record, frozen=True):
    """The processors, as the kernel shows them."""

    model: str
    physical: int
    """Cores; threads of one core count once."""
    logical: int
    """Hardware threads that are online."""
    usable: int
    """Hardware threads that this process may run on (its affinity)."""
    governors: tuple[str, ...]
    """The frequency governors in use, sorted; empty where the kernel sets no frequency (most guests)."""
    max_frequency_mhz: int


class Memory(Record, frozen=True):
    """Main memory, without swap."""

    total_mib: int
    available_mib: int


class Virtualization(Record, frozen=True):
    """Whether this is a guest, and of what."""

    hypervisor: bool
    """True when the processor or the kernel says that a hypervisor runs it."""
    vendor: str
    """Who made the (virtual) machine, as its firmware says: "DigitalOcean", "QEMU", "Dell Inc."."""
    product: str


class Container(Record, frozen=True):
    """The container or control group around this process, and what it may use."""

    kind: str
    """"docker", "podman", "kubernetes", "lxc", or another runtime's own name; "" outside of one."""
    cpus: float | None = None
    """Processors' worth of time that the quota allows; None without a quota."""
    memory_mib: int | None = None
    """None without a limit below the machine's memory."""


class Gpu(Record, frozen=True):
    """One device that can draw."""

    name: str
    driver: str
    """The kernel driver, with its version where that is known: "nvidia 570.86.15", "i915"."""
    memory_mib: int
    pci: str
    """Its PCI address, as "0000:01:00.0"."""


class Machine(Record, frozen=True):
    """A machine at the moment of a measurement. Holds no network address, no user's name and no secret."""

    hostname: str
    architecture: str
    os: str
    kernel: str
    uptime_s: float
    load_average: tuple[float, ...]
    """Over 1, 5 and 15 minutes; empty when unknown."""
    cpu: Cpu
    memory: Memory
    virtualization: Virtualization
    container: Container
    gpus: tuple[Gpu, ...]
    versions: dict[str, str]
    """Of each package that draws or measures, "mesa" being the distribution's; unknown ones are absent."""
    environment: dict[str, str]
    """The variables that are set and change how a frame is drawn."""
