"""Choosing: scenes, backends, settings, and what they add up to."""

PURPOSE = "mjbench-tui  Choose what is measured"
"""The first line: it is shown before the screen below it is imported."""
