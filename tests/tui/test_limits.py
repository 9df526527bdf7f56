"""How close to the limit: the figures a person reads, the table, and where else it is told."""

import csv
import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from engine.case import Case, Effects, Resolution
from engine.floor import Floor
from profiles.session import Session
from profiles.sessions import load_session
from tests.profiles.session_builders import failed_trial, metrics, new_writer, trial
from tui.dashboard.results.texts import detail_lines
from tui.output.export import as_csv, as_markdown
from tui.output.limit_tables import print_limits
from tui.output.limit_texts import long_time_text, pixel_rate_text, room_text, share_text
from tui.output.rows import make_rows

# Ten milliseconds a frame at 100 FPS are a fifth.
FLOOR = Floor(empty_draw_ms=1.5, empty_draws=50, copy_ms=0.5, copy_bytes=9216, copies=50)


def case(backend: str = "egl", size: str = "64x48", scene: str = "apartment", workers: int = 1) -> Case:
    return Case(scene, backend, Resolution.parse(size), Effects.SCENE, workers)


def session_of(folder: Path, floors: dict[Case, Floor | None], failed: tuple[Case, ...] = ()) -> Session:
    writer = new_writer(folder, cases=(*floors, *failed))
    for one, floor in floors.items():
        pixels = 0 if one.backend == "null" else one.resolution.pixels
        figures = msgspec.structs.replace(metrics(), pixels_per_s=100.0 * pixels)
        writer.append(trial(one, floor=floor, metrics=figures, saved_frames=()))
    for one in failed:
        writer.append(failed_trial(one))
    writer.close("complete")
    return load_session(folder)


def printed(session: Session, width: int = 80) -> list[str]:
    out = io.StringIO()
    screen = Console(
        file=out,
        width=width,
        markup=False,
        highlight=False,
        emoji=False,
        force_terminal=True,
        color_system=None,
    )
    print_limits(session, screen)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.0, "0 s"), (119.4 / 3600, "119 s"), (119.6 / 3600, "2 min"), (0.5, "30 min"), (1.99, "119 min"),
        (2.0, "2 h"), (27.4, "27 h"), (47.4, "47 h"), (47.6, "2 days"), (268.2, "11 days 4 h"),
        (287.7, "12 days"), (24 * 99 + 23.6, "100 days"), (24 * 730, "730 days"), (24 * 731, "2.00 years"),
        (24 * 365.25 * 31.5, "31.5 years"), (float("inf"), "not known"),
    ],
)  # fmt: skip
def test_a_time_is_told_in_the_unit_that_a_person_thinks_in(hours, said):
    assert long_time_text(hours) == said


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (0.0, "0 pixel/s"), (12.0, "12.0 pixel/s"), (999.4, "999 pixel/s"), (999.6, "1.00 kpixel/s"),
        (12_345.0, "12.3 kpixel/s"), (12_345_678.0, "12.3 Mpixel/s"), (999_600_000.0, "1.00 Gpixel/s"),
        (2.5e12, "2500 Gpixel/s"),
    ],
)  # fmt: skip
def test_pixels_a_second_have_three_digits_and_a_unit(rate, said):
    assert pixel_rate_text(rate) == said


@pytest.mark.parametrize(
    ("share", "said", "room"),
    [
        (1.0, "100%", "1.0x"), (0.437, "44%", "2.3x"), (0.0996, "10%", "10x"), (0.0163, "1.6%", "61x"),
        (0.00996, "1.0%", "100x"), (0.0059, "0.59%", "170x"), (0.00001, "<0.01%", "100000x"),
        (None, "not known", "not known"),
    ],
)  # fmt: skip
def test_a_share_and_what_is_left_to_win_have_two_digits(share, said, room):
    assert share_text(share) == said
    assert room_text(1 / share if share else None) == room


