"""What disturbs a trial, on the watching screen."""

from engine.case import Case, Effects, Resolution, Settings
from engine.events import Disturbed, TrialEnded, TrialStarted
from engine.interference.records import Finding, FindingKind
from engine.results import TrialResult
from tests.profiles.session_builders import metrics
from tui.dashboard.watch.figures import figure_lines
from tui.dashboard.watch.state import CaseView, RunState

CASE = Case(
    scene="apartment", backend="egl", resolution=Resolution(width=64, height=48), effects=Effects.BARE
)
LOAD = Finding(
    kind=FindingKind.OTHER_PROCESSES,
    size=0.38,
    unit="cores",
    what="other processes took 38% of one core for 2.1 s",
    fix="end other programs and measure again",
    spoils=True,
)
TOLD = Finding(
    kind=FindingKind.SWAPPING, size=2.0, unit="MiB", what="2 MiB went", fix="have more", spoils=False
)
LINE = "! other processes took 38% of one core for 2.1 s; end other programs and measure again"


def ended(attempt: int, *findings: Finding, is_repeated: bool = False) -> TrialEnded:
    result = TrialResult(
        case=CASE,
        trial=1,
        attempt=attempt,
        status="done",
        started_at="",
        ended_at="",
        metrics=metrics(),
        findings=findings,
    )
    return TrialEnded(result, 1, 1, is_repeated)


def only(state: RunState) -> CaseView:
    (view,) = state.views()
    return view


def test_it_is_told_while_it_lasts_and_afterwards_what_spoilt_the_trial() -> None:
    state = RunState([CASE], Settings())
    state.fold(TrialStarted(CASE, 1, 1, 1))
    state.fold(Disturbed(CASE, 1, (LOAD, TOLD)))
    assert only(state).findings == (LOAD, TOLD)
    state.fold(Disturbed(CASE, 1, ()))
    assert only(state).findings == ()
    state.fold(ended(1, LOAD, TOLD, is_repeated=True))
    assert [line for line in figure_lines(only(state), 80) if line.startswith("!")] == [LINE]
    assert state.progress == (0, 1), "the trial comes again"
    state.fold(TrialStarted(CASE, 1, 1, 1, attempt=2))
    assert only(state).findings == ()
    state.fold(ended(2))
    assert not [line for line in figure_lines(only(state), 80) if line.startswith("!")]
    assert state.progress == (1, 1)
