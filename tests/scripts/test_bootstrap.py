"""The set-up does what is missing, repairs what is half there, and says in one sentence why it cannot."""

import shutil
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.scripts.workbench import Workbench

GL_PACKAGES = ("libgl1", "libegl1", "libegl-mesa0", "libgl1-mesa-dri", "libosmesa6")
ALL_PACKAGES = (*GL_PACKAGES, "libvulkan1", "mesa-vulkan-drivers")


def assert_one_sentence(narration: str) -> str:
    *steps, sentence = narration.splitlines()
    assert all(step.startswith("set-up: ") for step in steps), narration
    assert sentence.startswith("set-up failed: ")
    assert sentence.endswith(".")
    return sentence


def test_a_fresh_machine_is_set_up(bench: Workbench) -> None:
    done = bench.bootstrap()
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    calls = bench.calls()
    assert any("install -y" in call and set(ALL_PACKAGES) <= set(call.split()) for call in calls)
    assert any("-m venv" in call for call in calls)
    assert any("-m pip install" in call and call.endswith("--editable .") for call in calls)
    assert done.stderr.splitlines()[-1] == "set-up: ready."


def test_a_second_call_does_nothing_and_at_once(bench: Workbench) -> None:
    bench.bootstrap()
    bench.calls()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        done = bench.bootstrap()
        times.append(time.perf_counter() - began)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert set(bench.calls()) == {"python -V"}
    assert min(times) < 0.3


def test_it_works_through_a_link_and_after_the_repository_was_moved(bench: Workbench) -> None:
    link = bench.repository.parent / "link"
    link.symlink_to(bench.repository / "scripts/do/bootstrap.sh")
    assert bench.bootstrap().returncode == 0
    bench.calls()
    bench.repository = bench.repository.rename(bench.repository.with_name("elsewhere"))
    assert bench.bootstrap().returncode == 0
    assert bench.count("-m pip install") == 1
    link.unlink()
    link.symlink_to(bench.repository / "scripts/do/bootstrap.sh")
    assert bench.run("../link").stderr == ""


def test_parts_are_added_and_stay(bench: Workbench) -> None:
    bench.bootstrap()
    bench.calls()
    assert bench.bootstrap("--extra", "dev", "--with-test-tools").returncode == 0
    calls = bench.calls()
    assert any(call.endswith("--editable .[dev]") for call in calls)
    assert any("install -y" in call and "xvfb" in call and "libgl1" not in call for call in calls)
    for arguments in ([], ["--extra", "dev"], ["--with-test-tools"], ["--skip-packages"]):
        assert bench.bootstrap(*arguments).stderr == ""


def test_what_is_pinned_anew_is_installed_anew(bench: Workbench) -> None:
    bench.bootstrap()
    bench.calls()
    with (bench.repository / "constraints.txt").open("a") as file:
        file.write("zzz==1\n")
    assert bench.bootstrap().returncode == 0
    calls = bench.calls()
    assert sum("-m pip install" in call for call in calls) == 1
    assert not any("apt-get" in call or "-m venv" in call for call in calls)


def test_a_distribution_without_osmesa_and_vulkan_is_set_up(bench: Workbench) -> None:
    bench.let("unavailable-libosmesa6", "unavailable-mesa-vulkan-drivers")
    done = bench.bootstrap()
    assert done.returncode == 0
    assert "osmesa backend" in done.stderr
    assert not any("libosmesa6" in call for call in bench.calls())
    assert bench.bootstrap().stderr == ""


def test_a_distribution_without_every_tool_for_tests_is_set_up(bench: Workbench) -> None:
    bench.let("unavailable-strace")
    done = bench.bootstrap("--with-test-tools")
    assert done.returncode == 0
    assert "no strace, so the tests that need it are skipped" in done.stderr
    calls = bench.calls()
    assert any("install -y" in call and "tmux" in call for call in calls)
    assert not any("install -y" in call and "strace" in call for call in calls)
    assert bench.bootstrap("--with-test-tools").stderr == ""


def test_without_apt_or_with_packages_skipped_only_python_is_set_up(bench: Workbench) -> None:
    assert bench.bootstrap("--skip-packages").returncode == 0
    assert bench.count("apt-get") == 0
    shutil.rmtree(bench.repository / ".venv")
    (bench.bin / "apt-get").unlink()
    done = bench.bootstrap()
    assert (done.returncode, "no apt-get" in done.stderr) == (0, True)


def test_lists_that_cannot_be_read_do_not_stop_a_machine_that_has_all(bench: Workbench) -> None:
    bench.let("apt-fails", *(f"installed-{package}" for package in ALL_PACKAGES))
    assert bench.bootstrap().returncode == 0


def test_a_newer_python_on_path_is_taken(bench: Workbench) -> None:
    bench.add_python("python3", "3.10")
    bench.add_python("python3.12", "3.12")
    assert "with Python 3.12" in bench.bootstrap().stderr


def test_a_newer_python_comes_from_apt(bench: Workbench) -> None:
    bench.add_python("python3", "3.10")
    bench.let("unavailable-python3.13", "unavailable-python3.12-venv")
    done = bench.bootstrap()
    assert done.returncode == 0, done.stderr
    assert any("install -y" in call and "python3.11 python3.11-venv" in call for call in bench.calls())


