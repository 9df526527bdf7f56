"""A run that is kept as it goes: every trial is saved before its event reaches a face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.case import Case
from engine.control import Control
from engine.events import Event, PictureJudged, RoundEnded, TrialEnded
from engine.interference.instances import Announcement
from engine.moments import DateClock
from engine.pictures.judging import PictureJudge
from engine.process.launcher import SpawnLauncher
from engine.rounds import trial_order
from engine.runner import Plan, run
from engine.uncertainty.stopping import Decision, Standing
from tui.preparation import Preparation

if TYPE_CHECKING:
    from profiles.profile import Profile
    from profiles.session import Session
    from profiles.writer import SessionWriter


class Recording:
    """Measures what was prepared and leaves a session; `start` makes one.

    Args:
        writer: keeps the trials.
        plan: what is measured.
        control: by which a face can end it.
    """

    def __init__(self, writer: SessionWriter, plan: Plan, control: Control) -> None:
        self._writer = writer
        self._plan = plan
        self._control = control
        self._judge = PictureJudge(writer.folder)
        self._reached = 0
        self._standing: Standing | None = None
        self._was_cut_short = False
        self._announcement = Announcement(writer.folder.name)
        self.session: Session | None = None
        """What came out, once `events` is exhausted."""

    @classmethod
    def start(
        cls,
        profile: Profile,
        profile_name: str,
        preparation: Preparation,
        control: Control,
        *,
        output: Path | None = None,
        watch_usage: bool = False,
    ) -> Recording:
        """Make the session's folder; nothing is measured yet.

        Args:
            profile: what is measured.
            profile_name: what the session says that was asked for.
            preparation: of the same profile.
            control: by which a face can end the run.
            output: the folder, which must be empty or new; by default a new one among the sessions.
            watch_usage: tell what the engine processes take of the machine too.

        Raises:
            SessionError: the folder cannot be used.
        """
        from engine.machine import read_machine
        from profiles.writer import SessionWriter

        clock = DateClock()
        writer = SessionWriter.create(
            profile,
            profile_name,
            read_machine(),
            preparation.cases,
            now=clock.now(),
            output=output,
            left_out=preparation.left_out,
        )
        plan = Plan(
            preparation.cases,
            preparation.settings,
            writer.folder,
            preparation.known_failures,
            watch_usage,
            clock=clock,
        )
        return cls(writer, plan, control)

    @property
    def folder(self) -> Path:
        """The session's folder."""
        return self._writer.folder

    def events(self) -> Iterator[Event]:
        """Measure and finish; each finished trial is on the disk before its event comes.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
        """
        yield from self.measure()
        self.finish()

    def measure(self) -> Iterator[Event]:
        """Measure what is planned; `extend` and this again may follow before `finish`.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
        """
        try:
            yield from self._measure()
        except BaseException:
            self._give_up()
            raise

    def _measure(self) -> Iterator[Event]:
        events = run(self._plan, SpawnLauncher(), self._control)
        for event in self._judge.watch(events, self._plan.cases):
            if isinstance(event, TrialEnded):
                self._writer.append(event.result)
                self._reached = event.position - event.is_repeated
            elif isinstance(event, PictureJudged):
                self._writer.judge_picture(event)
            elif isinstance(event, RoundEnded):
                self._writer.end_round(event.standing)
                self._standing = event.standing
            yield event
        self._was_cut_short |= self._is_cut_short

    def extend(self, profile: Profile, cases: Sequence[Case]) -> None:
        """Plan further rounds, numbered on, of `cases` alone.

        Args:
            profile: one that asks for these cases beside all before.
            cases: what is measured next; some may have been before.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
        """
        try:
            self._writer.extend(profile, cases)
        except BaseException:
            self._give_up()
            raise
        measured = self._standing.rounds if self._standing else self._plan.settings.trials
        first = self._plan.first_trial + measured
        self._plan = replace(self._plan, cases=cases, first_trial=first)
        self._reached, self._standing = 0, None

    def finish(self) -> Session:
        """Write the session's files; nothing can be measured any more.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
        """
        self._announcement.end()
        interrupted = self._control.stop_requested or self._was_cut_short
        status = "interrupted" if interrupted else "complete"
        self.session = self._writer.close(status, self._plan.clock.now())
        return self.session

    def _give_up(self) -> None:
        """Leave the folder to `recover`: this process may go on for long."""
        self._announcement.end()
        self._writer.release()

    @property
    def _is_cut_short(self) -> bool:
        """Whether trials are left that somebody wanted."""
        if self._plan.settings.until is not None and self._plan.cases:
            return self._standing is None or self._standing.decision is Decision.GO_ON
        order = trial_order(self._plan.cases, self._plan.settings.trials, self._plan.first_trial)
        return any(
            case.id not in self._plan.known_failures and not self._control.is_skipped(case.id)
            for case, _ in order[self._reached :]
        )
