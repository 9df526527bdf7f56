"""Changes: single things that are done to a scene, or to how it is drawn, to see what they cost."""
