"""What a person sees on stderr while a run goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from engine.case import Case, Settings
from engine.events import (
    Event,
    FramesMeasured,
    PictureJudged,
    RoundEnded,
    StageEntered,
    TrialEnded,
    TrialStarted,
)
from engine.messages import Stage
from engine.results import TrialResult
from tui.estimate import RemainingTime, time_text
from tui.output.standing_notes import round_line
from tui.output.tables import counts_text, scene_title
from tui.output.worker_rates import WorkerRates
from tui.text import counted, duration, marked_renderer, printable, three_digits

if TYPE_CHECKING:
    from rich.console import Console

REDRAW_S = 0.5
"""The screen is drawn by the processor that is measured: twice a second is enough to read."""


MEASURED_ANEW = "going on; a trial that was in progress is measured anew"
"""What is said after the command was stopped for a while."""


class ProgressView(Protocol):
    """One way to show progress."""

    def show(self, event: Event) -> None:
        """Take note of what happened."""

    def hide(self) -> None:
        """Leave the screen to others for a while."""

    def show_again(self) -> None:
        """Go on after `hide`."""

    def close(self) -> None:
        """Leave the screen as it was."""


class Silent:
    """Shows nothing."""

    def show(self, event: Event) -> None:
        """Nothing."""

    def hide(self) -> None:
        """Nothing."""

    def show_again(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def case_title(case: Case) -> str:
    """Name a case in a line for a person."""
    words = (scene_title(case.scene), case.backend, case.resolution, case.effects)
    more = (counts_text(case), case.change)
    return printable(" ".join(str(word) for word in (*words, *more) if word))


def result_line(result: TrialResult) -> str:
    """Say in one line how a trial ended."""
    if result.failure is not None:
        fix = f" ({result.failure.fix})" if result.failure.fix else ""
        return printable(f"failed: {result.failure.reason}{fix}")
    if result.metrics is None:
        return f"{result.status} before its first timed frame"
    metrics = result.metrics
    renderer = result.renderer
    driver = f" on {marked_renderer(renderer.renderer, renderer.software)}" if renderer else ""
    ended = f"{result.status}: " if result.status != "done" else "spoiled: " if result.is_spoiled else ""
    rate = f"{three_digits(metrics.fps)} FPS, p99 {three_digits(metrics.p99_ms)} ms"
    return f"{ended}{rate}, {counted(metrics.frames, 'frame')} in {metrics.wall_time_s:.1f} s{driver}"


def picture_line(event: PictureJudged) -> str:
    """Say in one line what came of comparing a case's picture with the others'."""
    said = ""
    if event.failure is not None:
        said = f"failed: {event.failure.reason} ({event.failure.fix})"
    elif event.finding is not None:
        said = f"{event.finding.what} ({event.finding.fix})"
    return f"{case_title(event.case)}: {printable(said)}"


class Lines:
    """One line when a trial starts and one when it ends: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: Event) -> None:
        if isinstance(event, TrialStarted):
            trial = f", trial {event.trial}" if event.trial > 1 else ""
            trial += f", attempt {event.attempt}" if event.attempt > 1 else ""
            self._print(f"{_place(event)} {case_title(event.case)}{trial}")
        elif isinstance(event, StageEntered) and event.stage is Stage.COMPILE:
            self._print(f"    {_STAGE_TEXT[event.stage]}")
        elif isinstance(event, TrialEnded):
            self._print(f"{_place(event)} {result_line(event.result)}")
        elif isinstance(event, RoundEnded):
            self._print(round_line(event.standing, event.until))
        elif isinstance(event, PictureJudged):
            self._print(picture_line(event))

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def hide(self) -> None:
        """Nothing stands there that would be in the way."""

    def show_again(self) -> None:
        self._print(MEASURED_ANEW)

    def close(self) -> None:
        """Nothing is left to clean up."""


