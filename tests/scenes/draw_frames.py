"""Draw a scene from all its cameras at some times and save the images."""

import argparse
import sys

import mujoco
import numpy as np

from scenes.build import build_scene, cameras_of, load_spec

EGL_MISSING = 3
EFFECTS = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_SKYBOX,
    mujoco.mjtRndFlag.mjRND_HAZE,
    mujoco.mjtRndFlag.mjRND_FOG,
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("scene")
    parser.add_argument("output")
    parser.add_argument("--times", type=float, nargs="+", default=[0.0])
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--height", type=int, default=120)
    parser.add_argument("--segments", action="store_true", help="save which body each pixel shows, or -1")
    parser.add_argument("--bare", action="store_true", help="without shadows, reflections, sky and so on")
    arguments = parser.parse_args()
    width, height = arguments.width, arguments.height
    built = build_scene(arguments.scene, width=width, height=height, bare=arguments.bare, camera=None, seed=0)
    model = built.model
    data = mujoco.MjData(model)
    built.motion.reset(data)
    try:
        renderer = mujoco.Renderer(model, height, width)
    except Exception as error:
        print(error, file=sys.stderr)
        return EGL_MISSING
    cameras = cameras_of(load_spec(arguments.scene)) or (built.camera,)
    frames = {}
    with renderer:
        if arguments.segments:
            renderer.enable_segmentation_rendering()
        if arguments.bare:
            renderer.scene.flags[[int(effect) for effect in EFFECTS]] = 0
        for time in arguments.times:
            while data.time < time:
                built.motion.apply(data)
                mujoco.mj_step(model, data)
            mujoco.mj_forward(model, data)
            for camera in cameras:
                renderer.update_scene(data, camera)
                image = renderer.render()
                frames[f"{camera}@{time:g}"] = _bodies(model, image) if arguments.segments else image
    np.savez(arguments.output, **frames)
    return 0


def _bodies(model: mujoco.MjModel, segments: np.ndarray) -> np.ndarray:
    geoms = np.where(segments[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM), segments[..., 0], -1)
    return np.where(geoms >= 0, model.body_rootid[model.geom_bodyid[geoms]], -1)


if __name__ == "__main__":
    sys.exit(main())
