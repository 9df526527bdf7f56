"""Madrona's batch renderer, by the package gs-madrona: many worlds in one launch, on NVIDIA GPUs.

Its native class is driven without the adapter around it, which is made for another simulator. It draws into
memory of its own on the GPU; `readback` copies its packed bytes to the host.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.backends.base import Backend, BackendError, OutOfMemoryError, Picture
from engine.backends.loading import install_extra
from engine.backends.madrona_model import PoseArrays, Poses, convert, make_lights, not_drawn
from engine.backends.madrona_needs import check_madrona
from engine.messages import MORE_MEMORY, Drawn, RendererIdentity

if TYPE_CHECKING:
    from numpy.typing import NDArray

RASTER, RAYTRACE = "madrona-raster", "madrona-raytrace"
_MOST_GEOMS = 2048
"""The rasterizer's list of draws holds so many for a picture, and it does not look whether they fit."""
_RAY_BLOCK = 8
"""The ray tracer draws whole squares of so many pixels a side and leaves the rest as it was."""
_LARGEST_SHADOW_MAP = 1024
_OUTPUTS = (1, 0, 0, 0, 0)
"""Colour alone: no depth, normals, segmentation, nor antialiasing, which version 0.0.11 does not have."""


class GsMadronaBackend(Backend):
    """One renderer with all its worlds; its kernels are compiled when it is made."""

    has_kernels = True
    read_bytes_per_pixel = 4

    def __init__(self, name: str, torch: Any, renderer: Any) -> None:
        """Draw with `renderer`, the class, on the GPU that `torch` has chosen."""
        self._name = name
        self._raytrace = name == RAYTRACE
        self._torch, self._make = torch, renderer
        self._renderer: Any = None

    def open(self, picture: Picture | None) -> RendererIdentity:
        assert picture is not None
        check_size(self._name, picture.width, picture.height)
        self._picture = picture
        self._model = convert(picture.model, picture.data, picture.camera)
        check_geoms(self._name, len(self._model.geoms))
        self._lights = make_lights(picture.model, picture.datas, picture.camera, not picture.bare)
        torch = self._torch
        try:
            self._gpu = int(torch.cuda.current_device())
            self._device = torch.device("cuda", self._gpu)
            self._open_arrays()
            identity = self._identity()
        except RuntimeError as error:
            raise explained(self._name, error) from error
        self.readback = self._read if picture.readback else _leave
        return identity

    def _open_arrays(self) -> None:
        """Make what is filled frame after frame: poses on both sides, and the image on the host."""
        torch, picture = self._torch, self._picture
        shapes = PoseArrays.shapes(picture.worlds, len(self._model.geoms))
        # Pinned: from there the device copies without another copy on the host.
        self._staged = {name: torch.empty(shape, pin_memory=True) for name, shape in shapes.items()}
        arrays = PoseArrays(**{name: tensor.numpy() for name, tensor in self._staged.items()})
        self._poses = Poses(self._model, picture.worlds, arrays)
        self._on_device = {name: tensor.to(self._device) for name, tensor in self._staged.items()}
        self._options = np.array(_OUTPUTS, np.uint32)
        shape = (picture.worlds, 1, picture.height, picture.width, 4)
        self._host = torch.zeros(shape, dtype=torch.uint8, pin_memory=True)
        self._bytes: NDArray[np.uint8] = self._host.numpy()
        self._pixels = np.zeros((picture.height, picture.width, 3), np.uint8)

    def compile(self) -> None:
        """Make the renderer, which compiles its kernels, and draw a batch."""
        picture = self._picture
        arguments = self._model.renderer_arguments(
            worlds=picture.worlds,
            lights=self._lights.rgb.shape[1],
            width=picture.width,
            height=picture.height,
            raytrace=self._raytrace,
        )
        try:
            self._renderer = self._make(gpu_id=self._gpu, **arguments)
            self.update()
            self._renderer.init(
                *self._on_device.values(),
                *map(self._sent, self._model.geom_arrays(picture.worlds)),
                *map(self._sent, self._lights.arrays()),
            )
            self.render()
            self._images = self._renderer.rgb_tensor().to_torch()
        except RuntimeError as error:
            raise explained(self._name, error) from error

    def _sent(self, array: NDArray[np.generic]) -> Any:
        return self._torch.from_numpy(array).to(self._device).contiguous()

    def update(self) -> None:
        """Write the poses of every world and carry them to the device."""
        for world, data in enumerate(self._picture.datas):
            self._poses.write(world, data)
        for name, tensor in self._on_device.items():
            tensor.copy_(self._staged[name], non_blocking=True)
        self._torch.cuda.synchronize()

    def render(self) -> None:
        """Draw every world, and wait until the device is finished."""
        poses = self._on_device
        self._renderer.render(
            *(poses["geom_pos"], poses["geom_rot"], poses["cam_pos"], poses["cam_rot"], self._options)
        )
        self._torch.cuda.synchronize()

    def _read(self) -> None:
        self._host.copy_(self._images, non_blocking=True)
        self._torch.cuda.synchronize()

    @property
    def pixels(self) -> NDArray[np.uint8]:
        # Unpacked only where somebody looks: a frame is in host memory once its packed bytes are.
        if not self._picture.readback:
            self._read()
        self._pixels[...] = self._bytes[0, 0, :, :, :3]
        return self._pixels

    def drawn(self) -> Drawn:
        picture = self._picture
        casters = int(np.count_nonzero(self._lights.cast_shadow[0]))
        if not self._raytrace:
            casters = min(1, casters)
        mapped = casters > 0 and not self._raytrace
        return Drawn(
            geoms=len(self._model.geoms),
            lights=int(np.count_nonzero(self._lights.rgb[0])),
            shadow_casters=casters,
            samples=0,
            shadow_size=shadow_map_side(picture.width, picture.height) if mapped else 0,
            not_drawn=not_drawn(
                picture.model, picture.data, picture.camera, bare=picture.bare, raytrace=self._raytrace
            ),
            readback=picture.readback,
        )

    def _identity(self) -> RendererIdentity:
        from importlib.metadata import version

        how = "ray tracer on CUDA" if self._raytrace else "rasterizer on Vulkan"
        torch = self._torch
        return RendererIdentity(
            vendor="NVIDIA",
            renderer=str(torch.cuda.get_device_name(self._gpu)),
            version=f"gs-madrona {version('gs-madrona')}, {how}, CUDA {torch.version.cuda}",
            software=False,
        )

    def close(self) -> None:
        # The renderer last: the image is its memory.
        for name in ("_images", "_on_device", "_staged", "_host", "_bytes", "_poses"):
            self.__dict__.pop(name, None)
        self._renderer = None


