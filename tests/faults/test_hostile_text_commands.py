"""What a person, a script or a file gives a command is text in every sentence that it answers."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tomli_w
from rich.cells import cell_len

from profiles.sessions import load_session, sessions_folder
from profiles.store import SESSION_FILE
from tests.faults.hostile_sessions import KEYS, file_name, measured, on_disk, write_infected
from tests.faults.hostile_texts import HOSTILE, Infection, groups, harm_in
from tui.exit_codes import CommandError, ExitCode
from tui.main import main

Read = pytest.CaptureFixture[str]


def test_sessions_on_the_disk(tmp_path: Path, capsys: Read):
    base = measured(tmp_path / "benign")
    texts = [on_disk(text) for text in groups()]
    for turn, text in enumerate(texts):
        folder = sessions_folder() / file_name(text, str(turn))
        session = write_infected(folder, base, Infection(texts[turn:] + texts[:turn], KEYS))
        assert load_session(folder) == session
        assert main(["sessions", "show", f"{turn}", "--csv"]) == 0
        assert not harm_in(capsys.readouterr().out)
    damaged = sessions_folder() / "damaged\udcff\x1b]0;x\x07"
    damaged.mkdir()
    (damaged / SESSION_FILE).write_text(f"{json.dumps(on_disk(HOSTILE['clipboard']))} = 1")
    assert main(["sessions", "list"]) == 0
    assert not harm_in(capsys.readouterr().out)
    assert main(["sessions", "list", "--json"]) == 0
    assert capsys.readouterr().out.isascii()
    for verb in ("show", "recover"):
        assert main(["sessions", verb, "damaged"]) == 2
        assert_sentence(capsys)
    assert main(["sessions", "delete", "0"]) == 2
    assert_sentence(capsys)


def assert_sentence(capsys: Read) -> str:
    """One harmless line on stderr that says what is wrong."""
    said = capsys.readouterr()
    assert not harm_in(said.out + said.err)
    (line,) = said.err.splitlines()
    assert line.startswith("mjbench-tui: ")
    return line


ARGUMENTS: dict[str, Callable[[str], list[str]]] = {
    "command": lambda text: [text],
    "option": lambda text: [f"--{text}"],
    "value of an option that takes none": lambda text: ["run", f"--quiet={text}"],
    "choice": lambda text: ["completion", text],
    "verb": lambda text: ["sessions", text],
    "argument too many": lambda text: ["scenes", text],
    "profile": lambda text: ["profiles", "show", text],
    "profile's path": lambda text: ["profiles", "show", f"./{text}.toml"],
    "new name": lambda text: ["profiles", "duplicate", "quick", text],
    "session": lambda text: ["sessions", "show", text],
    "session's path": lambda text: ["compare", f"./{text}", "b"],
    "new name of a session": lambda text: ["sessions", "rename", text, text],
    "model": lambda text: ["assets", "path", text],
    "template": lambda text: ["madrona-template", f"/no/{text}"],
    "scene": lambda text: ["run", "--scene", text],
    "file": lambda text: ["run", "--model-path", text],
    **{
        option: lambda text, option=option: ["run", f"--{option}={text}"]
        for option in (
            "backend", "resolution", "width", "effects", "workers", "worlds", "change", "trials", "until",
            "duration", "frames", "warmup-frames", "target-fps", "seed", "physics", "save-frames", "baseline",
            "profile",
        )
    },
    "rounds": lambda text: ["explain", f"--rounds={text}"],
    "rounds held against themselves": lambda text: ["compare", "--null", f"--rounds={text}"],
    "threshold": lambda text: ["compare", "a", "b", f"--threshold={text}"],
    "log file": lambda text: ["run", "--backend", "null", f"--log-file=/no/{text}"],
    "asked name": lambda text: ["run", "--baseline", "x", f"--max-regression={text}"],
}  # fmt: skip


@pytest.mark.parametrize("place", ARGUMENTS)
def test_what_is_wrong_on_the_command_line(
    place: str, monkeypatch: pytest.MonkeyPatch, capsys: Read, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    start = list(ARGUMENTS).index(place)
    # Each place gets texts of its own, and every text has its turn in several places.
    for name, text in list(HOSTILE.items())[start % 5 :: 5]:
        if text.strip() and "\0" not in text:
            code = main(ARGUMENTS[place](text))
            assert code in (ExitCode.USAGE, ExitCode.SCENE), (name, code)
            assert_sentence(capsys)


def test_arguments_that_are_shown_as_they_were_understood(monkeypatch: pytest.MonkeyPatch, capsys: Read):
    monkeypatch.setenv("BENCH_DEBUG_ARGS", "1")
    for text in list(HOSTILE.values())[::2]:
        main(["profiles", "path", f"quick{text}"])
        assert not harm_in(capsys.readouterr().err)


def profile_texts() -> Iterator[tuple[str, str]]:
    for number, (name, text) in enumerate(HOSTILE.items()):
        quoted = json.dumps(on_disk(text))
        kinds = {
            "key": f"{quoted} = 1",
            "value": f"seed = {quoted}",
            "no TOML": f"title = {on_disk(text)} =",
            "scene": f"scenes = [{quoted}]",
            "table": f"[measure]\n{quoted} = 1",
        }
        # Every text has its turn in two places.
        for kind in list(kinds)[number % 2 :: 3]:
            yield f"{kind} {name}", kinds[kind]


def test_errors_in_files(tmp_path: Path, capsys: Read):
    path = tmp_path / "bad.toml"
    for name, text in profile_texts():
        path.write_text(text)
        code = main(["profiles", "show", str(path)])
        assert code in (ExitCode.USAGE, ExitCode.SCENE), name
        assert_sentence(capsys)


def test_profiles(capsys: Read):
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "mjbench" / "profiles"
    folder.mkdir(parents=True)
    for number, (name, text) in enumerate(list(HOSTILE.items())[::2]):
        told = {
            "title": on_disk(text)[:200],
            "description": f"{on_disk(text)}\nmore",
            "camera": on_disk(text),
        }
        path = folder / f"{number}.toml"
        path.write_text(tomli_w.dumps(told))
        if main(["profiles", "show", str(number)]) == ExitCode.OK:
            shown = capsys.readouterr().out
            assert not harm_in(shown), name
            again = folder / "again.toml"
            again.write_text(shown)
            assert main(["profiles", "show", "again"]) == ExitCode.OK
            assert capsys.readouterr().out == shown, "what is shown is a profile that says the same"
            again.unlink()
        else:
            assert_sentence(capsys)
        file_name = "".join(one for one in text if one not in "/\0")[:40]
        (folder / f"{number}{file_name}.toml").write_bytes(b"")
    assert main(["profiles", "list"]) == ExitCode.OK
    listed = capsys.readouterr().out
    assert not harm_in(listed)
    origins = {
        cell_len(line[: re.search(r"  (own|built-in)  ", line).start()]) for line in listed.splitlines()
    }
    assert len(origins) == 1
    assert main(["profiles", "list", "--json"]) == ExitCode.OK
    assert capsys.readouterr().out.isascii()


def test_folders_and_variables(monkeypatch: pytest.MonkeyPatch, capsys: Read, tmp_path: Path):
    for text in list(HOSTILE.values())[::2]:
        clean = text.replace("\0", "")
        monkeypatch.setenv("MENAGERIE_ROOT", f"/no/{clean}")
        monkeypatch.setenv("XDG_DATA_HOME", f"/no/{clean}")
        assert main(["assets", "path", "franka_emika_panda"]) == ExitCode.SCENE
        assert_sentence(capsys)
        assert main(["sessions", "show", "x"]) == ExitCode.USAGE
        assert_sentence(capsys)


def test_what_a_command_error_quotes_is_printable():
    for text in HOSTILE.values():
        assert not harm_in(str(CommandError(ExitCode.USAGE, text, text)))


def test_a_path_is_whole_for_a_program_and_harmless_on_a_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: Read
):
    for text in (HOSTILE["clipboard"], HOSTILE["no width"], HOSTILE["emoji"], HOSTILE["line ends"]):
        monkeypatch.setenv("XDG_CONFIG_HOME", f"/no/{text}")
        assert main(["profiles", "path"]) == ExitCode.OK
        assert capsys.readouterr().out == f"/no/{text}/mjbench/profiles\n"
        with monkeypatch.context() as patch:
            patch.setattr(sys.stdout, "isatty", lambda: True)
            assert main(["profiles", "path"]) == ExitCode.OK
        shown = capsys.readouterr().out
        assert not harm_in(shown)
        assert len(shown.splitlines()) == 1
