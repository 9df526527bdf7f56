"""Draw a compiled model with MuJoCo on EGL, for tests: which geom each pixel shows, and its colour."""

import argparse
import sys

import mujoco
import numpy as np

EGL_MISSING = 3


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="an .mjb file")
    parser.add_argument("qpos", help="an .npy file")
    parser.add_argument("camera")
    parser.add_argument("output", help="an .npz file")
    parser.add_argument("--size", type=int, nargs=2, default=[96, 72])
    arguments = parser.parse_args()
    model = mujoco.MjModel.from_binary_path(arguments.model)
    data = mujoco.MjData(model)
    data.qpos[:] = np.load(arguments.qpos)
    mujoco.mj_forward(model, data)
    width, height = arguments.size
    try:
        renderer = mujoco.Renderer(model, height, width, max_geom=20000)
    except Exception as error:
        print(error, file=sys.stderr)
        return EGL_MISSING
    with renderer:
        renderer.update_scene(data, arguments.camera)
        for flag in ("SHADOW", "REFLECTION", "SKYBOX", "HAZE"):
            renderer.scene.flags[getattr(mujoco.mjtRndFlag, f"mjRND_{flag}")] = 0
        colours = renderer.render().copy()
        renderer.enable_segmentation_rendering()
        segments = renderer.render()
    geoms = np.where(segments[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM), segments[..., 0], -1)
    np.savez(arguments.output, geoms=geoms, colours=colours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
