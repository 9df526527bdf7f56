"""What is told of a session with several resolutions, workers or worlds: of real runs and of made figures."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from profiles.session import Session
from tests.profiles.test_scaling import At, session_of
from tui.output.export import as_csv, as_json, as_markdown
from tui.output.scaling_document import scaling_document
from tui.output.scaling_tables import print_scaling, scaling_markdown
from tui.text import printable


def line(backend: str, *sizes: str, fixed_s: float = 1e-3, s_per_pixel: float = 1e-8, rounds: int = 1):
    """Cases whose time is a line of their pixels."""
    for size in sizes:
        width, height = map(int, size.split("x"))
        yield At(backend, [1 / (fixed_s + s_per_pixel * width * height)] * rounds, size)


def printed(session: Session, width: int = 80) -> str:
    out = io.StringIO()
    screen = Console(
        file=out, width=width, markup=False, highlight=False, force_terminal=True, color_system=None
    )
    print_scaling(session, screen)
    text = out.getvalue()
    assert all(len(row.rstrip()) <= width for row in text.splitlines())
    return text


def in_a_line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def told(tmp_path: Path):
    def tell(*points: At, width: int = 80) -> str:
        return in_a_line(printed(session_of(tmp_path / "session", *points), width))

    return tell


def test_real_resolutions_get_fixed_cost_and_cost_per_pixel(mjbench, tmp_path):
    answer = mjbench(
        "--headless", "--scene", "cartpole", "--backend", "egl", "--effects", "bare",
        "--resolution", "32x32,64x64,128x128", "--frames", "40", "--output", tmp_path / "out",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    _, section = answer.out.split("Time per image = fixed cost + cost per pixel:")
    head, _, row = section.splitlines()[1:4]
    assert head.split("   ")[0].strip() == "scene" and "ns a pixel" in head
    assert row.split()[:4] == ["cartpole", "egl", "bare", "3"]
    shown = mjbench("sessions", "show", tmp_path / "out", "--json")
    (curve,) = json.loads(shown.out)["scaling"]["pixels"]
    assert [point["width"] for point in curve["points"]] == [32, 64, 128]
    assert curve["tested"] and curve["fixed_s"] >= 0 and curve["s_per_pixel"] >= 0
    assert curve["largest_deviation"] == pytest.approx(
        max(abs(point["fitted_s"] / point["time_s"] - 1) for point in curve["points"])
    )
    markdown = mjbench("sessions", "show", tmp_path / "out", "--markdown")
    assert "**Time per image = fixed cost + cost per pixel:**" in markdown.out


def test_real_workers_get_efficiency_and_knee(mjbench, tmp_path):
    answer = mjbench(
        "run", "--backend", "null", "--effects", "scene", "--resolution", "64x64", "--workers", "1,2",
        "--frames", "20000", "--json", "--output", tmp_path / "out",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    (curve,) = json.loads(answer.out)["scaling"]["workers"]
    one, two = curve["points"]
    assert (one["workers"], one["efficiency"], one["doubling_gain"]) == (1, 1, None)
    assert two["efficiency"] == pytest.approx(two["fps"] / one["fps"] / 2)
    assert two["doubling_gain"] == pytest.approx(two["fps"] / one["fps"] - 1)
    assert curve["knee_beyond_largest"] == (two["doubling_gain"] >= 0.1)
    text = mjbench("sessions", "show", tmp_path / "out").out
    assert "FPS of all workers together:" in text and "the knee" in text


def test_a_session_of_one_size_has_no_section(tmp_path):
    session = session_of(tmp_path / "session", At("egl", [100]), At("osmesa", [50]))
    assert printed(session) == "" and scaling_markdown(session) == ""
    document = json.loads(as_json(session, "folder"))["scaling"]
    assert document == {"pixels": [], "workers": [], "worlds": [], "crossovers": []}


def test_the_size_from_which_on_pixels_matter_has_the_shape_of_the_measured_ones(told):
    # A tenth of the frame at 1e-3 / 9e-8 = 11,111 pixels.
    assert "122x91 (11,000 pixels)" in told(*line("egl", "64x48", "320x240", "640x480"), width=120)


@pytest.mark.parametrize(
    ("s_per_pixel", "fixed_s", "said"),
    [(1e-12, 1e-3, "no measured size"), (0.0, 1e-3, "no measured size"), (1e-6, 1e-6, "every measured size")],
)
def test_a_size_outside_of_the_measured_ones_is_not_told(told, s_per_pixel, fixed_s, said):
    cases = line("egl", "64x48", "320x240", "640x480", s_per_pixel=s_per_pixel, fixed_s=fixed_s)
    assert said in told(*cases, width=120)


def test_two_sizes_are_a_line_that_nothing_tests(told):
    text = told(*line("egl", "64x48", "640x480"))
    assert "cartpole, egl, bare: Two sizes make a line whatever they are: a third would test it." in text


def test_times_that_are_no_line_have_no_costs(told):
    text = told(At("egl", [100], "64x64"), At("egl", [20], "128x128"), At("egl", [18], "256x256"))
    assert (
        "A fixed cost and a cost per pixel do not explain these times: at 128x128 the nearest line is" in text
    )
    assert "cartpole, egl, bare – – 57.5% –" in text


def test_a_line_that_noise_alone_may_spoil_is_said_to_be_so(told):
    sizes = {"64x64": (50, 100, 200), "128x128": (40, 80, 160), "256x256": (60, 120, 240)}
    text = told(*(At("egl", fps, size) for size, fps in sizes.items()))
    assert "off, which may be noise alone" in text and "do not explain" not in text


def test_intervals_and_digits_come_with_trials(told):
    noise = (0.99, 1, 1.01)
    cases = [At(one.backend, [one.fps[0] * part for part in noise], one.size) for one in
             line("egl", "64x64", "640x480", "1280x960")]  # fmt: skip
    text = told(*cases, width=140)
    assert "95%" in text and ".." in text


def test_the_knee_is_marked_and_told(told):
    rates = {1: 100, 2: 190, 4: 200}
    text = told(*(At("egl", [fps], workers=workers) for workers, fps in rates.items()))
    assert "2 190 95% +90% knee" in text
    assert "4 200 50% +5.3%" in text
    assert (
        "cartpole, egl, 64x64, bare: the knee is at 2 workers: doubling to it gains 90%, from there to 4 "
        "workers it gains 5.3%." in text
    )


def test_a_knee_that_was_not_seen_is_beyond_the_largest_measured(told):
    text = told(At("egl", [100]), At("egl", [190], workers=2), At("egl", [None], workers=4))
    assert "the knee lies beyond the largest measured, 2 workers: doubling to it still gains 90%." in text
    assert "No figures: 4 workers." in text


def test_where_more_is_slower_the_fewest_are_the_knee(told):
    text = told(At("egl", [100]), At("egl", [80], workers=2))
    assert (
        "the knee is at 1 worker, the fewest: no doubling gains 10%, from there to 2 workers it loses 20%"
        in text
    )


def test_the_base_is_told_where_it_is_not_one(told):
    text = told(At("mjwarp", [100], worlds=4), At("mjwarp", [900], worlds=64))
    assert "Efficiency is relative to 4 worlds, the fewest with figures." in text
    assert "In brackets: half as many were not measured" in text and "(+73%)" in text


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ({1: 10, 16: 160, 32: 320}, "from about 24 worlds on, between 16 and 32."),
        ({1: 500, 16: 600}, "at every measured number of worlds, 1 to 16."),
        ({1: 10, 16: 23}, "at no measured number of worlds, 1 to 16: at best 0.10 of it, with 16 worlds."),
        ({1: 10, 16: 600, 32: 20}, "with 16 worlds, and no more with 32."),
        ({1: 10, 2: 600}, "from 2 worlds on."),
    ],
)
def test_where_a_batch_wins(told, rates, said):
    batch = [At("mjwarp", [fps], worlds=worlds) for worlds, fps in rates.items()]
    text = told(At("egl", [120]), At("egl", [230], workers=2), *batch)
    assert f"cartpole, 64x64, bare: mjwarp beats 2 processes of egl (230 FPS) {said}" in text


def test_markdown_repeats_what_a_table_on_a_screen_leaves_out(tmp_path):
    cases = [At("egl", [100 * workers], workers=workers) for workers in (1, 2)]
    _, text = as_markdown(session_of(tmp_path / "session", *cases)).split("**FPS of all workers together:**")
    rows = [row for row in text.splitlines() if row.startswith("| cartpole | egl | 64x64 | bare | ")]
    assert len(rows) == 2 and all(row.count("|") == rows[0].count("|") for row in rows)


def test_data_is_finite_and_csv_is_as_it_was(tmp_path):
    cases = [
        *line("egl", "64x48", "320x240", "640x480", s_per_pixel=0.0),
        At("mjwarp", [9.0], "64x48", worlds=1),
        At("mjwarp", [9000.0], "64x48", worlds=64),
    ]
    session = session_of(tmp_path / "session", *cases)
    document = scaling_document(session)
    json.dumps(document, allow_nan=False)
    (curve,) = document["pixels"]
    assert curve["matters_from_pixels"] is None and curve["fits"]
    (against,) = document["crossovers"]
    assert against["process"]["backend"] == "egl" and against["between"] == [1, 64]
    assert len(as_csv(session).splitlines()) == 1 + len(cases)


def test_names_from_outside_are_text(tmp_path):
    name = "/[red]a[/red]\x1b[31m.xml"
    cases = [At("egl", [100.0 / size], f"{size * 32}x64", scene=name) for size in (1, 2, 4)]
    cases += [At("egl", [150.0], "32x64", workers=2, scene=name)]
    session = session_of(tmp_path / "session", *cases)
    text = printed(session, 140)
    assert "\x1b" not in text + scaling_markdown(session)
    assert printable(name).rpartition("/")[2] in text


def test_eighty_columns_hold_long_names(tmp_path):
    cases = [
        At(
            "madrona-raytrace",
            [100.0 * worlds**0.5] * 3,
            "1280x720",
            worlds=worlds,
            scene="/a/" + "long" * 20,
        )
        for worlds in (1, 64, 1024)
    ]
    text = printed(session_of(tmp_path / "session", *cases))
    assert "1024" in text and "efficiency" in text
