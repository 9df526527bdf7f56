"""One trial of a backend that measures itself: a runner module is called, and what it returns is checked."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.backends.base import BackendError
from engine.backends.madrona_runner.configuration import RunnerConfiguration
from engine.backends.madrona_runner.module import Runner, described_error, load_runner
from engine.backends.madrona_runner.numbers import WrongResultError
from engine.backends.madrona_runner.pictures import copy_pictures
from engine.backends.madrona_runner.result import RunnerResult, read_result
from engine.case import Effects
from engine.changes.limits import first_limit
from engine.jobs import footprint
from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import TrialJob
from engine.messages import (
    MORE_MEMORY,
    FailureKind,
    FinishedMessage,
    FramesMessage,
    MemoryUse,
    ReadyMessage,
    RendererIdentity,
    Stage,
    StartUp,
)

if TYPE_CHECKING:
    import mujoco

_EVERY_S = 0.25
"""Signs of life follow one another no faster: a runner may give one for every batch."""
_OUT_OF_MEMORY = ("out of memory", "out_of_memory", "resource_exhausted", "out_of_device_memory")
_WHAT_RETURNS = "docs/madrona.md and the module of mjbench-tui madrona-template tell what is returned"


def run_runner_trial(job: TrialJob, reporter: Reporter) -> None:
    """Call the runner module for `job` and send Ready, Frames and Finished.

    Raises:
        JobError: the scene cannot be loaded, or the runner raised or returned what is no result.
        BackendError: there is no runner module, or it cannot be imported.
    """
    process_s = (time.monotonic_ns() - job.launched_ns) / 1e9
    if reason := first_limit(job.case, job.settings):
        raise JobError(FailureKind.ERROR, reason)
    started = time.perf_counter()
    reporter.enter(Stage.IMPORT)
    runner = load_runner()
    imported = time.perf_counter()
    bare_mib = footprint.host_mib()
    reporter.enter(Stage.SCENE)
    configuration, scene_s, compile_s = _configure(job, runner, reporter)
    ready = ReadyMessage(
        renderer=runner_identity(runner),
        camera=configuration.camera,
        steps_per_frame=configuration.steps_per_frame,
        start_up=StartUp(
            process_s=process_s,
            import_s=imported - started,
            scene_s=scene_s,
            compile_s=compile_s,
            open_s=0.0,
        ),
    )
    reporter.send(ready)
    reporter.enter(Stage.RUN)
    result = _measure(runner, configuration, job)
    memory = _memory(bare_mib)
    reporter.enter(Stage.FINISH)
    if result.device:
        # Only now is it known what drew.
        reporter.send(_with_device(ready, runner, result.device))
    if result.times is not None:
        for warm_up, first, stamps in result.times.blocks():
            reporter.send(FramesMessage(first=first, warm_up=warm_up, stamps=stamps))
    saved = _take_pictures(job, result)
    reporter.send(FinishedMessage(drawn=None, metrics=result.metrics, memory=memory, saved_frames=saved))


def runner_identity(runner: Runner, device: str = "") -> RendererIdentity:
    """Who draws, as far as that is known: a runner's figures always bear its name."""
    from engine.backends.names import is_software

    return RendererIdentity(
        vendor=runner.title if device else "",
        renderer=device or runner.title,
        version="",
        software=is_software(device),
    )


def _with_device(ready: ReadyMessage, runner: Runner, device: str) -> ReadyMessage:
    import msgspec

    return msgspec.structs.replace(ready, renderer=runner_identity(runner, device))


def _sign_of_life(reporter: Reporter) -> Callable[[], None]:
    """What a runner calls; a plain function, as those can be copied with the configuration."""
    next_s = 0.0

    def progress() -> None:
        nonlocal next_s
        now = time.monotonic()
        if now >= next_s:
            next_s = now + _EVERY_S
            reporter.enter(Stage.RUN)

    return progress


