"""The devices that a machine's graphics libraries list, as they cross from an engine process."""

from enum import StrEnum

from engine.record import Record


class Library(StrEnum):
    """What is asked for its devices; each in a process of its own, as each can bring a process down."""

    EGL = "egl"
    VULKAN = "vulkan"
    NVML = "nvml"
    """NVIDIA's management library: it draws nothing, and knows what its GPUs are doing."""


class FramebufferLimits(Record, frozen=True):
    """The largest picture that an OpenGL context draws, in pixels."""

    renderbuffer: int
    """Longest side (GL_MAX_RENDERBUFFER_SIZE)."""
    viewport_width: int
    viewport_height: int
    """GL_MAX_VIEWPORT_DIMS."""
    samples: int
    """Most samples a pixel (GL_MAX_SAMPLES)."""

    @property
    def width(self) -> int:
        """The widest picture."""
        return min(self.renderbuffer, self.viewport_width)

    @property
    def height(self) -> int:
        """The highest picture."""
        return min(self.renderbuffer, self.viewport_height)


class EglDevice(Record, frozen=True):
    """One device that EGL lists."""

    index: int
    """Its place in EGL's own order."""
    cuda: int | None = None
    """The CUDA device that it is (EGL_CUDA_DEVICE_NV); None where it is none of NVIDIA's driver."""
    file: str = ""
    """The kernel's node for it, such as /dev/dri/card0; "" where it has none."""
    pci: str = ""
    """Its PCI address, as "0000:01:00.0"; "" where unknown."""
    rasterizer: bool = False
    """True where EGL itself says that this device is the processor."""
    is_default: bool = False
    """True for the device that MuJoCo takes with the variables as they are."""
    vendor: str = ""
    renderer: str = ""
    """What OpenGL says on it; "" where no context opens, or none was tried yet."""
    version: str = ""
    software: bool = False
    """True where `renderer` is a rasterizer on the processor."""
    limits: FramebufferLimits | None = None
    reason: str = ""
    """Why no context opens on it."""


class VulkanDevice(Record, frozen=True):
    """One device that Vulkan lists."""

    index: int
    name: str
    kind: str
    """"discrete GPU", "integrated GPU", "virtual GPU", "processor" or "other"."""
    api: str
    """The version of Vulkan that it offers, as "1.3.230"."""
    driver: str
    """The driver's version, written the way its maker writes it."""
    image_side: int
    """Longest side of an image, in pixels (maxImageDimension2D)."""
    software: bool
    """True where it is the processor."""


class NvidiaDevice(Record, frozen=True):
    """One GPU, and what it is doing now, as NVIDIA's management library tells it."""

    index: int
    name: str
    pci: str = ""
    busy_percent: int | None = None
    """How much of the last moment it was busy; None where it does not tell, here and below."""
    memory_used_mib: int | None = None
    memory_total_mib: int | None = None
    processes: int | None = None
    """How many programs use it."""
    slowed_by: tuple[str, ...] = ()
    """What holds its clocks down: "heat", "power", "a power brake", "clocks that were set"."""
    is_split: bool = False
    """True in MIG mode, which cuts a GPU into instances."""


class DeviceList(Record, frozen=True):
    """What one library answered."""

    egl: tuple[EglDevice, ...] = ()
    vulkan: tuple[VulkanDevice, ...] = ()
    nvidia: tuple[NvidiaDevice, ...] = ()
    reason: str = ""
    """Why it lists nothing, or not all, in one sentence."""
    fix: str = ""
