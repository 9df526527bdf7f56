"""Trials that were run again: what was spoiled stays to be looked at, marked, and is in no figure."""

import asyncio
import math

import pytest

from tests.tui.dashboard.results.made import Made
from tests.tui.dashboard.results.test_screen import Host, pane_text, text_of
from tui.dashboard.results.columns import COLUMNS, cell_text, columns_of
from tui.dashboard.results.labels import attempt_name
from tui.dashboard.results.screen import ResultScreen
from tui.output.rows import make_rows, relative_to_fastest

CASES = (Made("egl", 5.0, trials=3, spoiled=(1, 2)), Made("osmesa", 9.0, trials=3))


def test_each_attempt_has_a_name_that_says_whether_it_counts(make_session):
    session, _ = make_session(*CASES)
    again, once = session.cases
    assert [attempt_name(again, trial) for trial in again.trials] == [
        "1 (spoiled, run again)",
        "1 (attempt 2)",
        "2 (spoiled, run again)",
        "2 (attempt 2)",
        "",
    ]
    assert [attempt_name(once, trial) for trial in once.trials] == ["", "", ""]


def test_the_table_tells_how_many_were_run_again_where_any_was(make_session):
    session, _ = make_session(*CASES)
    entries = relative_to_fastest(make_rows(session))
    (column,) = (column for column in columns_of(entries) if column.id == "again")
    assert [cell_text(column, entry) for entry in entries] == ["2", "–"]
    assert "again" not in [column.id for column in columns_of(entries[1:])]
    (fps,) = (column for column in COLUMNS if column.id == "fps")
    product = math.prod(trial.metrics.fps for trial in session.cases[0].counted)
    assert float(cell_text(fps, entries[0])) == pytest.approx(product ** (1 / 3), rel=0.001)


def test_the_plots_begin_with_what_counts_and_the_spoiled_attempt_is_one_key_away(make_session, wait_for):
    session, folder = make_session(*CASES)

    async def read() -> None:
        screen = ResultScreen(session, folder)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted and "egl" in text_of(screen, "#detail"))
            await pilot.press("3")
            await wait_for(lambda: "trial 1 (attempt 2) of 3" in pane_text(screen))
            fast = session.cases[0].trials[1].metrics
            assert f"p50 {fast.p50_ms:.3g} ms" in pane_text(screen)
            await pilot.press("left_square_bracket")
            await wait_for(lambda: "trial 1 (spoiled, run again) of 3" in pane_text(screen))
            await pilot.press(*["right_square_bracket"] * 9)
            await wait_for(lambda: "trial 3 of 3" in pane_text(screen))
            await pilot.press("2")
            await wait_for(lambda: "trial 3 of 3" in pane_text(screen))

    asyncio.run(read())


def test_one_trial_that_was_run_again_is_not_called_the_only_one(make_session, wait_for):
    session, folder = make_session(Made("egl", 5.0, spoiled=(1,)))

    async def read() -> None:
        screen = ResultScreen(session, folder)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted)
            await pilot.press("2")
            await wait_for(lambda: "trial 1 (attempt 2) of 1" in pane_text(screen))

    asyncio.run(read())
