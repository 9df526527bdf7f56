"""How a face tells a run to end: set from any thread or signal handler, read by the runner."""


class Control:
    """Two plain flags: setting one is atomic, and safe in a signal handler."""

    def __init__(self) -> None:
        self.stop_requested = False
        """End after the frame that is being drawn; what was measured is kept."""
        self.kill_requested = False
        """End at once; the trial in progress keeps what has arrived of it."""

    def request_stop(self) -> None:
        """Ask for an orderly end; asked a second time, end at once."""
        if self.stop_requested:
            self.kill_requested = True
        self.stop_requested = True
