"""From a profile to what can be measured here: backends tried, scenes looked at, cases with a known end."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from engine.backends.registry import find_backend
from engine.case import Case, Settings
from engine.changes.limits import first_limit
from engine.control import Control
from engine.messages import FailureKind, SceneMessage, Stage
from engine.preflight import BackendStatus, check_scenes, probe_backends, real_backends
from engine.process.launcher import LaunchError, SpawnLauncher
from engine.results import Failure
from engine.scratch import scratch_folder
from profiles.profile import AUTO, Profile
from tui.exit_codes import CommandError, ExitCode
from tui.software import refuse_software
from tui.text import printable

_LOOK_S = 0.2


@dataclass(frozen=True)
class Preparation:
    """What a run starts from."""

    cases: tuple[Case, ...]
    settings: Settings
    known_failures: dict[str, Failure]
    """Cases, by id, that cannot be measured here, and why."""
    backends: dict[str, BackendStatus]
    left_out: dict[str, str]
    """The backends that `auto` leaves out, and why each does not work here."""


def prepare(
    profile: Profile,
    camera_label: str = "camera",
    hardware_only: bool = False,
    control: Control | None = None,
) -> Preparation:
    """Try the profile's backends and load its scenes, all at the same time, before anything is measured.

    Args:
        profile: what is asked for.
        camera_label: what an error calls the camera: an option, or a file and its key.
        hardware_only: refuse software rasterizers; see `tui.software.refuse_software`.
        control: by which a face can end it.

    Raises:
        CommandError: it was stopped, there is no temporary folder, no backend works, no scene can be drawn,
            a scene lacks the camera, or a software rasterizer would draw although hardware alone is to.
    """
    refuse_without_scratch()
    wanted = real_backends() if AUTO in profile.backends else []
    wanted += [name for name in profile.backends if name not in (AUTO, *wanted)]
    draws = any(find_backend(name).draws for name in wanted)
    scenes = list(dict.fromkeys(profile.scenes)) if draws or profile.camera else []
    backends, looked_at = _look(wanted, scenes, profile, control)
    _refuse_missing_camera(camera_label, looked_at)
    _refuse_without_scene(looked_at)
    _refuse_without_backend(backends)
    automatic = [name for name in real_backends() if name in backends and backends[name].works]
    if hardware_only:
        automatic = refuse_software(profile.backends, automatic, backends)
    cases = profile.cases(automatic)
    settings = profile.settings()
    known = _known_failures(cases, settings, backends, looked_at)
    return Preparation(cases, settings, known, backends, _left_out(profile, backends))


def _look(
    backends: list[str], scenes: list[str], profile: Profile, control: Control | None
) -> tuple[dict[str, BackendStatus], dict[str, SceneMessage]]:
    """Try backends and load scenes at the same time.

    Raises:
        CommandError: `control` said stop meanwhile.
    """
    given_up = threading.Event()

    def is_unwanted() -> bool:
        return given_up.is_set() or (control is not None and control.stop_requested)

    launcher = SpawnLauncher()
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            probing = pool.submit(probe_backends, backends, launcher, is_unwanted=is_unwanted)
            limit_s = profile.measure.hang_timeout
            loading = pool.submit(
                check_scenes, scenes, profile.camera, launcher, limit_s, is_unwanted=is_unwanted
            )
            # A signal that another thread has taken is seen when this one wakes up, and not before.
            asked: tuple[Future[Any], ...] = (probing, loading)
            while wait(asked, _LOOK_S).not_done:
                pass
            found = probing.result(), loading.result()
        except BaseException:
            # The pool waits for its threads: without this, after a Ctrl+C for as long as a driver hangs.
            given_up.set()
            raise
    if control is not None and control.stop_requested:
        raise CommandError(ExitCode.INTERRUPTED, "stopped before anything was measured")
    return found


def _left_out(profile: Profile, backends: dict[str, BackendStatus]) -> dict[str, str]:
    if AUTO not in profile.backends:
        return {}
    return {
        name: f"{status.reason} ({status.fix})" if status.fix else status.reason
        for name, status in backends.items()
        if not status.works and name not in profile.backends
    }


def refuse_without_scratch() -> None:
    """Say in one sentence what every backend and every scene would say.

    Raises:
        CommandError: there is no temporary folder.
    """
    try:
        with scratch_folder():
            pass
    except LaunchError as error:
        raise CommandError(ExitCode.FAILED, printable(str(error))) from None


def _refuse_missing_camera(label: str, looked_at: dict[str, SceneMessage]) -> None:
    for message in looked_at.values():
        if message.camera_missing:
            raise CommandError(ExitCode.USAGE, printable(f"{label}: {message.reason}"))


def _refuse_without_scene(looked_at: dict[str, SceneMessage]) -> None:
    if looked_at and all(message.reason for message in looked_at.values()):
        reasons = "; ".join(dict.fromkeys(message.reason for message in looked_at.values()))
        raise CommandError(ExitCode.SCENE, printable(reasons))


def _refuse_without_backend(backends: dict[str, BackendStatus]) -> None:
    if any(status.works for status in backends.values()):
        return
    reasons = "; ".join(
        f"{status.backend}: {status.reason}" + (f" ({status.fix})" if status.fix else "")
        for status in backends.values()
    )
    raise CommandError(ExitCode.NO_BACKEND, printable(f"no chosen backend works here: {reasons}"))


def _known_failures(
    cases: tuple[Case, ...],
    settings: Settings,
    backends: dict[str, BackendStatus],
    looked_at: dict[str, SceneMessage],
) -> dict[str, Failure]:
    known = {}
    for case in cases:
        status, scene = backends[case.backend], looked_at.get(case.scene)
        if scene is not None and scene.reason and find_backend(case.backend).draws:
            known[case.id] = Failure(kind=FailureKind.SCENE, stage=Stage.SCENE, reason=scene.reason)
        elif status.works and (reason := first_limit(case, settings)):
            known[case.id] = Failure(kind=FailureKind.ERROR, stage=Stage.START, reason=reason)
        elif not status.works:
            known[case.id] = Failure(
                kind=FailureKind.BACKEND,
                stage=Stage.OPEN,
                reason=status.reason,
                fix=status.fix,
                log=status.log,
            )
    return known
