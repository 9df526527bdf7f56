"""A session goes through its cases in a fair order and reports each of them."""

from collections.abc import Mapping
from pathlib import Path

from engine.events import TrialEnded, TrialStarted
from engine.jobs.requests import Job
from engine.messages import FailureKind, Stage
from engine.process.launcher import EngineProcess, LaunchError, SpawnLauncher
from engine.results import Failure
from engine.rounds import trial_order


def test_every_other_round_runs_backwards(bench) -> None:
    a, b, c = cases = [bench.case(size=size) for size in ("8x8", "9x9", "10x10")]
    assert trial_order(cases, 3) == [
        *((a, 1), (b, 1), (c, 1)),
        *((c, 2), (b, 2), (a, 2)),
        *((a, 3), (b, 3), (c, 3)),
    ]
    assert trial_order(cases, 1) == [(a, 1), (b, 1), (c, 1)]
    assert trial_order([], 5) == []


def test_events_tell_where_in_the_session_they_are(bench) -> None:
    cases = [bench.case(size=size) for size in ("8x8", "9x9")]
    events = list(bench.stream(cases, bench.settings(trials=2)))
    expected = [(cases[0], 1), (cases[1], 1), (cases[1], 2), (cases[0], 2)]
    started = [event for event in events if isinstance(event, TrialStarted)]
    ended = [event for event in events if isinstance(event, TrialEnded)]
    assert [(e.case, e.trial, e.position, e.total) for e in started] == [
        (case, trial, position, 4) for position, (case, trial) in enumerate(expected, 1)
    ]
    assert [(e.result.case, e.result.trial, e.position, e.total) for e in ended] == [
        (case, trial, position, 4) for position, (case, trial) in enumerate(expected, 1)
    ]
    logs = {path.name for path in (bench.folder / "logs").iterdir()}
    assert {f"{case.id}.{trial}.log" for case, trial in expected} <= logs


def test_a_known_failure_is_reported_once_and_not_started(bench) -> None:
    broken, fine = bench.case("egl", size="8x8"), bench.case()
    failure = Failure(kind=FailureKind.BACKEND, stage=Stage.OPEN, reason="there is no such driver")
    events = list(bench.stream([broken, fine], bench.settings(trials=3), known_failures={broken.id: failure}))
    ended = [event.result for event in events if isinstance(event, TrialEnded)]
    assert [(r.case, r.trial, r.status) for r in ended if r.case == broken] == [(broken, 1, "failed")]
    assert ended[0].failure is failure
    assert [r.trial for r in ended if r.case == fine] == [1, 2, 3]
    assert all(event.case == fine for event in events if isinstance(event, TrialStarted))


class SometimesUnable:
    """A machine that has no process left to give for some cases."""

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        if job.case.resolution.width == 8:
            raise LaunchError("no engine process can be started: Resource temporarily unavailable")
        return SpawnLauncher().launch(job, log, environment)


def test_a_process_that_cannot_be_started_is_a_failed_trial(bench) -> None:
    cases = [bench.case(size="8x8"), bench.case(size="9x9")]
    first, second = bench.results(cases, bench.settings(), launcher=SometimesUnable())
    assert (first.status, second.status) == ("failed", "done")
    assert first.failure.reason.startswith("no engine process can be started")
    assert first.failure.stage is Stage.START


def test_a_session_folder_of_a_relative_path(bench, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    bench.folder = Path("here/session")
    case = bench.case()
    assert bench.result(case, bench.settings()).status == "done"
    assert (tmp_path / "here" / "session" / "logs" / f"{case.id}.1.log").is_file()
