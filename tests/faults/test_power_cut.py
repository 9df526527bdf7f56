"""The power is cut at any moment of a run: what a person was told is on the disk.

The calls of a real run are traced. First their order is looked at; then every state in which a crash after
each of them could leave the disk is made, and the session in it is recovered.
"""

import os
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from profiles.errors import SessionError
from profiles.session import Session, TrialRecord
from profiles.sessions import load_session
from profiles.store import load_profile
from profiles.timings_file import read_timings
from profiles.writer import recover
from tests.faults.crash_model import Model, State, lay_out
from tests.faults.traced import Call, traced

BOX = """
<mujoco><worldbody><light pos="0 0 3"/><camera name="front" pos="0 -3 1" xyaxes="1 0 0 0 0.3 1"/>
  <geom type="plane" size="2 2 0.1"/>
  <body pos="0 0 1"><freejoint/><geom type="box" size="0.2 0.2 0.2" rgba="1 0 0 1"/></body></worldbody>
</mujoco>
"""
OLD_PROFILE = "# mine\nseed = 3\n"
WRITES = ("write", "pwrite64", "writev", "pwritev", "ftruncate")
SYNCS = ("fsync", "fdatasync")
FINAL = ("session.toml", "metrics.json", "timings.npz")


@dataclass(frozen=True)
class Run:
    """A run that was traced."""

    root: Path
    """Where it kept all: profiles in `config`, the session in `data`."""
    before: Path
    """The same as it was before."""
    calls: list[Call]
    session: Session
    folder: Path
    timings: dict[str, dict[str, Any]]

    @property
    def inside(self) -> str:
        """The session's folder, relative to `root`."""
        return str(self.folder.relative_to(self.root))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two cases twice each, with pictures, and a profile that is saved over."""
    place = tmp_path_factory.mktemp("power")
    root, before, work = place / "root", place / "before", place / "work"
    for folder in (root / "config" / "mjbench" / "profiles", root / "data", work):
        folder.mkdir(parents=True)
    (root / "config" / "mjbench" / "profiles" / "mine.toml").write_text(OLD_PROFILE)
    shutil.copytree(root, before)
    (work / "box.xml").write_text(BOX)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(root / "config"))
        patch.setenv("XDG_DATA_HOME", str(root / "data"))
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        calls = traced(
            "run", "--model-path", "box.xml", "--backend", "null", "--backend", "egl", "--frames", "6",
            "--resolution", "32x32", "--effects", "bare", "--warmup-frames", "2", "--trials", "2",
            "--save-frames", "1", "--save-profile", "mine", folder=place, cwd=work,
        )  # fmt: skip
    (folder,) = (root / "data" / "mjbench" / "sessions").iterdir()
    session = load_session(folder)
    timings = {key: read_timings(folder, key).timed for key in session.session.order}
    return Run(root, before, calls, session, folder, timings)


# What was told


def told_trials(said: str) -> int:
    """How many trials stderr has told to be over."""
    return len(re.findall(r"^\[\d+/\d+\] .* FPS, .*\n", said, re.MULTILINE))


def said_by(call: Call, run: Run) -> str:
    """What a call tells a person on stderr."""
    is_command = call.pid == run.calls[0].pid
    return call.data.decode() if is_command and call.name == "write" and call.descriptor == 2 else ""


# The order of the calls


def test_every_final_file_is_synced_before_it_has_its_name_and_its_folder_after(run: Run) -> None:
    pictures = [name for case in run.session.cases for trial in case.trials for name in trial.saved_frames]
    assert len(pictures) == 1
    profile = run.root / "config" / "mjbench" / "profiles" / "mine.toml"
    for path in [*(run.folder / name for name in (*FINAL, *pictures)), profile]:
        (renaming,) = [at for at, call in enumerate(run.calls) if call.new_path == str(path)]
        temporary = run.calls[renaming].path
        earlier = enumerate(run.calls[:renaming])
        mine = [(at, call.name) for at, call in earlier if call.path == temporary]
        written = [at for at, name in mine if name in WRITES]
        synced = [at for at, name in mine if name in SYNCS]
        assert written and synced and max(written) < max(synced), path
        after = run.calls[renaming + 1 :]
        next_change = next(
            at for at, call in enumerate(after) if call.path == str(path.parent) and call.name in SYNCS
        )
        assert not [call for call in after[:next_change] if call.new_path or call.name == "unlink"], path


def test_every_record_of_the_journal_is_synced_before_its_trial_is_told(run: Run) -> None:
    unsynced, told = 0, 0
    for call in run.calls:
        if call.path.endswith("journal.bin") and call.name in WRITES:
            unsynced += 1
        elif call.path.endswith("journal.bin") and call.name in SYNCS:
            unsynced = 0
        elif told_trials(said_by(call, run)):
            assert not unsynced
            told += 1
    assert told == 4


def test_the_session_file_comes_last_and_the_journal_goes_after_it(run: Run) -> None:
    names = [Path(call.new_path).name for call in run.calls if call.new_path.startswith(str(run.folder))]
    assert [name for name in names if name in FINAL][-1] == "session.toml"
    (at,) = [at for at, call in enumerate(run.calls) if call.new_path == str(run.folder / "session.toml")]
    unlinked = [(at, call.path) for at, call in enumerate(run.calls) if call.name.startswith("unlink")]
    (gone,) = [at for at, path in unlinked if path.endswith("journal.bin")]
    folder_synced = [
        at for at, call in enumerate(run.calls) if call.path == str(run.folder) and call.name in SYNCS
    ]
    assert any(at < sync < gone for sync in folder_synced)
    assert any(gone < sync for sync in folder_synced)


# Every state that a crash may leave


def crash_states(run: Run, is_lost: Callable[[Call], bool]) -> list[tuple[State, str]]:
    """Each state once for what was told until then; calls for which `is_lost` holds are taken out before."""
    model, said = Model(run.root, like=run.before), ""
    found: dict[tuple[object, ...], tuple[State, str]] = {}
    for call in run.calls:
        said += said_by(call, run)
        if is_lost(call) or not model.follow(call):
            continue
        for state in model.states():
            # Of what has no name yet it does not matter how much is there.
            named = tuple(path if path.endswith(".part") else (path, data) for path, data in state.items())
            found.setdefault((named, told_trials(said), "session: " in said), (state, said))
    return list(found.values())


def check_session(run: Run, folder: Path, said: str) -> None:
    told = run.session.session.order[: told_trials(said)]
    try:
        session = recover(folder)
    except SessionError:
        assert not told, "nothing can be recovered"
        return
    wanted, found = _trials(run.session), _trials(session)
    for key in told:
        assert key in found, "a trial that was told is lost"
    for key, trial in found.items():
        assert trial.metrics == wanted[key].metrics and trial.status == "done"
        assert trial.timings is not None
        kept, expected = read_timings(folder, trial.timings).timed, run.timings[trial.timings]
        assert all((kept[phase] == expected[phase]).all() for phase in expected)
        for name in trial.saved_frames:
            with Image.open(folder / name) as picture:
                picture.load()
    if "session: " in said:
        assert session == run.session
    assert not list(folder.rglob("*.part")) and not (folder / "journal.bin").exists()


def _trials(session: Session) -> dict[str, TrialRecord]:
    return {str(trial.timings): trial for case in session.cases for trial in case.trials}


def check_profile(run: Run, path: Path, said: str) -> None:
    text = path.read_text()
    whole = (run.root / "config" / "mjbench" / "profiles" / "mine.toml").read_text()
    assert text in ((whole,) if "saved profile" in said else (OLD_PROFILE, whole))
    load_profile(path)


def check_all(run: Run, tmp_path: Path, states: list[tuple[State, str]]) -> None:
    for number, (state, said) in enumerate(states):
        place = tmp_path / str(number)
        place.mkdir()
        lay_out(state, place)
        check_profile(run, place / "config" / "mjbench" / "profiles" / "mine.toml", said)
        if (place / run.inside).exists():
            check_session(run, place / run.inside, said)
        else:
            assert not told_trials(said), "the session is gone"
        shutil.rmtree(place)


@pytest.fixture(autouse=True)
def _no_waiting_for_this_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is recovered here need not outlast a real power cut.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def test_whenever_the_power_is_cut_what_was_told_is_there(run: Run, tmp_path: Path) -> None:
    states = crash_states(run, lambda call: False)
    assert len(states) > 100
    check_all(run, tmp_path, states)


def is_sync_of(run: Run, *ends: str) -> Callable[[Call], bool]:
    inside = str(run.root)
    return lambda call: call.name in SYNCS and call.path.startswith(inside) and call.path.endswith(ends)


@pytest.mark.parametrize(
    "what",
    ["the journal", "final files", "pictures", "the session's folder", "the folder of sessions", "profiles"],
)
def test_without_one_of_the_syncs_the_model_finds_what_is_lost(run: Run, tmp_path: Path, what: str) -> None:
    """So the test above would see it."""
    sessions = str(run.folder.parent)
    kinds = {
        "the journal": is_sync_of(run, "journal.bin"),
        "final files": lambda call: is_sync_of(run, ".part")(call) and Path(call.path).parent == run.folder,
        "pictures": lambda call: is_sync_of(run, ".part")(call) and "/frames/" in call.path,
        "the session's folder": is_sync_of(run, str(run.folder)),
        "the folder of sessions": is_sync_of(run, sessions),
        "profiles": lambda call: is_sync_of(run, ".part")(call) and "/profiles/" in call.path,
    }
    assert any(kinds[what](call) for call in run.calls)
    states = crash_states(run, kinds[what])
    # One is enough, and there are many.
    random.Random(0).shuffle(states)
    with pytest.raises((AssertionError, OSError, SyntaxError, SessionError)):
        check_all(run, tmp_path, states)
