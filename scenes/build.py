"""Building a scene: from its name to a compiled model, the camera to look through and how it moves.

Importing this imports MuJoCo. Nothing here reads the network, and no scene is drawn in another's place.
"""

import importlib
import re
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import mujoco

from scenes import assets
from scenes.framing import FIELD_OF_VIEW_DEGREES, framing
from scenes.motion import Motion
from scenes.named_files import UnfitFileError, check_named_files
from scenes.registry import (
    MENAGERIE_PREFIX,
    SceneInfo,
    UnknownSceneError,
    builtin_scenes,
    find_scene,
    split_menagerie_name,
)
from scenes.soundness import unsound
from scenes.text import NO_MEMORY_WORDS, one_line, quoted

FRAMING_CAMERA = "framing"
_LONGEST_NAME = 1000
_NO_MEMORY = (*NO_MEMORY_WORDS, "unknown exception")
"""The last are those of MuJoCo's compiler."""


class SceneError(Exception):
    """A scene cannot be drawn; the message is one sentence that names it, the reason, and what to do."""


class SceneMemoryError(SceneError):
    """Main memory ran out while the scene was loaded."""


class UnknownCameraError(SceneError):
    """The scene has no camera of this name; the message lists those that it has."""


@dataclass(frozen=True)
class BuiltScene:
    """A scene that is ready to be drawn."""

    model: mujoco.MjModel
    camera: str
    """The named camera to look through."""
    motion: Motion
    load_s: float
    """Wall time from the name to an MjSpec, in seconds."""
    compile_s: float
    """Wall time of compiling it, and of framing it where it has no camera, in seconds."""


def build_scene(
    name: str, *, width: int, height: int, bare: bool, camera: str | None, seed: int
) -> BuiltScene:
    """Load and compile a scene for images of width x height pixels.

    `bare` takes multisampling out of the model; the other effects are flags of the renderer. `camera` None is
    the scene's default: the registry's, else its first, else one that is added and frames the geometry.

    Raises:
        SceneError: the scene is unknown, not on this machine, or MuJoCo refuses it.
        UnknownCameraError: it has no camera called `camera`.
    """
    start = time.perf_counter()
    info = _find(name)
    spec = _load(info)
    _prepare(spec, width, height, bare)
    loaded = time.perf_counter()
    if not spec.cameras:
        _add_framing_camera(spec, info, width, height)
    chosen = _choose_camera(info, cameras_of(spec), camera)
    model = _compile(spec, info)
    compiled = time.perf_counter()
    if reason := unsound(model, chosen):
        raise _refused(info, reason)
    return BuiltScene(model, chosen, Motion(model, seed), loaded - start, compiled - loaded)


def check_first_state(name: str, built: BuiltScene) -> None:
    """Look whether a built scene has a state that it can start from.

    Raises:
        SceneError: there is not enough memory for it, or MuJoCo refuses it.
    """
    _first_state(built.model, built.motion, _find(name))


def load_spec(name: str) -> mujoco.MjSpec:
    """Read a scene as it is, without compiling it.

    Raises:
        SceneError: the scene is unknown, not on this machine, or cannot be read.
    """
    return _load(_find(name))


def cameras_of(spec: mujoco.MjSpec) -> tuple[str, ...]:
    """Names of all cameras of a scene in their order; one without a name is given one in `spec`."""
    taken = {str(camera.name) for camera in spec.cameras}
    for index, camera in enumerate(spec.cameras):
        if not camera.name:
            camera.name = next(
                name
                for name in (f"camera{index}" + "_" * length for length in range(len(taken) + 1))
                if name not in taken
            )
            taken.add(str(camera.name))
    return tuple(str(camera.name) for camera in spec.cameras)


def _find(name: str) -> SceneInfo:
    try:
        return find_scene(name)
    except UnknownSceneError as error:
        raise SceneError(str(error)) from None


def _load(info: SceneInfo) -> mujoco.MjSpec:
    try:
        if info in builtin_scenes():
            spec: mujoco.MjSpec = importlib.import_module(f"scenes.{info.name}").build()
            return spec
        if info.name.startswith(MENAGERIE_PREFIX):
            return _read(info, _menagerie_file(info))
        return _read(info, Path(info.name))
    except assets.AssetsError as error:
        raise _refused(info, str(error)) from None
    except ValueError as error:  # a built-in scene's models are files that may be damaged
        raise _refused(info, _reason(error)) from None


