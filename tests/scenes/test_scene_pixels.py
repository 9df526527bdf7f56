"""What a person sees: scenes that are not blank, move, and are in view."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scenes.registry import find_scene

Draw = Callable[..., dict[str, np.ndarray]]


@pytest.mark.parametrize("name", ["apartment", "workbench"])
def test_built_in_scenes_show_something_that_moves_from_every_camera(
    name: str, draw: Draw, menagerie_root: Path
) -> None:
    frames = draw(name, "--times", "0", "2")
    cameras = find_scene(name).cameras
    assert {frame.split("@")[0] for frame in frames} == set(cameras)
    for camera in cameras:
        early, late = (frames[f"{camera}@{time}"].astype(int) for time in (0, 2))
        colours = np.unique(early.reshape(-1, 3) // 16, axis=0)
        assert early.std() > 20, f"{camera} is blank"
        assert len(colours) > 100, f"{camera} shows hardly anything"
        assert 40 < early.mean() < 220, f"{camera} is black or burnt out"
        changed = (np.abs(early - late).max(axis=2) > 24).mean()
        assert changed > 0.001, f"nothing moves before {camera}"
    pictures = [frames[f"{camera}@0"] for camera in cameras]
    assert all((first != second).any() for first in pictures for second in pictures if first is not second)


@pytest.mark.parametrize(
    ("scene", "share"), [("menagerie:franka_emika_panda", 0.03), ("menagerie:franka_emika_panda/hand", 0.1)]
)
@pytest.mark.parametrize("size", [(160, 120), (60, 160)])
def test_a_model_without_cameras_is_wholly_in_view(
    scene: str, share: float, size: tuple[int, int], draw: Draw, menagerie_root: Path
) -> None:
    width, height = size
    assert_framed(draw(scene, "--segments", "--width", str(width), "--height", str(height)), share / 2)


def test_a_tiny_body_on_a_huge_floor_is_in_view(draw: Draw, write_scene: Callable[..., str]) -> None:
    scene = write_scene(
        "<mujoco><worldbody><geom type='box' size='50 50 1' pos='0 0 -1'/><geom type='plane' size='0 0 1'/>"
        "<body pos='3 4 .01'><freejoint/><geom type='box' size='.01 .01 .01'/></body></worldbody></mujoco>"
    )
    assert_framed(draw(scene, "--segments"), 0.05)


def test_a_distant_view_is_not_clipped(draw: Draw, write_scene: Callable[..., str]) -> None:
    scene = write_scene(
        "<mujoco><statistic extent='0.01'/><worldbody>"
        "<body><freejoint/><geom type='box' size='5 5 5'/></body></worldbody></mujoco>"
    )
    assert_framed(draw(scene, "--segments"), 0.05)


def assert_framed(frames: dict[str, np.ndarray], least_share: float) -> None:
    """The first body and its children are wholly inside the image and fill this share of it at least."""
    (image,) = frames.values()
    shown = image == 1
    assert shown.mean() > least_share
    border = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert not border.any()
