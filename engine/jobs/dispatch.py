"""From the bytes of a job to its messages."""

import re
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress

from engine.backends.base import BackendError, DeviceLostError, OutOfMemoryError
from engine.backends.registry import measures_itself
from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import ChangesJob, DevicesJob, Job, ProbeJob, SceneJob, decode_job
from engine.messages import MORE_MEMORY, FailedMessage, FailureKind
from engine.process.bounds import one_sentence

_NO_MEMORY = re.compile(
    r"out of memory|(failed to|could not|cannot) allocate|out_of_(host|device)_memory|bad_alloc", re.I
)
_LOST = re.compile(r"\bCUDA error\b|\bcudaError|\bdevice.{0,3}lost\b|\bcontext.{0,3}lost\b", re.I)
"""What CUDA, Vulkan, OpenGL and the libraries above them say, whatever they raise."""
_LONGEST_TEXT = 10_000
"""Of an error: what is longer is not printed."""


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
            meant = _meaning(_described(error))
            _fail(reporter, meant.kind, str(meant), meant.fix)


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


def _meaning(text: str) -> JobError | BackendError:
    """What it means that a library raised this."""
    if _NO_MEMORY.search(text):
        return OutOfMemoryError(f"the device or the machine ran out of memory ({text})", MORE_MEMORY)
    if _LOST.search(text):
        return DeviceLostError(f"the GPU was lost, or does not answer any more ({text})")
    return JobError(FailureKind.ERROR, text)


def _described(error: BaseException) -> str:
    name, text = type(error).__name__, _text(error)
    return one_sentence(f"{name}: {text}" if text.strip() else name)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        # An exception of a driver's own that cannot even tell what it is about.
        return ""


def _fail(reporter: Reporter, kind: FailureKind, reason: str, fix: str) -> None:
    # Where the log takes nothing, as on a full disk, the reason is told all the same.
    with suppress(Exception):
        _print_calls()
    reporter.send(
        FailedMessage(kind=kind, stage=reporter.stage, reason=one_sentence(reason), fix=one_sentence(fix))
    )


def _print_calls() -> None:
    """Print the innermost calls only: what the driver printed before is to stay in the end of the log."""
    error = sys.exc_info()[1]
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    if all(len(_text(one)) <= _LONGEST_TEXT for one in chain):
        traceback.print_exc(limit=-4)
    else:
        # To print a hundred megabytes takes a minute.
        traceback.print_tb(chain[0].__traceback__, limit=-4)
