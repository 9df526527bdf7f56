"""Text from outside is data: it stands on every screen as text, and reaches the terminal as nothing else."""

import json
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import tomli_w
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from engine import preflight
from engine.case import Case, Effects, Resolution
from engine.events import StageEntered, TrialEnded, TrialReady, TrialStarted
from engine.messages import ReadyMessage, Stage
from engine.preflight import BackendStatus
from engine.results import TrialResult
from profiles.profile import Profile
from profiles.store import load_profile, own_profiles_folder
from scenes.assets import AssetsError
from tests.profiles.session_builders import BEGUN, ENDED, START_UP
from tests.tui.dashboard.outside import (
    NAME,
    PRINTABLE_NAME,
    TEXT,
    Host,
    count,
    failure,
    renderer,
    showing,
    shows,
    typed,
    use,
)
from tui.dashboard import app as dashboard_module
from tui.dashboard.choose import fetch_dialog
from tui.dashboard.choose.fetch_dialog import FetchDialog
from tui.dashboard.choose.screen import ChooseScreen
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.profiles.unsaved import UnsavedDialog
from tui.dashboard.session_run import RunPhase, SessionRun
from tui.dashboard.watch.screen import WatchScreen
from tui.dashboard.watch.state import RunState

BOX = "<mujoco><worldbody><geom size='1'/></worldbody></mujoco>"
WaitFor = Callable[[Callable[[], object]], Awaitable[None]]


def answer(name: str) -> BackendStatus:
    """What a backend says that is up to no good."""
    if name == "egl":
        return BackendStatus(backend=name, works=True, renderer=renderer(TEXT))
    if name == "osmesa":
        return BackendStatus(backend=name, works=False, reason=f"reason {TEXT}", fix=f"fix {TEXT}")
    raise RuntimeError(TEXT)


def test_choosing(wait_for: WaitFor, tmp_path: Path):
    there = tmp_path / f"{PRINTABLE_NAME}.xml"
    there.write_text(BOX)
    lost = f"/no/{NAME}.xml"
    profile = Profile(scenes=(str(there), lost), backends=("egl",), camera=PRINTABLE_NAME)
    choose = ChooseScreen(profile, probe=answer)
    app = Host(choose)

    async def look(pilot: Pilot[object]) -> None:
        choose.show_name(TEXT)
        await wait_for(showing(app, f"Profile {TEXT}", "could not be tried"))
        scenes, backends = choose.query_one("#scenes"), choose.query_one("#backends")
        assert shows(app, there.name, scenes)
        assert shows(app, f"{NAME}.xml", scenes)
        assert shows(app, typed(PRINTABLE_NAME), choose.query_one("#camera"))
        assert shows(app, f"renderer {TEXT}", backends, cells=40)
        assert shows(app, f"reason {TEXT}", backends, cells=40)
        scenes.go_to(lost)
        await wait_for(showing(app, f"cannot be drawn: there is no file {lost!r}", at="#description"))
        assert shows(app, repr(lost), choose.query_one("#verdict"))
        await pilot.press("space")
        await wait_for(showing(app, f"{there.name}  egl", at="#cases"))
        assert choose.current_profile.camera == PRINTABLE_NAME, "what is only shown stays as it is"
        await pilot.press("tab")
        driver = f"renderer {TEXT}; version {TEXT}; vendor {TEXT}"
        await wait_for(showing(app, driver, at="#description"))
        await pilot.press("down")
        await wait_for(showing(app, f"reason {TEXT}", f"fix {TEXT}", at="#description"))
        await pilot.press("down")
        await wait_for(showing(app, f"RuntimeError: {' '.join(TEXT.split())}", at="#description"))

    use(app, look)


@pytest.mark.parametrize(
    ("dialog", "times"),
    [
        (lambda: ConfirmDialog(TEXT, TEXT, TEXT), 3),
        (lambda: AskDialog(TEXT, NAME[-20:], lambda text: TEXT), 2),
        (lambda: UnsavedDialog(TEXT, True, TEXT), 3),
    ],
    ids=["confirm", "ask", "unsaved"],
)
def test_questions(wait_for: WaitFor, dialog: Callable[[], Screen[object]], times: int):
    app = Host(dialog())

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(lambda: count(app, TEXT) == times)

    use(app, look)


def test_what_is_typed_or_pasted(wait_for: WaitFor):
    app = Host(AskDialog("A name?"))

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(lambda: isinstance(app.focused, Input))
        app.post_message(Paste(TEXT))
        await wait_for(showing(app, typed(TEXT.splitlines()[0]), at="#answer"))
        assert app.focused.value == TEXT.splitlines()[0], "what is wrong with it is for the check to say"

    use(app, look)


def test_fetching(wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch):
    app = Host(FetchDialog((TEXT,)))
    go_on = threading.Event()

    def fetch(name: str, report: Callable[[str, int, int], None]) -> None:
        report(name, 1 << 20, 2 << 20)
        go_on.wait(60)
        raise AssetsError(f"error {TEXT}")

    monkeypatch.setattr(fetch_dialog, "fetch", fetch)

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(showing(app, TEXT, at="#models"))
        await pilot.press("enter")
        await wait_for(showing(app, f"{TEXT}: 1.0 of 2.0 MiB", at="#bar"))
        go_on.set()
        await wait_for(showing(app, f"! error {TEXT}", at="#problem"))

    use(app, look)


