"""A runner module is called with its case, and whatever it is or returns ends in a row or a sentence."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.case import Case, Effects, Resolution
from engine.control import Control
from engine.events import StageEntered, TrialEnded
from engine.messages import FailureKind, Stage
from engine.results import TrialResult
from engine.timings import frame_times_ns
from profiles.profile import Profile
from tests.engine.madrona_runners import RunnerLauncher, in_parallel

BOX = """
<mujoco>
  <worldbody>
    <light pos="0 0 3"/>
    <body><freejoint/><geom name="box" type="box" size="0.5 0.4 0.3"/></body>
  </worldbody>
</mujoco>
"""

FIGURES = """
FIGURES = dict(
    frames=120, warmup_frames=8, wall_time_s=2.0, fps=60.0, mean_ms=16.7, std_ms=1.0,
    p50_ms=16.0, p90_ms=17.0, p95_ms=18.0, p99_ms=19.0, p999_ms=20.0, max_ms=21.0,
    stutter_share=0.0, first_frame_ms=40.0, warmup_mean_ms=17.0,
)
"""
OF_RECORD = """
from engine.metrics import BenchmarkMetrics, PhaseMetrics

def run_benchmark(configuration):
    phases = {
        "step": PhaseMetrics(mean_ms=4.0, p50_ms=4.0, p95_ms=5.0, share=0.25),
        "render": PhaseMetrics(mean_ms=12.0, p50_ms=12.0, p95_ms=13.0, share=0.75),
    }
    lows = {"low1_fps": 51.0, "low01_fps": None, "absent": {"low01_fps": "short"}}
    return BenchmarkMetrics(**FIGURES, **lows, pixels_per_s=1.0, phases=phases)
"""
TIMES = "{'frame_times_ms': [1.0], 'warmup_times_ms': [1.0]}"


@pytest.fixture(autouse=True)
def _nothing_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield
    assert [path.name for path in temporary.iterdir() if path.name.startswith("mjbench-")] == []


@pytest.fixture
def box(tmp_path: Path) -> Path:
    file = tmp_path / "box.xml"
    file.write_text(BOX)
    return file


@pytest.fixture
def measure(bench, box: Path, tmp_path: Path):
    """Measures the box with a module of this text."""

    def run(text: str, worlds: int = 1, size: str = "64x48", **settings: object) -> TrialResult:
        # A name of its own for each: several are measured at the same time.
        file = tmp_path / f"runner{abs(hash((text, worlds, size)))}.py"
        file.write_text(text)
        case = Case(
            scene=str(box),
            backend="madrona",
            resolution=Resolution.parse(size),
            effects=Effects.SCENE,
            worlds=worlds,
        )
        return bench.result(case, bench.settings(**settings), launcher=RunnerLauncher(file))

    return run


def test_frame_times_become_figures_of_the_instrument(measure) -> None:
    result = measure(
        """
def run_benchmark(configuration):
    return {
        "frame_times_ms": [10.0, 12.0, 8.0, 30.0],
        "warmup_times_ms": [50.0, 11.0, 13.0],
        "phase_times_ms": {"step": [1.0, 2.0, 1.0, 1.0], "render": [8.0, 9.0, 6.0, 20.0]},
        "frames": 16, "wall_time_s": 0.0601, "device": "A GPU\\x1b[31m",
    }
""",
        worlds=4,
    )
    assert result.status == "done", result.failure
    metrics = result.metrics
    assert (metrics.frames, metrics.warmup_frames) == (16, 12)
    assert metrics.wall_time_s == pytest.approx(0.06)
    assert metrics.fps == pytest.approx(16 / 0.06)
    assert (metrics.p50_ms, metrics.max_ms) == (pytest.approx(11), pytest.approx(30))
    assert (metrics.first_frame_ms, metrics.warmup_mean_ms) == (pytest.approx(50), pytest.approx(12))
    assert metrics.pixels_per_s == pytest.approx(metrics.fps * 64 * 48)
    assert metrics.phases["step"].share == pytest.approx(5 / 60)
    assert sum(phase.share for phase in metrics.phases.values()) == pytest.approx(1)
    assert frame_times_ns(result.timings.timed).tolist() == [10e6, 12e6, 8e6, 30e6]
    assert result.timings.timed["overhead"].tolist() == [0, 1e6, 1e6, 9e6]
    assert result.renderer.renderer == "A GPU\x1b[31m"
    assert result.renderer.vendor.startswith("runner module runner")
    assert result.drawn is None
    assert result.device is None
    assert result.memory.host_mib > 0
    assert result.start_up.compile_s > 0


def test_many_frame_times_come_in_blocks_and_none_is_lost(measure) -> None:
    result = measure(
        """
