"""From the bytes of a job to its messages."""

import traceback
from collections.abc import Callable

from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import ProbeJob, SceneJob, decode_job
from engine.messages import FailedMessage, FailureKind


def run_job(job: bytes, put: Callable[[bytes], None]) -> None:
    """Do what `job` asks for; whatever is raised ends as a `FailedMessage`."""
    reporter = Reporter(put)
    try:
        request = decode_job(job)
        if isinstance(request, ProbeJob):
            from engine.jobs.probe import run_probe

            run_probe(request, reporter)
        elif isinstance(request, SceneJob):
            from engine.jobs.scene import run_scene_check

            run_scene_check(request, reporter)
        else:
            from engine.jobs.trial import run_trial

            run_trial(request, reporter)
    except JobError as error:
        traceback.print_exc()
        reporter.send(FailedMessage(kind=error.kind, stage=reporter.stage, reason=str(error), fix=error.fix))
    except BaseException as error:
        traceback.print_exc()
        text = " ".join(str(error).split())
        reason = f"{type(error).__name__}: {text}" if text else type(error).__name__
        reporter.send(FailedMessage(kind=FailureKind.ERROR, stage=reporter.stage, reason=reason))
