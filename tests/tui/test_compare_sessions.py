"""`compare A B`, the gate of a pipeline, and a case held against itself, on real sessions."""

import json
from pathlib import Path

import pytest

RUN = (
    *("run", "--backend", "misbehaving", "--resolution", "64x64", "--effects", "bare", "--frames", "60"),
    *("--warmup-frames", "2", "--trials", "5", "--quiet"),
)
QUICK, SLOWER = "frame_ms=3", "frame_ms=9"
"""The second takes three times as long: more than what a busy machine does to a busy wait."""


@pytest.fixture
def session(mjbench, tmp_path: Path):
    """Makes a session of the twin that behaves as it is told."""

    def make(name: str, behaviour: str, *more: str):
        folder = tmp_path / name
        answer = mjbench(*RUN, "--output", folder, *more, MJBENCH_MISBEHAVIOUR=behaviour)
        return folder, answer

    return make


def test_a_slower_build_is_called_slower_and_the_gate_closes(session, mjbench):
    base, _ = session("base", QUICK)
    slow, gated = session("slow", SLOWER, "--baseline", str(base), "--max-regression", "5%")
    assert gated.code == 5, gated.err
    (line,) = [line for line in gated.err.splitlines() if "SLOWER" in line]
    assert line.startswith("apartment-misbehaving-64x64-bare: ratio 0.")
    answer = mjbench("compare", base, slow)
    assert answer.code == 0, answer.err
    assert "SLOWER" in answer.out
    back = mjbench("compare", slow, base)
    assert "FASTER" in back.out
    document = json.loads(mjbench("compare", base, slow, "--json").out)
    (case,) = document["cases"]
    assert case["comparison"]["verdict"] == "slower"
    assert case["comparison"]["ratio"] == pytest.approx(1 / 3, abs=0.15)
    markdown = mjbench("compare", base, slow, "--markdown").out
    assert markdown.startswith("| scene | backend |")
    assert "SLOWER" in markdown


def test_the_same_build_passes(session):
    base, _ = session("base", QUICK)
    _, gated = session("again", QUICK, "--baseline", str(base), "--max-regression", "40%")
    assert gated.code == 0, gated.err
    assert "apartment-misbehaving-64x64-bare: ratio " in gated.err
    assert "SLOWER" not in gated.err


def test_what_cannot_be_told_passes_and_with_strict_does_not(session):
    base, _ = session("base", QUICK)
    one_trial = ("--trials", "1", "--baseline", str(base))
    _, gated = session("one", QUICK, *one_trial)
    assert gated.code == 0, gated.err
    assert "UNCLEAR: 1 trial, and fewer than three have no interval" in gated.err
    _, strict = session("strict", QUICK, *one_trial, "--strict")
    assert strict.code == 6, strict.err


def test_another_picture_is_not_compared(session, mjbench, tmp_path):
    base, _ = session("base", QUICK)
    text = (base / "session.toml").read_text()
    other = tmp_path / "other"
    other.mkdir()
    (other / "session.toml").write_text(text.replace("geoms = 0", "geoms = 1"))
    answer = mjbench("compare", base, other)
    assert answer.code == 0, answer.err
    assert "not comparable" in answer.out
    assert "what was drawn" in answer.out


def test_a_case_against_itself_tells_the_false_alarms_of_the_machine(mjbench, tmp_path):
    arguments = ("compare", "--null", "--rounds", "4", *RUN[1:-3], "--quiet", "--output", tmp_path / "null")
    answer = mjbench(*arguments, MJBENCH_MISBEHAVIOUR=QUICK)
    assert answer.code == 0, answer.err
    assert "apartment-misbehaving-64x64-bare held against itself: ratio " in answer.out
    assert "False alarms of this machine: two equal cases seem to differ by up to" in answer.out
    assert "over 4 rounds" in answer.out


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("compare", "one"), ("compare takes two sessions", "1 is given")),
        (("compare", "none-such", "none-such"), ("none-such",)),
        (("compare", "--null", "a", "b"), ("compare --null takes no sessions",)),
        (("compare", "--null", "--rounds", "1"), ("--rounds is '1'", "from 3 to 500")),
        (("run", "--backend", "null", "--strict"), ("--strict is given without --baseline",)),
        (("run", "--backend", "null", "--baseline", "none-such"), ("none-such",)),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(mjbench, arguments, parts):
    answer = mjbench(*arguments)
    assert answer.code == 2
    answer.assert_sentence(*parts)


def test_a_baseline_and_a_part_that_make_no_sense_are_refused_before_anything_is_measured(
    session, mjbench, tmp_path
):
    base, _ = session("base", QUICK)
    wrong = mjbench(*RUN, "--baseline", base, "--max-regression", "lots", "--output", tmp_path / "x")
    assert wrong.code == 2
    wrong.assert_sentence("--max-regression is 'lots'", "such as 5%")
    failed, answer = session("failed", "fault=raise,at=5")
    assert answer.code != 0
    refused = mjbench(*RUN, "--baseline", failed, "--output", tmp_path / "x")
    assert refused.code == 2
    refused.assert_sentence("has no figures")
    assert not (tmp_path / "x").exists()


def test_a_newer_and_a_damaged_session_are_one_sentence(session, mjbench, tmp_path):
    base, _ = session("base", QUICK)
    for name, text in (("newer", "schema = 99\n"), ("damaged", "schema = [")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "session.toml").write_text(text)
        answer = mjbench("compare", base, folder)
        assert answer.code == 2
        answer.assert_sentence(name)
