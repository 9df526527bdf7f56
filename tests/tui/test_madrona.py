"""The backend madrona from the command line: how a runner module is named, and what a person then sees."""

import asyncio
import csv
import io
import json
import tomllib

import pytest
from textual.app import App
from textual.widgets import Static, Tabs

from profiles.sessions import load_session
from tui.dashboard.results.screen import TABS, ResultScreen

FIGURES = """
def run_benchmark(configuration):
    print("it prints")
    return dict(
        frames=120, warmup_frames=8, wall_time_s=2.0, std_ms=1.0, p50_ms=16.0, p90_ms=17.0, p95_ms=18.0,
        p99_ms=19.0, p999_ms=20.0, max_ms=21.0, stutter_share=0.0, first_frame_ms=40.0, warmup_mean_ms=17.0,
        device="A canned GPU [red]",
    )
"""
TIMES = """
def run_benchmark(configuration):
    told = configuration.config_file.read_text() if configuration.config_file else "its own"
    return {"frame_times_ms": [2.0, 3.0], "warmup_times_ms": [9.0], "device": f"DEVICE of {told}"}

def other(configuration):
    return run_benchmark(configuration) | {"device": "the other"}
"""
TRIAL = ("--resolution", "32x24", "--effects", "bare", "--frames", "6", "--warmup-frames", "2")


@pytest.fixture
def run(mjbench, box):
    """Measure the box on madrona, by default alone."""

    def measure(*arguments: object, backend: str = "madrona", **variables: str):
        return mjbench("run", "--model-path", box, "--backend", backend, *TRIAL, *arguments, **variables)

    return measure


def device(answer) -> str:
    assert answer.code == 0, answer.err
    (trial,) = json.loads(answer.out)["trials"]
    return trial["renderer"]["renderer"]


def test_the_template_is_written_and_runs(mjbench, run, tmp_path):
    answer = mjbench("madrona-template", "my_runner.py")
    assert answer.code == 0
    assert answer.out == f"{tmp_path}/my_runner.py\n"
    assert f"--madrona-module {tmp_path}/my_runner.py" in answer.err
    shown = run("--madrona-module", "my_runner.py", "--worlds", "1,3", "--output", "out")
    assert shown.code == 0, shown.err
    assert shown.out.count("template, draws nothing") >= 2
    assert "runner module my_runner.py" in shown.out
    assert len(list((tmp_path / "out" / "frames").glob("*.world0.png"))) == 2
    session = load_session(tmp_path / "out")
    assert [case.worlds for case in session.cases] == [1, 3]
    assert all(case.trials[0].timings for case in session.cases)


def test_the_template_is_written_over_nothing(mjbench, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text("mine")
    (tmp_path / "link.py").symlink_to(tmp_path / "nowhere.py")
    for path, parts in (
        ("mine.py", ("mine.py exists already",)),
        ("link.py", ("link.py exists already",)),
        ("no/such/folder.py", ("there is no folder no/such, make it first",)),
        (".", ("is a folder",)),
        ("mine.py/x.py", ("cannot be written",)),
    ):
        answer = mjbench("madrona-template", path)
        assert answer.code == 2
        answer.assert_sentence(*parts)
    assert mine.read_text() == "mine"
    assert not (tmp_path / "no").exists()
    assert not (tmp_path / "nowhere.py").exists()


def test_a_module_is_named_by_file_or_name_by_option_or_environment(run, tmp_path):
    (tmp_path / "config.txt").write_text("a file")
    for name, text in (("named", TIMES), ("better", TIMES.replace("DEVICE", "better"))):
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "inner.py").write_text(TIMES)
    assert device(run("--json", "--madrona-module", "named.py")) == "DEVICE of its own"
    assert (
        device(run("--json", "--madrona-module", "./named.py", "--madrona-function", "other")) == "the other"
    )
    assert device(run("--json", "--madrona-module", "package.inner")) == "DEVICE of its own"
    assert device(run("--json", MADRONA_BENCH_MODULE="named")) == "DEVICE of its own"
    by_environment = {
        "MADRONA_BENCH_MODULE": "./named.py",
        "MADRONA_BENCH_FUNCTION": "other",
        "MADRONA_BENCH_CONFIG": "config.txt",
    }
    assert device(run("--json", **by_environment)) == "the other"
    # The command line beats it.
    better = run(
        "--json", "--madrona-module", "better", "--madrona-function", "run_benchmark", **by_environment
    )
    assert device(better) == "better of a file"
    config = run("--json", "--madrona-module=named", "--madrona-config=config.txt")
    assert device(config) == "DEVICE of a file"


@pytest.mark.parametrize("option", ["--madrona-module", "--madrona-function", "--madrona-config"])
def test_an_empty_option_is_refused(mjbench, option):
    for command in (["run"], ["backends"], ["doctor"], []):
        answer = mjbench(*command, option, " ")
        assert answer.code == 2
        answer.assert_sentence(f"{option} is ' ', expected")


def test_without_a_module_nothing_is_measured(run):
    answer = run()
    assert answer.code == 4
    answer.assert_sentence("madrona: no runner module is named", "mjbench-tui madrona-template PATH")


