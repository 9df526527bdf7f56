"""What an engine process says to the one who watches it, as bytes."""

from enum import StrEnum

import msgspec

from engine.case import Physics
from engine.doctor.devices import EglDevice, NvidiaDevice, VulkanDevice
from engine.floor import Floor
from engine.metrics import BenchmarkMetrics
from engine.pictures.records import PictureReport
from engine.process.bounds import check_bounds
from engine.record import Record


class Stage(StrEnum):
    """How far an engine process has come."""

    START = "start"
    IMPORT = "import"
    SCENE = "scene"
    OPEN = "open"
    COMPILE = "compile"
    """The renderer's kernels are compiled, or loaded from its cache."""
    WARM_UP = "warm-up"
    BARRIER = "barrier"
    RUN = "run"
    FINISH = "finish"


class FailureKind(StrEnum):
    """Why a trial has no result; decides the exit code."""

    SCENE = "scene"
    """The scene cannot be found or loaded."""
    BACKEND = "backend"
    """The backend does not work on this machine."""
    MEMORY = "memory"
    """There is not enough memory for this case."""
    DIVERGED = "diverged"
    """The simulation became unstable."""
    HUNG = "hung"
    """No progress within the time limit."""
    PICTURE = "picture"
    """Its pictures are blank, frozen, or not those that the other backends draw."""
    CRASHED = "crashed"
    """The engine process died."""
    ERROR = "error"
    """Anything else that was raised."""


MORE_MEMORY = "choose a smaller resolution or scene, fewer worlds or workers, or a machine with more memory"
"""What a person can do where memory has run out."""


SCENE_MIB_VARIABLE = "MJBENCH_SCENE_MIB"
"""The environment variable that says how much main memory loading a scene may take, in MiB."""


class RendererIdentity(Record, frozen=True):
    """Who really draws."""

    vendor: str
    renderer: str
    version: str
    software: bool
    """True for a rasterizer on the CPU (llvmpipe, softpipe, SwiftShader)."""


class Drawn(Record, frozen=True):
    """What one frame held, as the renderer had it."""

    geoms: int
    lights: int
    shadow_casters: int
    samples: int
    """Samples a pixel; 0 without multisampling."""
    shadow_size: int
    """Side of the shadow map in texels; 0 where no shadow was drawn, or where shadows need no map."""
    not_drawn: tuple[str, ...] = ()
    """What the scene and the effects ask for and this backend cannot draw, such as `reflections`."""
    physics: Physics = Physics.MUJOCO
    """Who moved the scene."""
    readback: bool = True
    """False where the pixels stayed on the device."""


class StartUp(Record, frozen=True):
    """What it costs until the first frame is there, in seconds."""

    process_s: float
    import_s: float
    scene_s: float
    compile_s: float
    """From MjSpec to MjModel."""
    open_s: float
    kernels_s: float = 0.0
    """Compiling the renderer's kernels, or loading them from its cache."""


class DeviceTime(Record, frozen=True):
    """What the device says that drawing a batch takes, asked for in a few frames after the timed ones."""

    source: str
    """What was asked, such as `GL_TIME_ELAPSED`."""
    frames: int
    """Batches that were asked about."""
    mean_ms: float


class MemoryUse(Record, frozen=True):
    """What one engine process holds, in MiB."""

    host_mib: float
    """Main memory, resident, after the last frame."""
    host_scene_mib: float
    """What of it came with the scene and its renderer, all worlds together."""
    device_mib: float | None = None
    """On the device, as it says; None where it cannot be asked."""


class StageMessage(Record, frozen=True, tag="stage"):
    """The engine process enters a stage."""

    stage: Stage


class ReadyMessage(Record, frozen=True, tag="ready"):
    """The backend is open; the first frame comes next."""

    renderer: RendererIdentity
    camera: str
    steps_per_frame: int
    start_up: StartUp


class FramesMessage(Record, frozen=True, tag="frames"):
    """Consecutive frames, each as five `perf_counter_ns` stamps (int64, native order, frame after frame).

    The stamps are: start, after step, after update, after render, after readback.
    """

    first: int
    """Index of the first of these frames within the warm-up or within the timed loop."""
    warm_up: bool
    stamps: bytes


class PreviewMessage(Record, frozen=True, tag="preview"):
    """The frame last read back, made smaller, for whoever watches."""

    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel, top row first."""


class FinishedMessage(Record, frozen=True, tag="finished"):
    """The trial is over, all frames were sent."""

    drawn: Drawn | None
    """None where only the renderer itself could tell."""
    metrics: BenchmarkMetrics | None = None
    """Of a backend that measures itself and sends no frames: its own figures."""
    device: DeviceTime | None = None
    floor: Floor | None = None
    memory: MemoryUse | None = None
    pictures: PictureReport | None = None
    """None where nobody could look: nothing is drawn here, or the trial was stopped."""
    saved_frames: tuple[str, ...] = ()
    """File names of the PNGs that were written."""
    stopped: bool = False
    """True when the trial was asked to stop before its end."""


class SceneMessage(Record, frozen=True, tag="scene"):
    """One scene was looked at."""

    scene: str
    camera: str = ""
    """The camera that will be used; empty where the scene cannot be drawn."""
    reason: str = ""
    """Why it cannot be drawn, in one sentence."""
    camera_missing: bool = False
    """True where only the camera that was asked for is the reason."""


class ChangeStatus(Record, frozen=True):
    """Whether one change can be made of a case."""

    id: str
    reason: str
    """Why it cannot be made; "" where it can."""
    line: str
    """The line of MJCF or Python that makes it."""


class ChangesMessage(Record, frozen=True, tag="changes"):
    """A case was looked at: every change, in the order of listing."""

    changes: tuple[ChangeStatus, ...]


class DevicesMessage(Record, frozen=True, tag="devices"):
    """Devices that a graphics library lists; one that comes again replaces what was said of it before."""

    egl: tuple[EglDevice, ...] = ()
    vulkan: tuple[VulkanDevice, ...] = ()
    nvidia: tuple[NvidiaDevice, ...] = ()


class FailedMessage(Record, frozen=True, tag="failed"):
    """The trial cannot go on."""

    kind: FailureKind
    stage: Stage
    reason: str
    fix: str = ""


Message = (
    StageMessage
    | ReadyMessage
    | FramesMessage
    | PreviewMessage
    | SceneMessage
    | ChangesMessage
    | DevicesMessage
    | FinishedMessage
    | FailedMessage
)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encode(message: Message) -> bytes:
    """Make the bytes that are sent."""
    return _encoder.encode(message)


def decode(data: bytes) -> Message:
    """Read what came from an engine process.

    Raises:
        msgspec.MsgspecError: the bytes are no message, or a field has a wrong type or is beyond all bounds.
    """
    try:
        message = _decoder.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"text that is no UTF-8: {error}") from None
    except RecursionError:
        raise msgspec.DecodeError("lists in lists without end") from None
    check_bounds(message)
    return message
