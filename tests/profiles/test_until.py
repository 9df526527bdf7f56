"""`until` in a profile, and in a session how far it was reached."""

import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.uncertainty.stopping import Decision, Standing, Until
from profiles.errors import ProfileError, SessionError
from profiles.journal import JOURNAL_FILE, read_journal
from profiles.merge import merged_text
from profiles.profile import Measure, Profile, UntilKnown, profile_table
from profiles.session import SessionStatus
from profiles.sessions import load_session
from profiles.store import load_profile, profile_text, save_profile
from profiles.writer import recover
from tests.profiles.session_builders import CASES, PROFILE, new_writer, sentence_of, trial

ERROR = "measure.until.relative_error"
UNTIL = Profile().override({ERROR: 0.01})
LIMIT = Standing(
    decision=Decision.LIMIT,
    unmet=(f"{CASES[0].id}: 2.3% > 1%", f"{CASES[1].id}: 4 trials < 5"),
    limit="30 trials",
    rounds=30,
    widest=0.023,
)


def load(folder: Path, text: str) -> Profile:
    file = folder / "mine.toml"
    file.write_text(text)
    return load_profile(file)


def test_a_profile_has_it_and_what_is_left_out_is_as_usual(tmp_path: Path) -> None:
    profile = load(tmp_path, "[measure]\nuntil = { relative_error = 0.02 }\n")
    assert profile.measure.until == UntilKnown(relative_error=0.02)
    settings = profile.settings()
    assert settings.until == Until(relative_error=0.02, min_trials=5, max_trials=30, max_duration_s=600)
    assert settings.trials == 5
    full = "until = { relative_error = 0.01, min_trials = 3, max_trials = 9, max_duration = 30.5 }"
    settings = load(tmp_path, f"[measure]\n{full}\n").settings()
    assert settings.until == Until(relative_error=0.01, min_trials=3, max_trials=9, max_duration_s=30.5)
    assert settings.trials == 3
    assert Profile().settings().until is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{}", [ERROR, "is missing", "above 0 and below 1"]),
        ("0.01", ["measure.until is 0.01", "{ relative_error = 0.01 }"]),
        ("{ relative_error = 0 }", [f"{ERROR} is 0,", "such as 0.01 for 1%"]),
        ("{ relative_error = -0.01 }", [f"{ERROR} is -0.01", "above 0"]),
        ("{ relative_error = 1 }", [f"{ERROR} is 1,", "below 1"]),
        ("{ relative_error = nan }", [f"{ERROR} is nan", "above 0"]),
        ("{ relative_error = '1%' }", [f"{ERROR} is '1%'", "such as 0.01"]),
        ("{ relative_error = 0.1, min_trials = 2 }", ["min_trials is 2", "from 3 to 1000, as fewer have no"]),
        ("{ relative_error = 0.1, max_trials = 2 }", ["max_trials is 2", "from 3 to 1000"]),
        (
            "{ relative_error = 0.1, max_trials = 4 }",
            ["until.max_trials is 4", "at least min_trials, which is 5"],
        ),
        ("{ relative_error = 0.1, min_trials = 31 }", ["max_trials is 30", "min_trials, which is 31"]),
        ("{ relative_error = 0.1, max_duration = 0 }", ["max_duration is 0", "seconds above 0"]),
        ("{ relative_error = 0.1, max_duration = inf }", ["max_duration is inf", "seconds above 0"]),
        ("{ relative_error = 0.1, max_time = 5 }", ["'max_time' in [measure.until]", "'max_trials'"]),
        ("{ relative_error = 0.1 }\ntrials = 5", ["measure.trials and measure.until", "one of the two"]),
        ("{ relative_error = 0.1 }\ntrials = 1", ["measure.trials and measure.until", "one of the two"]),
        ("{ relative_error = 0.1 }\nmax_trials = 9", ["'max_trials'", "belongs under [measure.until]"]),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(tmp_path: Path, text: str, parts: list[str]) -> None:
    sentence = sentence_of(lambda: load(tmp_path, f"[measure]\nuntil = {text}\n"), ProfileError)
    for part in ("mine.toml", *parts):
        assert part in sentence


def test_it_takes_the_place_of_a_number_of_trials_and_the_other_way_round() -> None:
    three = Profile().override({"measure.trials": 3})
    known = three.override({ERROR: "0.7%", "measure.until.max_trials": "40"})
    assert known.measure == Measure(duration=3.0, until=UntilKnown(relative_error=0.007, max_trials=40))
    assert known.override({ERROR: 0.02}).measure.until == UntilKnown(relative_error=0.02, max_trials=40)
    assert known.override({"measure.trials": 3}) == three
    assert known.override({"measure.until": None}) == Profile()
    assert known.override({"seed": 3}).measure == known.measure


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({ERROR: "x%"}, ["--until is 'x%'", "such as 0.01 for 1%"]),
        ({ERROR: "0%"}, ["--until is 0", "above 0"]),
        ({ERROR: "100%"}, ["--until is 1", "below 1"]),
        ({ERROR: "1e999999999999999999%"}, ["--until is '1e9", "below 1"]),
        ({ERROR: "1%", "measure.trials": "3"}, ["--trials and --until", "one of the two"]),
        ({"measure.until.max_trials": "9"}, ["--until is missing", "such as 0.01"]),
        ({ERROR: "1%", "measure.until.max_trials": "4"}, ["max_trials is 4", "min_trials, which is 5"]),
    ],
)
def test_what_an_option_says_is_checked_too(values: dict[str, Any], parts: list[str]) -> None:
    where = {ERROR: "--until", "measure.trials": "--trials"}
    sentence = sentence_of(lambda: Profile().override(values, where), ProfileError)
    for part in parts:
        assert part in sentence


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    profile = UNTIL.override({"measure.until.max_duration": 12.5})
    assert load(tmp_path, profile_text(profile)) == profile
    assert "trials" not in profile_table(profile)["measure"]
    path = save_profile("known", profile)
    assert load_profile("known") == load_profile(path) == profile


