"""The launcher starts engine processes apart from everything that is the parent's, and hears them out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.jobs.requests import ProbeJob
from engine.messages import FailedMessage, Stage, StageMessage
from engine.process.endings import describe_exit, describe_stage
from engine.process.environment import engine_environment
from engine.process.launcher import Ended, LaunchError, SpawnLauncher
from engine.process.log import read_tail


def hear_out(process) -> list[object]:
    heard = []
    while not heard or not isinstance(heard[-1], Ended):
        message = process.receive(60)
        assert message is not None
        heard.append(message)
    return heard


def test_a_process_is_heard_to_its_end(tmp_path: Path) -> None:
    process = SpawnLauncher().launch(ProbeJob(backend="null"), tmp_path / "log", {})
    try:
        heard = hear_out(process)
    finally:
        process.end()
    assert heard[0] == StageMessage(stage=Stage.IMPORT)
    assert heard[-1] == Ended(exit_code=0)
    process.stop()  # Nothing to stop any more, and no error.


def test_no_thread_and_no_file_is_left_over(tmp_path: Path) -> None:
    def count() -> tuple[int, int]:
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    def once() -> None:
        process = SpawnLauncher().launch(ProbeJob(backend="null"), tmp_path / "log", {})
        process.receive(60)
        process.end()

    once()
    before = count()
    for _ in range(3):
        once()
    assert count() == before


def test_a_log_that_cannot_be_written_is_one_sentence(tmp_path: Path, capfd) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for log in (tmp_path / "file" / "log", tmp_path / "folder"):
        with pytest.raises(LaunchError, match=r"no engine process can be started: .+"):
            SpawnLauncher().launch(ProbeJob(backend="null"), log, {})
    assert capfd.readouterr() == ("", "")


def test_a_log_of_a_relative_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for log in (Path("log"), Path("logs/log")):
        process = SpawnLauncher().launch(ProbeJob(backend="nonsense"), log, {})
        try:
            heard = hear_out(process)
            assert any(isinstance(message, FailedMessage) for message in heard)
            assert "UnknownBackendError" in process.log_tail()
        finally:
            process.end()
    assert (tmp_path / "log").is_file()


def test_the_environment_is_that_of_the_backend() -> None:
    assert engine_environment("egl") == {"MUJOCO_GL": "egl", "PYOPENGL_PLATFORM": None}
    assert engine_environment("osmesa") == {"MUJOCO_GL": "osmesa", "PYOPENGL_PLATFORM": None}
    assert engine_environment("glfw") == {"MUJOCO_GL": "glfw", "PYOPENGL_PLATFORM": None}
    assert engine_environment("null") == engine_environment(None) == {"MUJOCO_GL": "disable"}


def test_only_the_last_lines_of_a_log_are_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert read_tail(log, 5) == ""
    log.write_bytes(b"first\n" + b"x" * 100_000 + b"\nlast but \xff one\nlast\n")
    assert read_tail(log, 2) == "last but \ufffd one\nlast"
    assert len(read_tail(log, 5)) <= 65536


def test_exits_and_stages_have_words() -> None:
    assert describe_exit(-11) == "was killed by SIGSEGV"
    assert describe_exit(-9) == "was killed by SIGKILL (the kernel does this when memory runs out)"
    assert describe_exit(-63) == "was killed by signal 63"
    assert describe_exit(0) == "exited with code 0 too early"
    assert describe_exit(3) == "exited with code 3 too early"
    assert describe_exit(None) == "closed the pipe by which it is heard, and went on"
    assert len({describe_stage(stage) for stage in Stage}) == len(Stage)


def test_no_exit_code_is_missed_where_several_threads_start_and_end_processes(tmp_path: Path) -> None:
    def exit_code(number: int) -> int | None:
        process = SpawnLauncher().launch(ProbeJob(backend="null"), tmp_path / f"log{number}", {})
        try:
            return hear_out(process)[-1].exit_code
        finally:
            process.end()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(exit_code, range(32))) == [0] * 32
