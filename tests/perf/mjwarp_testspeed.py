"""What does the engine make of MuJoCo Warp on a GPU? Its `render` phase and `mjwarp-testspeed`, in turn.

Run as `python tests/perf/mjwarp_testspeed.py [SCENE] [WIDTHxHEIGHT] [--worlds 1024] [--rounds 5]`.

Needs CUDA: mjwarp-testspeed refuses to run on the processor. Its timer holds the launch of a batch and the
wait for it, with physics outside, and so does the phase `render`. Both draw without effects, as it has no
multisampling, leave the pixels on the device, and move by one physics step a batch.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import measure_once
from turns import geometric_mean

# As the engine has it: MuJoCo Warp needs no OpenGL of MuJoCo's.
os.environ["MUJOCO_GL"] = "disable"

import mujoco
import warp

from engine.case import Case, Effects, Physics, Resolution, Settings
from scenes.build import BuiltScene, build_scene
from scenes.motion import start_keyframe
from scenes.registry import find_scene


def engine_rate(built: BuiltScene, options: argparse.Namespace) -> float:
    """Images a second in the phase `render` of one trial."""
    case = Case(options.scene, "mjwarp", options.resolution, Effects.BARE, worlds=options.worlds)
    settings = Settings(
        camera=built.camera,
        target_fps=1 / built.model.opt.timestep,
        duration_s=None,
        frames=options.batches * options.worlds,
        physics=Physics.WARP,
        readback=False,
    )
    render = measure_once(case, settings).phases["render"]
    return options.worlds * 1e3 / render.mean_ms


def peer_command(model: Path, built: BuiltScene, options: argparse.Namespace) -> list[str]:
    """The same model, camera, size and number of worlds, without effects, depth and noise."""
    keyframe = start_keyframe(built.model)
    flags = {
        "function": "render",
        "format": "json",
        "nworld": options.worlds,
        "nstep": options.batches,
        "render_width": options.resolution.width,
        "render_height": options.resolution.height,
        "render_depth": "false",
        "render_shadows": "false",
        "render_skybox": "false",
        "camera_name": built.camera,
        "keyframe": -1 if keyframe is None else keyframe,
        "noise_std": 0,
        "overflow_behavior": "continue",
    }
    words = [f"--{name}={value}" for name, value in flags.items()]
    return [sys.executable, "-m", "mujoco_warp.testspeed", str(model), *words]


def peer_rate(command: list[str]) -> float:
    """Images a second by one run of mjwarp-testspeed."""
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])["steps_per_second"]


def main() -> None:
    """Alternate both and print medians and ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scene", nargs="?", default="cartpole", type=lambda text: find_scene(text).name)
    parser.add_argument("resolution", nargs="?", default="128x128", type=Resolution.parse)
    parser.add_argument("--worlds", type=int, default=1024)
    parser.add_argument("--batches", type=int, default=300, help="of each run")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not warp.is_cuda_available():
        sys.exit("this comparison needs CUDA, and Warp finds no NVIDIA GPU here")
    size = options.resolution
    built = build_scene(options.scene, width=size.width, height=size.height, bare=True, camera=None, seed=0)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "scene.mjb"
        mujoco.mj_saveModel(built.model, str(model))
        command = peer_command(model, built, options)
        for number in range(options.rounds):
            ours.append(engine_rate(built, options))
            theirs.append(peer_rate(command))
            print(f"round {number + 1}: engine {ours[-1]:.0f}, mjwarp-testspeed {theirs[-1]:.0f} images/s")
    print(
        f"{options.scene}, {size}, bare, {options.worlds} worlds on {warp.get_cuda_device().name}:", end=" "
    )
    print(f"{options.rounds} rounds of {options.batches} batches")
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    print(
        f"  images/s of the engine's render phase / mjwarp-testspeed "
        f"{statistics.median(ours) / statistics.median(theirs):.4f} of medians, "
        f"round by round {geometric_mean(ratios)}"
    )


if __name__ == "__main__":
    main()