@pytest.mark.parametrize(
    "text",
    [
        "[measure]  # how\ntrials = 3  # often\n\n[output]  # kept\n",
        "[measure]  # how\nuntil = { relative_error = 0.02, max_trials = 9 }  # known\n\n[output]  # kept\n",
        "[measure]  # how\nframes = 3\n[measure.until]  # known\nrelative_error = 0.02\n[output]  # kept\n",
        "seed = 1  # one\n",
    ],
)
@pytest.mark.parametrize("values", [{ERROR: 0.01}, {ERROR: 0.02}, {"measure.trials": 4}, {"seed": 5}])
def test_a_persons_file_keeps_its_comments(tmp_path: Path, text: str, values: dict[str, Any]) -> None:
    before = load(tmp_path, text)
    profile = before.override(values)
    merged = merged_text(text, profile, tmp_path)
    assert load(tmp_path, merged) == profile
    gone = {"known"} if profile.measure.until is None else {"often"}
    comments = {line.partition("# ")[2] for line in text.splitlines()} - {""}
    assert all(f"# {comment}" in merged for comment in comments - gone)


def test_what_is_new_stands_beside_what_goes_and_not_below_what_follows(tmp_path: Path) -> None:
    text = "[measure]\ntrials = 3\n\n# of pictures\n[output]\n"
    merged = merged_text(text, load(tmp_path, text).override({ERROR: 0.01}), tmp_path)
    assert merged.index("until") < merged.index("# of pictures")


def test_a_session_tells_how_far_it_came(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "s", profile=UNTIL.override({"backends": ["egl"]}))
    writer.append(trial())
    writer.end_round(msgspec.structs.replace(LIMIT, decision=Decision.GO_ON, limit=None, rounds=29))
    writer.append(trial(number=2))
    writer.end_round(LIMIT)
    session = writer.close("complete")
    assert session.session.standing == LIMIT
    assert load_session(tmp_path / "s") == session
    table = tomllib.loads((tmp_path / "s" / "session.toml").read_text())["session"]["standing"]
    assert (table["decision"], table["limit"], table["unmet"]) == (
        "limit reached",
        "30 trials",
        list(LIMIT.unmet),
    )
    told = json.loads((tmp_path / "s" / "metrics.json").read_text())
    assert told["session"]["standing"]["unmet"] == list(LIMIT.unmet)
    assert load_profile(tmp_path / "s").measure.until == UNTIL.measure.until


def test_a_run_that_was_killed_still_tells_it(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "s", profile=UNTIL)
    writer.append(trial())
    writer.end_round(msgspec.structs.replace(LIMIT, decision=Decision.GO_ON, limit=None, rounds=1))
    writer.append(trial(number=2))
    writer.release()
    session = recover(tmp_path / "s")
    assert session.session.status is SessionStatus.INCOMPLETE
    assert session.session.standing is not None
    assert (session.session.standing.decision, session.session.standing.rounds) == (Decision.GO_ON, 1)
    assert len(session.cases[0].trials) == 2
    assert load_session(tmp_path / "s") == session


def test_the_end_of_a_round_that_is_cut_short_takes_nothing_else_away(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "s", profile=UNTIL)
    writer.append(trial())
    writer.end_round(LIMIT)
    writer.release()
    journal = tmp_path / "s" / JOURNAL_FILE
    journal.write_bytes(journal.read_bytes()[:-1])
    read = read_journal(journal)
    assert len(read.entries) == 1 and read.standing is None and "cut short" in read.torn


def test_a_session_without_it_is_read_as_ever(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "s", profile=PROFILE)
    writer.append(trial())
    session = writer.close("complete")
    text = (tmp_path / "s" / "session.toml").read_text()
    assert "standing" not in text and "until" not in text
    assert session.session.standing is None and load_session(tmp_path / "s") == session


def test_a_damaged_standing_is_one_sentence(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "s", profile=UNTIL)
    writer.append(trial())
    writer.end_round(LIMIT)
    writer.close("complete")
    file = tmp_path / "s" / "session.toml"
    file.write_text(file.read_text().replace('decision = "limit reached"', 'decision = "limit"'))
    sentence = sentence_of(lambda: load_session(tmp_path / "s"), SessionError)
    assert "session.standing.decision is 'limit'" in sentence and "'limit reached'" in sentence
