"""Measuring: what runs in an engine process, what watches one, and the statistics of frames."""
