"""Measuring one case once: scene, model, backend, warm-up, timed loop, PNGs."""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.backends.base import Backend, DeviceSample, Picture
from engine.backends.loading import load_backend
from engine.backends.registry import find_backend
from engine.case import Physics
from engine.changes.limits import first_limit
from engine.changes.terms import terms_of
from engine.floor import Floor
from engine.jobs import footprint
from engine.jobs.asked import Asked
from engine.jobs.preview import Previews
from engine.jobs.repeating import repetitions
from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import TrialJob
from engine.loop import FrameLoop, FramePhases
from engine.messages import (
    DeviceTime,
    Drawn,
    FailureKind,
    FinishedMessage,
    FramesMessage,
    MemoryUse,
    ReadyMessage,
    RendererIdentity,
    Stage,
    StartUp,
)
from engine.pictures.records import PictureReport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.jobs.simulation import Simulation
    from engine.pictures.check import PictureCheck


_FRAMES_A_SIGN = 1000
"""While motion is repeated without drawing, this often a sign of life is given."""
_DEVICE_SAMPLES_S = 0.3
"""Batches are drawn once more for so long to ask the device for its time."""


class StopFlag:
    """Set by SIGTERM once frames are drawn: the trial ends after the frame that is being drawn.

    Until then SIGTERM ends the process, as there is nothing yet that could be kept.
    """

    def __init__(self) -> None:
        self.is_set = False

    def listen(self) -> None:
        """From now on, take note of SIGTERM."""
        signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        self.is_set = True


def run_trial(job: TrialJob, reporter: Reporter, closing: ExitStack, asked: Asked | None = None) -> None:
    """Measure `job` and send Ready, Frames and Finished; `closing` is to close the backend.

    Where the case has several workers, the timed loop begins when `asked` says so.

    Raises:
        JobError: the scene cannot be loaded, the case's change cannot be made, or the simulation diverged.
        BackendError: the backend does not open, or gives up.
    """
    trial = _Trial(job, reporter, asked)
    # While its context is still there: OSMesa complains at exit otherwise.
    closing.callback(trial.close)
    trial.prepare()
    trial.measure()


