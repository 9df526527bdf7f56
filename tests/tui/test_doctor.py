"""`doctor` and `--fail-on-software`, as a person, a script and a bug report use them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.messages import RendererIdentity
from engine.preflight import BackendStatus
from profiles.sessions import load_session
from tui.exit_codes import CommandError, ExitCode
from tui.software import refuse_software, software_code
from tui.terminal import Terminal, colours, describe_terminal, find_terminal, read_terminal

SECTIONS = ("Machine", "Backends", "Devices", "Findings", "Terminal")
NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
NULL = ("run", "--backend", "null", "--frames", "5", "--warmup-frames", "1", "--effects", "scene")
GOOD_TERMINAL = {
    "is_interactive": True, "columns": 120, "rows": 40, "colours": "truecolor", "term": "xterm-256color",
    "encoding": "utf-8", "multiplexer": "tmux", "is_remote": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def warp_cache(tmp_path_factory):
    """One folder for the kernels that mjwarp compiles when it is tried."""
    return str(tmp_path_factory.mktemp("warp"))


@pytest.fixture(autouse=True)
def _kernels_are_compiled_once(warp_cache, monkeypatch):
    monkeypatch.setenv("WARP_CACHE_PATH", warp_cache)


@pytest.fixture(scope="module")
def document(warp_cache):
    """What `doctor --json` says without a display."""
    command = Path(sys.executable).with_name("mjbench-tui")
    environment = os.environ | NO_DISPLAY | {"WARP_CACHE_PATH": warp_cache}
    done = subprocess.run(
        [command, "doctor", "--json"], capture_output=True, text=True, check=True, env=environment,
        stdin=subprocess.DEVNULL, timeout=100,
    )  # fmt: skip
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture
def software(document):
    """The backends that draw on the processor, of a machine on which all do; skips on any other."""
    states = {backend["backend"]: backend["state"] for backend in document["backends"] if backend["draws"]}
    if "works" in states.values():
        pytest.skip("a GPU draws here")
    return [name for name, state in states.items() if state == "software"]


def titles(page: str) -> list[str]:
    return [line for line in page.splitlines() if line and not line.startswith(" ")]


def test_the_page_has_all_sections_and_says_what_to_do(mjbench):
    answer = mjbench("doctor", **NO_DISPLAY)
    assert answer.code == 0
    assert answer.err == ""
    assert titles(answer.out) == list(SECTIONS)
    assert re.search(r"^  osmesa +SOFTWARE +llvmpipe", answer.out, re.MULTILINE)
    assert re.search(r"^  glfw +missing +glfw needs a display", answer.out, re.MULTILINE)
    assert re.search(r"^ +fix: .*xvfb", answer.out, re.MULTILINE)
    assert re.search(r"^  framebuffer +up to \d+x\d+ pixels", answer.out, re.MULTILINE)
    assert re.search(r"^  EGL 0 ", answer.out, re.MULTILINE)
    assert "\x1b" not in answer.out


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_the_page_fits_80_columns_of_a_terminal(command, term):
    if shutil.which("script") is None:
        pytest.skip("script, of the package bsdutils, is not here")
    line = f"stty cols 80 rows 24; exec env TERM={term} '{command[0]}' doctor 2>/dev/null"
    done = subprocess.run(
        ["script", "-qec", line, "/dev/null"],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, env=os.environ | NO_DISPLAY,
    )  # fmt: skip
    page = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stdout).replace("\r", "")
    assert [title for title in titles(page) if title in SECTIONS] == list(SECTIONS)
    assert max(len(line) for line in page.splitlines()) <= 80
    assert re.search(rf"^  terminal +80x24 characters, .*TERM={term}", page, re.MULTILINE)
    assert ("\x1b[" in done.stdout) == (term != "dumb")


def test_json_holds_all(document):
    assert document["schema"] == 1
    assert set(document) == {
        *("schema", "machine", "system", "backends", "egl", "vulkan", "nvidia", "files", "disturbances"),
        *("models", "terminal", "findings"),
    }
    for library in ("egl", "vulkan", "nvidia"):
        assert set(document[library]) == {"devices", "reason", "fix"}
    states = {backend["backend"]: backend["state"] for backend in document["backends"]}
    assert states["osmesa"] == "software"
    assert states["null"] == "works"
    assert states["glfw"] == "missing"
    assert document["egl"]["devices"][0]["limits"]["renderbuffer"] >= 2048
    assert document["findings"]
    for finding in document["findings"]:
        assert set(finding) == {"id", "level", "what", "fix"}
        assert finding["level"] in ("ok", "warn", "problem")
    assert document["terminal"]["columns"] == 0
    assert "hostname" not in document["machine"]


def test_json_holds_nothing_of_a_person_or_a_network(mjbench, tmp_path):
    answer = mjbench("doctor", "--json", HOME=str(tmp_path / "ada"), SSH_CONNECTION="10.1.2.3 1 10.1.2.4 22",
                     DISPLAY="10.1.2.3:7", NVIDIA_TOKEN="secret-word")  # fmt: skip
    assert answer.code == 0
    document = json.loads(answer.out)
    assert document["terminal"]["is_remote"] is True
    assert document["machine"]["environment"]["DISPLAY"] == "x:7"
    (glfw,) = [backend for backend in document["backends"] if backend["backend"] == "glfw"]
    assert "'x:7'" in glfw["reason"]
    for private in ("10.1.2", "secret-word", "ada"):
        assert private not in answer.out, private


def test_no_backend_that_works_is_exit_code_4(mjbench, tmp_path):
    for name in ("libEGL.so", "libOSMesa.so", "libvulkan.so"):
        for ending in ("", ".1", ".6", ".8"):
            (tmp_path / f"{name}{ending}").write_text("no library")
    # Warp, which draws on any processor, needs a place for its kernels.
    lacking = {"LD_LIBRARY_PATH": str(tmp_path), "WARP_CACHE_PATH": "/proc/none"} | NO_DISPLAY
    document = mjbench("doctor", "--json", **lacking)
    working = [
        backend["backend"]
        for backend in json.loads(document.out)["backends"]
        if backend["draws"] and backend["state"] != "missing"
    ]
    if working:
        pytest.skip(f"{working} cannot be taken away")
    assert document.code == ExitCode.NO_BACKEND
    found = json.loads(document.out)["findings"][0]
    assert (found["id"], found["level"]) == ("no-backend", "problem")
    assert mjbench("doctor", "--fail-on-software", **lacking).code == ExitCode.NO_BACKEND


def test_doctor_fails_where_the_processor_alone_draws(mjbench, software):
    answer = mjbench("doctor", "--fail-on-software", **NO_DISPLAY)
    assert answer.code == ExitCode.SOFTWARE == 7
    assert titles(answer.out) == list(SECTIONS)
    lines = answer.err.splitlines()
    assert len(lines) == len(software) >= 2
    for name, line in zip(software, lines, strict=True):
        assert line.startswith(f"mjbench-tui: --fail-on-software: {name} draws on the processor (")


def test_a_run_with_a_software_rasterizer_measures_nothing(mjbench, box, sessions_folder):
    answer = mjbench(
        "run", "--model-path", box, "--backend", "osmesa,null", "--frames", "3", "--fail-on-software"
    )
    assert answer.code == ExitCode.SOFTWARE
    answer.assert_sentence("--fail-on-software: osmesa draws on the processor (llvmpipe")
    assert not list(sessions_folder.glob("*"))


def test_a_run_of_auto_has_one_sentence_a_backend(mjbench, software, box, sessions_folder):
    answer = mjbench("compare", "--model-path", box, "--frames", "3", "--fail-on-software", **NO_DISPLAY)
    assert answer.code == ExitCode.SOFTWARE
    assert answer.out == ""
    assert [line.split()[2] for line in answer.err.splitlines()] == software
    assert not list(sessions_folder.glob("*"))


def test_a_backend_that_draws_nothing_is_no_software_rasterizer(mjbench):
    answer = mjbench(*NULL, "--fail-on-software", "--quiet")
    assert answer.code == 0, answer.err


def test_the_dashboard_does_not_take_the_option(mjbench):
    mjbench("--fail-on-software").assert_sentence("--fail-on-software works with --headless")


def status(name: str, software: bool, works: bool = True) -> BackendStatus:
    renderer = RendererIdentity(vendor="", renderer=f"{name}'s", version="", software=software)
    return BackendStatus(backend=name, works=works, renderer=renderer if works else None)


def test_auto_takes_the_backends_that_draw_on_a_gpu():
    found = {
        "egl": status("egl", software=False),
        "osmesa": status("osmesa", software=True),
        "glfw": status("glfw", software=False, works=False),
    }
    assert refuse_software(["auto"], ["egl", "osmesa"], found) == ["egl"]
    assert refuse_software(["egl", "glfw"], ["egl", "osmesa"], found) == ["egl"]
    with pytest.raises(CommandError, match=r"^--fail-on-software: osmesa draws on the processor") as refused:
        refuse_software(["auto", "osmesa"], ["egl", "osmesa"], found)
    assert refused.value.code == ExitCode.SOFTWARE
    assert "egl" not in str(refused.value)


def test_a_case_that_fell_back_all_the_same_decides_the_exit_code(mjbench, box, tmp_path, capsys):
    folder = tmp_path / "out"
    small = ("--resolution", "64x48", "--frames", "2", "--effects", "bare")
    answer = mjbench("run", "--model-path", box, "--backend", "osmesa", *small, "--output", folder)
    assert answer.code == 0, answer.err
    session = load_session(folder)
    assert software_code(session, ExitCode.OK) is ExitCode.SOFTWARE
    assert capsys.readouterr().err.startswith(
        "mjbench-tui: --fail-on-software: osmesa drew on the processor ("
    )
    assert software_code(session, ExitCode.INTERRUPTED) is ExitCode.INTERRUPTED


@pytest.mark.parametrize("line", [">&-", "--json | true"])
def test_an_output_that_is_closed_disturbs_nothing(command, tmp_path, line):
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{command[0]}' doctor {line}"],
        capture_output=True, text=True, cwd=tmp_path, timeout=100, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("json_wanted", [False, True])
def test_a_bare_environment_is_no_trouble(command, tmp_path, json_wanted):
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "WARP_CACHE_PATH") if name in os.environ}
    done = subprocess.run(
        [command[0], "doctor", *(["--json"] if json_wanted else [])], capture_output=True, text=True,
        cwd=tmp_path, timeout=100, check=False, stdin=subprocess.DEVNULL, env=kept,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "osmesa" in done.stdout


def test_no_place_for_temporary_files_is_one_sentence(command, tmp_path):
    nowhere = str(tmp_path / "nowhere")
    code = (
        "import sys, tempfile; tempfile.tempdir = sys.argv.pop(1); "
        "import tui.main; sys.exit(tui.main.main(sys.argv[1:]))"
    )
    python = str(Path(command[0]).with_name("python"))
    done = subprocess.run(
        [python, "-c", code, nowhere, "doctor"], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == ExitCode.FAILED
    why = "no temporary folder can be made (No such file or directory)"
    assert done.stderr == f"mjbench-tui: {why}, let TMPDIR name a folder with room in it\n"


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none"),
        ({}, "none"),
    ],
)
def test_colours_are_what_a_terminal_says_of_itself(environment, shown):
    assert colours(environment) == shown


def test_a_good_terminal_has_no_finding():
    terminal = Terminal(**GOOD_TERMINAL)
    assert find_terminal(terminal) == ()
    assert describe_terminal(terminal) == (
        "120x40 characters, all colours, TERM=xterm-256color, utf-8, tmux, over SSH"
    )


@pytest.mark.parametrize(
    ("name", "changes", "fix"),
    [
        ("dumb", {"term": "dumb", "colours": "none"}, "export TERM"),
        ("colours", {"term": "screen", "colours": "16"}, "tmux-256color"),
        ("size", {"columns": 79}, "larger"),
        ("size", {"rows": 20}, "larger"),
        ("encoding", {"encoding": "ascii"}, "--ascii"),
        ("connection", {"multiplexer": ""}, "tmux"),
    ],
)
def test_what_is_missed_in_a_terminal(name, changes, fix):
    (finding,) = find_terminal(Terminal(**GOOD_TERMINAL | changes))
    assert finding.id == f"terminal-{name}"
    assert fix in finding.fix


def test_variables_tell_of_tmux_and_ssh_without_their_addresses():
    terminal = read_terminal({"TERM": "xterm", "TMUX": "/tmp/tmux-0/default,1,0", "SSH_TTY": "/dev/pts/0"})
    assert (terminal.multiplexer, terminal.is_remote) == ("tmux", True)
    assert read_terminal({"STY": "1.pts"}).multiplexer == "screen"
