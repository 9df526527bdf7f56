"""A model with things in it changed at random is drawn, or refused in one sentence, whatever MuJoCo does."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.messages import SCENE_MIB_VARIABLE, SceneMessage
from engine.preflight import check_scenes
from engine.process.launcher import SpawnLauncher
from tests.faults.mutated_mjcf import MODEL, mutated

EXAMPLES = int(os.environ.get("MJBENCH_FUZZ_EXAMPLES", "600"))
FIRST_SEED = int(os.environ.get("MJBENCH_FUZZ_SEED", "0"))
AT_ONCE = 2
LIMIT_S = 30.0


def test_any_mutation_of_a_model_is_drawn_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCENE_MIB_VARIABLE, "400")

    def look(number: int) -> dict[str, SceneMessage]:
        paths = []
        for seed in range(FIRST_SEED + number, FIRST_SEED + EXAMPLES, AT_ONCE):
            path = tmp_path / f"seed{seed}.xml"
            path.write_text(mutated(seed), encoding="utf-8")
            paths.append(str(path))
        whole = tmp_path / f"whole{number}.xml"
        whole.write_text(MODEL)
        return check_scenes([*paths, str(whole)], None, SpawnLauncher(), LIMIT_S)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = {path: message for part in pool.map(look, range(AT_ONCE)) for path, message in part.items()}
    assert len(found) == EXAMPLES + AT_ONCE
    for number in range(AT_ONCE):
        assert found[str(tmp_path / f"whole{number}.xml")].camera == "front"
    for path, message in found.items():
        if message.reason:
            assert message.reason.startswith(f"scene {path!r} cannot be loaded: "), message
            assert message.reason.isprintable(), message
            assert len(message.reason) < 1000, message
            assert not re.search(r"Traceback|: \w+Error: ", message.reason), "a mistake of this program"
        else:
            assert message.camera, message
