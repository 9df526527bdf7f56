"""Two sessions held against one another."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from engine.case import Case
from engine.uncertainty.comparison import Verdict
from profiles.comparing import compare_two_sessions, hold_against
from profiles.errors import SessionError
from profiles.profile import Measure
from profiles.session import Session
from tests.profiles.session_builders import (
    CASES,
    DRAWN,
    MACHINE,
    PROFILE,
    RENDERER,
    failed_trial,
    metrics,
    new_writer,
    sentence_of,
    trial,
)
from tests.profiles.test_attempts import SPOILED

STEADY = (100.0, 100.4, 99.6, 100.2, 99.8)


@pytest.fixture
def session(tmp_path: Path):
    """Makes a session whose first case has these rates."""
    made = []

    def make(rates=STEADY, cases=CASES[:1], machine=MACHINE, **changes) -> Session:
        folder = tmp_path / f"s{len(made)}"
        made.append(folder)
        profile = msgspec.structs.replace(PROFILE, measure=Measure(frames=4, trials=len(rates)))
        writer = new_writer(folder, cases=cases, machine=machine, profile=profile)
        for case in cases:
            for number, rate in enumerate(rates, 1):
                writer.append(trial(case, number, metrics=metrics(rate), saved_frames=(), **changes))
        return writer.close("complete")

    return make


def only(base: Session, other: Session, **options):
    (case,) = compare_two_sessions(base, other, **options).cases
    return case


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(1.0, Verdict.SAME), (0.9, Verdict.SLOWER), (1.1, Verdict.FASTER), (1.02, Verdict.UNCLEAR)],
)
def test_the_verdict_is_of_the_other_against_the_base(session, factor, verdict):
    case = only(session(), session([rate * factor for rate in STEADY]))
    assert case.obstacles == ()
    assert case.comparison.ratio == pytest.approx(factor)
    assert case.comparison.interval.low < factor < case.comparison.interval.high
    assert case.comparison.verdict is verdict


def test_a_larger_threshold_calls_less_a_difference(session):
    base, other = session(), session([rate * 0.96 for rate in STEADY])
    assert only(base, other).comparison.verdict is Verdict.SLOWER
    assert only(base, other, threshold=0.1).comparison.verdict is Verdict.SAME


def test_two_trials_have_no_interval_and_no_verdict(session):
    comparison = only(session([100, 101]), session([50, 51])).comparison
    assert comparison.interval is None
    assert comparison.verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"renderer": msgspec.structs.replace(RENDERER, renderer="NVIDIA L40S")}, "driver"),
        ({"renderer": msgspec.structs.replace(RENDERER, version="4.6")}, "driver"),
        ({"drawn": msgspec.structs.replace(DRAWN, geoms=11)}, "what was drawn"),
        ({"camera": "kitchen"}, "camera (overview / kitchen)"),
        ({"steps_per_frame": 4}, "physics steps a frame (8 / 4)"),
        ({"rasterizer_threads": 1}, "rasterizer threads (0 / 1)"),
    ],
)
def test_what_was_drawn_otherwise_does_not_compare(session, changes, said):
    case = only(session(), session(**changes))
    (obstacle,) = case.obstacles
    assert said in obstacle


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (
            {"cpu": msgspec.structs.replace(MACHINE.cpu, model="Another CPU")},
            "processor (A CPU / Another CPU)",
        ),
        ({"cpu": msgspec.structs.replace(MACHINE.cpu, usable=8)}, "processors"),
        ({"gpus": ()}, "GPU"),
        ({"versions": {"mujoco": "4.1.0"}}, "MuJoCo (4.0.0 / 4.1.0)"),
    ],
)
def test_another_machine_or_mujoco_does_not_compare(session, machine, said):
    case = only(session(), session(machine=msgspec.structs.replace(MACHINE, **machine)))
    assert any(said in obstacle for obstacle in case.obstacles)


def test_another_name_of_the_same_machine_compares(session):
    other = session(machine=msgspec.structs.replace(MACHINE, hostname="pod-1234", uptime_s=1.0))
    assert only(session(), other).obstacles == ()


def test_a_case_without_figures_is_no_comparison(tmp_path, session):
    writer = new_writer(tmp_path / "failed", cases=CASES[:1])
    writer.append(failed_trial(CASES[0]))
    case = only(session(), writer.close("complete"))
    assert case.comparison is None
    assert case.obstacles == ()


def test_what_only_one_has_is_listed_and_the_rest_summed_up(session):
    base, other = session(cases=CASES[:3]), session([50, 50.2, 49.8], cases=(*CASES[1:],))
    compared = compare_two_sessions(base, other)
    assert [case.other.id for case in compared.cases] == [case.id for case in CASES[1:3]]
    assert [case.id for case in compared.only_base] == [CASES[0].id]
    assert [case.id for case in compared.only_other] == [CASES[3].id]
    assert compared.overall.ratio == pytest.approx(0.5, rel=0.01)
    assert compared.overall.verdict is Verdict.SLOWER


def test_nothing_in_common_is_one_sentence(session):
    base, other = session(cases=CASES[:1]), session(cases=CASES[1:2])
    sentence = sentence_of(lambda: compare_two_sessions(base, other), SessionError)
    assert "no case in common" in sentence


def test_a_trial_that_failed_is_left_out(tmp_path, session):
    writer = new_writer(tmp_path / "some", cases=CASES[:1])
    for number, rate in enumerate(STEADY, 1):
        writer.append(trial(CASES[0], number, metrics=metrics(rate), saved_frames=()))
    writer.append(replace(failed_trial(CASES[0], 6)))
    assert only(session(), writer.close("complete")).comparison.verdict is Verdict.SAME


def test_an_attempt_that_was_spoiled_is_in_no_ratio(tmp_path, session):
    writer = new_writer(tmp_path / "again", cases=CASES[:1])
    writer.append(trial(CASES[0], 1, metrics=metrics(20.0), saved_frames=(), findings=(SPOILED,)))
    for number, rate in enumerate(STEADY, 1):
        attempt = 2 if number == 1 else 1
        writer.append(trial(CASES[0], number, attempt=attempt, metrics=metrics(rate), saved_frames=()))
    case = only(session(), writer.close("complete"))
    assert case.comparison.rounds == len(STEADY)
    assert case.comparison.verdict is Verdict.SAME


def test_a_scene_file_that_lies_elsewhere_is_the_same_case_and_does_not_compare(session):
    def at(folder: str, name: str = "arm.xml") -> Case:
        return msgspec.structs.replace(CASES[0], scene=f"/{folder}/{name}")

    case = only(session(cases=(at("home"),)), session(cases=(at("other"),)))
    assert case.comparison.ratio == pytest.approx(1.0)
    assert case.obstacles == ("scene file (/home/arm.xml / /other/arm.xml)",)
    two = session(cases=(at("a"), at("b"), CASES[0]))
    one = session(cases=(at("c"), CASES[0]))
    assert [case.base.scene for case in compare_two_sessions(two, one).cases] == [CASES[0].scene]


def test_sessions_without_a_case_in_common_can_be_held_against_one_another(session):
    found = hold_against(session(cases=CASES[:1]), session(cases=CASES[1:2]))
    assert found.cases == ()
    assert [case.id for case in (*found.only_base, *found.only_other)] == [case.id for case in CASES[:2]]
