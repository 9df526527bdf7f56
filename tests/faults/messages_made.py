"""Messages of an engine process, made up."""

from engine.messages import ReadyMessage, RendererIdentity, StartUp


def ready(**changes: object) -> ReadyMessage:
    """That the renderer is open, with other values for some of what it tells."""
    start_up = {"process_s": 0.1, "import_s": 0.1, "scene_s": 0.1, "compile_s": 0.1, "open_s": 0.1}
    identity = {"vendor": "", "renderer": "", "version": "", "software": False}
    return ReadyMessage(
        renderer=RendererIdentity(**identity | {k: v for k, v in changes.items() if k in identity}),
        camera="",
        steps_per_frame=changes.get("steps", 1),
        start_up=StartUp(**start_up | {k: v for k, v in changes.items() if k in start_up}),
    )
