"""Menagerie models on this machine: which are there, which are missing, fetching them when a person asks."""

import http.client
import lzma
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scenes.registry import SceneInfo, builtin_scenes
from scenes.text import one_line, quoted

if TYPE_CHECKING:
    from mujoco_menagerie import Cache, Robot

Progress = Callable[[str, int, int], None]
"""Called with the model's name, the bytes that have come and the bytes in all (0 where unknown)."""


class AssetsError(Exception):
    """A model cannot be had; the message is one sentence that says what to do."""


class MissingAssetsError(AssetsError):
    """A model that a scene needs is not on this machine."""


@dataclass(frozen=True)
class ModelInfo:
    """One Menagerie model that can be fetched."""

    name: str
    title: str
    category: str
    license: str
    """SPDX identifier."""
    entries: tuple[str, ...]
    default_entry: str
    download_bytes: int
    """Size of the archive; 0 where it is unknown."""
    installed_bytes: int


def known_models() -> tuple[ModelInfo, ...]:
    """Every Menagerie model that can be fetched, by name; reads no network.

    Raises:
        AssetsError: the installed mujoco-menagerie package is broken.
    """
    return tuple(_model_info(robot) for _, robot in sorted(_robots().items()))


def models_of_builtin_scenes() -> tuple[str, ...]:
    """The models without which a built-in scene cannot be drawn, each once, by name."""
    return tuple(sorted({model for info in builtin_scenes() for model in info.models}))


def missing_models(info: SceneInfo) -> tuple[str, ...]:
    """The models that `info` needs and this machine lacks; never reads the network.

    Raises:
        AssetsError: `info` names a model that Menagerie does not have.
    """
    robots = {model: _robot(model) for model in info.models}
    try:
        cache = _cache()
    except AssetsError:
        # Without a place for models there are none here; whoever wants one is told.
        return info.models
    return tuple(model for model, robot in robots.items() if _folder(robot, cache) is None)


def model_folder(name: str) -> Path:
    """The folder of a model that is on this machine; never reads the network.

    Raises:
        MissingAssetsError: it is not on this machine.
        AssetsError: Menagerie has no model called `name`.
    """
    cache = _cache()
    folder = _folder(_robot(name), cache)
    if folder is not None:
        return folder
    command = f"`mjbench-tui assets fetch {name}`"
    if cache.root is not None:
        raise MissingAssetsError(
            f"the Menagerie model {name!r} is not in MENAGERIE_ROOT ({quoted(str(cache.root))}): "
            f"put it there, or unset MENAGERIE_ROOT and run {command}"
        )
    raise MissingAssetsError(f"the Menagerie model {name!r} is not on this machine: run {command}")


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Download a model unless it is there already, and return its folder.

    `progress` is called from this thread while bytes come in, not at all when the model is there.

    Raises:
        AssetsError: Menagerie has no such model, or it could not be downloaded or stored.
    """
    cache, robot = _cache(), _robot(name)
    folder = _folder(robot, cache)
    if folder is not None:
        return folder
    if cache.root is not None:
        raise MissingAssetsError(
            f"MENAGERIE_ROOT ({quoted(str(cache.root))}) has no folder {name!r}: put the model there, "
            "or unset MENAGERIE_ROOT to download it"
        )
    return _download(robot, cache, progress)


def _download(robot: "Robot", cache: "Cache", progress: Progress | None) -> Path:
    from mujoco_menagerie import ChecksumError, DownloadError, MenagerieError

    what = f"cannot fetch the Menagerie model {robot.name!r}"
    retry = f"then run `mjbench-tui assets fetch {robot.name}` again"
    try:
        return Path(robot.path(cache, progress))
    except ChecksumError:
        raise AssetsError(
            f"{what}: what came from {cache.base_url} has a wrong checksum, "
            f"see whether a proxy changes downloads, {retry}"
        ) from None
    except (DownloadError, http.client.HTTPException, ValueError) as error:
        raise AssetsError(
            f"{what}: {one_line(error)}; check the network and MENAGERIE_BASE_URL, {retry}, "
            "or copy the model from a machine that has it and set MENAGERIE_ROOT"
        ) from None
    except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
        raise AssetsError(f"{what}: its archive cannot be unpacked ({one_line(error)}), {retry}") from None
    except OSError as error:
        raise AssetsError(
            f"{what}: its folder {quoted(str(cache.dir))} cannot be written "
            f"({error.strerror or one_line(error)}), set MENAGERIE_CACHE_DIR to one that can, {retry}"
        ) from None
    except (MenagerieError, RuntimeError) as error:
        raise AssetsError(f"{what}: {one_line(error)}") from None


def _cache() -> "Cache":
    """Where models lie by MENAGERIE_ROOT, MENAGERIE_CACHE_DIR and MENAGERIE_BASE_URL as they are now."""
    from mujoco_menagerie import Cache

    try:
        return Cache()
    except RuntimeError as error:  # no home folder
        raise AssetsError(
            f"there is no place for models ({one_line(error)}): set MENAGERIE_CACHE_DIR"
        ) from None


def _folder(robot: "Robot", cache: "Cache") -> Path | None:
    """The folder of a model, or None where it is not on this machine or cannot be read."""
    try:
        if cache.root is not None:
            folder = cache.root / robot.name
            return folder.absolute() if folder.is_dir() else None
        return cache.model_path(robot).absolute() if cache.is_cached(robot) else None
    except OSError:
        return None


def _robots() -> "dict[str, Robot]":
    from mujoco_menagerie import MenagerieError, bundled

    try:
        return dict(bundled().robots)
    except MenagerieError as error:
        raise AssetsError(
            f"the package mujoco-menagerie is broken, install it again: {one_line(error)}"
        ) from None


def _robot(name: str) -> "Robot":
    import difflib

    robots = _robots()
    if name in robots:
        return robots[name]
    near = difflib.get_close_matches(name[:100], robots, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`mjbench-tui assets list` shows all"
    raise AssetsError(f"MuJoCo Menagerie has no model {quoted(name)}: {hint}")


def _model_info(robot: "Robot") -> ModelInfo:
    return ModelInfo(
        name=robot.name,
        title=robot.display_name,
        category=robot.category,
        license=robot.license,
        entries=robot.entry_names,
        default_entry=robot.entry().name,
        download_bytes=robot.download_size or 0,
        installed_bytes=robot.installed_size,
    )
