"""How a face tells a run what to do: set from any thread or signal handler, read by the runner."""


class Control:
    """Plain flags and a set: each change is one atomic step, and safe in a signal handler."""

    def __init__(self) -> None:
        self.stop_requested = False
        """End after the frame that is being drawn; what was measured is kept."""
        self.kill_requested = False
        """End at once; the trial in progress keeps what has arrived of it."""
        self.stop_after_requested = False
        """End when the trial in progress is over."""
        self.hold_requested = False
        """Measure nothing until it is withdrawn; the trial in progress is given up and measured anew."""
        self.is_held = False
        """The runner's answer to `hold_requested`: no engine process is left."""
        self.held_s = 0.0
        """Seconds that nothing was measured in, because that was asked for; the runner counts them."""
        self._skipped: set[str] = set()
        self._preview_requested = False

    def request_stop(self) -> None:
        """Ask for an orderly end; asked a second time, end at once."""
        if self.stop_requested:
            self.kill_requested = True
        self.stop_requested = True

    def request_stop_after(self) -> None:
        """Ask for an end after the trial in progress; asked a second time, go on."""
        self.stop_after_requested = not self.stop_after_requested

    def skip(self, case_id: str) -> None:
        """Measure no more of a case: a trial of it that runs ends after its frame, others are not run."""
        self._skipped.add(case_id)

    def is_skipped(self, case_id: str) -> bool:
        """Whether a case was asked to be skipped."""
        return case_id in self._skipped

    def request_preview(self) -> None:
        """Ask for the picture that is drawn next."""
        self._preview_requested = True

    def take_preview_request(self) -> bool:
        """Whether a picture was asked for since this was asked last."""
        requested, self._preview_requested = self._preview_requested, False
        return requested
