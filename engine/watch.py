"""Watching one trial: from the messages of its engine processes to its result, whatever they do."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence

from engine.backends.names import is_mesa_software
from engine.changes.terms import drawn_resolution
from engine.control import Control
from engine.events import Disturbed, Event, StageEntered, UsageMeasured, Waiting
from engine.floor import Floor, mean_floor
from engine.frame_limit import limit_finding
from engine.interference.records import Finding
from engine.interference.stops import stop_finding
from engine.interference.watcher import InterferenceWatch
from engine.jobs.requests import TrialJob
from engine.messages import MemoryUse, Stage
from engine.metrics import BenchmarkMetrics
from engine.moments import DateClock
from engine.process.attention import Attention
from engine.process.environment import rasterizer_threads
from engine.process.launcher import EngineProcess
from engine.results import TrialResult, TrialStatus
from engine.timings import TrialTimings, join_timings
from engine.usage import UsageMeter
from engine.worker_watch import WorkerWatch

_POLL_S = 0.1
_STOP_GRACE_S = 10.0
"""How long the frame that is being drawn may still take after a stop was asked for."""
_STAGES = list(Stage)


class TrialWatch:
    """Follows the engine processes of a trial until they are done, failed, hung or stopped.

    After `events` is exhausted, `result` tells how the trial ended.

    Args:
        workers: each worker's job and its process, all of the same trial.
        control: by which a face can end it.
        usage: looks at what the processes take; None where nobody wants to know.
        interference: notices what disturbs the timed frames; None where nobody wants to know.
        clock: says when it began and ended; None where nobody has one.
    """

    def __init__(
        self,
        workers: Sequence[tuple[TrialJob, EngineProcess]],
        control: Control,
        usage: UsageMeter | None = None,
        interference: InterferenceWatch | None = None,
        clock: DateClock | None = None,
    ) -> None:
        job = workers[0][0]
        self._case, self._trial, self._settings = job.case, job.trial, job.settings
        self._most_frames = job.most_frames
        self._workers = [WorkerWatch(job, process) for job, process in workers]
        self._control = control
        self._usage = usage
        self._interference = interference
        self._is_disturbed = False
        self.given_up = False
        """True where the trial ended because the run is held: it has no result and is to be measured anew."""
        self._stage_told: Stage | None = None
        self._is_released = False
        self._clock = clock or DateClock()
        self._started_at = self._clock.text()
        self._stop_asked_at: float | None = None
        self._attention = Attention(_POLL_S)
        self._missed_s = 0.0
        """Seconds of the timed loop in which this process stood still."""

    def events(self) -> Iterator[Event]:
        """Yield what happens, until the trial is over and its processes are gone."""
        try:
            while not self._is_over:
                self._pass_on_requests()
                heard = yield from self._listen()
                self._forgive_absence()
                yield from self._look_for_interference()
                if self._is_over_time():
                    break
                if self._usage is not None and (used := self._usage.look()) is not None:
                    yield UsageMeasured(self._case, self._trial, used)
                if not heard:
                    yield Waiting(self._case, self._trial)
        finally:
            if self._interference is not None:
                self._interference.end()
            for worker in self._workers:
                worker.process.stop()
            for worker in self._workers:
                worker.process.end()

    def _forgive_absence(self) -> None:
        """Call nobody silent for as long as this process stood still itself."""
        missed_s = self._attention.missed_s()
        for worker in self._workers:
            worker.forgive(missed_s)
        if self._stop_asked_at is not None:
            self._stop_asked_at += missed_s
        if self._stage_told is Stage.RUN:
            self._missed_s += missed_s

    def _look_for_interference(self) -> Iterator[Event]:
        """Read what is due; tell what disturbs now where somebody watches."""
        if self._interference is None or not self._interference.look() or self._usage is None:
            return
        findings = self._interference.recent_findings
        if findings or self._is_disturbed:
            yield Disturbed(self._case, self._trial, findings)
        self._is_disturbed = bool(findings)

    @property
    def _is_over(self) -> bool:
        return all(worker.is_over for worker in self._workers) or self._failed is not None

    @property
    def _failed(self) -> WorkerWatch | None:
        """The worker that failed first, by number; none where the trial was being stopped."""
        return next((worker for worker in self._workers if worker.failure is not None), None)

    def _pass_on_requests(self) -> None:
        if self._is_unwanted and self._stop_asked_at is None:
            self._stop_asked_at = time.monotonic()
            for worker in self._workers:
                worker.stop()
        if self._control.take_preview_request():
            self._workers[0].process.request_preview()
        if not self._is_released and all(worker.stage is Stage.BARRIER for worker in self._workers):
            self._is_released = True
            for worker in self._workers:
                worker.release()

    def _listen(self) -> Generator[Event, None, bool]:
        """Take at most one message of each worker; tell whether there was any."""
        talking = [worker for worker in self._workers if not worker.is_over]
        heard = False
        for worker in talking:
            events = worker.look(_POLL_S / len(talking))
            if events is None:
                continue
            heard = True
            yield from events
            yield from self._tell_stage()
            if self._interference is not None and worker.stage is Stage.FINISH:
                # Of several workers the first that is done ends the time that counts.
                self._interference.end()
        return heard

    def _tell_stage(self) -> Iterator[Event]:
        """Tell the stage of the worker that is furthest behind, where that is another than before."""
        stage = min((worker.stage for worker in self._workers), key=_STAGES.index)
        if stage is not self._stage_told:
            self._stage_told = stage
            if self._interference is not None and stage is Stage.RUN:
                ready = self._workers[0].ready
                self._interference.begin(on_gpu=ready is not None and not ready.renderer.software)
            yield StageEntered(self._case, self._trial, stage)

    @property
    def _is_unwanted(self) -> bool:
        return self._control.stop_requested or self._control.is_skipped(self._case.id)

    def _is_over_time(self) -> bool:
        if self._control.kill_requested:
            return True
        if self._control.hold_requested and not self._control.stop_requested:
            self.given_up = True
            return True
        if self._stop_asked_at is not None:
            return time.monotonic() - self._stop_asked_at > _STOP_GRACE_S
        for worker in self._workers:
            waits = worker.stage is Stage.BARRIER and not self._is_released
            if not worker.is_over and not waits:
                worker.check_progress()
        return self._failed is not None

    @property
    def result(self) -> TrialResult:
        """How the trial ended; to be asked for once, after `events`."""
        first = self._workers[0]
        findings = self._findings()
        timings = join_timings([(worker.warmup, worker.timed) for worker in self._workers])
        if (stopped := stop_finding(self._missed_s, timings)) is not None:
            findings = (stopped, *findings)
        failure = self._failed.failure if self._failed else None
        told = first.finished.metrics if first.finished else None
        metrics = None if failure else told or self._metrics(timings)
        status: TrialStatus = "done"
        if failure is not None:
            status = "failed"
        elif any(worker.finished is None or worker.finished.stopped for worker in self._workers):
            skipped = self._control.is_skipped(self._case.id) and not self._control.stop_requested
            status = "skipped" if skipped else "interrupted"
        ready, finished = first.ready, first.finished
        return TrialResult(
            case=self._case,
            trial=self._trial,
            status=status,
            started_at=self._started_at,
            ended_at=self._clock.text(),
            metrics=metrics,
            failure=failure,
            renderer=ready.renderer if ready else None,
            drawn=finished.drawn if finished else None,
            camera=ready.camera if ready else "",
            steps_per_frame=ready.steps_per_frame if ready else 0,
            rasterizer_threads=self._rasterizer_threads(),
            start_up=ready.start_up if ready else None,
            device=finished.device if finished else None,
            floor=self._floor(),
            memory=self._memory(),
            pictures=finished.pictures if finished else None,
            saved_frames=self._saved_frames(),
            findings=findings,
            timings=timings if metrics and told is None else None,
        )

    def _metrics(self, timings: TrialTimings) -> BenchmarkMetrics | None:
        from engine.statistics import benchmark_metrics

        try:
            return benchmark_metrics(timings, self._pixels, self._case.worlds)
        except ValueError:
            # It ended before every worker had drawn.
            return None

    def _findings(self) -> tuple[Finding, ...]:
        """What disturbed the trial, and whether it was ended by its number of frames."""
        noticed = self._interference.findings if self._interference is not None else ()
        drawn = [worker.timed.frames for worker in self._workers]
        most = self._most_frames
        is_limited = most is not None and max(drawn) >= most
        return (*noticed, limit_finding(max(drawn))) if is_limited else noticed

    def _saved_frames(self) -> tuple[str, ...]:
        told = [worker.finished.saved_frames for worker in self._workers if worker.finished]
        return tuple(f"frames/{name}" for names in told for name in names)

    def _rasterizer_threads(self) -> int:
        """Threads that Mesa's rasterizers were given, where one of them draws."""
        ready = self._workers[0].ready
        if ready is None or not is_mesa_software(ready.renderer.renderer):
            return 0
        return rasterizer_threads(self._case.workers) or 0

    def _floor(self) -> Floor | None:
        told = [worker.finished.floor for worker in self._workers if worker.finished]
        return mean_floor([floor for floor in told if floor is not None])

    def _memory(self) -> MemoryUse | None:
        """The largest of each figure over the workers."""
        told = [worker.finished.memory for worker in self._workers if worker.finished]
        uses = [memory for memory in told if memory is not None]
        if not uses:
            return None
        on_device = [use.device_mib for use in uses if use.device_mib is not None]
        return MemoryUse(
            host_mib=max(use.host_mib for use in uses),
            host_scene_mib=max(use.host_scene_mib for use in uses),
            device_mib=max(on_device, default=None),
        )

    @property
    def _pixels(self) -> int:
        from engine.backends.registry import find_backend

        return drawn_resolution(self._case).pixels if find_backend(self._case.backend).draws else 0