import numpy as np

def run_benchmark(configuration):
    times = np.arange(1, 40_001, dtype=np.float32) / 1000
    return {"frame_times_ms": times, "warmup_times_ms": [1]}
"""
    )
    assert result.metrics.frames == 40_000
    assert frame_times_ns(result.timings.timed).tolist() == pytest.approx(
        (np.arange(1, 40_001) * 1000).tolist(), abs=3
    )
    assert result.metrics.low1_fps is not None


def test_figures_of_its_own_are_taken_without_timings(measure) -> None:
    modules = {
        "mapping": FIGURES
        + "def run_benchmark(configuration):\n    return dict(FIGURES, device='llvmpipe')\n",
        "numpy": FIGURES
        + "import numpy as np\n\ndef run_benchmark(configuration):\n"
        + "    return {key: np.array(value)[()] for key, value in FIGURES.items()}\n",
        "record": FIGURES + OF_RECORD,
    }
    results = dict(
        zip(modules, in_parallel([lambda t=text: measure(t) for text in modules.values()]), strict=True)
    )
    for name, result in results.items():
        assert result.status == "done", (name, result.failure)
        assert result.timings is None
        metrics = result.metrics
        assert (metrics.frames, metrics.wall_time_s, metrics.fps) == (120, 2.0, 60.0)
        assert metrics.mean_ms == pytest.approx(1000 / 60)
        assert metrics.pixels_per_s == 60 * 64 * 48
        assert set(metrics.phases) == {"step", "update", "render", "readback", "overhead"}
        assert sum(phase.share for phase in metrics.phases.values()) == 1
    assert results["mapping"].renderer.software
    assert results["mapping"].metrics.phases["render"].share == 1
    assert results["mapping"].metrics.absent["low1_fps"] == "the runner module does not tell it"
    assert results["numpy"].renderer.renderer.startswith("runner module runner")
    assert results["record"].metrics.phases["step"].share == 0.25
    assert results["record"].metrics.low1_fps == 51.0
    assert results["record"].metrics.absent == {"low01_fps": "short"}


def test_the_configuration_is_the_case(bench, box, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "beside.py").write_text("HELPS = True\n")
    (tmp_path / "settings.json").write_text(json.dumps({"file": str(tmp_path / "told.json")}))
    (tmp_path / "asks.py").write_text(
        """
import dataclasses, json
from beside import HELPS
import mujoco

def measure_it(configuration):
    told = dataclasses.asdict(configuration)
    model = mujoco.MjModel.from_binary_path(str(configuration.model_file))
    told |= {"batches": configuration.batches, "warmup": configuration.warmup_batches, "geoms": model.ngeom}
    told |= {"camera_found": model.camera(configuration.camera).id, "samples": model.vis.quality.offsamples}
    told["left"] = [path.name for path in configuration.frames_folder.iterdir()]
    file = json.loads(configuration.config_file.read_text())["file"]
    with open(file, "a") as out:
        out.write(json.dumps(told, default=str) + "\\n")
    try:
        configuration.width = 3
    except AttributeError:
        return {"frame_times_ms": [1.0], "warmup_times_ms": [1.0]}
