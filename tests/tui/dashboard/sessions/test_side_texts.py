"""Two sessions side by side, in words: those of `compare`, at any width, and never by colour alone."""

import msgspec
import pytest

from profiles.comparing import compare_two_sessions
from tests.tui.dashboard.results.made import Made, write_session
from tui.dashboard.sessions.columns import layout
from tui.dashboard.sessions.comparison import Side, compare, sorted_pairs
from tui.dashboard.sessions.side_texts import (
    differences_title,
    kind_of,
    pair_columns,
    pair_lines,
    pair_sentence,
    signed_word,
    summary_lines,
)
from tui.output.comparison_tables import comparison_notes, comparison_text, verdict_word

SCENE = "menagerie:boston_dynamics_spot"
CASES = (
    Made("madrona-raytrace", 4.0, "1280x720", scene=SCENE, worlds=64, frames=30),
    Made("madrona-raytrace", 4.0, "1280x720", scene=SCENE, worlds=65536, frames=30),
    Made("madrona-raytrace", 4.0, "1280x720", scene=SCENE, workers=2, worlds=64, frames=30),
)
FEW = 100
"""Frames of a trial, where it is the trials that matter."""


def compared(tmp_path, first, second, change=lambda session: session):
    sides = []
    for name, cases in (("a", first), ("b", second)):
        session = write_session(tmp_path / name, *cases)
        sides.append(Side(session if name == "a" else change(session), tmp_path / name))
    return compare(*sides)


def made(backend: str, render_ms: float | None, **more) -> Made:
    return Made(backend, render_ms, frames=FEW, trials=more.pop("trials", 5), **more)


@pytest.fixture
def every_word(tmp_path):
    """A comparison in which every word is said of some case."""
    first = [
        *(made("egl", 5.0), made("osmesa", 5.0), made("glfw", 5.0), made("null", 5.0, drift=0.01)),
        *(made("mjwarp", None, trials=1), made("filament-vulkan", 5.0), made("egl", 5.0, size="64x64")),
    ]
    second = [
        *(made("egl", 4.0), made("osmesa", 6.0), made("glfw", 5.0), made("null", 5.0, drift=0.01)),
        *(
            made("mjwarp", 5.0),
            made("filament-vulkan", 5.0, not_drawn=("haze",)),
            made("egl", 5.0, size="32x32"),
        ),
    ]
    return compared(tmp_path, first, second)


WORDS = ["FASTER", "SLOWER", "SAME", "UNCLEAR", "no figures", "not comparable", "only in A", "only in B"]


def test_each_case_gets_the_word_and_the_sentence_of_the_command(every_word):
    pairs = every_word.pairs
    assert [pair.word for pair in pairs] == WORDS
    told = compare_two_sessions(every_word.a.session, every_word.b.session)
    for pair, case in zip(pairs, told.cases, strict=False):
        assert pair.word == verdict_word(case)
    for pair, case in list(zip(pairs, told.cases, strict=False))[:4]:
        assert pair_sentence(pair) == f"B over A: {comparison_text(case.comparison)}."
    notes = "\n".join(comparison_notes(told))
    assert "not comparable, it differs in what was drawn." in notes
    assert pair_sentence(pairs[5]).startswith("Not comparable, it differs in what was drawn. The ratio, 1.0")
    assert summary_lines(every_word)[1] in notes


def test_every_word_has_a_sign_of_its_own_and_colour_says_nothing_more(every_word):
    signs = [signed_word(pair) for pair in every_word.pairs]
    assert [sign.split(" ", 1)[1] for sign in signs] == WORDS
    assert len({sign[0] for sign in signs[:6]}) == 6
    plain = [signed_word(pair, ascii_only=True) for pair in every_word.pairs]
    assert all(sign.isascii() for sign in plain) and len({sign[0] for sign in plain[:6]}) == 6
    assert [kind_of(pair) for pair in every_word.pairs] == ["good", "bad", "", "unsure", "", "", "", ""]


def test_what_is_unclear_tells_what_could_be_seen_and_what_would_settle_it(every_word):
    pairs = every_word.pairs
    fitted = layout(pair_columns(pairs), pairs, 138)
    unclear = pairs[3].compared.comparison
    line = fitted.line(pairs[3])
    assert f"+{unclear.further_rounds} trial" in line
    assert f"{100 * unclear.smallest_seen:.3g}%" in line
    assert f"{unclear.further_rounds} more trial" in pair_sentence(pairs[3])
    assert "trial" not in fitted.line(pairs[0])


