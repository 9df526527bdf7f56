"""A case whose picture turns out to be wrong is seen to fail while the run goes on."""

import pytest

from engine.case import Settings
from engine.events import PictureJudged, TrialEnded, TrialStarted
from engine.messages import FailureKind, Stage
from engine.results import Failure
from tests.profiles.session_builders import CASES, trial
from tui.dashboard.watch.state import CaseStatus, RunState
from tui.progress import picture_line

WRONG = Failure(kind=FailureKind.PICTURE, stage=Stage.FINISH, reason="its picture differs", fix="look at it")


@pytest.fixture
def state() -> RunState:
    state = RunState(CASES[:2], Settings())
    for position, case in enumerate(CASES[:2], 1):
        state.fold(TrialStarted(case, 1, position, 2))
        state.fold(TrialEnded(trial(case), position, 2))
    return state


def test_a_case_that_was_done_fails_by_what_was_drawn_after_it(state):
    assert [view.status for view in state.views()] == [CaseStatus.DONE, CaseStatus.DONE]
    state.fold(PictureJudged(CASES[0], WRONG, None))
    wrong, right = state.views()
    assert (wrong.status, wrong.reason, wrong.fix) == (CaseStatus.FAILED, WRONG.reason, WRONG.fix)
    assert (right.status, right.fps) == (CaseStatus.DONE, 100.0)
    assert state.progress == (2, 2)


def test_a_line_says_which_case_it_is_why_and_what_to_do():
    line = picture_line(PictureJudged(CASES[0], WRONG, None))
    assert "egl 64x48" in line
    assert line.endswith("failed: its picture differs (look at it)")
