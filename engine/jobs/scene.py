"""Looking whether scenes can be drawn at all, before anything is measured."""

from engine.jobs.reporter import Reporter
from engine.jobs.requests import SceneJob
from engine.messages import Drawn, FinishedMessage, SceneMessage, Stage

_ANY_SIDE = 64


def run_scene_check(job: SceneJob, reporter: Reporter) -> None:
    """Load and compile each scene, put it into its first state, and send a `SceneMessage` about it.

    Once memory has run out, nothing is said of the scenes that come after.
    """
    reporter.enter(Stage.IMPORT)
    from engine.jobs.loading import load_scene
    from scenes.build import SceneError, SceneMemoryError, UnknownCameraError, check_first_state

    for scene in job.scenes:
        reporter.enter(Stage.SCENE)
        try:
            built = load_scene(
                scene, width=_ANY_SIDE, height=_ANY_SIDE, bare=False, camera=job.camera, seed=0
            )
            check_first_state(scene, built)
        except SceneError as error:
            missing = isinstance(error, UnknownCameraError)
            reporter.send(SceneMessage(scene=scene, reason=str(error), camera_missing=missing))
            if isinstance(error, SceneMemoryError):
                # MuJoCo keeps locks and frees twice what it got no memory for: the next scene would suffer.
                break
        else:
            reporter.send(SceneMessage(scene=scene, camera=built.camera))
    reporter.send(FinishedMessage(drawn=Drawn(geoms=0, lights=0, shadow_casters=0, samples=0, shadow_size=0)))
