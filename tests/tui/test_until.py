"""Rounds until enough is known, from the command line: how far it came, and why it ended."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from engine.case import Settings
from engine.uncertainty.stopping import Decision, Standing, Until
from profiles.session import Session
from tests.profiles.session_builders import CASES, PROFILE, failed_trial, new_writer, trial
from tui.estimate import RemainingTime, most_seconds, run_seconds, time_text
from tui.output.session_notes import session_notes
from tui.output.standing_notes import round_line, standing_notes, trials_text

UNTIL = Until(relative_error=0.01)
KNOWN = PROFILE.override({"measure.until.relative_error": 0.01})
NULL = (
    *("--headless", "--backend", "null", "--resolution", "64x64", "--effects", "scene,bare"),
    *("--frames", "2000", "--warmup-frames", "3"),
)


def ids(folder: Path) -> list[str]:
    return tomllib.loads((folder / "session.toml").read_text())["session"]["order"]


def test_what_is_not_known_at_the_limit_is_told_with_both_numbers(mjbench, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    options = ("--until", "0.0001%", "--min-trials", "3", "--max-trials", "4")
    answer = mjbench(*NULL, *options, "--output", folder)
    assert answer.code == 0, answer.err
    limit = "at the limit of 4 trials, after 4 rounds: raise max_trials"
    for effects in ("scene", "bare"):
        assert re.search(rf"! apartment, {effects} on null, 64x64: [\d.]+% > 0.0001% {limit}", answer.out)
    lines = answer.err.splitlines()
    rounds = [line for line in lines if line.startswith("round ")]
    assert rounds[:2] == ["round 1 of 3 to 4, no interval yet", "round 2 of 3 to 4, no interval yet"]
    assert re.fullmatch(r"round 3 of at most 4, widest interval [\d.]+% > 0.0001%", rounds[2])
    assert rounds[3].startswith("round 4, the limit of 4 trials is reached: widest interval ")
    assert any(line.startswith("[6/6+] ") for line in lines)
    assert any(line.startswith("[7/8] ") for line in lines)
    session = tomllib.loads((folder / "session.toml").read_text())
    assert session["session"]["status"] == "complete"
    standing = session["session"]["standing"]
    assert (standing["decision"], standing["limit"], standing["rounds"]) == ("limit reached", "4 trials", 4)
    assert [line.partition(": ")[0] for line in standing["unmet"]] == [
        case["id"] for case in session["cases"]
    ]
    scene, bare = (case["id"] for case in session["cases"])
    assert ids(folder) == [
        *(f"{scene}.1", f"{bare}.1", f"{bare}.2", f"{scene}.2"),
        *(f"{scene}.3", f"{bare}.3", f"{bare}.4", f"{scene}.4"),
    ]


def test_enough_is_known_and_the_session_runs_again_as_it_stands(mjbench, tmp_path: Path) -> None:
    # The widest that can be asked for: any trials on any machine come to it.
    options = ("--until", "99%", "--min-trials", "3", "--max-trials", "60", "--quiet")
    answer = mjbench(*NULL, *options, "--output", tmp_path / "first")
    assert answer.code == 0, answer.err
    assert re.search(r"Stopped after \d+ rounds: FPS is known to 99% or better\.", answer.out)
    profile = tmp_path / "first" / "session.toml"
    again = mjbench("--headless", "--profile", profile, "--json", "--output", tmp_path / "second")
    assert again.code == 0, again.err
    first, second = (
        tomllib.loads((tmp_path / name / "session.toml").read_text()) for name in ("first", "second")
    )
    assert first["profile"] == second["profile"]
    assert second["session"]["standing"]["decision"] == "done"


def test_the_limit_of_time_ends_it_and_is_named(mjbench, tmp_path: Path) -> None:
    log = tmp_path / "log"
    options = ("--until", "0.0001%", "--max-duration", "0.001", "--log-file", log)
    answer = mjbench(*NULL, *options, "--output", tmp_path / "out")
    assert answer.code == 0, answer.err
    assert "1 trial < 5 at the limit of 0.001 s, after 1 round: raise max_duration" in answer.out
    assert len(ids(tmp_path / "out")) == 2
    assert "the limit of 0.001 s is reached" in answer.err
    assert "limit='0.001 s'" in log.read_text()


def test_a_plan_tells_the_rounds_that_are_certain_and_what_may_follow(mjbench, tmp_path: Path) -> None:
    asked = ("--until", "1%", "--max-trials", "12", "--max-duration", "900")
    answer = mjbench("run", "--backend", "null", "--effects", "scene", "--frames", "100", *asked, "--dry-run")
    assert answer.code == 0, answer.err
    assert re.search(r"^ *5 ", answer.out, re.MULTILINE) and not re.search(r"^ *6 ", answer.out, re.MULTILINE)
    assert "until the FPS of each case is known to 1%: at most 12 trials of each" in answer.out
    assert "no new round after 900 s" in answer.out
    assert re.search(r"expected time: \d+:\d\d to \d+:\d\d ", answer.out)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--until", "0"], ["--until is 0,", "such as 0.01 for 1%"]),
        (["--until", "0%"], ["--until is 0", "above 0"]),
        (["--until=-1%"], ["--until is -0.01", "above 0"]),
        (["--until", "1"], ["--until is 1,", "below 1"]),
        (["--until", "little"], ["--until is 'little'", "such as 0.01 for 1%"]),
        (["--until", "1%", "--trials", "5"], ["--trials and --until are both given", "one of the two"]),
        (["--max-duration", "60"], ["--until is missing", "such as 0.01 for 1%"]),
        (["--until", "1%", "--max-duration", "0"], ["--max-duration is 0", "seconds above 0"]),
        (["--until", "1%", "--min-trials", "2"], ["--min-trials is 2", "from 3 to 1000, as fewer"]),
        (["--until", "1%", "--max-trials", "4"], ["--max-trials is 4", "at least min_trials, which is 5"]),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_measured(
    mjbench, sessions_folder: Path, options: list[str], parts: list[str]
) -> None:
    answer = mjbench(*NULL, *options)
    assert answer.code == 2
    answer.assert_sentence(*parts)
    assert not sessions_folder.exists()


def session(folder: Path, standing: Standing | None, status: str = "complete") -> Session:
    """A session of four cases, of which the last one failed, in which this was known at the end."""
    writer = new_writer(folder, profile=KNOWN)
    for case in CASES[:3]:
        writer.append(trial(case))
    writer.append(failed_trial(CASES[3]))
    if standing is not None:
        writer.end_round(standing)
    return writer.close(status)


def unmet(*reasons: str) -> tuple[str, ...]:
    return tuple(f"{case.id}: {reason}" for case, reason in zip(CASES, reasons, strict=False))


LIMIT = Standing(decision=Decision.LIMIT, limit="600 s", rounds=9, widest=0.023)


def test_notes_name_each_case_of_a_few(tmp_path: Path) -> None:
    reasons = unmet("2.3% > 1%", "4 trials < 5")
    made = session(tmp_path / "s", msgspec.structs.replace(LIMIT, unmet=reasons))
    ended = "at the limit of 600 s, after 9 rounds: raise max_duration, or let each trial take longer."
    assert standing_notes(made) == [
        f"! apartment, scene on egl, 64x48: 2.3% > 1% {ended}",
        f"! apartment, scene on osmesa, 64x48: 4 trials < 5 {ended}",
    ]
    assert set(standing_notes(made)) <= set(session_notes(made))


def test_notes_of_many_cases_are_one(tmp_path: Path) -> None:
    reasons = unmet("2.3% > 1%", "9% > 1%", "5% > 1%", "4% > 1%")
    (note,) = standing_notes(session(tmp_path / "s", msgspec.structs.replace(LIMIT, unmet=reasons)))
    assert note.startswith(
        "! 4 of 4 cases are not known well enough, the worst apartment, scene on osmesa, 64x48: 9% > 1% at"
    )


def test_a_case_that_failed_has_its_own_note_and_the_others_are_known(tmp_path: Path) -> None:
    last = unmet("", "", "", "no trial has a result")[3:]
    done = Standing(decision=Decision.DONE, unmet=last, rounds=7, widest=0.0094)
    made = session(tmp_path / "s", done)
    assert standing_notes(made) == ["Stopped after 7 rounds: FPS is known to 1% or better."]
    assert any("no EGL" in note for note in session_notes(made))
    limit = msgspec.structs.replace(LIMIT, unmet=(*unmet("2.3% > 1%"), *last))
    assert len(standing_notes(session(tmp_path / "t", limit))) == 1


def test_a_run_that_was_stopped_tells_how_far_it_was(tmp_path: Path) -> None:
    going = Standing(decision=Decision.GO_ON, unmet=unmet("2.3% > 1%"), rounds=4, widest=0.023)
    assert standing_notes(session(tmp_path / "s", going, "interrupted")) == [
        "! apartment, scene on egl, 64x48: 2.3% > 1% when the run ended, after 4 rounds."
    ]
    (note,) = standing_notes(session(tmp_path / "t", None, "interrupted"))
    assert "within its first round" in note
    writer = new_writer(tmp_path / "u")
    writer.append(trial())
    assert standing_notes(writer.close("complete")) == []


def test_a_line_for_each_round() -> None:
    going = Standing(decision=Decision.GO_ON, rounds=6, widest=0.023)
    assert round_line(going, UNTIL) == "round 6 of at most 30, widest interval 2.3% > 1%"
    early = msgspec.structs.replace(going, rounds=3, widest=0.004)
    assert round_line(early, UNTIL) == "round 3 of 5 to 30, widest interval 0.4%"
    none = msgspec.structs.replace(going, rounds=1, widest=None)
    assert round_line(none, UNTIL) == "round 1 of 5 to 30, no interval yet"
    done = Standing(decision=Decision.DONE, rounds=7, widest=0.0094)
    assert round_line(done, UNTIL) == "round 7, enough is known: widest interval 0.94%"
    assert round_line(LIMIT, UNTIL) == "round 9, the limit of 600 s is reached: widest interval 2.3% > 1%"
    assert trials_text(Settings(trials=1)) == "1 trial"
    assert trials_text(Settings(trials=5, until=UNTIL)) == "until known to 1%, 5 to 30 trials"


def test_an_estimate_tells_the_least_and_the_most() -> None:
    short = Settings(frames=None, duration_s=1.0, trials=5, until=UNTIL)
    least, most = run_seconds(CASES, short), most_seconds(CASES, short)
    assert most == pytest.approx(6 * least)
    long = Settings(duration_s=60.0, trials=5, until=UNTIL)
    round_s = run_seconds(CASES, long) / 5
    # The time is over before the least number of rounds is: they are in the estimate all the same.
    assert most_seconds(CASES, long) == pytest.approx(5 * round_s)
    some = Settings(duration_s=20.0, trials=5, until=UNTIL)
    assert most_seconds(CASES, some) == pytest.approx(600 + run_seconds(CASES, some) / 5)
    assert most_seconds(CASES, Settings()) is None
    assert time_text(80, None) == "about 1:20"
    assert time_text(80, 600) == "1:20 to 10:00"
    assert time_text(80, 80.2) == "about 1:20"


def test_what_is_left_lies_between_the_rounds_that_are_certain_and_the_limits() -> None:
    settings = Settings(trials=5, until=UNTIL)
    left = RemainingTime(settings, 10)
    assert left.most_seconds(0, 0, 0) is None
    left.trial_ended("done", 4.0)
    left.total, left.most = 10, 60
    assert left.seconds(1, 0.0) == pytest.approx(4 * 9)
    assert left.most_seconds(1, 0.0, 4.0) == pytest.approx(4 * 59)
    # No round begins after 600 s, and one takes 8 s.
    assert left.most_seconds(9, 0.0, 596.0) == pytest.approx(4 + 8)
    assert left.most_seconds(9, 0.0, 700.0) == pytest.approx(8)
    fixed = RemainingTime(Settings(trials=5), 10)
    assert fixed.most_seconds(1, 0.0, 4.0) is None
