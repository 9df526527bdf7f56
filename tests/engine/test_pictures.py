"""A picture that is blank, frozen or not what the others draw makes its case fail, and nothing else does."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
SPOILED = (
    "egl-again", "black", "lost", "frozen", "stuck", "upside-down", "mosaic", "idle"
)  # fmt: skip
SHORT = ("--effects", "scene", "--frames", "8", "--warmup-frames", "2")
VIEWS = """
<mujoco>
  <visual><map znear="0.001"/></visual>
  <asset>
    <texture name="sky" type="skybox" builtin="flat" rgb1="0.2 0.4 0.6" width="32" height="192"/>
    <texture name="squares" type="2d" builtin="checker" rgb1="1 1 1" rgb2="0 0 0" width="64" height="64"/>
    <material name="squares" texture="squares" texrepeat="4 4"/>
  </asset>
  <worldbody>
    <light pos="0 0 4"/>
    <camera name="front" pos="0 -3 1" xyaxes="1 0 0 0 0.3 1"/>
    <camera name="away" pos="0 -3 1" xyaxes="-1 0 0 0 0 1"/>
    <camera name="close" pos="0 1.3 0.5" xyaxes="1 0 0 0 0 1" fovy="1"/>
    <geom name="floor" type="plane" size="2 2 0.1" material="squares"/>
    <geom name="wall" type="box" pos="0 1.5 0.5" size="1.5 0.05 0.5" rgba="0.9 0.8 0.1 1"/>
    <geom name="post" type="cylinder" pos="-0.8 0 0.4" size="0.15 0.4" rgba="0.1 0.6 0.2 1"/>
    {body}
  </worldbody>
</mujoco>
"""
FALLING = '<body pos="0 0 1"><freejoint/><geom type="box" size="0.2 0.2 0.2" rgba="1 0 0 1"/></body>'
AT_REST = '<body pos="0 0 0.2"><freejoint/><geom type="box" size="0.2 0.2 0.2" rgba="1 0 0 1"/></body>'
STATIC = '<geom type="box" pos="0 0 0.2" size="0.2 0.2 0.2" rgba="1 0 0 1"/>'
HIDDEN = '<body pos="0 1.9 0.8"><freejoint/><geom type="box" size="0.1 0.1 0.1" rgba="1 0 0 1"/></body>'
LEAVES = """
<mujoco>
  <worldbody>
    <light pos="0 0 4"/>
    <camera name="front" pos="0 -3 0" xyaxes="1 0 0 0 0 1"/>
    <body><freejoint/><geom type="box" size="0.4 0.4 0.4" rgba="1 0 0 1"/></body>
  </worldbody>
</mujoco>
"""


@dataclass(frozen=True)
class Measured:
    """What a run said and left."""

    code: int
    err: str
    document: dict
    folder: Path

    def trials(self, backend: str) -> list[dict]:
        return [trial for trial in self.document["trials"] if trial["backend"] == backend]

    def failures(self) -> dict[str, str]:
        """Why each backend that failed did."""
        return {
            trial["backend"]: trial["failure"]["reason"]
            for trial in self.document["trials"]
            if trial["failure"]
        }


class Bench:
    """The command, beside the package of spoiled backends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        packages = folder / "packages"
        metadata = packages / "spoiled-0.1.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: spoiled\nVersion: 0.1\n")
        lines = [f"{name} = tests.engine.spoiled_backends:create" for name in SPOILED]
        (metadata / "entry_points.txt").write_text("\n".join(["[mjbench.backends]", *lines]))
        self._path = f"{packages}{os.pathsep}{ROOT}"

    def scene(self, body: str = FALLING) -> str:
        (self.folder / "views.xml").write_text(VIEWS.replace("{body}", body))
        return "views.xml"

    def run(self, scene: str, backends: str, *more: str, size: str = "64x64") -> Measured:
        which = ("--model-path", scene) if scene.endswith(".xml") else ("--scene", scene)
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("mjbench-tui")),
                *(
                    "run",
                    *which,
                    "--backend",
                    backends,
                    "--resolution",
                    size,
                    *SHORT,
                    "--output",
                    "out",
                    "--json",
                    *more,
                ),
            ],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": self._path},
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Measured(done.returncode, done.stderr, json.loads(done.stdout), self.folder / "out")


@pytest.fixture
def mjbench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def picture(measured: Measured, name: str) -> np.ndarray:
    return np.asarray(Image.open(measured.folder / name))


@pytest.mark.parametrize(
    ("backend", "words", "colour"),
    [
        ("black", "every pixel of the picture is black", 0),
        ("lost", "every pixel of the picture is of one colour, RGB (77, 77, 77)", 77),
        ("frozen", "the picture did not change while the scene moved", None),
        ("stuck", "the picture did not change while the scene moved", None),
    ],
)
def test_a_spoiled_picture_fails_its_case_and_is_kept(mjbench, backend, words, colour):
    measured = mjbench.run("cartpole", f"{backend},egl-again")
    assert measured.code == 1
    (trial,) = measured.trials(backend)
    assert (trial["status"], trial["metrics"], trial["timings"]) == ("failed", None, None)
    assert (trial["failure"]["kind"], trial["failure"]["reason"]) == ("picture", words)
    assert trial["failure"]["fix"]
    (name,) = [name for name in trial["saved_frames"] if name.endswith(".fault.png")]
    kept = picture(measured, name)
    assert kept.shape == (64, 64, 3)
    assert (np.ptp(kept) == 0) == (colour is not None)
    assert colour is None or (kept == colour).all()
    assert words in measured.err
    (healthy,) = measured.trials("egl-again")
    assert (healthy["status"], healthy["pictures"]) == ("done", "checked")
    assert healthy["metrics"]["frames"] == 8


