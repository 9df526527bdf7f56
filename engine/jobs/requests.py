"""What an engine process is asked to do, as bytes at its start."""

import msgspec

from engine.case import Case, Settings
from engine.doctor.devices import Library
from engine.record import Record


class TrialJob(Record, frozen=True, tag="trial"):
    """Measure one case once."""

    case: Case
    settings: Settings
    trial: int
    launched_ns: int
    """`time.monotonic_ns` of the launching process; the clock is the machine's, not the process's."""
    frames_folder: str = ""
    """Where PNGs go; empty where none are asked for."""
    kept_folder: str = ""
    """Where a picture goes that is no result; empty where none is kept."""
    worker: int = 1
    """Which of the case's workers this is, counted from 1."""
    scratch_folder: str = ""
    """For a backend that measures itself: an empty folder, deleted after the trial however that ends."""
    most_frames: int | None = None
    """Passes of the timed loop after which the trial ends, whatever else it was asked for."""

    @property
    def warmup_batches(self) -> int:
        """Passes of the warm-up's loop."""
        return _batches(self.settings.warmup_frames, self.case)

    @property
    def most_batches(self) -> int | None:
        """After how many passes the timed loop ends; None where time alone decides."""
        asked = self.settings.frames
        limits = [None if asked is None else _batches(asked, self.case), self.most_frames]
        return min((max(1, limit) for limit in limits if limit is not None), default=None)


def _batches(frames: int, case: Case) -> int:
    """How many batches hold `frames` frames, one at the least: a frame is one world's image."""
    return max(1, -(-frames // case.worlds))


class ProbeJob(Record, frozen=True, tag="probe"):
    """Find out whether a backend works here, by drawing one small frame with it."""

    backend: str


class SceneJob(Record, frozen=True, tag="scene"):
    """Find out whether scenes can be loaded and have the camera that is asked for."""

    scenes: tuple[str, ...]
    camera: str | None = None


class ChangesJob(Record, frozen=True, tag="changes"):
    """Find out which changes can be made of a case."""

    case: Case
    settings: Settings


class DevicesJob(Record, frozen=True, tag="devices"):
    """List the devices of one graphics library."""

    library: Library


Job = TrialJob | ProbeJob | SceneJob | ChangesJob | DevicesJob

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)


def encode_job(job: Job) -> bytes:
    """Make the bytes that an engine process is started with."""
    return _encoder.encode(job)


def decode_job(data: bytes) -> Job:
    """Read what `encode_job` made.

    Raises:
        msgspec.MsgspecError: the bytes are no job, or a field has a wrong type.
    """
    try:
        return _decoder.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"text that is no UTF-8: {error}") from None