def _leave() -> None:
    """Do nothing."""


def check_size(name: str, width: int, height: int) -> None:
    """Look whether pictures of this size are drawn whole.

    Raises:
        BackendError: they are not.
    """
    if name == RAYTRACE and (width % _RAY_BLOCK or height % _RAY_BLOCK):
        whole = f"{max(1, width // _RAY_BLOCK) * _RAY_BLOCK}x{max(1, height // _RAY_BLOCK) * _RAY_BLOCK}"
        raise BackendError(
            f"{name} draws squares of {_RAY_BLOCK} pixels a side, which do not fill {width}x{height}",
            f"choose sides that {_RAY_BLOCK} divides, such as {whole}",
        )


def check_geoms(name: str, geoms: int) -> None:
    """Look whether so many geoms can be drawn.

    Raises:
        BackendError: they cannot.
    """
    if name == RASTER and geoms > _MOST_GEOMS:
        raise BackendError(
            f"{name} draws at most {_MOST_GEOMS} geoms in a picture, and this scene has {geoms}",
            f"use {RAYTRACE}, or a smaller scene",
        )


def shadow_map_side(width: int, height: int) -> int:
    """Side of the rasterizer's shadow map in texels: a power of two that holds the shorter side, or 1024."""
    side = 1
    while side < min(width, height):
        side *= 2
    return min(side, _LARGEST_SHADOW_MAP)


def explained(name: str, error: BaseException) -> BackendError:
    """Say in one sentence what the renderer or the device has said."""
    said = " ".join(str(error).split()) or type(error).__name__
    if "out of memory" in said.lower() or "OUT_OF_DEVICE_MEMORY" in said or "OUT_OF_HOST_MEMORY" in said:
        return OutOfMemoryError(f"{name} ran out of memory: {said}", MORE_MEMORY)
    return BackendError(f"{name} gave up: {said}", "look at the log of the engine process")


def create(name: str) -> GsMadronaBackend:
    """Load what draws and make the backend called `name`: madrona-raster or madrona-raytrace.

    Raises:
        BackendError: something that it needs is missing.
    """
    check_madrona(name)
    torch = _load(name, "torch")
    if not torch.cuda.is_available():
        raise BackendError(
            f"{name} needs PyTorch with CUDA, and this one, {torch.__version__}, sees no GPU",
            "install a build of PyTorch for CUDA that fits the driver",
        )
    # After torch, which brings libraries that it is linked with; its package says where its kernels are.
    _load(name, "gs_madrona")
    renderer = _load(name, "gs_madrona._gs_madrona_batch_renderer").MadronaBatchRenderer
    return GsMadronaBackend(name, torch, renderer)


def _load(name: str, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as error:
        said = " ".join(str(error).split())
        raise BackendError(f"{name} cannot load {module}: {said}", install_extra("madrona")) from error
