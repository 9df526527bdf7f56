"""The ways to draw a scene: plain data about each in `registry`, and one module per renderer."""
