"""What was noticed while trials ran stands below the table, in metrics.json, and in the session."""

import csv
import io
import json
from pathlib import Path

import pytest

from engine.interference.records import Finding, FindingKind
from profiles.session import Session
from profiles.sessions import load_session
from tests.profiles.session_builders import CASES, PROFILE, failed_trial, metrics, new_writer, trial
from tui.output.export import as_csv
from tui.output.finding_notes import finding_notes
from tui.output.rows import make_rows
from tui.output.session_notes import session_notes


def load(cores: float, spoils: bool = True) -> Finding:
    return Finding(
        kind=FindingKind.OTHER_PROCESSES,
        size=cores,
        unit="cores",
        what=f"other processes took {cores:.0%} of one core for 2.1 s",
        fix="end other programs and measure again",
        spoils=spoils,
    )


SWAP = Finding(
    kind=FindingKind.SWAPPING, size=2.0, unit="MiB", what="2 MiB went", fix="have more memory", spoils=False
)


def session(folder: Path, *found: tuple[int, int, tuple[Finding, ...]]) -> Session:
    """A session in which this was found, by case and trial; a trial that comes again is another attempt.

    Its FPS are 100, 101, and so on.
    """
    trials = max(number for _, number, _ in found)
    writer = new_writer(folder, profile=PROFILE.override({"measure.trials": trials}))
    attempts: dict[tuple[int, int], int] = {}
    for rate, (case, number, findings) in enumerate(found, 100):
        attempt = attempts[case, number] = attempts.get((case, number), 0) + 1
        made = trial(CASES[case], number, findings=findings, attempt=attempt, metrics=metrics(rate))
        writer.append(made)
    writer.close("complete")
    return load_session(folder)


def test_what_spoils_is_marked_and_comes_first(tmp_path: Path) -> None:
    made = session(tmp_path / "s", (0, 1, ()), (0, 2, (load(0.38), SWAP)))
    assert finding_notes(made) == [
        "! apartment, scene on egl, 64x48, trial 2: other processes took 38% of one core for 2.1 s; "
        "end other programs and measure again.",
        "apartment, scene on egl, 64x48, trial 2: 2 MiB went; have more memory.",
    ]
    assert set(finding_notes(made)) <= set(session_notes(made))


def test_of_several_trials_the_worst_is_told(tmp_path: Path) -> None:
    made = session(tmp_path / "s", (0, 1, (load(0.2),)), (0, 2, (load(0.9),)), (0, 3, (load(0.3),)))
    (note,) = finding_notes(made)
    assert "egl, 64x48, trial 2, the worst of 3 trials: other processes took 90% of one core" in note


def test_many_cases_have_one_line(tmp_path: Path) -> None:
    made = session(tmp_path / "s", *((case, 1, (load(0.2 + case / 10),)) for case in range(4)))
    (note,) = finding_notes(made)
    assert note.startswith("! apartment, bare on osmesa, 64x48, trial 1, the worst of 4 trials: ")
    few = session(tmp_path / "few", *((case, 1, (load(0.2),)) for case in range(3)))
    assert len(finding_notes(few)) == 3


def test_what_was_noticed_is_in_the_files(tmp_path: Path) -> None:
    made = session(tmp_path / "s", (0, 1, (load(0.38), SWAP)), (1, 1, (SWAP,)), (2, 1, ()))
    records = [case.trials[0] for case in made.cases[:3]]
    assert [record.findings for record in records] == [(load(0.38), SWAP), (SWAP,), ()]
    assert [record.is_spoiled for record in records] == [True, False, False]
    told = json.loads((tmp_path / "s" / "metrics.json").read_text())["trials"]
    assert [entry["spoiled"] for entry in told] == [True, False, False]
    assert told[0]["findings"][0]["kind"] == "other-processes"


def test_an_attempt_that_does_not_count_stays_visible(tmp_path: Path) -> None:
    made = session(tmp_path / "s", (0, 1, ()), (0, 2, (load(0.9), SWAP)), (0, 2, (load(0.4),)), (0, 2, ()))
    assert finding_notes(made) == [
        "apartment, scene on egl, 64x48, trial 2, attempt 1, the worst of 2 attempts: other processes took "
        "90% of one core for 2.1 s; it was measured again, and this does not count.",
    ]


def test_a_last_attempt_that_is_spoiled_counts_and_is_marked(tmp_path: Path) -> None:
    made = session(tmp_path / "s", (0, 1, (load(0.9),)), (0, 1, (load(0.4),)))
    first, second = finding_notes(made)
    assert first.startswith("! apartment, scene on egl, 64x48, trial 1, attempt 2: other processes took 40%")
    assert second.startswith("apartment, scene on egl, 64x48, trial 1, attempt 1: other processes took 90%")


def test_only_the_attempt_that_counts_is_in_the_table(tmp_path: Path) -> None:
    made = session(tmp_path / "s", (0, 1, (load(0.9),)), (0, 1, ()), (0, 2, ()), (0, 3, (load(0.5),)))
    row = make_rows(made)[0]
    assert (row.trials, row.fps_low, row.fps_high, row.reason) == (3, 101, 103, "")
    assert row.fps == pytest.approx((101 * 102 * 103) ** (1 / 3))
    few = session(tmp_path / "few", (0, 1, (load(0.9),)), (0, 1, ()), (1, 2, ()))
    assert make_rows(few)[0].reason == "1 of 2 trials were reached"


def test_of_an_attempt_that_failed_the_reason_is_told_beside_the_one_before(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "s")
    writer.append(trial(CASES[0], findings=(load(0.9),)))
    writer.append(failed_trial(CASES[0], attempt=2))
    row = make_rows(writer.close("complete"))[0]
    assert (row.fps, row.reason) == (100, "no EGL")


def test_each_attempt_is_a_row_of_the_csv(tmp_path: Path) -> None:
    made = session(tmp_path / "s", (0, 1, (load(0.9),)), (0, 1, ()))
    rows = list(csv.DictReader(io.StringIO(as_csv(made))))
    assert [(row["trial"], row["attempt"], row["spoiled"], row["counts"]) for row in rows] == [
        ("1", "1", "true", "false"),
        ("1", "2", "false", "true"),
    ]
