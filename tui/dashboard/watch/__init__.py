"""Watching: what a running session shows."""
