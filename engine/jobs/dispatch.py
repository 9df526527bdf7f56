"""From the bytes of a job to its messages."""

import traceback
from collections.abc import Callable
from contextlib import ExitStack

from engine.backends.base import BackendError
from engine.backends.registry import measures_itself
from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import ChangesJob, DevicesJob, Job, ProbeJob, SceneJob, decode_job
from engine.messages import MORE_MEMORY, FailedMessage, FailureKind


def run_job(job: bytes, put: Callable[[bytes], None], asked: int | None = None) -> None:
    """Do what `job` asks for; whatever is raised ends as a `FailedMessage`.

    Renderers are closed after the last message: one that fails or hangs in that too changes no result.

    Args:
        job: made by `engine.jobs.requests.encode_job`.
        put: takes the messages.
        asked: descriptor of a pipe whose bytes are what `engine.jobs.asked` lists.
    """
    reporter = Reporter(put)
    with ExitStack() as closing:
        try:
            _run(decode_job(job), reporter, closing, asked)
        except JobError as error:
            _fail(reporter, error.kind, str(error), error.fix)
        except BackendError as error:
            _fail(reporter, error.kind, str(error), error.fix)
        except MemoryError:
            _fail(reporter, FailureKind.MEMORY, "main memory ran out", MORE_MEMORY)
        except BaseException as error:
            text = " ".join(str(error).split())
            name = type(error).__name__
            _fail(reporter, FailureKind.ERROR, f"{name}: {text}" if text else name, "")


def _run(request: Job, reporter: Reporter, closing: ExitStack, asked: int | None) -> None:
    if isinstance(request, ProbeJob):
        from engine.jobs.probe import run_probe

        run_probe(request, reporter, closing)
    elif isinstance(request, SceneJob):
        from engine.jobs.scene import run_scene_check

        run_scene_check(request, reporter)
    elif isinstance(request, ChangesJob):
        from engine.jobs.changes import run_changes

        run_changes(request, reporter)
    elif isinstance(request, DevicesJob):
        from engine.jobs.devices import run_devices

        run_devices(request, reporter)
    elif measures_itself(request.case.backend):
        from engine.jobs.runner_trial import run_runner_trial

        run_runner_trial(request, reporter)
    else:
        from engine.jobs.asked import Asked
        from engine.jobs.trial import run_trial

        run_trial(request, reporter, closing, None if asked is None else Asked(asked))


def _fail(reporter: Reporter, kind: FailureKind, reason: str, fix: str) -> None:
    # The innermost calls only: what the driver printed before is to stay among the log's last lines.
    traceback.print_exc(limit=-4)
    reporter.send(FailedMessage(kind=kind, stage=reporter.stage, reason=reason, fix=fix))
