"""stdout and stderr that are closed, full, without a reader, or in ASCII."""

import json
import subprocess
from pathlib import Path

import pytest

RUN = "run --backend null --frames 5 --warmup-frames 1 --effects scene --effects bare"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


@pytest.fixture
def shell(command, tmp_path):
    """Run the command line after its name, with the shell's redirections."""

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; '{command[0]}' {line}"],
            capture_output=True, text=True, cwd=tmp_path, timeout=100, check=False,
        )  # fmt: skip

    return run


def test_an_encoding_without_our_characters_gets_others(mjbench):
    answer = mjbench(*RUN.split(), **ASCII)
    assert answer.code == 0, answer.err
    table = [line.split() for line in answer.out.splitlines() if " null " in line]
    assert [row[0] for row in table] == ["apartment", '"']
    assert "-" in table[0]
    assert "1% low needs" in answer.out


def test_json_is_the_same_in_every_encoding(mjbench, tmp_path):
    name = "größer [x] 机器"
    assert mjbench(*RUN.split(), "--quiet", "--output", name, PYTHONUTF8="1").code == 0
    answer = mjbench("sessions", "show", f"./{name}", "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="1")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["folder"] == name


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_a_run_does_not_mind_a_closed_stream(shell, closed):
    done = shell(f"{RUN} {closed}")
    assert done.returncode == 0, done.stderr
    assert " null " in done.stdout
    assert "failed" not in done.stdout


@pytest.mark.parametrize("line", [RUN, "scenes", "profiles list", "--help", "--version"])
def test_closed_stdout_takes_nothing_and_disturbs_nothing(shell, line):
    done = shell(f"{line} >&-")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "line", [RUN, f"{RUN} --json", f"{RUN} 2>&1", "scenes --menagerie", "--help", "--version"]
)
def test_a_reader_that_leaves_changes_nothing(shell, sessions_folder, line):
    before = set(sessions_folder.glob("*/session.toml"))
    done = shell(f"{line} | true")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
    assert len(set(sessions_folder.glob("*/session.toml")) - before) == line.startswith("run")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("line", [RUN, f"{RUN} --json", "scenes", "profiles list", "--help", "--version"])
def test_a_full_disk_is_told_in_one_sentence(shell, line):
    done = shell(f"{line} >/dev/full")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("mjbench-tui: stdout cannot be written (No space left")


def test_a_full_disk_below_stderr_does_not_end_a_run(shell):
    done = shell(f"{RUN} 2>/dev/full")
    assert done.returncode == 0
    assert " null " in done.stdout
