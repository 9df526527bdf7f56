"""Holding the pictures of a run's cases against each other, as its events go by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.case import Case
from engine.events import Event, PictureJudged, TrialEnded
from engine.interference.records import Finding, FindingKind
from engine.messages import FailureKind, Stage
from engine.pictures.agreement import Group, Shown, Verdict, group_of, judge
from engine.results import Failure, TrialResult

_ENLARGED = 4
"""Pixels a side of each cell in a picture that is kept."""


class PictureJudge:
    """Passes a run's events on, and makes cases fail whose picture is not the others'.

    The cases of a group are judged once each of them has been measured or given up, and again with each
    further trial; what is left of a run that ends before, at its end. A case that was wrong once stays so.

    Args:
        folder: the session's; pictures that differ are kept in `frames/`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shown: dict[str, Shown] = {}
        self._told: dict[str, PictureJudged] = {}

    def watch(self, events: Iterable[Event], cases: Sequence[Case]) -> Iterator[Event]:
        """Pass on what happens while `cases` are measured, with what comes of comparing their pictures."""
        waiting: dict[Group, set[str]] = {}
        for case in cases:
            waiting.setdefault(group_of(case), set()).add(case.id)
        for event in events:
            if not isinstance(event, TrialEnded):
                yield event
                continue
            case = event.result.case
            missing = waiting.get(group_of(case), set())
            missing.discard(case.id)
            yield from self._pass(event, is_complete=not missing)
        for group, missing in waiting.items():
            if missing:
                yield from self._judge(group)

    def _pass(self, event: TrialEnded, is_complete: bool) -> Iterator[Event]:
        """Tell of a trial as it is seen now, and of others that are seen in another light by it."""
        case = event.result.case
        has_earlier = case.id in self._shown
        self._take(event.result)
        news = self._judge(group_of(case)) if is_complete else []
        told = self._told.get(case.id)
        if told is not None:
            is_first = told in news and not has_earlier
            mine = told if is_first else replace(told, saved_frames=())
            event = replace(event, result=judged_result(event.result, mine))
            if is_first:
                news.remove(told)
        yield event
        yield from news

    def _take(self, result: TrialResult) -> None:
        fingerprint = result.pictures.fingerprint if result.pictures is not None else None
        if result.status == "done" and fingerprint is not None:
            not_drawn = result.drawn.not_drawn if result.drawn is not None else ()
            self._shown[result.case.id] = Shown(result.case, fingerprint, not_drawn)

    def _judge(self, group: Group) -> list[PictureJudged]:
        """What is newly known of the cases of a group."""
        shown = [one for one in self._shown.values() if group_of(one.case) == group]
        news = []
        for verdict in judge(shown):
            before = self._told.get(verdict.case.id)
            if before is None or (before.failure is None and verdict.is_wrong):
                told = self._tell(verdict)
                self._told[verdict.case.id] = told
                news.append(told)
        return news

    def _tell(self, verdict: Verdict) -> PictureJudged:
        case, fault = verdict.case, verdict.fault
        kept = _keep(self._folder, self._shown[case.id], verdict.other)
        if verdict.is_wrong:
            failure = Failure(
                kind=FailureKind.PICTURE, stage=Stage.FINISH, reason=fault.reason, fix=fault.fix
            )
            return PictureJudged(case, failure, None, kept)
        finding = Finding(
            kind=FindingKind.PICTURE,
            size=1 - verdict.alike,
            unit="of 1",
            what=fault.reason,
            fix=fault.fix,
            spoils=False,
        )
        return PictureJudged(case, None, finding, kept)


def judged_result(result: TrialResult, told: PictureJudged) -> TrialResult:
    """A trial, once its case's picture was compared; one that has no figures anyway stays as it is."""
    if result.status != "done":
        return result
    kept = (*result.saved_frames, *told.saved_frames)
    if told.finding is not None:
        return replace(result, findings=(*result.findings, told.finding), saved_frames=kept)
    return replace(
        result, status="failed", failure=told.failure, metrics=None, timings=None, saved_frames=kept
    )


def _keep(folder: Path, one: Shown, other: Shown) -> tuple[str, ...]:
    """Write both pictures side by side, as small as they were compared; none where the disk takes none."""
    import numpy as np

    from engine.jobs.png import write_png

    name = f"frames/{one.case.id}.differs.png"
    shown = [
        np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)
        for picture in (one.fingerprint, other.fingerprint)
    ]
    gap = np.zeros((one.fingerprint.height, 2, 3), np.uint8)
    beside = np.concatenate([shown[0], gap, shown[1]], axis=1)
    try:
        write_png(folder / name, beside.repeat(_ENLARGED, axis=0).repeat(_ENLARGED, axis=1))
    except OSError:
        return ()
    return (name,)
