"""What has to be known before a run: which backends work here, and which scenes can be drawn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.backends.registry import all_backends, measures_itself
from engine.endings import describe_exit, describe_stage, suggest_fix
from engine.environment import engine_environment
from engine.jobs.requests import Job, ProbeJob, SceneJob
from engine.launcher import Ended, EngineProcess, Launcher, LaunchError
from engine.messages import (
    FailedMessage,
    FinishedMessage,
    ReadyMessage,
    RendererIdentity,
    SceneMessage,
    Stage,
    StageMessage,
)
from engine.record import Record

PROBE_LIMIT_S = 30.0
KERNELS_LIMIT_S = 600.0
"""So much longer may a probe take whose backend compiles its kernels: once a machine."""
MODULE_LIMIT_S = 120.0
"""So much longer may a probe take that imports a person's own module, and all that this imports."""
SCENES_LIMIT_S = 300.0


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
    names: Sequence[str], launcher: Launcher, limit_s: float = PROBE_LIMIT_S
) -> dict[str, BackendStatus]:
    """Try each backend in a process of its own, all at the same time."""
    with (
        tempfile.TemporaryDirectory(prefix="mjbench-") as folder,
        ThreadPoolExecutor(max_workers=max(1, len(names))) as pool,
    ):
        found = pool.map(lambda name: _probe(name, launcher, Path(folder), limit_s), names)
        return dict(zip(names, found, strict=True))


def real_backends() -> list[str]:
    """The backends that `auto` chooses from."""
    return [info.name for info in all_backends() if info.draws]


def _probe(name: str, launcher: Launcher, folder: Path, limit_s: float) -> BackendStatus:
    renderer: RendererIdentity | None = None
    stage = Stage.START
    log = folder / f"{name}.log"
    try:
        process = launcher.launch(ProbeJob(backend=name), log, engine_environment(name))
    except LaunchError as error:
        return BackendStatus(backend=name, works=False, reason=str(error))
    deadline = time.monotonic() + limit_s
    try:
        while (left_s := deadline - time.monotonic()) > 0:
            match process.receive(left_s):
                case StageMessage(stage=entered):
                    stage = entered
                    deadline += KERNELS_LIMIT_S if stage is Stage.COMPILE else 0.0
                    deadline += MODULE_LIMIT_S if stage is Stage.IMPORT and measures_itself(name) else 0.0
                case ReadyMessage(renderer=said):
                    renderer = said
                case FinishedMessage():
                    return BackendStatus(backend=name, works=True, renderer=renderer)
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
    scenes: Sequence[str], camera: str | None, launcher: Launcher, limit_s: float = SCENES_LIMIT_S
) -> dict[str, SceneMessage]:
    """Load each scene once in a process of its own and tell, by its name, whether it can be drawn.

    Args:
        scenes: names as `scenes.registry.find_scene` gives them.
        camera: the camera asked for, or None for each scene's own.
        launcher: starts the process.
        limit_s: how long one process may take; a scene that it hangs on costs that, and another process.
    """
    found: dict[str, SceneMessage] = {}
    scenes = tuple(dict.fromkeys(scenes))
    with tempfile.TemporaryDirectory(prefix="mjbench-") as folder:
        while len(found) < len(scenes):
            waiting = tuple(name for name in scenes if name not in found)
            job: Job = SceneJob(scenes=waiting, camera=camera)
            before = len(found)
            reason = _listen_for_scenes(job, found, launcher, Path(folder), limit_s)
            if reason and len(found) < len(scenes):
                # The scene that it broke on is the first that it said nothing about; the others go on.
                broken = next(name for name in scenes if name not in found)
                found[broken] = SceneMessage(scene=broken, reason=reason)
            if len(found) == before:
                break
    return found


def _listen_for_scenes(
    job: Job, found: dict[str, SceneMessage], launcher: Launcher, folder: Path, limit_s: float
) -> str:
    """Fill `found`; return why the process said less than it was asked for, or ""."""
    try:
        process = launcher.launch(job, folder / "scenes.log", engine_environment(None))
    except LaunchError as error:
        return str(error)
    deadline = time.monotonic() + limit_s
    try:
        while (left_s := deadline - time.monotonic()) > 0:
            match process.receive(left_s):
                case SceneMessage() as message:
                    found[message.scene] = message
                case FinishedMessage():
                    return ""
                case FailedMessage(reason=reason):
                    return reason
                case Ended(exit_code=code, garbage=garbage):
                    how = f"sent {garbage}" if garbage else describe_exit(code)
                    return f"the process that loaded it {how}"
        return f"loading took longer than {limit_s:g} s"
    finally:
        process.end()
