"""Models are fetched only when asked for, and everything that can go wrong is said in one sentence."""

import hashlib
import io
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

import mujoco_menagerie
import pytest
from mujoco_menagerie import Registry, Robot

from scenes import assets
from scenes.registry import builtin_scenes, find_scene
from tests.scenes.sentences import assert_one_sentence

PANDA = "franka_emika_panda"
BOX = b"<mujoco><worldbody><geom size='1'/></worldbody></mujoco>"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MENAGERIE_ROOT", raising=False)
    monkeypatch.setenv("MENAGERIE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("MENAGERIE_BASE_URL", (tmp_path / "server").as_uri())
    monkeypatch.setattr("mujoco_menagerie._cache.time.sleep", lambda seconds: None)
    (tmp_path / "server").mkdir()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


def publish(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None = None) -> str:
    """Put a small model on the server and in Menagerie's registry; `content` replaces its archive's bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as archive:
        member = tarfile.TarInfo("small_box/box.xml")
        member.size = len(BOX)
        archive.addfile(member, io.BytesIO(BOX))
    packed = buffer.getvalue() if content is None else content
    (folder / "small_box.tar.xz").write_bytes(packed)
    description = {
        "display_name": "Small Box",
        "category": "arm",
        "license": "Apache-2.0",
        "oid": "0" * 40,
        "asset": "small_box.tar.xz",
        "sha256": hashlib.sha256(packed).hexdigest(),
        "download_size": len(packed),
        "installed_size": len(BOX),
        "entry_points": {"box": {"kind": "robot", "file": "box.xml"}},
        "default_model": "box",
        "default_scene": None,
    }
    registry = Registry("test", {"small_box": Robot.from_dict("small_box", description)})
    monkeypatch.setattr(mujoco_menagerie, "bundled", lambda: registry)
    return "small_box"


def test_the_catalogue_has_names_and_sizes(offline: None) -> None:
    models = {model.name: model for model in assets.known_models()}
    assert list(models) == sorted(models)
    assert len(models) == len(mujoco_menagerie.names())
    panda = models[PANDA]
    assert panda.download_bytes > 1_000_000
    assert panda.installed_bytes > panda.download_bytes
    assert panda.default_entry in panda.entries


def test_the_built_in_scenes_need_the_panda_only() -> None:
    assert assets.models_of_builtin_scenes() == (PANDA,)


def test_a_missing_model_is_reported_and_never_fetched(offline: None) -> None:
    assert assets.missing_models(find_scene("workbench")) == (PANDA,)
    assert assets.missing_models(find_scene("apartment")) == ()
    with pytest.raises(assets.MissingAssetsError, match=f"mjbench-tui assets fetch {PANDA}") as caught:
        assets.model_folder(PANDA)
    assert_one_sentence(caught.value)


def test_menagerie_root_decides_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: None) -> None:
    root = tmp_path / "menagerie"
    (root / PANDA).mkdir(parents=True)
    monkeypatch.setenv("MENAGERIE_ROOT", str(root))
    assert assets.model_folder(PANDA) == root / PANDA
    assert assets.missing_models(find_scene("workbench")) == ()
    assert assets.fetch(PANDA) == root / PANDA
    assert assets.missing_models(find_scene("menagerie:unitree_g1")) == ("unitree_g1",)
    for ask in (assets.model_folder, assets.fetch):
        with pytest.raises(assets.MissingAssetsError, match="MENAGERIE_ROOT") as caught:
            ask("unitree_g1")
        assert_one_sentence(caught.value)


def test_a_fetched_model_is_there_from_then_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = publish(tmp_path / "server", monkeypatch)
    seen: list[tuple[str, int, int]] = []
    folder = assets.fetch(name, lambda *report: seen.append(report))
    assert (folder / "box.xml").read_bytes() == BOX
    assert [report[0] for report in seen] == [name]
    assert seen[-1][1] == (tmp_path / "server" / "small_box.tar.xz").stat().st_size
    (tmp_path / "server" / "small_box.tar.xz").unlink()
    assert assets.fetch(name) == assets.model_folder(name) == folder


def test_a_half_fetched_model_counts_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = publish(tmp_path / "server", monkeypatch)
    folder = assets.fetch(name)
    (folder / ".complete").unlink()
    with pytest.raises(assets.MissingAssetsError):
        assets.model_folder(name)
    assert assets.fetch(name) == folder


def test_a_wrong_checksum_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = publish(tmp_path / "server", monkeypatch)
    (tmp_path / "server" / "small_box.tar.xz").write_bytes(b"not what was promised")
    refused(name, "checksum")
    assert not list((tmp_path / "cache").glob("models/*"))


def test_a_damaged_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(publish(tmp_path / "server", monkeypatch, b"no archive at all"), "cannot be unpacked")


def test_a_server_without_the_model_is_named() -> None:
    refused(PANDA, "MENAGERIE_BASE_URL")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9", "http://no-such-host.invalid", "nonsense", "http://["]
)
def test_a_server_out_of_reach_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENAGERIE_BASE_URL", address)
    refused(PANDA, "check the network")


def test_an_unwritable_cache_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MENAGERIE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    refused(PANDA, "MENAGERIE_CACHE_DIR")


@pytest.mark.parametrize("name", ["", "../..", "unitre_g1", "x" * 10_000, "a\0b"])
def test_an_unknown_model_is_refused(name: str) -> None:
    refused(name, "has no model")
    with pytest.raises(assets.AssetsError):
        assets.model_folder(name)


def test_every_built_in_scene_names_known_models() -> None:
    known = {model.name for model in assets.known_models()}
    assert {model for info in builtin_scenes() for model in info.models} <= known


def refused(name: str, why: str) -> None:
    with pytest.raises(assets.AssetsError, match=why) as caught:
        assets.fetch(name)
    assert_one_sentence(caught.value)