@pytest.mark.usefixtures("menagerie_root")
@pytest.mark.parametrize("order", ["upside-down,egl", "egl,upside-down"])
def test_of_two_that_differ_the_classic_renderer_is_right(mjbench, order):
    """Whichever comes first; the one before is called wrong once the other was drawn."""
    measured = mjbench.run("workbench", order, "--trials", "2")
    assert measured.code == 1
    wrong = measured.trials("upside-down")
    assert [trial["status"] for trial in wrong] == ["failed", "failed"]
    for trial in wrong:
        assert (trial["metrics"], trial["timings"], trial["failure"]["kind"]) == (None, None, "picture")
        assert "its picture differs from egl's" in trial["failure"]["reason"]
        assert "at least 0.45 is asked" in trial["failure"]["reason"]
    assert [trial["status"] for trial in measured.trials("egl")] == ["done", "done"]
    assert "failed: its picture differs from egl's" in measured.err
    (kept,) = [name for trial in wrong for name in trial["saved_frames"] if name.endswith("differs.png")]
    beside = picture(measured, kept)
    # What was drawn and what egl has drawn, which is the same upside down.
    half = (beside.shape[1] - 8) // 2
    assert np.abs(beside[::-1, :half].astype(int) - beside[:, -half:]).mean() < 8


@pytest.mark.parametrize(
    ("body", "frames"),
    [(FALLING, 1), (AT_REST, 8), (STATIC, 8), (HIDDEN, 8)],
    ids=["moves too little to be seen", "at rest", "static", "moves behind a wall"],
)
def test_a_scene_of_which_nothing_is_seen_to_move_is_no_failure(mjbench, body, frames):
    """Of each, the last timed frame and the first show the same."""
    measured = mjbench.run(
        mjbench.scene(body), "egl-again,osmesa", "--frames", str(frames), "--warmup-frames", "1"
    )
    assert (measured.code, measured.failures()) == (0, {}), measured.err
    assert {trial["pictures"] for trial in measured.document["trials"]} == {"checked"}


@pytest.mark.parametrize(
    ("camera", "fix"),
    [
        ("away", "the camera 'away' has nothing in view: choose another one with --camera"),
        ("close", "or choose another camera with --camera"),
    ],
)
def test_a_camera_that_looks_at_nothing_is_told_with_what_to_do(mjbench, camera, fix):
    measured = mjbench.run(mjbench.scene(), "egl,osmesa", "--camera", camera)
    assert measured.code == 1
    assert set(measured.failures()) == {"egl", "osmesa"}
    for trial in measured.document["trials"]:
        assert trial["failure"]["kind"] == "picture"
        assert trial["failure"]["reason"].startswith("every pixel of the picture is ")
        assert trial["failure"]["fix"].endswith(fix)


def test_what_falls_out_of_view_leaves_no_result(mjbench):
    (mjbench.folder / "leaves.xml").write_text(LEAVES)
    measured = mjbench.run("leaves.xml", "egl", "--frames", "90")
    (trial,) = measured.trials("egl")
    assert trial["failure"]["reason"] == "every pixel of the last picture is black"
    assert "choose another --camera, or fewer --frames" in trial["failure"]["fix"]
    again = Bench(mjbench.folder / "again")
    (again.folder / "leaves.xml").write_text(LEAVES)
    assert again.run("leaves.xml", "egl", "--frames", "20").code == 0


def test_a_backend_that_moves_nothing_itself_fails(mjbench):
    measured = mjbench.run(mjbench.scene(), "idle,egl", "--physics", "warp")
    assert measured.failures() == {"idle": "the scene stood still: its time is 0 s after the last frame"}


def test_tiny_pictures_are_not_looked_at_and_the_session_says_so(mjbench):
    measured = mjbench.run("cartpole", "frozen", size="1x1,8x8")
    assert (measured.code, measured.failures()) == (0, {})
    said = {trial["pictures"] for trial in measured.document["trials"]}
    assert said == {"with fewer than 256 pixels they tell nothing"}
    assert "pictures of frozen were not looked at: with fewer than 256 pixels" in measured.err


def test_without_physics_nothing_is_frozen(mjbench):
    profile = mjbench.folder / "still.toml"
    profile.write_text('schema = 1\nscenes = ["cartpole"]\nbackends = ["egl"]\nchanges = ["no-physics"]\n')
    measured = mjbench.run("cartpole", "egl", "--profile", str(profile))
    assert [(trial["change"], trial["status"]) for trial in measured.document["trials"]] == [
        ("no-physics", "done")
    ]


def test_every_worker_is_looked_at(mjbench):
    measured = mjbench.run("cartpole", "lost", "--workers", "2")
    assert measured.code == 1
    assert "of 2: every pixel of the picture is of one colour" in measured.failures()["lost"]


def test_two_that_are_neither_the_classic_renderer_keep_their_figures(mjbench):
    measured = mjbench.run("cartpole", "mosaic,egl-again")
    assert (measured.code, measured.failures()) == (0, {})
    found = {
        trial["backend"]: finding["what"]
        for trial in measured.document["trials"]
        for finding in trial["findings"]
        if finding["kind"] == "picture"
    }
    assert "differs from egl-again's" in found["mosaic"]
    assert "differs from mosaic's" in found["egl-again"]
    assert "which of them is right cannot be told" in measured.err