def test_each_case_has_a_line_with_its_share_its_pixels_and_its_hours(tmp_path):
    lines = printed(session_of(tmp_path / "s", {case(): FLOOR, case("osmesa", "640x480"): None}))
    (egl,) = [line for line in lines if " egl " in line]
    (osmesa,) = [line for line in lines if " osmesa " in line]
    assert "20%" in egl
    assert "307 k" in egl
    assert "11 days 14 h" in egl
    assert "not known" in osmesa
    assert "30.7 M" in osmesa
    assert any(line.startswith("Not known where no empty picture was drawn") for line in lines)


def test_twenty_cases_of_long_names_can_be_read_at_80_columns(tmp_path):
    scene = "menagerie:franka_emika_panda/scene"
    cases = [
        case(backend, size, scene, workers)
        for backend in ("filament-vulkan", "egl")
        for size in ("64x64", "640x480", "1920x1080", "16384x16384", "8x8")
        for workers in (1, 16)
    ]
    lines = printed(session_of(tmp_path / "s", dict.fromkeys(cases, FLOOR)))
    assert all(len(line) <= 80 for line in lines)
    rows = [line for line in lines if "%" in line]
    assert len(rows) == 20
    for row, one in zip(rows, cases, strict=True):
        assert f" {one.resolution} " in row
        assert "20%" in row
        assert "11 days 14 h" in row
        assert f" {one.workers} " in row
    wide = printed(session_of(tmp_path / "wide", dict.fromkeys(cases, FLOOR)), 140)
    assert any("left to win" in line for line in wide)
    assert any("5.0x" in line for line in wide)


def test_what_draws_nothing_or_failed_is_left_out(tmp_path):
    session = session_of(tmp_path / "s", {case("null"): None, case(): FLOOR}, failed=(case("osmesa"),))
    lines = printed(session)
    assert not [line for line in lines if "null" in line or "osmesa" in line]
    assert not [line for line in lines if "not known" in line.lower()]
    assert printed(session_of(tmp_path / "null", {case("null"): None})) == []
    assert "limit" not in as_markdown(session_of(tmp_path / "again", {case("null"): None}))


def test_a_pull_request_and_a_spreadsheet_have_it(tmp_path):
    session = session_of(tmp_path / "s", {case(): FLOOR, case("null"): None})
    assert (
        "| apartment | egl | 64x48 | scene | 20% | 5.0x | 307 kpixel/s | 11 days 14 h |"
        in as_markdown(session).splitlines()
    )
    egl, null = csv.DictReader(io.StringIO(as_csv(session)))
    assert (egl["empty_draw_ms"], egl["copy_ms"], egl["copy_bytes"]) == ("1.5", "0.5", "9216")
    assert (egl["least_ms"], egl["least_share"]) == ("2.0", "0.2")
    assert float(egl["hours_100m_frames"]) == pytest.approx(1e6 / 3600)
    assert (null["empty_draw_ms"], null["least_share"], null["hours_100m_frames"]) == ("", "", "")


def test_the_dashboard_says_it_of_the_chosen_case_in_one_line(tmp_path):
    no_draw = Floor(copy_ms=0.5, copy_bytes=9216, copies=50)
    floors = {case(): FLOOR, case("mjwarp"): no_draw, case("osmesa"): None, case("null"): None}
    egl, mjwarp, osmesa, null = map(detail_lines, make_rows(session_of(tmp_path / "s", floors)))
    assert "Needs 20% of a frame at least; 307 kpixel/s; 100M frames: 11 days 14 h." in egl
    assert "The least it needs is not known; 307 kpixel/s; 100M frames: 11 days 14 h." in mjwarp
    assert max(map(len, (egl[-1], mjwarp[-1]))) <= 76
    for lines in (osmesa, null):
        assert not any("100M" in line for line in lines)


def test_a_run_ends_with_it(mjbench):
    ran = mjbench("run", "--scene", "cartpole", "--backend", "egl", "--resolution", "64x48", "--frames", "5")
    if ran.code != 0:
        pytest.skip(f"egl does not work here: {ran.err}")
    assert "How close to the limit:" in ran.out
    assert "100M frames" in ran.out
    assert "not known" not in ran.out.partition("How close to the limit:")[2]
