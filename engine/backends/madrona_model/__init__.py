"""MuJoCo models for the batch renderer of the package gs-madrona (0.0.11), in numpy alone.

`convert` makes all that stays as it is, `make_lights` the lights, `Poses` writes where things are in each
frame, and `not_drawn` names what is left out.
"""

from engine.backends.madrona_model.lights import Lights, make_lights
from engine.backends.madrona_model.model import MadronaModel, convert
from engine.backends.madrona_model.omissions import not_drawn
from engine.backends.madrona_model.poses import PoseArrays, Poses

__all__ = ["Lights", "MadronaModel", "PoseArrays", "Poses", "convert", "make_lights", "not_drawn"]
