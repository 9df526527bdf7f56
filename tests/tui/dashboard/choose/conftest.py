"""What the tests of choosing share: the screen in an app of its own, and what the backends really say."""

import hashlib
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import mujoco_menagerie
import pytest
from mujoco_menagerie import Registry, Robot
from textual.app import App
from textual.binding import Binding

from engine.backends.registry import all_backends
from engine.preflight import BackendStatus, probe_backends
from engine.process.launcher import SpawnLauncher
from profiles.profile import Profile
from tui.dashboard.choose.screen import ChooseScreen

BOX = b"<mujoco><worldbody><geom size='1'/></worldbody></mujoco>"


class ScreenApp(App[None]):
    """The screen with the keys that the dashboard has beside it, and all that it says."""

    BINDINGS = [  # noqa: RUF012
        Binding("f1", "one", "Help", key_display="F1"),
        Binding("f2", "two", "Profiles", key_display="F2"),
        Binding("f3", "three", "Sessions", key_display="F3"),
        Binding("f6", "six", "Save", key_display="F6"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, profile: Profile, **options: object) -> None:
        super().__init__()
        self.choose = ChooseScreen(profile, **options)
        self.started: list[Profile] = []
        self.changed: list[Profile | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.choose)

    def on_choose_screen_started(self, message: ChooseScreen.Started) -> None:
        self.started.append(message.profile)

    def on_choose_screen_changed(self, message: ChooseScreen.Changed) -> None:
        self.changed.append(message.profile)

    def action_one(self) -> None:
        """Nothing: the dashboard's own keys only take room here."""

    action_two = action_three = action_six = action_one


@pytest.fixture(scope="session")
def statuses() -> dict[str, BackendStatus]:
    """What the backends of this machine say of themselves, without a display."""
    display = {name: os.environ.pop(name, None) for name in ("DISPLAY", "WAYLAND_DISPLAY")}
    names = [*(info.name for info in all_backends()), "misbehaving"]
    found = probe_backends(names, SpawnLauncher())
    os.environ.update({name: value for name, value in display.items() if value is not None})
    return found


@pytest.fixture
def choose(statuses: dict[str, BackendStatus]) -> Callable[..., ScreenApp]:
    """Makes an app with the screen; the backends were tried before, unless `probe` tries them."""

    def make(profile: Profile | None = None, **options: object) -> ScreenApp:
        return ScreenApp(profile or Profile(), **{"probe": statuses.__getitem__, **options})

    return make


@pytest.fixture
def small_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server's folder with `small_box`, all that Menagerie has: some MiB, not on this machine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as archive:
        for name, content in (("box.xml", BOX), ("noise.bin", os.urandom(3 << 20))):
            member = tarfile.TarInfo(f"small_box/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    packed = buffer.getvalue()
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "small_box.tar.xz").write_bytes(packed)
    description = {
        "display_name": "Small Box",
        "category": "arm",
        "license": "Apache-2.0",
        "oid": "0" * 40,
        "asset": "small_box.tar.xz",
        "sha256": hashlib.sha256(packed).hexdigest(),
        "download_size": len(packed),
        "installed_size": len(BOX) + (3 << 20),
        "entry_points": {"box": {"kind": "robot", "file": "box.xml"}},
        "default_model": "box",
        "default_scene": None,
    }
    panda = mujoco_menagerie.bundled().robots["franka_emika_panda"]
    models = {"franka_emika_panda": panda, "small_box": Robot.from_dict("small_box", description)}
    registry = Registry("test", models)
    monkeypatch.setattr(mujoco_menagerie, "bundled", lambda: registry)
    monkeypatch.delenv("MENAGERIE_ROOT", raising=False)
    monkeypatch.setenv("MENAGERIE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("MENAGERIE_BASE_URL", folder.as_uri())
    return folder
