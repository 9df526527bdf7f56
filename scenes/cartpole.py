"""The cart-pole of robot learning: a cart on a rail and a swinging pole, for images of 128x128 pixels."""

from importlib import resources

import mujoco


def build() -> mujoco.MjSpec:
    """The cart-pole, ready to compile. Every call gives the same scene.

    Its one motor pushes the cart slowly to and fro; the pole swings freely, tilted at the start by `home`.
    """
    file = resources.files("scenes").joinpath("data", "cartpole.xml")
    return mujoco.MjSpec.from_string(file.read_text(encoding="utf-8"))
