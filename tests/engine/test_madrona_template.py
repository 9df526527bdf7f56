"""The template of a runner module works before anybody has put a renderer into it."""

import mujoco
import numpy as np

from engine.backends.madrona_runner import template
from engine.backends.madrona_runner.configuration import RunnerConfiguration
from engine.case import Case, Effects, Resolution
from engine.timings import frame_times_ns
from scenes.build import build_scene
from tests.engine.madrona_runners import RunnerLauncher


def test_the_template_runs_as_it_stands(bench, tmp_path) -> None:
    case = Case(
        scene="cartpole",
        backend="madrona",
        resolution=Resolution(width=64, height=48),
        effects=Effects.SCENE,
        worlds=4,
    )
    result = bench.result(
        case, bench.settings(frames=40, warmup_frames=8), launcher=RunnerLauncher(template.__file__)
    )
    assert result.status == "done", result.failure
    assert (result.metrics.frames + result.metrics.frames_left_out, result.metrics.warmup_frames) == (40, 8)
    assert result.renderer.renderer == "template, draws nothing"
    assert len(result.saved_frames) == 1
    by_time = bench.result(
        case, bench.settings(frames=None, duration_s=0.2), launcher=RunnerLauncher(template.__file__)
    )
    assert frame_times_ns(by_time.timings.timed).sum() >= 0.2e9


def test_the_model_of_the_template_moves_as_on_every_other_backend(tmp_path) -> None:
    built = build_scene("cartpole", width=64, height=48, bare=False, camera=None, seed=3)
    file = tmp_path / "model.mjb"
    mujoco.mj_saveModel(built.model, str(file), None)
    configuration = RunnerConfiguration(
        scene="cartpole", scene_file=None, model_file=file, camera=built.camera, width=64, height=48,
        effects="scene", worlds=2, warmup_frames=1, duration_s=None, frames=4, steps_per_frame=2, seed=3,
        physics="mujoco", readback=True, save_frames=(), trial=1, config_file=None, frames_folder=tmp_path,
        progress=lambda: None,
    )  # fmt: skip
    worlds = template.Worlds(configuration)
    data = mujoco.MjData(built.model)
    built.motion.reset(data)
    for _ in range(20):
        worlds.step()
        built.motion.apply(data)
        mujoco.mj_step(built.model, data, 2)
    np.testing.assert_array_equal(worlds.datas[0].qpos, data.qpos)
    assert not np.array_equal(worlds.datas[0].qpos, worlds.datas[1].qpos)
