"""What has to be known before a run: which backends work here, and which scenes can be drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.backends.registry import all_backends, measures_itself
from engine.case import Settings
from engine.jobs.requests import ProbeJob, SceneJob
from engine.messages import (
    FailedMessage,
    FinishedMessage,
    ReadyMessage,
    RendererIdentity,
    SceneMessage,
    Stage,
    StageMessage,
)
from engine.process.attention import Patience
from engine.process.endings import (
    describe_exit,
    describe_loading_end,
    describe_loading_hang,
    describe_stage,
    suggest_fix,
)
from engine.process.environment import engine_environment
from engine.process.launcher import Ended, EngineProcess, Launcher, LaunchError
from engine.record import Record
from engine.scratch import scratch_folder
from scenes.text import quoted

PROBE_LIMIT_S = 30.0
KERNELS_LIMIT_S = 600.0
"""So much longer may a probe take whose backend compiles its kernels: once a machine."""
MODULE_LIMIT_S = 120.0
"""So much longer may a probe take that imports a person's own module, and all that this imports."""
SCENE_LIMIT_S = Settings().hang_timeout_s


class BackendStatus(Record, frozen=True):
    """Whether a backend works on this machine."""

    backend: str
    works: bool
    renderer: RendererIdentity | None = None
    reason: str = ""
    """Why it does not work, in one sentence."""
    fix: str = ""
    """What to install or set."""
    log: str = ""
    """The last lines that the driver printed, where it does not work."""


def probe_backends(
    names: Sequence[str],
    launcher: Launcher,
    limit_s: float = PROBE_LIMIT_S,
    is_unwanted: Callable[[], bool] | None = None,
) -> dict[str, BackendStatus]:
    """Try each backend in a process of its own, all at the same time.

    Args:
        names: which.
        launcher: starts the processes.
        limit_s: how long one may take.
        is_unwanted: True ends the trying at once; what is returned then means nothing.
    """
    try:
        with scratch_folder() as folder, ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
            found = pool.map(lambda name: _probe(name, launcher, folder, limit_s, is_unwanted), names)
            return dict(zip(names, found, strict=True))
    except LaunchError as error:
        return {name: BackendStatus(backend=name, works=False, reason=str(error)) for name in names}


def real_backends() -> list[str]:
    """The backends that `auto` chooses from."""
    return [info.name for info in all_backends() if info.draws]


def _probe(
    name: str, launcher: Launcher, folder: Path, limit_s: float, is_unwanted: Callable[[], bool] | None
) -> BackendStatus:
    renderer: RendererIdentity | None = None
    stage = Stage.START
    log = folder / f"{name}.log"
    try:
        process = launcher.launch(ProbeJob(backend=name), log, engine_environment(name))
    except LaunchError as error:
        return BackendStatus(backend=name, works=False, reason=str(error))
    patience = Patience(process, limit_s, is_unwanted)
    try:
        while (heard := patience.receive()) is not None:
            match heard:
                case StageMessage(stage=entered) if entered is not stage:
                    stage = entered
                    patience.extend(KERNELS_LIMIT_S if stage is Stage.COMPILE else 0.0)
                    is_module = stage is Stage.IMPORT and measures_itself(name)
                    patience.extend(MODULE_LIMIT_S if is_module else 0.0)
                case ReadyMessage(renderer=said):
                    renderer = said
                case FinishedMessage() if renderer is not None:
                    return BackendStatus(backend=name, works=True, renderer=renderer)
                case FinishedMessage():
                    reason = "it finished and did not say who draws"
                    return _broken(name, renderer, process, reason, suggest_fix(None))
                case FailedMessage(reason=reason, fix=fix):
                    return _broken(name, renderer, process, reason, fix)
                case Ended(exit_code=code, garbage=garbage):
                    how = f"sent {garbage}" if garbage else describe_exit(code)
                    reason = f"the process that tried it {how} {describe_stage(stage)}"
                    return _broken(name, renderer, process, reason, suggest_fix(code))
        reason = f"it did not answer within {limit_s:g} s {describe_stage(stage)}"
        return _broken(name, renderer, process, reason, suggest_fix(None))
    finally:
        process.end()


def _broken(
    name: str, renderer: RendererIdentity | None, process: EngineProcess, reason: str, fix: str
) -> BackendStatus:
    return BackendStatus(
        backend=name, works=False, renderer=renderer, reason=reason, fix=fix, log=process.log_tail()
    )


def check_scenes(
    scenes: Sequence[str],
    camera: str | None,
    launcher: Launcher,
    limit_s: float = SCENE_LIMIT_S,
    is_unwanted: Callable[[], bool] | None = None,
) -> dict[str, SceneMessage]:
    """Load each scene once in a process of its own and tell, by its name, whether it can be drawn.

    Args:
        scenes: names as `scenes.registry.find_scene` gives them.
        camera: the camera asked for, or None for each scene's own.
        launcher: starts the process.
        limit_s: how long one scene may take; one that takes longer costs that, and another process.
        is_unwanted: True ends the loading at once; what is returned then means nothing.
    """
    try:
        return _check_scenes(scenes, camera, launcher, limit_s, is_unwanted)
    except LaunchError as error:
        return {name: SceneMessage(scene=name, reason=str(error)) for name in scenes}


def _check_scenes(
    scenes: Sequence[str],
    camera: str | None,
    launcher: Launcher,
    limit_s: float,
    is_unwanted: Callable[[], bool] | None,
) -> dict[str, SceneMessage]:
    found: dict[str, SceneMessage] = {}
    scenes = tuple(dict.fromkeys(scenes))
    with scratch_folder() as folder:
        while len(found) < len(scenes) and not (is_unwanted and is_unwanted()):
            waiting = tuple(name for name in scenes if name not in found)
            job = SceneJob(scenes=waiting, camera=camera)
            before = len(found)
            reason = _listen_for_scenes(
                job, found, launcher, folder / f"{before}.log", limit_s=limit_s, is_unwanted=is_unwanted
            )
            if reason and len(found) < len(scenes):
                # The scene that it broke on is the first that it said nothing about; the others go on.
                broken = next(name for name in scenes if name not in found)
                sentence = f"scene {quoted(broken)} cannot be loaded: {reason}"
                found[broken] = SceneMessage(scene=broken, reason=sentence)
            if len(found) == before:
                break
    return found


def _listen_for_scenes(
    job: SceneJob,
    found: dict[str, SceneMessage],
    launcher: Launcher,
    log: Path,
    *,
    limit_s: float,
    is_unwanted: Callable[[], bool] | None,
) -> str:
    """Fill `found`; return why the process said less than it was asked for, or ""."""
    try:
        process = launcher.launch(job, log, engine_environment(None))
    except LaunchError as error:
        return str(error)
    patience = Patience(process, limit_s, is_unwanted)
    waiting = set(job.scenes)
    try:
        while (said := patience.receive()) is not None:
            match said:
                case SceneMessage() as message if message.scene in waiting:
                    found[message.scene] = message
                    waiting.discard(message.scene)
                    # Every scene has its own time.
                    patience.renew()
                case FinishedMessage():
                    # One that ran out of memory leaves the scenes after it to another.
                    told = len(waiting) < len(job.scenes)
                    return "" if told else "the process that loaded it finished too early"
                case FailedMessage(reason=reason):
                    return reason
                case Ended(exit_code=code, garbage=garbage):
                    how = f"sent {garbage}" if garbage else describe_loading_end(code, process.log_tail())
                    return f"the process that loaded it {how}"
        return describe_loading_hang(limit_s)
    finally:
        process.end()
