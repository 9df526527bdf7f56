"""Which scenes there are and how each is named, as plain data: importing this costs next to nothing."""

import os
from dataclasses import dataclass
from pathlib import Path

from scenes.text import quoted

MENAGERIE_PREFIX = "menagerie:"
_FILE_ENDINGS = (".xml", ".mjcf")
_LONGEST_COMPARED = 200


@dataclass(frozen=True)
class SceneInfo:
    """What can be said of a scene without loading it."""

    name: str
    """What a person types: a built-in name, `menagerie:NAME[/ENTRY]`, or an absolute path."""
    title: str
    description: str
    origin: str
    """Where it comes from: `built in`, `MuJoCo Menagerie` or `file`."""
    cameras: tuple[str, ...] = ()
    """The named cameras of a built-in scene; empty where only loading the scene would tell."""
    default_camera: str | None = None
    """The camera used when none is asked for, or None where only loading the scene would tell."""
    models: tuple[str, ...] = ()
    """The Menagerie models that have to be on this machine."""


class UnknownSceneError(LookupError):
    """No scene has this name; the message is one sentence that says what to do."""


_BUILTIN_SCENES = (
    SceneInfo(
        name="apartment",
        title="Apartment",
        description="A furnished apartment: many objects, textures, lights and shadows.",
        origin="built in",
        cameras=("overview", "kitchen", "walkthrough"),
        default_camera="overview",
    ),
    SceneInfo(
        name="workbench",
        title="Workbench",
        description="A Franka Panda moving above a workbench with tools and blocks: fine meshes.",
        origin="built in",
        cameras=("overview", "bench", "wrist"),
        default_camera="overview",
        models=("franka_emika_panda",),
    ),
    SceneInfo(
        name="cartpole",
        title="Cart-pole",
        description="A cart on a rail with a swinging pole: few geoms; published figures are for 128x128.",
        origin="built in",
        cameras=("side",),
        default_camera="side",
    ),
    SceneInfo(
        name="primitives",
        title="Primitives",
        description="125 nodding shapes, 25 each of five primitives; published figures are for 64x64.",
        origin="built in",
        cameras=("overview",),
        default_camera="overview",
    ),
)


def builtin_scenes() -> tuple[SceneInfo, ...]:
    """Every scene that comes with the instrument, in the order of listing."""
    return _BUILTIN_SCENES


def find_scene(name: str, base: Path | None = None) -> SceneInfo:
    """Look up a scene by what a person typed.

    `name` is a built-in name, `menagerie:NAME[/ENTRY]`, or the path of an MJCF file: anything that holds a
    path separator, starts with `~`, ends in .xml or .mjcf, or is the name of a file that exists. A relative
    path counts from `base`, or from the working directory where that is None; the answer has it absolute.

    Raises:
        UnknownSceneError: no scene is called so, or there is no such file.
    """
    for info in _BUILTIN_SCENES:
        if info.name == name:
            return info
    if name.startswith(MENAGERIE_PREFIX):
        return _menagerie_scene(name)
    if not name.strip():
        raise UnknownSceneError(f"the name of a scene is empty: {_known()}")
    path = _absolute(name, base)
    if path is not None and (os.path.isfile(path) or _looks_like_path(name)):  # noqa: PTH113 (never raises)
        return _file_scene(path)
    near = _nearest(name, [info.name for info in _BUILTIN_SCENES]) or _nearest_model(name)
    hint = f"did you mean {near!r}?" if near else _known()
    raise UnknownSceneError(f"unknown scene {quoted(name)}: {hint}")


def split_menagerie_name(name: str) -> tuple[str, str | None]:
    """Take `menagerie:NAME[/ENTRY]` apart into model and entry, the entry None where it is left out."""
    model, slash, entry = name.removeprefix(MENAGERIE_PREFIX).partition("/")
    return model, entry if slash else None


def _menagerie_scene(name: str) -> SceneInfo:
    from mujoco_menagerie import MenagerieError, bundled

    model, entry = split_menagerie_name(name)
    try:
        robots = bundled().robots
    except MenagerieError as error:
        raise UnknownSceneError(f"scene {quoted(name)} cannot be looked up: {error}") from None
    if model not in robots:
        near = _nearest_model(model)
        hint = f"did you mean {near!r}?" if near else f"it has {len(robots)} others"
        raise UnknownSceneError(f"MuJoCo Menagerie has no model {quoted(model)}: {hint}")
    robot = robots[model]
    if entry is not None and entry not in robot.entry_names:
        near = _nearest(entry, robot.entry_names)
        hint = f"did you mean {near!r}?" if near else f"it has {', '.join(robot.entry_names)}"
        raise UnknownSceneError(f"Menagerie's model {model!r} has no entry {quoted(entry)}: {hint}")
    drawn = robot.entry(entry).name
    return SceneInfo(
        name=name,
        title=robot.display_name,
        description=f"{robot.display_name} ({robot.category}), entry {drawn} of MuJoCo Menagerie.",
        origin="MuJoCo Menagerie",
        models=(model,),
    )


def _file_scene(path: str) -> SceneInfo:
    if os.path.isdir(path):  # noqa: PTH112 (never raises)
        raise UnknownSceneError(f"{quoted(path)} is a folder: give the path of an MJCF file in it")
    if not os.path.lexists(path):
        raise UnknownSceneError(f"there is no file {quoted(path)}: check the path; {_known()}")
    if not os.path.isfile(path):  # noqa: PTH113 (never raises)
        raise UnknownSceneError(f"{quoted(path)} is no ordinary file: give the path of an MJCF file")
    stem = Path(path).stem
    return SceneInfo(name=path, title=stem, description=f"The MJCF file {path}.", origin="file")


def _looks_like_path(name: str) -> bool:
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    return (
        any(separator in name for separator in separators)
        or name.startswith("~")
        or name.lower().endswith(_FILE_ENDINGS)
    )


def _absolute(name: str, base: Path | None) -> str | None:
    """The absolute path that `name` stands for, or None where it can be no path at all."""
    if "\0" in name:
        return None
    try:
        path = Path(base or Path.cwd(), os.path.expanduser(name)).absolute()  # noqa: PTH111 (never raises)
        # Only a path with `..` is resolved: meshes lie beside a link, not beside what it points to.
        return str(path.parent.resolve() / path.name if ".." in path.parts else path)
    except (OSError, RuntimeError, ValueError):
        return None


def _nearest(text: str, names: list[str] | tuple[str, ...]) -> str | None:
    """The name that is most like `text`, or None where none is like it."""
    import difflib

    wanted = text.lower()[:_LONGEST_COMPARED]
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
    return near[0] if near else None


def _nearest_model(text: str) -> str | None:
    """The Menagerie scene whose name or title is most like `text`, or None where none is like it."""
    try:
        from mujoco_menagerie import MenagerieError, bundled
    except ImportError:
        return None
    try:
        names = bundled().names()
    except MenagerieError:
        return None
    wanted = text.strip().lower().replace(" ", "_").replace("-", "_")[:_LONGEST_COMPARED]
    near = _nearest(wanted, names)
    if near is None and len(wanted) >= 2:
        near = next((model for model in names if wanted in model), None)
    return f"{MENAGERIE_PREFIX}{near}" if near else None


def _known() -> str:
    names = ", ".join(info.name for info in _BUILTIN_SCENES)
    return f"known are {names}, {MENAGERIE_PREFIX}NAME and the path of an MJCF file"