def test_an_order_puts_what_matters_first_and_what_has_no_ratio_last(every_word):
    by_verdict = [pair.word for pair in sorted_pairs(every_word.pairs, "verdict")]
    assert by_verdict[:3] == ["SLOWER", "FASTER", "UNCLEAR"]
    for reverse in (False, True):
        pairs = sorted_pairs(every_word.pairs, "B/A", reverse)
        ratios = [pair.ratio for pair in pairs[:5]]
        assert ratios == sorted(ratios, reverse=reverse)
        assert [pair.ratio for pair in pairs[5:]] == [None] * 3
    assert sorted_pairs(every_word.pairs, "") == list(every_word.pairs)
    heads = [column.title for column in pair_columns(every_word.pairs, order="B/A", reverse=True)]
    assert "B/A▼" in heads and "B is" in heads


@pytest.mark.parametrize("room", [78, 138])
def test_the_columns_that_decide_are_there_at_every_width(every_word, room):
    fitted = layout(pair_columns(every_word.pairs), every_word.pairs, room)
    assert len(fitted.head) <= room
    assert all(title in fitted.head for title in ("backend", "size", "B/A", "95% interval", "B is"))
    lines = [fitted.line(pair) for pair in every_word.pairs]
    assert all(word[:10] in line for word, line in zip(WORDS, lines, strict=True))


def test_few_trials_have_no_interval_and_say_so(tmp_path):
    (pair,) = compared(tmp_path, [made("egl", 5.0, trials=2)], [made("egl", 2.5, trials=2)]).pairs
    assert pair.word == "UNCLEAR"
    assert "UNCLEAR: 2 trials, and fewer than three have no interval" in pair_sentence(pair)
    assert "95% interval" not in [column.title for column in pair_columns([pair])]


def test_attempts_that_were_spoiled_are_told_and_do_not_count(tmp_path):
    (pair,) = compared(tmp_path, [made("egl", 5.0, spoiled=(1, 2))], [made("egl", 5.0)]).pairs
    assert "5 trials, 2 run again)" in pair_lines(pair)[1]
    assert pair.word == "SAME"


def test_what_differs_is_counted_and_shown(tmp_path):
    def older(session):
        machine = msgspec.structs.replace(session.machine, versions={"mujoco": "3.0.0"})
        return msgspec.structs.replace(session, machine=machine)

    found = compared(tmp_path, [made("egl", 5.0)], [made("egl", 5.0)], older)
    assert [one.what for one in found.differences] == ["a.dotted key", "mujoco"]
    assert differences_title(found) == "2 things besides the figures differ: 4 shows them."
    assert "MuJoCo (4.0.0 / 3.0.0)" in pair_sentence(found.pairs[0])
    same = compared(tmp_path / "same", [made("egl", 5.0)], [made("egl", 5.0)])
    assert differences_title(same) == "Same settings, machine, software and drivers."


@pytest.mark.parametrize("room", [79, 139])
def test_cases_that_differ_in_workers_or_worlds_are_told_apart(tmp_path, room):
    pairs = compared(tmp_path, CASES, CASES).pairs
    fitted = layout(pair_columns(pairs), pairs, room)
    lines = [fitted.line(pair) for pair in pairs]
    assert len({line.split("UNCLEAR")[0] for line in lines}) == len(CASES)
    assert {"workers", "worlds"} <= set(fitted.head.split())
    assert all("madrona-raytrace" in line and "spot" in line for line in lines)
    assert len(fitted.head) <= room
    assert "B/A" in fitted.head
    title = f"{SCENE}, madrona-raytrace 2 workers, 64 worlds, 1280x720, scene"
    assert pair_lines(pairs[2])[0] == f"? UNCLEAR: {title}"


def test_cases_that_differ_in_their_change_are_told_apart(tmp_path):
    cases = [made("egl", 5.0, trials=1), made("egl", 2.0, trials=1, change="no-shadows")]
    pairs = compared(tmp_path, cases, cases).pairs
    lines = [layout(pair_columns(pairs), pairs, 78).line(pair) for pair in pairs]
    assert "no-shadows" in lines[1] and "no-shadows" not in lines[0]


def test_one_worker_and_one_world_have_no_column(tmp_path):
    pairs = compared(tmp_path, [Made("egl", 1.0)], [Made("egl", 2.0)]).pairs
    titles = [column.title for column in pair_columns(pairs)]
    assert not {"workers", "worlds", "change"} & set(titles)


def test_another_number_of_worlds_is_another_case(tmp_path):
    pairs = compared(tmp_path, CASES[:1], CASES[1:2]).pairs
    assert [pair.word for pair in pairs] == ["only in A", "only in B"]
    assert pair_sentence(pairs[0]) == "Nothing to compare: it is only in A."
