"""A runner module that cannot be used is known before anything is measured, with the reason in a sentence."""

from engine.messages import FailureKind, Stage
from engine.preflight import probe_backends
from engine.process.launcher import SpawnLauncher
from tests.engine.madrona_runners import RunnerLauncher, in_parallel

REFUSED = {
    "import error": ("import no_such_thing_at_all\n", "needs the Python module no_such_thing_at_all"),
    "raises": ("raise ValueError('not\\ntoday')\n", "cannot be imported (ValueError: not; today)"),
    "exits": ("import sys\nsys.exit(3)\n", "cannot be imported (SystemExit: 3)"),
    "syntax": ("\n\ndef run_benchmark(:\n", "cannot be imported (SyntaxError: invalid syntax in line 3)"),
    "no text": ("\udcff\udcfe", "cannot be imported (SyntaxError: "),
    "no function": ("def run_benchmarks(c): pass\n", "has no function 'run_benchmark'"),
    "no callable": ("run_benchmark = 3\n", "is no function but of type int"),
}  # fmt: skip


def test_a_module_that_cannot_be_used_is_known_before_and_in_its_trial(bench, tmp_path) -> None:
    launchers = {
        "missing": (RunnerLauncher(tmp_path / "no.py"), f"there is no runner module '{tmp_path}/no.py'"),
        "folder": (RunnerLauncher(f"{tmp_path}/"), "is a folder, expected a .py file"),
        "no such name": (RunnerLauncher("no_such_module"), "there is no runner module 'no_such_module', in"),
        "no name": (RunnerLauncher("..x"), "'..x' is no name of a runner module"),
    }  # fmt: skip
    for number, (name, (text, sentence)) in enumerate(REFUSED.items()):
        file = tmp_path / f"refused{number}.py"
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        launchers[name] = (RunnerLauncher(file), sentence)
    good = tmp_path / "good.py"
    good.write_text("def run_benchmark(c): pass\n")
    launchers["other function"] = (RunnerLauncher(good, "go"), "has no function 'go'")
    launchers["no config"] = (
        RunnerLauncher(good, config=tmp_path / "no.toml"),
        f"there is no configuration file '{tmp_path}/no.toml' for the runner module",
    )
    case = bench.case("madrona", scene="cartpole")

    def use(launcher: RunnerLauncher):
        status = probe_backends(["madrona"], launcher)["madrona"]
        return status, bench.result(case, bench.settings(), launcher=launcher)

    found = in_parallel([lambda it=launcher: use(it) for launcher, _ in launchers.values()])
    for (name, (_, sentence)), (status, result) in zip(launchers.items(), found, strict=True):
        assert not status.works, name
        assert sentence in status.reason, name
        assert "\n" not in status.reason + status.fix
        assert status.fix, name
        assert result.status == "failed"
        assert (result.failure.reason, result.failure.fix) == (status.reason, status.fix)
        assert (result.failure.kind, result.failure.stage) == (FailureKind.BACKEND, Stage.IMPORT)
    hint = found[list(launchers).index("no function")][0].fix
    assert hint.startswith("did you mean 'run_benchmarks'?")


def test_without_a_module_it_does_not_work_and_says_how_one_is_named() -> None:
    status = probe_backends(["madrona"], SpawnLauncher())["madrona"]
    assert (status.works, status.reason) == (False, "no runner module is named")
    assert status.fix == (
        "--madrona-module MODULE or MADRONA_BENCH_MODULE; "
        "mjbench-tui madrona-template PATH writes one to start from"
    )


def test_trying_it_imports_the_module_and_calls_nothing(tmp_path) -> None:
    # Named like a module that is there already, and like a part of the instrument.
    for name in ("json.py", "engine.py"):
        file = tmp_path / name
        called = tmp_path / f"{name}.called"
        file.write_text(
            f"import json, dataclasses\n@dataclasses.dataclass\nclass Kept:\n    x: 'int' = json.loads('3')\n"
            f"def run_benchmark(c): open({str(called)!r}, 'w')\n"
        )
        status = probe_backends(["madrona"], RunnerLauncher(file))["madrona"]
        assert status.works, status
        assert status.renderer.renderer == f"runner module {name}"
        assert not called.exists()