def _menagerie_file(info: SceneInfo) -> Path:
    from mujoco_menagerie import bundled

    model, entry = split_menagerie_name(info.name)
    file: Path = assets.model_folder(model) / bundled().get(model).entry(entry).file
    if not file.is_file():
        raise SceneError(
            f"scene {quoted(info.name)} cannot be loaded: there is no file {quoted(str(file))}, "
            "so this copy of the model is incomplete or of another version"
        )
    return file


def _read(info: SceneInfo, file: Path) -> mujoco.MjSpec:
    try:
        check_named_files(file)
        if file.suffix == ".xml" or file.suffix.lower() not in ("", ".mjcf", ".xml"):
            return mujoco.MjSpec.from_file(str(file))
        # MuJoCo knows MJCF by this one ending only; what lies beside the file is still found.
        named = f"{file}.xml"
        return mujoco.MjSpec.from_file(named, include={named: file.read_bytes()})
    except UnfitFileError as error:
        raise _refused(info, str(error)) from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        raise _refused(info, f"it is no archive that can be read ({one_line(error)})") from None
    except UnicodeError:
        raise _refused(info, "its path or a name in it is not UTF-8 text") from None
    except OSError as error:
        raise _refused(info, error.strerror or one_line(error)) from None
    except Exception as error:  # MuJoCo raises whatever its parsers raise
        raise _failed(info, error) from None


def _compile(spec: mujoco.MjSpec, info: SceneInfo) -> mujoco.MjModel:
    try:
        model = spec.compile()
    except UnicodeError:
        raise _refused(info, "a name in it is not UTF-8 text") from None
    except Exception as error:  # MuJoCo raises whatever its compiler raises
        raise _failed(info, error) from None
    if model.ngeom + model.nflex + model.nskin == 0:
        raise _refused(info, "it has no geometry, so there is nothing to draw")
    return model


def _refused(info: SceneInfo, reason: str) -> SceneError:
    return SceneError(f"scene {quoted(info.name)} cannot be loaded: {reason}")


def _failed(info: SceneInfo, error: Exception) -> SceneError:
    """What MuJoCo raised, as a sentence."""
    said = _reason(error)
    if isinstance(error, MemoryError) or any(words in said.lower() for words in _NO_MEMORY):
        return SceneMemoryError(
            f"scene {quoted(info.name)} cannot be loaded: it takes more main memory than there is"
        )
    return _refused(info, said)


def _reason(error: Exception) -> str:
    """MuJoCo's own words without the words that every error of it begins with."""
    return re.sub(r"^((XML )?Error: |ParseXML: )+", "", one_line(error))


def _prepare(spec: mujoco.MjSpec, width: int, height: int, bare: bool) -> None:
    """Make the offscreen buffer large enough for the image, and take multisampling out if `bare`."""
    visual = spec.visual
    visual.global_.offwidth = max(int(visual.global_.offwidth), width)
    visual.global_.offheight = max(int(visual.global_.offheight), height)
    if bare:
        visual.quality.offsamples = 0


def _add_framing_camera(spec: mujoco.MjSpec, info: SceneInfo, width: int, height: int) -> None:
    """Add a fixed camera that has the scene in view, clipped neither by the near nor by the far plane."""
    model = _compile(spec, info)
    view = framing(model, _first_state(model, Motion(model, seed=0), info), width, height)
    spec.worldbody.add_camera(
        name=FRAMING_CAMERA, pos=view.position, quat=view.orientation, fovy=FIELD_OF_VIEW_DEGREES
    )
    extent, planes = float(model.stat.extent), spec.visual.map
    planes.znear = min(float(planes.znear), view.nearest / extent)
    planes.zfar = max(float(planes.zfar), view.farthest / extent)


def _first_state(model: mujoco.MjModel, motion: Motion, info: SceneInfo) -> mujoco.MjData:
    try:
        data = mujoco.MjData(model)
        motion.reset(data)
    except Exception as error:  # its first state may need more memory than there is
        raise _failed(info, error) from None
    return data


def _choose_camera(info: SceneInfo, cameras: tuple[str, ...], wanted: str | None) -> str:
    if wanted is None:
        chosen = info.default_camera if info.default_camera in cameras else cameras[0]
        if len(chosen) > _LONGEST_NAME:
            raise _refused(info, f"the name of its camera {quoted(chosen)} has {len(chosen)} characters")
        return chosen
    if wanted in cameras:
        return wanted
    import difflib

    near = difflib.get_close_matches(wanted[:100], cameras, n=1)
    hint = f", did you mean {quoted(near[0])}?" if near else ""
    names = ", ".join(quoted(camera) for camera in cameras[:20]) + (", …" if len(cameras) > 20 else "")
    raise UnknownCameraError(
        f"scene {quoted(info.name)} has no camera {quoted(wanted)} (it has {names}){hint}"
    )
