"""What is measured: a case, and the settings that all cases of a session share."""

import re
from enum import StrEnum
from pathlib import PurePath
from typing import Self

from engine.record import Record
from engine.uncertainty.stopping import Until

_LONGEST_CHANGE = 64
"""Letters of a case's change in its id, which is part of names of files."""


class Effects(StrEnum):
    """What is drawn besides the geometry."""

    SCENE = "scene"
    """Shadows, reflections, multisampling, skybox and haze as the MJCF has them."""
    BARE = "bare"
    """All of these off: the same work on every backend."""


class Physics(StrEnum):
    """Who moves the scene."""

    MUJOCO = "mujoco"
    """MuJoCo, on the processor; backends take over the poses."""
    WARP = "warp"
    """MuJoCo Warp steps every world where it also draws it; for backends that can, the others use MuJoCo."""


class Resolution(Record, frozen=True, order=True):
    """An image size in pixels."""

    width: int
    height: int

    MAX_SIDE = 16384

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `WIDTHxHEIGHT`.

        Raises:
            ValueError: `text` has another form, or a side is not in 1..16384; the message says which.
        """
        match = re.fullmatch(r"(-?[0-9]{1,9})[xX×](-?[0-9]{1,9})", text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no resolution, expected WIDTHxHEIGHT such as 640x480")
        width, height = int(match[1]), int(match[2])
        if not (1 <= width <= cls.MAX_SIDE and 1 <= height <= cls.MAX_SIDE):
            raise ValueError(f"{text!r} is out of range, each side must be 1 to {cls.MAX_SIDE} pixels")
        return cls(width=width, height=height)

    @property
    def pixels(self) -> int:
        """Pixels in one image."""
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class Case(Record, frozen=True):
    """One row of a result table: scene x backend x resolution x effects x workers x worlds x change."""

    scene: str
    """A built-in name, `menagerie:NAME[/ENTRY]`, or an absolute path to an MJCF file."""
    backend: str
    resolution: Resolution
    effects: Effects
    workers: int = 1
    """Engine processes that draw at the same time."""
    worlds: int = 1
    """Environments that each of them draws in one batch."""
    change: str = ""
    """Ids of `engine.changes.registry` joined by `+`: what is done to the scene, or to how it is drawn."""

    @property
    def id(self) -> str:
        """A name that is the same in every session and safe as a file name."""
        rest = f"-{self.workers}workers" if self.workers > 1 else ""
        rest += f"-{self.worlds}worlds" if self.worlds > 1 else ""
        rest += f"-{change_slug(self.change)}" if self.change else ""
        return f"{scene_slug(self.scene)}-{self.backend}-{self.resolution}-{self.effects}{rest}"

    def is_as_large_as(self, other: "Case") -> bool:
        """Whether this is of the same kind as `other` and needs no less memory."""
        return (
            (self.scene, self.backend, self.effects, self.change)
            == (other.scene, other.backend, other.effects, other.change)
            and self.resolution.pixels >= other.resolution.pixels
            and self.workers >= other.workers
            and self.worlds >= other.worlds
        )


class Settings(Record, frozen=True):
    """How every case of a session is moved and measured."""

    camera: str | None = None
    """A named camera, or None for each scene's own default."""
    seed: int = 0
    target_fps: float = 60.0
    """Frames per second of simulated time: decides the physics steps per frame."""
    warmup_frames: int = 10
    duration_s: float | None = 3.0
    """A trial ends after this much wall time, or None where `frames` decides."""
    frames: int | None = None
    """A trial ends after this many frames, or None where `duration_s` decides."""
    trials: int = 1
    """Rounds; with `until` the least number of them."""
    until: Until | None = None
    """Rounds are added until each case's FPS is known this well; None where `trials` alone decides."""
    rerun_spoiled: int = 0
    """How often a trial is run again that something disturbed."""
    hang_timeout_s: float = 60.0
    """An engine process that reports no progress for this long is ended."""
    save_frames: tuple[int, ...] = ()
    """Frames to save as PNG, numbered from 0 at the start of the motion."""
    physics: Physics = Physics.MUJOCO
    readback: bool = True
    """False leaves the pixels on the device, with backends that can."""


def scene_slug(scene: str) -> str:
    """Name a scene with letters, digits, `.`, `_` and `-` only; a path's slug tells equal stems apart."""
    if "/" not in scene and ":" not in scene and "\\" not in scene:
        return re.sub(r"[^A-Za-z0-9._-]", "_", scene)[:60]
    if scene.startswith("menagerie:"):
        return re.sub(r"[^A-Za-z0-9._-]", "_", scene.removeprefix("menagerie:").replace("/", "."))[:60]
    import hashlib

    digest = hashlib.sha256(scene.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", PurePath(scene).stem)[:40]
    return f"{stem}.{digest}"


def change_slug(change: str) -> str:
    """Name a case's change with the same letters and `+`; of a long one a checksum tells the end."""
    slug = re.sub(r"[^A-Za-z0-9._+-]", "_", change)
    if len(slug) <= _LONGEST_CHANGE:
        return slug
    import hashlib

    digest = hashlib.sha256(change.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{slug[: _LONGEST_CHANGE - 9]}.{digest}"
