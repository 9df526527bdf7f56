"""Rounds are added until every case is known well enough, or a limit is reached."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.case import Case
from engine.control import Control
from engine.events import Event, RoundEnded, TrialEnded, TrialStarted
from engine.interference.records import Finding, FindingKind
from engine.jobs.requests import Job
from engine.messages import FailureKind, Stage
from engine.process.launcher import EngineProcess, SpawnLauncher
from engine.results import Failure
from engine.rounds import Rounds
from engine.uncertainty.stopping import Decision, Standing, Until, relative_error
from tests.profiles.session_builders import metrics, trial

SURE, NEVER = 0.9, 1e-9
"""A relative error that any trials have, and one that none have."""


class EachInItsWay:
    """Starts engine processes that take 1 ms a frame, and misbehave by the width of their case."""

    def __init__(self, **behaviours: str) -> None:
        self._behaviours = {int(width.lstrip("w")): text for width, text in behaviours.items()}

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        text = self._behaviours.get(job.case.resolution.width, "frame_ms=1")
        return SpawnLauncher().launch(job, log, {**environment, "MJBENCH_MISBEHAVIOUR": text})


def settings(bench, relative_error: float, least: int = 3, **limits: float):
    until = Until(relative_error=relative_error, min_trials=least, **limits)
    return bench.settings(frames=60, trials=least, until=until)


def cases_of(bench, *widths: int) -> list[Case]:
    return [bench.case("misbehaving", size=f"{width}x9") for width in widths]


def measure(bench, cases: list[Case], settings, **others: object) -> list[Event]:
    launcher = others.pop("launcher", None) or EachInItsWay()
    return list(bench.stream(cases, settings, launcher=launcher, **others))


def standings(events: list[Event]) -> list[Standing]:
    return [event.standing for event in events if isinstance(event, RoundEnded)]


def rates_of(events: list[Event], width: int) -> list[float]:
    """FPS of each trial of a case, in their order."""
    ended = [event.result for event in events if isinstance(event, TrialEnded)]
    return [result.metrics.fps for result in ended if result.case.resolution.width == width]


def order(events: list[Event]) -> list[tuple[int, int]]:
    """Width and number of each trial, as they ended."""
    ended = [event.result for event in events if isinstance(event, TrialEnded)]
    return [(result.case.resolution.width, result.trial) for result in ended]


@pytest.mark.parametrize("target", [SURE, 0.1])
def test_it_stops_with_the_first_round_that_makes_all_known(bench, target: float) -> None:
    events = measure(bench, cases_of(bench, 8, 9), settings(bench, target, max_trials=40))
    *before, last = standings(events)
    assert isinstance(events[-1], RoundEnded)
    # A very busy machine may not come to it: then no round may look as if it had.
    is_done = last.decision is Decision.DONE
    assert (last.unmet == (), last.limit) == ((True, None) if is_done else (False, "40 trials"))
    assert (0 < last.widest <= target) is is_done
    assert all(one.decision is Decision.GO_ON and one.unmet for one in before)
    rates = {width: rates_of(events, width) for width in (8, 9)}
    assert {len(of_case) for of_case in rates.values()} == {last.rounds}
    for rounds in range(1, last.rounds + 1):
        errors = [relative_error(of_case[:rounds]) for of_case in rates.values()]
        known = rounds >= 3 and all(error <= target for error in errors)
        assert known is (is_done and rounds == last.rounds)


def test_the_limit_of_trials_ends_it_in_whole_rounds_that_alternate(bench) -> None:
    cases = cases_of(bench, 8, 9)
    events = measure(bench, cases, settings(bench, NEVER, max_trials=5))
    assert order(events) == [
        *((8, 1), (9, 1), (9, 2), (8, 2), (8, 3), (9, 3)),
        *((9, 4), (8, 4), (8, 5), (9, 5)),
    ]
    last = standings(events)[-1]
    assert (last.decision, last.limit, last.rounds) == (Decision.LIMIT, "5 trials", 5)
    assert [line.partition(": ")[0] for line in last.unmet] == [case.id for case in cases]
    assert all(line.endswith("> 1e-07%") for line in last.unmet)


def test_the_total_grows_with_the_rounds_and_never_above_the_most(bench) -> None:
    events = measure(bench, cases_of(bench, 8), settings(bench, NEVER, max_trials=5))
    for kind in (TrialStarted, TrialEnded):
        told = [(event.position, event.total, event.most) for event in events if isinstance(event, kind)]
        assert told == [(1, 3, 5), (2, 3, 5), (3, 3, 5), (4, 4, 5), (5, 5, 5)]
    fixed = list(bench.stream([bench.case()], bench.settings(trials=2)))
    assert not standings(fixed)
    assert {(e.total, e.most) for e in fixed if isinstance(e, TrialStarted)} == {(2, None)}


def test_the_limit_of_time_ends_it_when_the_round_is_over(bench) -> None:
    asked = settings(bench, NEVER, max_trials=1000, max_duration_s=0.001)
    events = measure(bench, cases_of(bench, 8, 9), asked)
    assert order(events) == [(8, 1), (9, 1)]
    (only,) = standings(events)
    assert (only.decision, only.limit) == (Decision.LIMIT, "0.001 s")
    assert [line.partition(": ")[2] for line in only.unmet] == ["1 trial < 3", "1 trial < 3"]


def test_a_case_that_always_fails_keeps_nobody_waiting(bench) -> None:
    launcher = EachInItsWay(w8="fault=raise,at=open")
    events = measure(bench, cases_of(bench, 8, 9), settings(bench, SURE, max_trials=40), launcher=launcher)
    last = standings(events)[-1]
    assert last.decision is Decision.DONE and last.rounds >= 3
    assert last.unmet == (f"{bench.case('misbehaving', size='8x9').id}: no trial has a result",)


def test_what_cannot_be_measured_is_told_once_and_nobody_waits_for_it(bench) -> None:
    broken, fine = cases_of(bench, 8, 9)
    failure = Failure(kind=FailureKind.BACKEND, stage=Stage.OPEN, reason="there is no such driver")
    asked = settings(bench, SURE, max_trials=40)
    events = measure(bench, [broken, fine], asked, known_failures={broken.id: failure})
    assert order(events)[:4] == [(8, 1), (9, 1), (9, 2), (9, 3)]
    assert all(width == 9 for width, _ in order(events)[1:])
    assert standings(events)[-1].unmet == ()
    alone = measure(bench, [broken], asked, known_failures={broken.id: failure})
    assert order(alone) == [(8, 1)]
    assert [one.decision for one in standings(alone)] == [Decision.DONE]


def test_a_larger_case_is_skipped_after_one_without_memory_and_the_others_go_on(bench) -> None:
    launcher = EachInItsWay(w16="fault=memory,at=open")
    cases = cases_of(bench, 8, 16, 32)
    events = measure(bench, cases, settings(bench, SURE, max_trials=40), launcher=launcher)
    assert order(events)[:5] == [(8, 1), (16, 1), (32, 1), (8, 2), (8, 3)]
    assert all(width == 8 for width, _ in order(events)[3:])
    assert (standings(events)[-1].decision, standings(events)[-1].unmet) == (Decision.DONE, ())


def test_a_skipped_case_keeps_nobody_waiting(bench) -> None:
    noisy, steady = cases_of(bench, 8, 9)
    control = Control()
    asked = settings(bench, NEVER, max_trials=40)
    seen: list[Event] = []
    for event in bench.stream([noisy, steady], asked, control, launcher=EachInItsWay()):
        seen.append(event)
        if isinstance(event, RoundEnded) and event.standing.rounds == 4:
            control.skip(noisy.id)
            control.skip(steady.id)
    assert order(seen)[-2:] == [(8, 5), (9, 5)]
    assert [e.result.status for e in seen if isinstance(e, TrialEnded)][-2:] == ["skipped", "skipped"]
    assert standings(seen)[-1].decision is Decision.DONE
    assert len(standings(seen)) == 5


@pytest.mark.parametrize("case", [0, 1])
def test_a_stop_after_a_trial_ends_it_and_a_round_that_is_whole_is_still_judged(bench, case: int) -> None:
    control = Control()
    seen: list[Event] = []
    asked = settings(bench, NEVER, max_trials=40)
    for event in bench.stream(cases_of(bench, 8, 9), asked, control, launcher=EachInItsWay()):
        seen.append(event)
        if isinstance(event, TrialStarted) and (event.case.resolution.width, event.trial) == (8 + case, 1):
            control.request_stop_after()
    assert len(order(seen)) == 1 + case
    assert [one.decision for one in standings(seen)] == [Decision.GO_ON] * case


def test_a_stop_ends_it_without_a_judgement(bench) -> None:
    control = Control()
    seen: list[Event] = []
    for event in bench.stream(cases_of(bench, 8), settings(bench, SURE), control, launcher=EachInItsWay()):
        seen.append(event)
        if isinstance(event, TrialStarted) and event.trial == 2:
            control.request_stop()
    assert order(seen) == [(8, 1), (8, 2)]
    assert [one.rounds for one in standings(seen)] == [1]


def test_time_in_which_nothing_was_to_be_measured_does_not_count(bench) -> None:
    control = Control()
    seen: list[Event] = []
    asked = settings(bench, NEVER, max_duration_s=600)
    for event in bench.stream(cases_of(bench, 8), asked, control, launcher=EachInItsWay()):
        seen.append(event)
        if isinstance(event, TrialEnded) and event.position == 1:
            control.hold_requested = True
        if control.is_held and control.hold_requested:
            control.hold_requested = False
            # An hour that nothing was held in: what the runner holds itself is taken off in the same way.
            control.held_s -= 3600
    assert control.held_s > -3600
    assert standings(seen)[-1].limit == "600 s"


SPOILED = Finding(
    kind=FindingKind.OTHER_PROCESSES, size=0.5, unit="cores", what="it was busy", fix="wait", spoils=True
)


def test_an_attempt_that_was_made_again_does_not_count() -> None:
    case = trial().case
    rounds = Rounds([case], settings_of(SURE))
    for number, rate in ((1, 100.0), (2, 101.0), (3, 102.0)):
        rounds.begin()
        rounds.count(trial(case, number, metrics=metrics(10.0**number), findings=(SPOILED,)))
        rounds.count(trial(case, number, metrics=metrics(rate), attempt=2))
        found = rounds.end(1.0)
    assert found is not None
    assert (found.decision, found.rounds) == (Decision.DONE, 3)
    assert found.widest == relative_error([100.0, 101.0, 102.0])
    assert rounds.begin() == []


def test_what_was_not_measured_to_its_end_does_not_count() -> None:
    case = trial().case
    rounds = Rounds([case], settings_of(SURE))
    for number in (1, 2, 3):
        rounds.begin()
        rounds.count(trial(case, number, status="failed" if number == 3 else "interrupted"))
    found = rounds.end(1.0)
    assert found is not None
    assert found.unmet == (f"{case.id}: no trial has a result",)


def test_without_cases_there_is_no_round() -> None:
    assert Rounds([], settings_of(SURE)).begin() == []


def settings_of(relative_error: float):
    from engine.case import Settings

    return Settings(trials=3, until=Until(relative_error=relative_error, min_trials=3))
