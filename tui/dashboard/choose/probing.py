"""Trying the backends in the background, each by itself, so that each is known as soon as it can be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from engine.preflight import KERNELS_LIMIT_S, PROBE_LIMIT_S, BackendStatus

Tell = Callable[[BackendStatus], None]
"""Called from another thread with each backend that was tried."""
Probe = Callable[[str], BackendStatus]
"""Tries one backend, in the thread that calls it."""

SILENCE_LIMIT_S = PROBE_LIMIT_S + KERNELS_LIMIT_S + 15.0
"""After so many seconds without an answer something is wrong with the trying itself."""
TRY_AGAIN = "press r in the list of backends to try again"


def probe(name: str) -> BackendStatus:
    """Try one backend in a process of its own."""
    from engine.preflight import probe_backends
    from engine.process.launcher import SpawnLauncher

    return probe_backends([name], SpawnLauncher())[name]


def probe_in_background(names: Sequence[str], tell: Tell, probe: Probe = probe) -> None:
    """Start to try backends, all at the same time; returns at once. Whatever goes wrong is told as well."""
    for name in names:
        threading.Thread(target=_probe, args=(name, tell, probe), name=f"probe-{name}", daemon=True).start()


def silent_status(name: str, limit_s: float) -> BackendStatus:
    """What is told of a backend that said nothing for so many seconds."""
    reason = f"nothing was heard of it for {limit_s:g} s"
    return BackendStatus(backend=name, works=False, reason=reason, fix=TRY_AGAIN)


def _probe(name: str, tell: Tell, probe: Probe) -> None:
    try:
        status = probe(name)
    except Exception as error:
        words = " ".join(str(error).split()) or "no reason given"
        reason = f"it could not be tried ({type(error).__name__}: {words})"
        status = BackendStatus(backend=name, works=False, reason=reason, fix=TRY_AGAIN)
    tell(status)
