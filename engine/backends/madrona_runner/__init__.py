"""A Madrona build of a person's own, through a runner module that measures itself."""