def _configure(job: TrialJob, runner: Runner, reporter: Reporter) -> tuple[RunnerConfiguration, float, float]:
    """Compile the scene into a file; also the seconds of loading and of compiling it."""
    from engine.jobs.loading import load_scene
    from scenes.build import SceneError
    from scenes.motion import steps_per_frame

    case, settings = job.case, job.settings
    width, height = case.resolution.width, case.resolution.height
    bare = case.effects is Effects.BARE
    try:
        built = load_scene(
            case.scene, width=width, height=height, bare=bare, camera=settings.camera, seed=settings.seed
        )
    except SceneError as error:
        raise JobError(FailureKind.SCENE, str(error)) from error
    folder = Path(job.scratch_folder or ".").absolute()
    model_file, frames_folder = folder / "scene.mjb", folder / "frames"
    frames_folder.mkdir(exist_ok=True)
    _save_model(built.model, model_file)
    configuration = RunnerConfiguration(
        scene=case.scene,
        scene_file=Path(case.scene) if Path(case.scene).is_absolute() else None,
        model_file=model_file,
        camera=built.camera,
        width=width,
        height=height,
        effects=str(case.effects),
        worlds=case.worlds,
        warmup_frames=settings.warmup_frames,
        duration_s=settings.duration_s,
        frames=settings.frames,
        steps_per_frame=steps_per_frame(built.model.opt.timestep, settings.target_fps),
        seed=settings.seed,
        physics=str(settings.physics),
        readback=settings.readback,
        save_frames=settings.save_frames,
        trial=job.trial,
        config_file=runner.config_file,
        frames_folder=frames_folder,
        progress=_sign_of_life(reporter),
    )
    return configuration, built.load_s, built.compile_s


def _save_model(model: mujoco.MjModel, file: Path) -> None:
    import mujoco

    size = mujoco.mj_sizeModel(model)
    with contextlib.suppress(mujoco.FatalError):
        mujoco.mj_saveModel(model, str(file), None)
    # A disk that is full goes without a word.
    if not file.is_file() or file.stat().st_size != size:
        fix = f"free {size // 2**20 + 1} MiB there, or let TMPDIR name another folder"
        raise JobError(FailureKind.ERROR, f"the compiled scene cannot be saved as {file}", fix)


def _measure(runner: Runner, configuration: RunnerConfiguration, job: TrialJob) -> RunnerResult:
    """Call the function and read what it returns."""
    called = f"{runner.function_name} of the {runner.title}"
    try:
        returned = runner.function(configuration)
    except (MemoryError, BackendError):
        raise
    except BaseException as error:
        # Whatever it is, sys.exit too: the case has failed, and the others go on.
        said = described_error(error)
        if any(words in said.lower() for words in _OUT_OF_MEMORY):
            raise JobError(FailureKind.MEMORY, f"{called} ran out of memory ({said})", MORE_MEMORY) from error
        fix = "the log tells where in the module it was raised"
        raise JobError(FailureKind.ERROR, f"{called} raised {said}", fix) from error
    try:
        return read_result(returned, job.case.worlds, job.case.resolution.pixels)
    except WrongResultError as error:
        raise JobError(FailureKind.ERROR, f"{called} returned {error}", _WHAT_RETURNS) from error
    except MemoryError:
        raise
    except Exception as error:
        # A class of the module's own that looks like a mapping or a list, and is none.
        said = f"what cannot be read ({described_error(error)})"
        raise JobError(FailureKind.ERROR, f"{called} returned {said}", _WHAT_RETURNS) from error


def _memory(bare_mib: float) -> MemoryUse:
    held_mib = footprint.host_mib()
    return MemoryUse(
        host_mib=held_mib,
        host_scene_mib=max(0.0, held_mib - bare_mib),
        device_mib=footprint.device_mib(),
    )


def _take_pictures(job: TrialJob, result: RunnerResult) -> tuple[str, ...]:
    if result.folder is None or not job.frames_folder:
        return ()
    return copy_pictures(result.folder, Path(job.frames_folder), f"{job.case.id}.{job.trial}")
