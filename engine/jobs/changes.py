"""Looking which changes a scene leaves room for, before any of them is measured."""

from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import ChangesJob
from engine.messages import ChangesMessage, ChangeStatus, FailureKind, FinishedMessage, Stage


def run_changes(job: ChangesJob, reporter: Reporter) -> None:
    """Compile the case's scene and send a `ChangesMessage` about all changes; nothing is drawn.

    Raises:
        JobError: the scene cannot be loaded.
    """
    reporter.enter(Stage.IMPORT)
    from engine.changes.limits import limit, line_of
    from engine.changes.registry import all_changes
    from engine.changes.scene import fill_line, scene_limit
    from engine.changes.terms import terms_of
    from engine.jobs.loading import load_scene
    from scenes.build import SceneError

    reporter.enter(Stage.SCENE)
    case, settings = job.case, job.settings
    terms = terms_of(case, settings)
    size = terms.resolution
    try:
        model = load_scene(
            case.scene,
            width=size.width,
            height=size.height,
            bare=terms.bare,
            camera=settings.camera,
            seed=settings.seed,
        ).model
    except SceneError as error:
        raise JobError(FailureKind.SCENE, str(error)) from error
    statuses = tuple(
        ChangeStatus(
            id=info.id,
            reason=limit(info.id, case, settings) or scene_limit(info.id, model, case.backend),
            line=fill_line(line_of(info.id, case.backend), model, case),
        )
        for info in all_changes()
    )
    reporter.send(ChangesMessage(changes=statuses))
    reporter.send(FinishedMessage(drawn=None))
