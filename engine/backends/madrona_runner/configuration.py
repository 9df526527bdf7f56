"""What a runner module is asked to measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunnerConfiguration:
    """The one argument of a runner module's function: a case, and how it is to be measured.

    A frame is one world's image, so a batch holds `worlds` frames.
    """

    scene: str
    """The scene's name as a person gave it: built in, `menagerie:NAME[/ENTRY]`, or an absolute path."""
    scene_file: Path | None
    """The MJCF file of a scene that is one, as it is on the disk; None for every other scene."""
    model_file: Path
    """Every scene compiled and saved by `mujoco.mj_saveModel`, for `mujoco.MjModel.from_binary_path`.

    It holds the camera even where the MJCF has none. With `effects` "bare" it asks for no multisampling.
    """
    camera: str
    """The name of the model's camera to look through."""
    width: int
    """Of one image, in pixels."""
    height: int
    effects: str
    """`scene`: shadows, reflections and the rest as the MJCF has them; `bare`: all of these off."""
    worlds: int
    """Environments in one batch."""
    warmup_frames: int
    """Frames before the timed ones, at least one."""
    duration_s: float | None
    """Draw for this many seconds after the warm-up, or None where `frames` decides."""
    frames: int | None
    """Draw this many frames after the warm-up, or None where `duration_s` decides."""
    steps_per_frame: int
    """Physics steps of the model's timestep from one frame to the next."""
    seed: int
    """Decides the motion, of world n together with n: see `scenes.motion.Motion`."""
    physics: str
    """Who is to move the scene: `mujoco` on the processor, or `warp`, where the renderer's own may."""
    readback: bool
    """Whether the pixels are to come into host memory within the frame."""
    save_frames: tuple[int, ...]
    """Frames to save as PNG, numbered from 0 at the start of the motion."""
    trial: int
    """Which run of the case this is, counted from 1."""
    config_file: Path | None
    """What `--madrona-config` or `MADRONA_BENCH_CONFIG` names: for the runner alone to read."""
    frames_folder: Path
    """An empty folder for the runner's PNG files, or for whatever else it needs; deleted afterwards."""
    progress: Callable[[], None]
    """Says that the runner lives; cheap enough for every batch. See `hang_timeout` of profiles."""

    @property
    def warmup_batches(self) -> int:
        """Batches that hold `warmup_frames`."""
        return -(-self.warmup_frames // self.worlds)

    @property
    def batches(self) -> int | None:
        """Batches that hold `frames`; None where `duration_s` decides."""
        return None if self.frames is None else -(-self.frames // self.worlds)