class Live:
    """Two lines that tell where the run is, and a line for each trial that is over: for a terminal."""

    def __init__(self, console: Console, settings: Settings, total: int) -> None:
        from rich.live import Live as Display

        self._console = console
        self._remaining = RemainingTime(settings, total)
        self._settings = settings
        self._finished = 0
        self._started = self._trial_started = time.monotonic()
        self._drawn = 0.0
        self._what = ""
        self._where = "starting"
        self._share = 0.0
        self._display = Display(console=console, auto_refresh=False, transient=True)
        self._display.start()

    def show(self, event: Event) -> None:
        match event:
            case TrialStarted():
                self._trial_started = time.monotonic()
                self._what, self._where, self._share = case_title(event.case), "starting", 0.0
                self._finished = event.position - 1
                if event.most is not None:
                    self._remaining.total, self._remaining.most = event.total, event.most
                self._rates = WorkerRates(event.case)
            case StageEntered():
                self._where = _STAGE_TEXT.get(event.stage, self._where)
            case FramesMeasured():
                self._count(event)
            case TrialEnded():
                self._finished = event.position
                self._remaining.trial_ended(event.result.status, time.monotonic() - self._trial_started)
                line = f"{_place(event)} {case_title(event.result.case)}: "
                self._console.print(line + _short_result(event.result), markup=False, highlight=False)
            case RoundEnded():
                line = round_line(event.standing, event.until)
                self._console.print(line, markup=False, highlight=False)
            case PictureJudged():
                self._console.print(picture_line(event), markup=False, highlight=False)
        if time.monotonic() - self._drawn >= REDRAW_S:
            self._redraw()

    def _count(self, event: FramesMeasured) -> None:
        if event.warm_up:
            wanted = self._settings.warmup_frames
            # The last batch may hold more images than were asked for.
            drawn = min(wanted, event.frames * event.case.worlds)
            self._where = f"warm-up, {drawn} of {wanted} frames"
            return
        rates = self._rates
        rates.add(event)
        self._where = f"{counted(rates.frames, 'frame')}, {three_digits(rates.fps)} FPS so far"
        if self._settings.duration_s is not None:
            self._share = rates.wall_ns / 1e9 / self._settings.duration_s
        elif self._settings.frames:
            self._share = rates.frames / (self._settings.frames * event.case.workers)

    def _redraw(self) -> None:
        from rich.console import Group
        from rich.text import Text

        self._drawn = now = time.monotonic()
        in_trial_s, gone_s = now - self._trial_started, now - self._started
        remaining = self._remaining
        left_s = remaining.seconds(self._finished, in_trial_s)
        most_s = remaining.most_seconds(self._finished, in_trial_s, gone_s)
        number = min(self._finished + 1, remaining.total)
        times = f"{duration(gone_s)} gone, {time_text(left_s, most_s)} left"
        lines = (
            f"case {number} of {total_text(remaining.total, remaining.most)}: {self._what}",
            f"{_bar(self._done(gone_s))} {times}; {self._where}",
        )
        fitted = (Text(line, no_wrap=True, overflow="ellipsis") for line in lines)
        self._display.update(Group(*fitted), refresh=True)

    def _done(self, gone_s: float) -> float:
        """The part of the run that is over; where rounds are added, of the longest that it can be."""
        total = self._remaining.most or self._remaining.total
        done = (self._finished + min(1.0, self._share)) / total
        if self._settings.until is not None:
            done = max(done, gone_s / self._settings.until.max_duration_s)
        return min(1.0, done)

    def hide(self) -> None:
        # Rich hides the cursor, and would leave the shell without one.
        self._display.stop()

    def show_again(self) -> None:
        self._display.start()
        self._console.print(MEASURED_ANEW, markup=False, highlight=False)

    def close(self) -> None:
        self._display.stop()


def total_text(total: int, most: int | None) -> str:
    """How many trials there are: "18", and where rounds may be added "18 to 90"."""
    return f"{total} to {most}" if most is not None and most > total else str(total)


def _place(event: TrialStarted | TrialEnded) -> str:
    """Which trial it is: "[3/18]", and where rounds may be added "[3/18+]"."""
    more = "+" if event.most is not None and event.most > event.total else ""
    return f"[{event.position}/{event.total}{more}]"


def _bar(share: float, width: int = 16) -> str:
    """A bar of characters that every terminal has."""
    full = round(share * width)
    return f"[{'#' * full}{'.' * (width - full)}]"


def _short_result(result: TrialResult) -> str:
    """What fits beside a case's name on a narrow terminal."""
    if result.metrics is None or result.failure is not None:
        return result_line(result)
    software = " SOFTWARE" if result.renderer and result.renderer.software else ""
    spoiled = ", spoiled" if result.is_spoiled else ""
    return f"{three_digits(result.metrics.fps)} FPS{software}{spoiled}"


_STAGE_TEXT = {
    Stage.IMPORT: "importing the renderer",
    Stage.SCENE: "loading the scene",
    Stage.OPEN: "opening the renderer",
    Stage.COMPILE: "kernels: compiled once, then kept",
    Stage.WARM_UP: "warm-up, first frame",
    Stage.BARRIER: "waiting for all workers",
    Stage.RUN: "measuring",
    Stage.FINISH: "finishing",
}
