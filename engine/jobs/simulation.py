"""The scene in motion: the model of a case, its state, and one frame's worth of physics."""

from __future__ import annotations

from functools import partial

import mujoco

from engine.changes.terms import terms_of
from engine.jobs.loading import load_scene
from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import TrialJob
from engine.messages import FailureKind, Stage
from scenes.build import SceneError
from scenes.motion import Controls, Motion, divergence, steps_per_frame

MAX_STEPS_PER_FRAME = 1_000_000
"""Seconds of physics a frame even of the smallest model; a trial of more would seem to hang."""


class Simulation:
    """A compiled scene that moves by its seed: frame n of the first world is the same on every backend."""

    def __init__(self, job: TrialJob, reporter: Reporter, moves_itself: bool = False) -> None:
        """Load and compile the job's scene; `moves_itself` says that the backend does what `step` would."""
        case, settings = job.case, job.settings
        terms = terms_of(case, settings)
        reporter.enter(Stage.SCENE)
        try:
            built = load_scene(
                case.scene,
                width=terms.resolution.width,
                height=terms.resolution.height,
                bare=terms.bare,
                camera=settings.camera,
                seed=settings.seed,
            )
        except SceneError as error:
            raise JobError(FailureKind.SCENE, str(error)) from error
        self.model = built.model
        self.drawn_model = _changed_model(job, built.model) if case.change else built.model
        """What renderers are given: the same model, unless a change of it would move it differently."""
        self.camera = built.camera
        self.scene_s, self.compile_s = built.load_s, built.compile_s
        self.steps_per_frame = _steps(self.model.opt.timestep, settings.target_fps)
        # The first world is every other backend's only one; the others move by seeds of their own.
        others = (Motion(self.model, settings.seed + number) for number in range(1, case.worlds))
        self._motions = (built.motion, *others)
        self.controls = Controls(self._motions).write if moves_itself else None
        self.datas = tuple(
            mujoco.MjData(self.model) for _ in (self._motions[:1] if moves_itself else self._motions)
        )
        self._advance = tuple(
            partial(mujoco.mj_step, self.model, data, self.steps_per_frame) for data in self.datas
        )
        self.step = self._step_one if len(self.datas) == 1 else self._step_all
        self.reset()

    def reset(self) -> None:
        """Go back to the start of the motion, before frame 0."""
        for motion, data in zip(self._motions, self.datas, strict=False):
            motion.reset(data)

    def _step_one(self) -> None:
        """Move on by one frame: the phase `step`."""
        self._motions[0].apply(self.datas[0])
        self._advance[0]()

    def _step_all(self) -> None:
        for motion, data, advance in zip(self._motions, self.datas, self._advance, strict=True):
            motion.apply(data)
            advance()

    def check(self) -> None:
        """Look whether the simulation is still sound.

        Raises:
            JobError: a world diverged.
        """
        for data in self.datas:
            sentence = divergence(data)
            if sentence is not None:
                raise JobError(
                    FailureKind.DIVERGED, sentence, "where the scene itself is sound, another seed"
                )


def _changed_model(job: TrialJob, model: mujoco.MjModel) -> mujoco.MjModel:
    """The model to draw once the case's change is made.

    Raises:
        JobError: the scene has nothing for it to change.
    """
    from engine.changes.model import changed_model
    from engine.changes.registry import change_ids
    from engine.changes.scene import scene_limit

    names = change_ids(job.case.change)
    for name in names:
        if reason := scene_limit(name, model, job.case.backend):
            raise JobError(FailureKind.ERROR, f"the change {name} cannot be made: {reason}")
    return changed_model(model, names)


def _steps(timestep: float, target_fps: float) -> int:
    steps = steps_per_frame(timestep, target_fps)
    if steps > MAX_STEPS_PER_FRAME:
        raise JobError(
            FailureKind.SCENE,
            f"one frame at target_fps = {target_fps:g} takes {steps:.3g} physics steps of {timestep:g} s, "
            f"expected at most {MAX_STEPS_PER_FRAME}",
            "a higher target_fps or a larger timestep",
        )
    return steps
