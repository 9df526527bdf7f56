"""Choosing: scenes, backends, settings, and what they add up to."""