@pytest.mark.parametrize(
    ("unavailable", "package"), [("", "python3.12-venv"), ("python3.12-venv", "python3-venv")]
)
def test_a_missing_venv_module_comes_from_apt(bench: Workbench, unavailable: str, package: str) -> None:
    bench.let("no-ensurepip", f"unavailable-{unavailable}")
    assert bench.bootstrap().returncode == 0
    assert any(call.endswith(f"--no-install-recommends {package}") for call in bench.calls())


def no_python(bench: Workbench) -> None:
    (bench.bin / "python3").unlink()
    bench.let(*(f"unavailable-python3.{minor}" for minor in (11, 12, 13)))


def old_python(bench: Workbench) -> None:
    no_python(bench)
    bench.add_python("python3", "3.10")


def no_root(bench: Workbench) -> None:
    bench.let("no-root")


def no_root_and_sudo_asks(bench: Workbench) -> None:
    bench.let("no-root")
    bench.write(bench.bin / "sudo", "#!{bash}\nexit 1\n")


def no_venv_module(bench: Workbench) -> None:
    bench.let("no-ensurepip")
    (bench.bin / "apt-get").unlink()


def not_writable(bench: Workbench) -> None:
    (bench.repository / ".venv").write_text("")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (no_python, "Python 3.11 or newer is needed and there is none on this machine"),
        (old_python, "there is none but 3.10"),
        (no_root, "only root can install them: libgl1 libegl1"),
        (no_root_and_sudo_asks, "apt-get update && apt-get install -y libgl1 libegl1"),
        (no_venv_module, "install the package python3.12-venv"),
        (not_writable, "cannot be written"),
        (lambda bench: bench.let("pip-fails"), '("ERROR: No matching distribution found for x"); look in /'),
        (lambda bench: bench.let("pip-fails", "no-index"), "pip could not reach its package index; "),
        (lambda bench: bench.let("apt-fails"), '("E: Unable to fetch some archives"); look in /'),
    ],
)
def test_each_failure_is_one_sentence(
    bench: Workbench, fault: Callable[[Workbench], None], words: str
) -> None:
    fault(bench)
    done = bench.bootstrap()
    assert (done.returncode, done.stdout) == (1, "")
    assert words in assert_one_sentence(done.stderr)


def test_unknown_options_are_wrong_usage(bench: Workbench) -> None:
    for arguments in (["--nonsense"], ["--extra"], ["--extra", "nonsense"]):
        done = bench.bootstrap(*arguments)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "--with-test-tools" in bench.bootstrap("--help").stdout


def test_after_pip_gave_up_the_next_call_finishes(bench: Workbench) -> None:
    bench.let("pip-fails")
    assert bench.bootstrap().returncode == 1
    bench.let_no_longer("pip-fails")
    bench.calls()
    assert bench.bootstrap().returncode == 0
    assert not any("-m venv" in call for call in bench.calls())


def test_after_pip_was_killed_the_next_call_makes_the_venv_again(bench: Workbench) -> None:
    bench.let("pip-is-killed")
    done = bench.bootstrap()
    assert done.returncode == 1
    assert "pip was ended by signal 9" in assert_one_sentence(done.stderr)
    bench.let_no_longer("pip-is-killed")
    (bench.repository / ".venv/half").touch()
    bench.calls()
    assert bench.bootstrap().returncode == 0
    assert not (bench.repository / ".venv/half").exists()
    assert bench.count("-m venv") == 1


@pytest.mark.parametrize("lost", ["bin/python", "bin/mjbench-tui", "setup.stamp", "bin"])
def test_a_broken_venv_is_repaired(bench: Workbench, lost: str) -> None:
    bench.bootstrap()
    path = bench.repository / ".venv" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = bench.bootstrap()
    assert (done.returncode, bench.bootstrap().stderr) == (0, ""), done.stderr
    assert (bench.repository / ".venv/bin/mjbench-tui").exists()


def wait_for_pip(bench: Workbench, process: subprocess.Popen[str]) -> None:
    calls = bench.state / "calls"
    while not calls.exists() or "pip install" not in calls.read_text():
        assert process.poll() is None
        time.sleep(0.01)


def test_a_call_that_is_ended_says_so_and_the_next_one_repairs(bench: Workbench) -> None:
    bench.let("pip-waits")
    process = bench.start("scripts/do/bootstrap.sh")
    wait_for_pip(bench, process)
    process.terminate()
    bench.let_no_longer("pip-waits")
    _, narration = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "interrupted" in assert_one_sentence(narration)
    bench.calls()
    assert bench.bootstrap().returncode == 0
    assert bench.count("-m venv") == 1


def test_two_calls_at_once_set_up_once(bench: Workbench) -> None:
    if shutil.which("flock") is None:
        pytest.skip("needs flock")
    bench.let("pip-waits")
    first = bench.start("scripts/do/bootstrap.sh")
    wait_for_pip(bench, first)
    second = bench.start("scripts/do/bootstrap.sh")
    assert second.stderr is not None
    assert "waiting for another" in second.stderr.readline()
    bench.let_no_longer("pip-waits")
    assert (first.communicate(timeout=20)[1].splitlines()[-1], first.returncode) == ("set-up: ready.", 0)
    assert (second.communicate(timeout=20), second.returncode) == (("", ""), 0)
    assert bench.count("-m pip install") == 1