def watched(*cases: Case) -> SessionRun:
    """A run of some cases, in which nothing has happened yet."""
    run = SessionRun(Profile(), TEXT)
    run.state = RunState(cases, run.profile.settings())
    run.phase = RunPhase.RUNNING
    return run


def case_of(scene: str, backend: str = "egl") -> Case:
    return Case(scene=scene, backend=backend, resolution=Resolution.parse("64x48"), effects=Effects.SCENE)


def test_watching(wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    runs, fails = case_of(f"/{NAME}"), case_of(f"/{NAME}", "osmesa")
    run = watched(runs, fails)
    run.folder = tmp_path / NAME
    (run.folder / "logs").mkdir(parents=True)
    (run.folder / "logs" / f"{runs.id}.1.log").write_text(TEXT)
    state = run.state
    state.fold(TrialStarted(fails, 1, 1, 2))
    result = TrialResult(
        case=fails, trial=1, status="failed", started_at=BEGUN, ended_at=ENDED, failure=failure(TEXT)
    )
    state.fold(TrialEnded(result, 1, 2))
    state.fold(TrialStarted(runs, 1, 2, 2))
    state.fold(TrialReady(runs, 1, ReadyMessage(renderer(TEXT), TEXT, 8, START_UP)))
    state.fold(StageEntered(runs, 1, Stage.RUN))
    watch = WatchScreen(run)
    app = Host(watch)

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(showing(app, f"{NAME} egl", f"{NAME} osmesa", at="#cases"))
        await wait_for(showing(app, f"{NAME} egl 64x48 scene", f"driver  renderer {TEXT}", at="#figures"))
        await wait_for(showing(app, f"Log of {NAME} egl", *TEXT.expandtabs().splitlines(), at="#log"))
        figures, drawn = watch.query_one("#figures"), []
        with monkeypatch.context() as patch:
            patch.setattr(figures, "refresh", lambda *regions, **_: drawn.append(regions) or figures)
            watch._show()
        assert not drawn, "a border is drawn again only where the case is called otherwise"
        await pilot.press("k")
        await wait_for(showing(app, f"Skipping {NAME} egl", at="Toast"))
        await pilot.press("down")
        await wait_for(showing(app, f"reason  reason {TEXT}", f"fix     fix {TEXT}", at="#figures"))
        run.error, run.phase = f"error {TEXT}", RunPhase.REFUSED
        await wait_for(showing(app, f"error {TEXT}", at="#note"))
        run.phase = RunPhase.ENDED
        await wait_for(showing(app, f": {NAME}", at="#title"))

    use(app, look)


def test_notifications_and_the_name_of_a_file(
    wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(
        preflight, "probe_backends", lambda names, launcher: {name: answer(name) for name in names}
    )
    path = tmp_path / f"{NAME}.toml"
    path.write_text('backends = ["null"]\n')
    app = dashboard_module.Dashboard(load_profile(path), str(path), note=TEXT)

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(showing(app, TEXT, at="Toast"))
        await wait_for(showing(app, f"Profile {path.name}", at="#name"))
        app.screen.query_one("#seed", Input).value = "7"
        await wait_for(showing(app, f"Profile {path.name} (changed)", at="#name"))
        await pilot.press("q")
        await wait_for(showing(app, f"Changes to the file {path.name} are not saved."))
        await pilot.press("escape", "f6")
        await wait_for(showing(app, repr(str(path))[-60:], at="Toast"))

    use(app, look)


def test_profiles(wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        preflight, "probe_backends", lambda names, launcher: {name: answer(name) for name in names}
    )
    folder = own_profiles_folder()
    folder.mkdir(parents=True)
    described = {
        "title": f"title {PRINTABLE_NAME}",
        "description": f"first\n\tthen {PRINTABLE_NAME}",
        "seed": 7,
    }
    (folder / f"{NAME}.toml").write_text(tomli_w.dumps({**described, "camera": PRINTABLE_NAME}))
    (folder / "zzz.toml").write_text(f"{json.dumps(TEXT)} = 1")
    app = dashboard_module.Dashboard(load_profile("quick"), "quick")

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(showing(app, "Profile quick"))
        await pilot.press("f2")
        await wait_for(showing(app, NAME[:12], f"title {PRINTABLE_NAME}", at="#profiles"))
        await pilot.press("end")
        await wait_for(showing(app, f"unknown key {TEXT!r}", at="#about"))
        await pilot.press("enter")
        await wait_for(showing(app, f"unknown key {TEXT!r}", at="Toast"))
        app.clear_notifications()
        await pilot.press("up")
        told = (NAME, f"title {PRINTABLE_NAME}", f"then {PRINTABLE_NAME}", f"{folder / NAME}.toml")
        await wait_for(showing(app, *told, at="#about"))
        for key, words in (("c", f"of the profile {NAME!r}"), ("d", f"delete {folder / NAME}.toml")):
            await pilot.press(key)
            await wait_for(showing(app, words, at=".dialog"))
            await pilot.press("escape")
        await pilot.press("r")
        await wait_for(showing(app, typed(NAME), at="#answer"))
        await pilot.press("escape", "e")
        await wait_for(showing(app, f"{folder / NAME}.toml: ctrl+r", at="Toast"))
        app.clear_notifications()
        await pilot.press("enter")
        await wait_for(showing(app, f"Profile {NAME}", at="#name"))
        assert shows(app, typed(PRINTABLE_NAME), app.screen.query_one("#camera"))

    use(app, look)