def test_a_runner_that_fails_stops_no_other_case(run, tmp_path):
    (tmp_path / "fails.py").write_text("def run_benchmark(c): raise ValueError('no GPU\\x1b[2J here')\n")
    answer = run("--madrona-module", "fails.py", "--json", "--workers", "1,2", backend="madrona,null")
    assert answer.code == 1
    assert "Traceback" not in answer.err
    trials = {(trial["backend"], trial["workers"]): trial for trial in json.loads(answer.out)["trials"]}
    assert set(trials) == {("madrona", 1), ("null", 1), ("null", 2)}
    assert trials["null", 1]["status"] == "done"
    failure = trials["madrona", 1]["failure"]
    assert failure["reason"] == (
        "run_benchmark of the runner module fails.py raised ValueError: no GPU?[2J here"
    )
    missing = run("--madrona-module", "missing.py", "--csv", backend="madrona,null")
    assert missing.code == 1
    rows = {row["backend"]: row for row in csv.DictReader(io.StringIO(missing.out))}
    assert rows["madrona"]["status"] == "failed"
    assert f"there is no runner module '{tmp_path}/missing.py'" in rows["madrona"]["reason"]
    assert rows["null"]["status"] == "done"


def test_figures_of_its_own_are_in_the_table_and_in_every_file(mjbench, run, tmp_path):
    (tmp_path / "figures.py").write_text(FIGURES)
    answer = run("--madrona-module", "figures.py", "--output", "out", "--csv")
    assert answer.code == 0, answer.err
    (row,) = csv.DictReader(io.StringIO(answer.out))
    assert (row["frames"], row["fps"], row["p99_ms"], row["low1_fps"]) == ("120", "60.0", "19.0", "")
    assert (row["renderer"], row["render_share"]) == ("A canned GPU [red]", "1.0")
    assert "60.0" in answer.err
    assert "A canned GPU [red], runner module figures.py" in answer.err
    assert "it prints" not in answer.err
    (trial,) = json.loads((tmp_path / "out" / "metrics.json").read_text())["trials"]
    assert (trial["timings"], trial["drawn"], trial["metrics"]["fps"]) == (None, None, 60.0)
    shown = mjbench("sessions", "show", tmp_path / "out", "--markdown")
    assert shown.code == 0
    assert "60.0" in shown.out
    again = mjbench("run", "--profile", tmp_path / "out" / "session.toml", "--output", "again")
    # The session does not say which module it was: nothing in a file makes code run.
    assert again.code == 4
    again.assert_sentence("no runner module is named")
    assert str(tmp_path / "figures") not in (tmp_path / "out" / "session.toml").read_text()


def test_figures_without_frame_times_can_be_read_in_the_dashboard(run, tmp_path):
    (tmp_path / "figures.py").write_text(FIGURES)
    assert run("--madrona-module", "figures.py", "--output", "out", "--quiet").code == 0
    session = load_session(tmp_path / "out")

    class Host(App[None]):
        def on_mount(self) -> None:
            self.push_screen(screen)

    screen = ResultScreen(session, tmp_path / "out")

    async def read() -> None:
        async with Host().run_test(size=(120, 40)) as pilot:
            for tab in TABS:
                screen.query_one(Tabs).active = tab
                await pilot.pause()
            screen.query_one(Tabs).active = "frames"
            await pilot.pause()
            said = "\n".join(str(static.content) for static in screen.query(Static))
            assert "This case has no frame times" in said
            assert "canned GPU" in said

    asyncio.run(read())


@pytest.mark.parametrize(
    "key", ["madrona_module", "madrona_function", "madrona_config", "madrona-module", "module"]
)
def test_no_file_names_a_module(mjbench, run, tmp_path, key):
    (tmp_path / "times.py").write_text(TIMES.replace("def", "open('ran', 'w')\ndef", 1))
    profile = tmp_path / "profile.toml"
    profile.write_text(f'schema = 1\nbackends = ["madrona"]\n{key} = "{tmp_path}/times.py"\n')
    answer = mjbench("run", "--profile", profile)
    assert answer.code == 2
    answer.assert_sentence("profile.toml", "unknown key", key)
    session = tmp_path / "out" / "session.toml"
    assert run("--output", "out", backend="null").code == 0
    whole = session.read_text()
    session.write_text(whole.replace("[profile]", f'[profile]\n{key} = "{tmp_path}/times.py"', 1))
    answer = mjbench("run", "--profile", session)
    assert answer.code == 2
    answer.assert_sentence("session.toml", "unknown key", key)
    session.write_text(whole.replace("[session]", f'[session]\n{key} = "{tmp_path}/times.py"', 1))
    mjbench("sessions", "show", session).assert_sentence("session.toml", "unknown key", key)
    # Of a session only the profile is run, and what else stands in it is not even looked at.
    mjbench("run", "--profile", session, "--backend", "madrona").assert_sentence("no runner module is named")
    assert not (tmp_path / "ran").exists()


def test_backends_lists_it_with_and_without_a_module(mjbench, tmp_path):
    (tmp_path / "named.py").write_text(TIMES)
    listed = mjbench("backends", "--json", "--madrona-module", "named.py", DISPLAY="", WAYLAND_DISPLAY="")
    found = {entry["backend"]: entry for entry in json.loads(listed.out)}
    assert found["madrona"]["works"] is True
    assert found["madrona"]["renderer"]["renderer"] == "runner module named.py"


def test_auto_leaves_it_out_and_the_session_says_why(run, tmp_path):
    answer = run("--output", "out", "--quiet", backend="auto")
    assert answer.code == 0, answer.err
    session = tomllib.loads((tmp_path / "out" / "session.toml").read_text())
    assert "madrona" not in [case["backend"] for case in session["cases"]]
    assert session["session"]["left_out"]["madrona"].startswith("no runner module is named (--madrona-module")
