"""Workers, worlds and what comes with them in CSV and Markdown."""

import csv
import io
import itertools

from engine.messages import MemoryUse
from tests.tui.dashboard.results.made import Made, write_session
from tui.output.export import as_csv, as_markdown

CASES = (
    Made("egl", 2.0, workers=2, threads=1, memory=MemoryUse(host_mib=250.5, host_scene_mib=100.0)),
    Made("mjwarp", 4.0, worlds=16, not_drawn=("haze", "reflections"), device_ms=3.5),
    Made("glfw", None),
)


def test_csv_holds_them_for_each_trial(tmp_path):
    session = write_session(tmp_path / "session", *CASES)
    egl, mjwarp, glfw = csv.DictReader(io.StringIO(as_csv(session)))
    assert (egl["workers"], egl["worlds"], egl["rasterizer_threads"]) == ("2", "1", "1")
    assert (egl["host_mib"], egl["host_scene_mib"], egl["device_mib"]) == ("250.5", "100.0", "")
    assert 0.9 < float(egl["fairness"]) <= 1
    assert (mjwarp["workers"], mjwarp["worlds"], mjwarp["fairness"]) == ("1", "16", "")
    assert mjwarp["not_drawn"] == "haze reflections"
    assert (mjwarp["device_ms"], mjwarp["device_source"]) == ("3.5", "GL_TIME_ELAPSED")
    assert (mjwarp["physics"], mjwarp["readback"]) == ("mujoco", "true")
    assert (glfw["workers"], glfw["worlds"], glfw["fps"]) == ("1", "1", "")


def test_markdown_says_them_beside_the_backend_and_what_is_not_drawn_below(tmp_path):
    text = as_markdown(write_session(tmp_path / "session", *CASES), relative=True)
    lines = text.splitlines()
    assert "| apartment | egl 2 workers | 640x480 | scene |" in text
    assert "| apartment | mjwarp 16 worlds | 640x480 | scene |" in text
    table = itertools.takewhile(lambda line: line.startswith("|"), lines)
    assert len({line.count("|") for line in table}) == 1
    notes = [line for line in lines if line.startswith("- ")]
    assert any("mjwarp" in note and "NOT drawn: haze and reflections" in note for note in notes)