"""
    )
    cases = [
        Case(
            scene=scene,
            backend="madrona",
            resolution=Resolution(width=96, height=64),
            effects=effects,
            worlds=3,
        )
        for scene, effects in ((str(box), Effects.BARE), ("cartpole", Effects.SCENE))
    ]
    settings = bench.settings(
        frames=7, warmup_frames=4, seed=5, target_fps=50.0, save_frames=(2,), readback=False
    )
    launcher = RunnerLauncher(tmp_path / "asks.py", "measure_it", tmp_path / "settings.json")
    results = bench.results(cases, settings, launcher=launcher)
    assert [result.status for result in results] == ["done", "done"], [r.failure for r in results]
    of_file, of_builtin = (json.loads(line) for line in (tmp_path / "told.json").read_text().splitlines())
    for told in (of_file, of_builtin):
        expected = {
            "width": 96, "height": 64, "worlds": 3, "warmup_frames": 4, "frames": 7, "duration_s": None,
            "seed": 5, "physics": "mujoco", "readback": False, "save_frames": [2], "trial": 1, "left": [],
            "config_file": str(tmp_path / "settings.json"), "batches": 3, "warmup": 2,
        }  # fmt: skip
        assert {key: told[key] for key in expected} == expected
        assert Path(told["model_file"]).is_absolute()
        # Deleted with all that the runner left in there.
        assert not Path(told["model_file"]).parent.exists()
    assert (of_file["scene_file"], of_file["effects"], of_file["samples"]) == (str(box), "bare", 0)
    # The box has no camera of its own.
    assert (of_file["geoms"], of_file["camera"], of_file["camera_found"]) == (1, "framing", 0)
    assert of_file["steps_per_frame"] == round(1 / (0.002 * 50))
    assert (of_builtin["scene"], of_builtin["scene_file"], of_builtin["effects"]) == (
        "cartpole",
        None,
        "scene",
    )
    assert [result.camera for result in results] == [of_file["camera"], of_builtin["camera"]]


OF_IT = "run_benchmark of the runner module {}"
ENDINGS = {
    "raises": (
        "raise ValueError('the GPU is\\non strike')",
        f"{OF_IT} raised ValueError: the GPU is; on strike",
    ),
    "sys.exit": ("import sys; sys.exit(4)", f"{OF_IT} raised SystemExit: 4"),
    "silent": ("raise Silent", f"{OF_IT} raised Silent"),
    "os._exit": (
        "import os; os._exit(5)",
        "the engine process exited with code 5 too early in the timed loop",
    ),
    "aborts": ("import os; os.abort()", "the engine process was killed by SIGABRT in the timed loop"),
    "nothing": (
        "return None",
        f"{OF_IT} returned None, expected BenchmarkMetrics, a mapping of figures, "
        "or one of these and a folder of frames",
    ),
    "not a number": (
        "return {'frame_times_ms': [1.0, float('nan')], 'warmup_times_ms': [1.0]}",
        f"{OF_IT} returned frame_times_ms[1] = nan, expected milliseconds from 0 to 1e+09",
    ),
    "false mapping": (
        "return Broken()",
        f"{OF_IT} returned what cannot be read (RuntimeError: no keys today)",
    ),
    "no folder": (
        f"return {TIMES}, 'nowhere'",
        f"{OF_IT} returned a folder of frames 'nowhere' that is not there",
    ),
    "refuses": (
        "from engine.backends.base import BackendError; raise BackendError('no GPU', 'bring one')",
        "no GPU",
    ),
}
CLASSES = """
from collections.abc import Mapping

class Silent(Exception):
    def __str__(self):
        raise RuntimeError

class Broken(Mapping):
    def __getitem__(self, key): raise RuntimeError("no keys today")
    def __iter__(self): raise RuntimeError("no keys today")
    def __len__(self): return 3
