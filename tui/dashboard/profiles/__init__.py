"""Profiles: which there are, what is in them, and keeping what was changed."""