class _Trial:
    def __init__(self, job: TrialJob, reporter: Reporter, asked: Asked | None) -> None:
        self._job = job
        self._terms = terms_of(job.case, job.settings)
        self._reporter = reporter
        self._asked = asked
        self._previews = Previews(reporter, asked)
        self._stop = StopFlag()
        self._bare_mib = 0.0
        self._software = False
        self._backend: Backend | None = None
        self._simulation: Simulation | None = None

    def prepare(self) -> None:
        """Import, load, compile and open, each stage timed, then say that the trial is ready."""
        job = self._job
        process_s = (time.monotonic_ns() - job.launched_ns) / 1e9
        started = time.perf_counter()
        self._reporter.enter(Stage.IMPORT)
        info = find_backend(job.case.backend)
        if reason := first_limit(job.case, job.settings):
            raise JobError(FailureKind.ERROR, reason)
        self._backend = load_backend(info)
        if info.draws:
            from engine.jobs.simulation import Simulation
        import_s = time.perf_counter() - started
        self._bare_mib = footprint.host_mib()
        scene_s = compile_s = 0.0
        if info.draws:
            self._simulation = Simulation(job, self._reporter, self._moves_itself)
            scene_s, compile_s = self._simulation.scene_s, self._simulation.compile_s
        self._reporter.enter(Stage.OPEN)
        started = time.perf_counter()
        renderer = self._open(self._backend)
        self._software = renderer.software
        opened = time.perf_counter()
        if self._backend.has_kernels:
            self._reporter.enter(Stage.COMPILE)
            self._backend.compile()
        start_up = StartUp(
            process_s=process_s,
            import_s=import_s,
            scene_s=scene_s,
            compile_s=compile_s,
            open_s=opened - started,
            kernels_s=time.perf_counter() - opened,
        )
        self._reporter.send(
            ReadyMessage(
                renderer=renderer,
                camera=self._simulation.camera if self._simulation else "",
                steps_per_frame=self._simulation.steps_per_frame if self._simulation else 0,
                start_up=start_up,
            )
        )

    def _open(self, backend: Backend) -> RendererIdentity:
        picture = None
        if self._simulation is not None:
            case, terms = self._job.case, self._terms
            picture = Picture(
                model=self._simulation.drawn_model,
                datas=self._simulation.datas,
                camera=self._simulation.camera,
                width=terms.resolution.width,
                height=terms.resolution.height,
                bare=terms.bare,
                steps_per_frame=self._simulation.steps_per_frame,
                worlds=case.worlds,
                physics=self._job.settings.physics if self._moves_itself else Physics.MUJOCO,
                controls=self._simulation.controls,
                readback=terms.readback,
            )
        return backend.open(picture)

    def measure(self) -> None:
        """Draw the warm-up and the timed frames, then whatever is to be saved."""
        assert self._backend is not None
        settings = self._job.settings
        simulation, backend = self._simulation, self._backend
        phases = FramePhases(self._step(), backend.update, backend.render, backend.readback)
        # A collection in the middle of a frame would be timed as the renderer's.
        gc.collect()
        gc.freeze()
        gc.disable()
        self._stop.listen()
        self._reporter.enter(Stage.WARM_UP)
        FrameLoop(phases, partial(self._send, warm_up=True), self._keep_going).run(self._job.warmup_batches)
        if self._job.case.workers > 1 and self._asked is not None:
            self._reporter.enter(Stage.BARRIER)
            self._asked.wait_for_go(lambda: not self._stop.is_set)
        if not self._stop.is_set:
            self._reporter.enter(Stage.RUN)
            duration_ns = None if settings.duration_s is None else round(settings.duration_s * 1e9)
            FrameLoop(phases, partial(self._send, warm_up=False), self._keep_going).run(
                self._job.most_batches, duration_ns
            )
        gc.enable()
        stopped = self._stop.is_set
        self._reporter.enter(Stage.FINISH)
        backend.fetch_state()
        if simulation:
            simulation.check()
        drawn = backend.drawn()
        memory = self._memory()
        check = self._picture_check() if drawn.readback and not stopped else None
        device = None if stopped else self._device_time()
        pictures, kept = self._look(check) if check else (_unseen(drawn), ())
        floor = None if stopped else self._floor(drawn)
        saved = () if stopped else self._save_frames()
        self._reporter.send(
            FinishedMessage(
                drawn=drawn,
                device=device,
                floor=floor,
                memory=memory,
                pictures=pictures,
                saved_frames=(*kept, *saved),
                stopped=stopped,
            )
        )

    def _step(self) -> Callable[[], object]:
        """What moves the scene by one frame."""
        if self._simulation is None or not self._terms.moves:
            return _no_step
        assert self._backend is not None
        return self._backend.step if self._moves_itself else self._simulation.step

    @property
    def _moves_itself(self) -> bool:
        """Whether the backend moves the worlds."""
        own = self._job.settings.physics is not Physics.MUJOCO
        return own and self._backend is not None and self._backend.has_physics

    def _memory(self) -> MemoryUse:
        held_mib = footprint.host_mib()
        return MemoryUse(
            host_mib=held_mib,
            host_scene_mib=max(0.0, held_mib - self._bare_mib),
            device_mib=footprint.device_mib(),
        )

    def _device_time(self) -> DeviceTime | None:
        """Ask the device what drawing takes, in frames of their own: asking costs time.

        A software rasterizer is not asked: it tells a part of its own work only, on the same processor.
        """
        assert self._backend is not None
        if self._software:
            return None
        # The first answer may be of what came before.
        self._backend.sample_device()
        samples: list[DeviceSample] = []
        for _ in repetitions(_DEVICE_SAMPLES_S):
            self._reporter.enter(Stage.FINISH)
            sample = self._backend.sample_device()
            if sample is None:
                return None
            samples.append(sample)
        mean_ms = sum(sample.milliseconds for sample in samples) / len(samples)
        return DeviceTime(source=samples[0].source, frames=len(samples), mean_ms=mean_ms)

    def _picture_check(self) -> PictureCheck | None:
        """Keep the picture of the last timed frame; None where nothing is drawn."""
        if self._simulation is None or self._backend is None:
            return None
        from engine.pictures.check import PictureCheck

        step = self._step() if self._terms.moves else None
        progress = partial(self._reporter.enter, Stage.FINISH)
        return PictureCheck(self._backend, self._simulation, step, self._moves_itself, progress)

    def _look(self, check: PictureCheck) -> tuple[PictureReport, tuple[str, ...]]:
        """Look whether the pictures are a result, and keep one that is not, as a PNG of this name."""
        report = check.look()
        if check.at_fault is None or not self._job.kept_folder:
            return report, ()
        from engine.jobs.png import write_png

        name = f"{self._job.case.id}.{self._job.trial}.{self._job.worker}.fault.png"
        try:
            write_png(Path(self._job.kept_folder) / name, check.at_fault)
        except OSError:
            return report, ()
        return report, (name,)

    def _floor(self, drawn: Drawn) -> Floor | None:
        """Measure what a batch takes this machine at the least; None where nothing is drawn."""
        if self._simulation is None or self._backend is None:
            return None
        from engine.jobs.floor import sample_floor

        images = self._job.case.worlds if drawn.readback else 0
        delivered = images * self._terms.resolution.pixels
        return sample_floor(self._backend, delivered, partial(self._reporter.enter, Stage.FINISH))

    def _send(self, first: int, stamps: bytes, warm_up: bool) -> None:
        self._reporter.send(FramesMessage(first=first, warm_up=warm_up, stamps=stamps))
        if self._backend is not None:
            self._previews.answer(self._pixels)

    def _pixels(self) -> NDArray[np.uint8] | None:
        assert self._backend is not None
        return self._backend.pixels

    def _keep_going(self) -> bool:
        if self._simulation:
            # Of what a device moves, the state is looked at in the end.
            self._simulation.check()
        return not self._stop.is_set

    def _save_frames(self) -> tuple[str, ...]:
        """Draw the frames that are asked for once more, from the start of the motion, and write them."""
        job, simulation, backend = self._job, self._simulation, self._backend
        if not job.settings.save_frames or not job.frames_folder or simulation is None or backend is None:
            return ()
        from engine.jobs.png import unwritten_picture, write_png

        names = []
        simulation.reset()
        backend.reset()
        step = self._step()
        frame = -1
        for wanted in sorted(set(job.settings.save_frames)):
            while frame < wanted and not self._stop.is_set:
                step()
                frame += 1
                if frame % _FRAMES_A_SIGN == 0:
                    self._reporter.enter(Stage.FINISH)
            backend.update()
            backend.render()
            backend.readback()
            pixels = backend.pixels
            if pixels is None or self._stop.is_set:
                break
            name = f"{job.case.id}.{job.trial}.frame{wanted:05d}.png"
            try:
                write_png(Path(job.frames_folder) / name, pixels)
            except OSError as error:
                raise unwritten_picture(name, error) from error
            names.append(name)
        return tuple(names)

    def close(self) -> None:
        """Close the backend, if there is one."""
        if self._backend is not None:
            self._backend.close()


def _no_step() -> None:
    """Move nothing: the backend draws nothing, or the case's change leaves the physics out."""


def _unseen(drawn: Drawn) -> PictureReport | None:
    """What is said where no picture was looked at; nothing where there was none."""
    return None if drawn.readback else PictureReport(unseen="the pixels stayed on the device")
