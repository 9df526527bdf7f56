"""Engine processes with a runner module, for the tests of those."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from engine.backends.madrona_runner.variables import CONFIG_VARIABLE, FUNCTION_VARIABLE, MODULE_VARIABLE
from engine.jobs.requests import Job
from engine.process.launcher import EngineProcess, SpawnLauncher


class RunnerLauncher:
    """Starts engine processes with a runner module named in their environment."""

    def __init__(self, module: object, function: str = "", config: object = "") -> None:
        named = {MODULE_VARIABLE: str(module), FUNCTION_VARIABLE: function, CONFIG_VARIABLE: str(config)}
        self._named = {name: value or None for name, value in named.items()}

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        return SpawnLauncher().launch(job, log, {**environment, **self._named})


def in_parallel(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call returns."""
    with ThreadPoolExecutor(4) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]
