"""A case whose picture turned out to be wrong has no figures in its session, whatever ended the run."""

from pathlib import Path

import pytest

from engine.events import PictureJudged
from engine.interference.records import Finding, FindingKind
from engine.messages import FailureKind, Stage
from engine.results import Failure
from profiles.session import Session
from profiles.writer import recover
from tests.profiles.session_builders import CASES, failed_trial, new_writer, trial

WRONG = Failure(kind=FailureKind.PICTURE, stage=Stage.FINISH, reason="its picture differs", fix="look at it")
UNCLEAR = Finding(
    kind=FindingKind.PICTURE, size=0.8, unit="of 1", what="its picture differs", fix="look", spoils=False
)
KEPT = ("frames/differs.png",)


@pytest.fixture(params=["closed", "killed"])
def kept(request: pytest.FixtureRequest, tmp_path: Path):
    """Keep trials and what was told between them, end the run, and read what it left."""

    def keep(*told: object) -> Session:
        writer = new_writer(tmp_path / "session")
        for one in told:
            writer.judge_picture(one) if isinstance(one, PictureJudged) else writer.append(one)
        if request.param == "closed":
            return writer.close("complete")
        writer.release()
        return recover(writer.folder)

    return keep


def test_all_trials_before_have_failed_by_it_and_the_first_keeps_the_picture(kept):
    session = kept(
        *(trial(CASES[0], 1), trial(CASES[1], 1), trial(CASES[1], 2), trial(CASES[0], 2)),
        PictureJudged(CASES[0], WRONG, None, KEPT),
    )
    wrong, right = session.cases[:2]
    assert (wrong.state, right.state) == ("failed", "done")
    for record in wrong.trials:
        assert (record.status, record.failure, record.metrics, record.timings) == (
            "failed",
            WRONG,
            None,
            None,
        )
    assert [KEPT[0] in record.saved_frames for record in wrong.trials] == [True, False]
    assert all(record.metrics is not None for record in right.trials)


def test_another_failure_stays_what_it_was(kept):
    session = kept(failed_trial(CASES[0], 1), trial(CASES[0], 2), PictureJudged(CASES[0], WRONG, None))
    kinds = [record.failure.kind for record in session.cases[0].trials]
    assert kinds == [FailureKind.BACKEND, FailureKind.PICTURE]


def test_a_note_stands_once_in_each_trial_beside_its_figures(kept):
    later = trial(CASES[0], 2, findings=(UNCLEAR,))
    session = kept(trial(CASES[0], 1), PictureJudged(CASES[0], None, UNCLEAR, KEPT), later)
    case = session.cases[0]
    assert case.state == "done"
    assert [record.findings for record in case.trials] == [(UNCLEAR,), (UNCLEAR,)]
    assert all(record.metrics is not None for record in case.trials)