"""


def test_whatever_it_does_is_one_sentence_and_the_log_has_the_rest(measure, bench) -> None:
    texts = [
        f"{CLASSES}\ndef run_benchmark(configuration):\n    print('I am here')\n    {body}\n"
        for body, _ in ENDINGS.values()
    ]
    sizes = [f"64x{48 + number}" for number in range(len(texts))]
    calls = [lambda t=text, s=size: measure(t, size=s) for text, size in zip(texts, sizes, strict=True)]
    for (name, (_, sentence)), result in zip(ENDINGS.items(), in_parallel(calls), strict=True):
        assert result.status == "failed", name
        assert result.metrics is None
        module = result.renderer.renderer.removeprefix("runner module ")
        assert result.failure.reason == sentence.format(module), name
        assert result.failure.fix, name
        assert "I am here" in result.failure.log
        assert result.failure.stage == Stage.RUN
        if name == "raises":
            assert "on strike" in result.failure.log
            assert "Traceback" in result.failure.log


def test_memory_that_runs_out_is_told_as_such(measure) -> None:
    texts = [
        "def run_benchmark(c): raise MemoryError\n",
        "def run_benchmark(c): raise RuntimeError('CUDA out of memory. Tried to allocate 20 GiB')\n",
    ]
    for result in in_parallel([lambda t=text: measure(t) for text in texts]):
        assert result.failure.kind == FailureKind.MEMORY
        assert "fewer worlds" in result.failure.fix


def test_the_limit_for_a_hang(measure) -> None:
    """Silent for longer than asked, silent for as long as asked, and longer than asked with signs of life."""
    limit_s = 5.0
    done = f"return {TIMES}"
    texts = {
        "hangs": ("    while True: time.sleep(60)", 1.0),
        "silent": (f"    time.sleep(configuration.duration_s)\n    {done}", limit_s + 2),
        "slow": (
            f"    until = time.monotonic() + {limit_s + 3}\n    while time.monotonic() < until:\n"
            f"        configuration.progress()\n    {done}",
            1.0,
        ),
    }
    calls = [
        lambda t=text, d=duration_s, w=worlds: measure(
            f"import time\ndef run_benchmark(configuration):\n{t}\n",
            worlds=w,
            hang_timeout_s=limit_s,
            frames=None,
            duration_s=d,
        )
        for worlds, (text, duration_s) in enumerate(texts.values(), 1)
    ]
    hung, silent, slow = in_parallel(calls)
    assert hung.failure.kind == FailureKind.HUNG
    assert hung.failure.reason.startswith("no progress for 6 s in the timed loop")
    assert "progress()" in hung.failure.fix
    assert (silent.status, slow.status) == ("done", "done"), (silent.failure, slow.failure)


def test_megabytes_that_it_prints_go_to_the_log(measure, bench, capfd) -> None:
    result = measure(
        "import os\ndef run_benchmark(c):\n    print('x' * 5_000_000)\n    os.write(2, b'y' * 5_000_000)\n"
        "    return {'frame_times_ms': [1.0], 'warmup_times_ms': [1.0]}\n"
    )
    assert result.status == "done"
    assert capfd.readouterr() == ("", "")
    (log,) = (bench.folder / "logs").glob("*.log")
    assert log.stat().st_size > 10_000_000


def test_the_other_cases_go_on(bench, box, tmp_path) -> None:
    file = tmp_path / "dies.py"
    file.write_text("import os\ndef run_benchmark(c): os._exit(0)\n")
    cases = [bench.case(), bench.case("madrona", scene=str(box)), bench.case(size="32x32")]
    results = bench.results(cases, bench.settings(trials=2), launcher=RunnerLauncher(file))
    assert [result.status for result in results] == ["done", "failed", "done", "done", "failed", "done"]


def test_a_runner_that_is_stopped_leaves_no_figures_and_no_failure(bench, box, tmp_path) -> None:
    file = tmp_path / "endless.py"
    file.write_text(
        "import time\ndef run_benchmark(c):\n    while True:\n        c.progress(); time.sleep(0.01)\n"
    )
    control = Control()
    results = []
    cases = [bench.case("madrona", scene=str(box))]
    for event in bench.stream(cases, bench.settings(), control, launcher=RunnerLauncher(file)):
        if isinstance(event, StageEntered) and event.stage is Stage.RUN:
            control.request_stop()
        if isinstance(event, TrialEnded):
            results.append(event.result)
    (result,) = results
    assert (result.status, result.metrics, result.failure) == ("interrupted", None, None)


PICTURES = """
import os
from pathlib import Path
from PIL import Image

def run_benchmark(configuration):
    folder = configuration.frames_folder
    Image.new("RGB", (6, 4), (200, 30, 30)).save(folder / "world 0 [red]\\x1b.png")
    Image.new("RGB", (6, 4)).save(folder / "world.0..red..PNG")
    (folder / "broken.png").write_bytes(b"no picture")
    Image.new("RGB", (6, 4)).save(folder / "really_a_jpeg.png", "JPEG")
    (folder / "notes.txt").write_text("not a picture")
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    (folder / "link.png").symlink_to(folder / "world.0..red..PNG")
    return {"frame_times_ms": [1.0], "warmup_times_ms": [1.0]}, folder
"""


def test_pictures_are_copied_under_safe_names(measure, bench) -> None:
    result = measure(PICTURES)
    assert result.status == "done", result.failure
    prefix = f"frames/{result.case.id}.1"
    assert result.saved_frames == (f"{prefix}.world_0__red__.png", f"{prefix}.world.0..red.png")
    kept = sorted(path.name for path in (bench.folder / "frames").iterdir())
    assert kept == sorted(Path(name).name for name in result.saved_frames)


def test_pictures_come_from_one_trial_and_an_empty_folder_has_none(bench, box, tmp_path) -> None:
    file = tmp_path / "draws.py"
    file.write_text(PICTURES)
    case = bench.case("madrona", scene=str(box))
    first, second = bench.results([case], bench.settings(trials=2), launcher=RunnerLauncher(file))
    assert (len(first.saved_frames), second.saved_frames) == (2, ())
    file.write_text(
        "def run_benchmark(c):\n"
        "    return [{'frame_times_ms': [1], 'warmup_times_ms': [1]}, str(c.frames_folder)]\n"
    )
    result = bench.result(case, bench.settings(), launcher=RunnerLauncher(file))
    assert (result.status, result.saved_frames) == ("done", ())


def test_a_runner_is_one_worker_in_as_many_worlds_as_asked_for() -> None:
    profile = Profile(backends=("madrona", "null"), workers=(1, 4), worlds=(1, 16), resolutions=("8x8",))
    counts = [(case.backend, case.workers, case.worlds) for case in profile.cases([])]
    assert counts == [("madrona", 1, 1), ("madrona", 1, 16), ("null", 1, 1), ("null", 4, 1)]
