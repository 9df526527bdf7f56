"""What is told of a trial's pictures."""

from engine.record import Record

CHECKED = "checked"
"""What a trial's record says where its pictures were looked at."""


class Fingerprint(Record, frozen=True):
    """A picture of the start of the motion, made small: the same moment on every backend."""

    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel, top row first."""


class PictureFault(Record, frozen=True):
    """Why a trial's pictures are no result."""

    reason: str
    """One sentence without its full stop."""
    fix: str


class PictureReport(Record, frozen=True):
    """What came of looking at a trial's pictures."""

    unseen: str = ""
    """Why no picture was looked at; "" where some were."""
    fault: PictureFault | None = None
    fingerprint: Fingerprint | None = None
    """None where the pictures are too small to be compared, or are at fault."""
