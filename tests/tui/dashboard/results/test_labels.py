"""Names of backends with workers and worlds: whole where there is room, short and explained where not."""

import textwrap

import pytest

from engine.timings import PHASES
from tests.tui.dashboard.results.made import Made
from tui.dashboard.results.bar_plot import around
from tui.dashboard.results.labels import backend_labels
from tui.dashboard.results.texts import detail_lines, frames_note, phase_table, size_table
from tui.dashboard.results.why import phase_means_ms, why_faster
from tui.output.rows import make_rows
from tui.output.tables import backend_title

CASES = (
    Made("egl", 2.0),
    Made("egl", 2.0, workers=2),
    Made("mjwarp", 3.0, worlds=16),
    Made("mjwarp", 3.0, workers=2, worlds=16),
    Made("madrona-raytrace", 3.0, workers=16, worlds=1024, frames=30),
    Made("null", 0.001),
)


@pytest.fixture
def rows(make_session):
    session, _ = make_session(*CASES)
    return make_rows(session)


def test_whole_names_stay_where_there_is_room(rows):
    labels = backend_labels([row.case for row in rows], 40)
    assert labels.legend == ""
    assert labels.names["mjwarp 2 workers, 16 worlds"] == "mjwarp 2 workers, 16 worlds"


@pytest.mark.parametrize("room", [12, 24, 30])
def test_short_names_tell_all_cases_apart_and_are_explained(rows, room):
    labels = backend_labels([row.case for row in rows], room)
    assert len(set(labels.names.values())) == len(rows)
    assert labels.widest <= room
    assert labels.names["egl"] == "egl"
    assert labels.names["mjwarp 2 workers, 16 worlds"] == "mjwarp 2x16"
    assert labels.legend == "2x16: 2 workers, 16 worlds each."


def test_long_names_alone_have_no_legend(make_session):
    session, _ = make_session(Made("a-backend-of-somebody-with-a-long-name", 1.0))
    labels = backend_labels([row.case for row in make_rows(session)], 20, ascii_only=True)
    assert (list(labels.names.values()), labels.legend) == (["a-backend-of-somebo~"], "")


@pytest.mark.parametrize("width", [78, 118, 138])
@pytest.mark.parametrize("most", [5, 8, 30])
def test_the_table_of_phases_keeps_to_its_room_and_holds_the_chosen_case(rows, width, most):
    for chosen in rows:
        lines = phase_table(rows, width, most, chosen)
        assert len(lines) <= most
        assert all(len(line) <= width for line in lines), lines
        render = f"{phase_means_ms(chosen)['render']:.3g}"[:4]
        assert any(render in line for line in lines[1:])
    assert all(phase in lines[0] for phase in PHASES)
    assert ("more" in "".join(lines)) == (most < 8)


def test_shares_stand_beside_short_names(make_session):
    session, _ = make_session(Made("egl", 2.0), Made("osmesa", 8.0))
    lines = phase_table(make_rows(session), 78, 20, make_rows(session)[0])
    assert len(lines) == 3
    assert "81%" in lines[1]


def test_the_table_of_sizes_takes_short_names(rows):
    series = {backend_title(row.case): [(row.case.resolution, row.fps)] for row in rows}
    labels = backend_labels([row.case for row in rows], 24)
    lines = size_table(series, labels.names)
    assert any("mjwarp 2x16" in line for line in lines)
    assert max(map(len, lines)) < 40


def test_what_is_around_a_choice_is_a_row_of_what_there_is():
    for chosen in range(10):
        shown = around(list(range(10)), chosen, 4)
        assert len(shown) == 4
        assert chosen in shown
        assert list(shown) == list(range(shown[0], shown[0] + 4))


def test_a_phase_of_several_is_shared_out_among_their_frames(rows):
    alone, two, batch, *_ = rows
    for row in rows[:4]:
        assert sum(phase_means_ms(row).values()) == pytest.approx(1000 / row.fps, rel=0.05)
    assert phase_means_ms(two)["render"] == pytest.approx(phase_means_ms(alone)["render"] / 2, rel=0.05)
    said = why_faster(rows[:3], batch)
    assert said.startswith("mjwarp 16 worlds is ")
    assert " as fast as egl 2 workers: a frame takes " in said


def test_notes_below_plots_say_whose_frames_and_how_many_to_a_batch(make_session):
    from tui.dashboard.results.trial_reader import TrialReader

    session, folder = make_session(Made("mjwarp", 3.0, workers=2, worlds=16), Made("egl", 2.0))
    several, alone = (case.trials[0] for case in session.cases)
    reader = TrialReader(folder)
    note = frames_note(reader.read(several.timings), several, 1, 2, ascii_only=True, worlds=16)
    assert "6000 batches of 16 worlds of 2 workers, one worker after the other; the slowest took " in note
    assert "2 batches of 16 worlds slower than the upper edge" in note
    assert note.isascii()
    single = frames_note(reader.read(alone.timings), alone, 1, 1, ascii_only=True)
    assert "3000 frames in " in single
    assert "worker" not in single
    assert "1 frame slower" in single
    assert max(len(textwrap.wrap(line, 78)) for line in note.splitlines()) <= 2


def test_details_tell_what_the_table_has_no_room_for(rows):
    lines = " ".join(detail_lines(rows[1]))
    assert "2workers" in lines
    assert "fairness 1.00" in lines or "fairness 0.9" in lines
