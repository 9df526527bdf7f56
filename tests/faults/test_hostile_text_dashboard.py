"""Whatever a text from outside holds: on every screen of the dashboard it is text, in a terminal too."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli_w
from rich.cells import cell_len
from textual.pilot import Pilot

from engine import preflight
from engine.case import Case, Effects, Resolution
from engine.events import (
    Disturbed,
    FramesMeasured,
    PictureJudged,
    RoundEnded,
    StageEntered,
    TrialEnded,
    TrialReady,
    TrialStarted,
)
from engine.interference.records import Finding
from engine.messages import ReadyMessage, Stage
from engine.preflight import BackendStatus
from engine.results import Failure, TrialResult
from engine.uncertainty.stopping import Decision, Standing, Until
from profiles.profile import Profile
from profiles.session import Session
from profiles.sessions import sessions_folder
from profiles.store import own_profiles_folder
from tests.faults.hostile_sessions import FAILED, KEYS, file_name, on_disk, write_infected
from tests.faults.hostile_texts import GROUPS, HOSTILE, ORDINARY, Infection, groups
from tests.perf.pty_app import PtyApp
from tests.profiles.session_builders import BEGUN, ENDED
from tests.terminal.tmux import Tmux
from tests.tui.dashboard.explain.explained import CASE, statuses, write_explanation
from tests.tui.dashboard.fixed import fixed_session, phases_of, probe_fixed
from tests.tui.dashboard.outside import Host, seen, use
from tui.dashboard import app as dashboard_module
from tui.dashboard.choose.screen import ChooseScreen
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.explain.screen import ExplanationScreen
from tui.dashboard.profiles.screen import ProfilesScreen
from tui.dashboard.results.screen import ResultScreen
from tui.dashboard.results.table import ResultTable
from tui.dashboard.session_run import RunPhase, SessionRun
from tui.dashboard.sessions.screen import SessionsScreen
from tui.dashboard.sessions.side_by_side import SideBySideScreen
from tui.dashboard.watch.screen import WatchScreen
from tui.dashboard.watch.state import RunState
from tui.explanation import explained_records
from tui.text import printable

LIMIT_S = 60
TURNS = range(GROUPS) if os.environ.get("MJBENCH_ALL_HOSTILE_TEXTS") else range(0, GROUPS, 2)
"""Which texts come first in each field, where a narrow column shows no more; the variable asks for all."""
SMALL = (80, 24)


@pytest.fixture(params=TURNS)
def infection(request: pytest.FixtureRequest) -> Infection:
    """Texts that begin with others of the hostile ones."""
    texts = groups()
    return Infection(texts[request.param :] + texts[: request.param], (*KEYS, *FAILED))


async def wait_for(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; the app goes on meanwhile."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def press_each(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, and look at all that is drawn after each."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
        seen(pilot.app)


def infected_session(folder: Path, infection: Infection) -> Session:
    """A session in memory, beside whose folder its timings lie; some of its trials have failed."""
    return infection.record(fixed_session(folder))


@pytest.mark.parametrize("size", [(140, 45), SMALL], ids=str)
def test_results(infection: Infection, size: tuple[int, int], tmp_path: Path):
    folder = tmp_path / "session"
    session = infected_session(folder, infection)
    screen = ResultScreen(session, folder)
    app = Host(screen)

    async def look(pilot: Pilot[Any]) -> None:
        await wait_for(lambda: screen.is_mounted and screen.query_one(ResultTable).row_count)
        await press_each(
            pilot, "down", "2", "v", "3", "4", "5", "6", "v", "7", "end", "1", "s", "end", "2", "z"
        )

    use(app, look, size)


def test_an_explanation(infection: Infection, tmp_path: Path):
    folder = tmp_path / "session"
    base = write_explanation(folder)
    ours = Infection(infection.texts, (*KEYS, *FAILED, "CaseRecord.change", "ChangeStatus.id"))
    session = ours.record(base)
    changes = [ours.record(status) for status in statuses()]
    case = msgspec.structs.replace(CASE, scene=session.cases[0].scene, backend=session.cases[0].backend)
    app = Host(ExplanationScreen(session, folder, explained_records(session, case), changes))

    async def look(pilot: Pilot[Any]) -> None:
        await wait_for(lambda: "made by" in seen(app))
        await press_each(pilot, "down", "down", "end", "up", "tab", "end")

    use(app, look, SMALL)


def test_past_sessions(infection: Infection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(preflight, "probe_backends", probe_fixed)
    for letter, text in zip("ab", infection.texts, strict=False):
        folder = sessions_folder() / file_name(text, letter)
        write_infected(folder, fixed_session(folder), infection)
    app = dashboard_module.Dashboard(Profile(), infection.texts[2])

    async def look(pilot: Pilot[Any]) -> None:
        await wait_for(lambda: "F5 measures them" in seen(app))
        await pilot.press("f3")
        await wait_for(lambda: isinstance(app.screen, SessionsScreen) and "2 sessions" in seen(app))
        await press_each(pilot, "down", "up", "r", "escape", "d", "escape", "e", "down", "escape", "slash")
        await press_each(pilot, *"ab", "escape", "space", "down", "space", "c")
        await wait_for(lambda: isinstance(app.screen, SideBySideScreen))
        await press_each(pilot, "down", "2", "3", "4", "end", "1", "f1", "escape", "escape")

    use(app, look)


def hostile_status(name: str) -> BackendStatus:
    """What a backend says of itself, or why it does not work."""
    made = Infection([HOSTILE["action"] + text for text in groups()]).record(None, BackendStatus)
    return msgspec.structs.replace(made, backend=name, works=name in ("egl", "mjwarp"))


def test_choosing_and_profiles(infection: Infection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        preflight, "probe_backends", lambda names, launcher: {name: hostile_status(name) for name in names}
    )
    folder = own_profiles_folder()
    folder.mkdir(parents=True)
    for number, text in enumerate(infection.texts):
        # What the checks let through stands there; of the others, why they cannot be used.
        kept = "".join(one for one in on_disk(text) if not (ord(one) < 32 or 127 <= ord(one) < 160))
        told = {
            "title": kept[:200],
            "description": f"{kept}\n{kept}"[:9000],
            "camera": kept or "x",
            "seed": 7,
        }
        (folder / f"{file_name(text, str(number))}.toml").write_text(tomli_w.dumps(told))
        (folder / f"bad{number}.toml").write_text(tomli_w.dumps({on_disk(text): 1}))
    profile = Profile(
        scenes=tuple(f"/no/{on_disk(text)}" for text in infection.texts), camera=infection.texts[0]
    )
    app = dashboard_module.Dashboard(profile, infection.texts[1], note=infection.texts[2])

    async def look(pilot: Pilot[Any]) -> None:
        await wait_for(lambda: isinstance(app.screen, ChooseScreen) and "F5 cannot start" in seen(app))
        await press_each(
            pilot, "down", "down", "end", "tab", "down", "down", "tab", "tab", "f7", "escape", "f1", "escape"
        )
        app.clear_notifications()
        await pilot.press("f2")
        await wait_for(lambda: isinstance(app.screen, ProfilesScreen) and "cannot be used" in seen(app))
        await press_each(
            pilot, "end", *["up"] * (len(infection.texts) + 1), "c", "escape", "d", "escape", "enter"
        )

    use(app, look, (120, 40))


def told(text: str, case: Case, failing: Case) -> Iterator[Any]:
    """What a run may tell, with this text wherever one can stand."""
    made = Infection([text])
    failure, finding = made.record(None, Failure), made.record(None, Finding)
    yield TrialStarted(failing, 1, 1, 4)
    result = TrialResult(
        case=failing, trial=1, status="failed", started_at=BEGUN, ended_at=ENDED, failure=failure
    )
    yield TrialEnded(result, 1, 4)
    yield TrialStarted(case, 1, 2, 4)
    yield TrialReady(case, 1, made.record(None, ReadyMessage))
    yield StageEntered(case, 1, Stage.RUN)
    like = Case("apartment", "egl", case.resolution, case.effects)
    yield FramesMeasured(case, 1, False, phases_of(like, 50), 50, 10**9)
    yield Disturbed(case, 1, (finding,))
    yield PictureJudged(failing, failure, None)
    yield RoundEnded(Standing(decision=Decision.GO_ON, unmet=(text,), limit=text), Until(relative_error=0.01))


def test_watching(infection: Infection, tmp_path: Path):
    text = infection.texts[0]
    case = Case(f"/{text}", "egl", Resolution.parse("64x48"), Effects.SCENE, change=text)
    failing = msgspec.structs.replace(case, change=f"{text}2")
    run = SessionRun(Profile(), text)
    run.state, run.phase = RunState((case, failing), run.profile.settings()), RunPhase.RUNNING
    run.note = text
    run.log_tail = lambda case_id: "\n".join(HOSTILE.values())  # type: ignore[method-assign]
    run.folder = tmp_path / file_name(text, "s")
    for event in told(text, case, failing):
        run.state.fold(event)
    app = Host(WatchScreen(run))

    async def look(pilot: Pilot[Any]) -> None:
        await wait_for(lambda: "running" in seen(app))
        await press_each(pilot, "down", "up", "k", "down", "f1", "escape")
        run.error, run.phase = text, RunPhase.REFUSED
        await wait_for(lambda: "Nothing was measured" in seen(app))
        run.phase = RunPhase.ENDED
        await wait_for(lambda: "Session " in seen(app))

    use(app, look)


def test_questions_and_notifications():
    for text in groups():
        app = Host(ConfirmDialog(text[:200], text[:200], text[:200]))

        async def look(pilot: Pilot[Any], text: str = text[:200]) -> None:
            await wait_for(lambda: "y  " in seen(pilot.app))
            pilot.app.push_screen(AskDialog(text, text, lambda value: text))
            await wait_for(lambda: "enter  take it" in seen(pilot.app))
            await press_each(pilot, "x", "home", "right", "end")

        use(app, look)


# In a terminal.

_SEQUENCE = re.compile(
    rb"""
    \x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)   # titles, links, the clipboard
    | \x1b(?P<string>[PX^_])                     # device control, application's, privacy, start of string
    | \x1b\[(?P<private>[<=>?]?)[0-9;:]*[ -/]*(?P<final>[@-~])
    | \x1b(?P<short>[^\[\]PX^_])
    """,
    re.VERBOSE,
)


def kinds_of_sequences(written: bytes) -> set[tuple[str, bytes]]:
    """What a terminal was told to do: the commands, without their numbers."""
    kinds = set()
    for found in _SEQUENCE.finditer(written):
        for kind in ("osc", "string", "final", "short"):
            if found[kind] is not None:
                kinds.add((kind, (found["private"] or b"") + found[kind]))
    rest = _SEQUENCE.sub(b"", written)
    kinds |= {("control", bytes([one])) for one in rest if one < 32 or one == 127}
    text = rest.decode("utf-8", "replace")
    assert "\ufffd" not in text
    return kinds | {("control", one.encode()) for one in text if "\x80" <= one <= "\x9f"}


def written_to_a_terminal(home: Path, hostile: bool) -> bytes:
    """All that the dashboard writes on a way past what is on the disk."""
    data, config = home / "data", home / "config"
    profiles = config / "mjbench" / "profiles"
    profiles.mkdir(parents=True)
    for letter, number in zip("ab", (0, 2), strict=True):
        text = groups()[number] if hostile else "benign"
        folder = data / "mjbench" / "sessions" / file_name(text, letter)
        if hostile:
            texts = groups()[number:]
            write_infected(folder, fixed_session(folder), Infection(texts, (*KEYS, *FAILED)))
        else:
            fixed_session(folder)
        (profiles / f"{file_name(text, letter)}.toml").write_text(
            tomli_w.dumps({on_disk(HOSTILE["clipboard"]): 1} if hostile else {"title": "benign", "no": 1})
        )
    variables = {
        "XDG_DATA_HOME": str(data), "XDG_CONFIG_HOME": str(config), "XDG_STATE_HOME": str(home / "state"),
        "MENAGERIE_CACHE_DIR": str(home / "models"), "LC_ALL": "C.UTF-8", "TMUX": "", "TERM_PROGRAM": "",
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("mjbench-tui")), "--backend", "null"]
    terminal = PtyApp(command, variables, (100, 30))
    try:
        terminal.wait_for(b"F5 measures")

        def go(key: bytes, text: bytes) -> None:
            _, since = terminal.press(key)
            terminal.wait_for(text, since)

        go(b"\x1bOR", b"2 sessions")
        go(b"\r", b"About")
        for key, text in ((b"5", b"FPS"), (b"7", b"measured")):
            go(key, text)
        go(b"b", b"2 sessions")
        go(b"b", b"F5 measures")
        go(b"\x1bOQ", b"cannot be used")
        go(b"b", b"F5 measures")
        terminal.press(b"q")
        terminal.process.wait(LIMIT_S)
    finally:
        terminal.end()
    return bytes(terminal._written)


def test_a_terminal_is_told_nothing_that_a_benign_name_does_not_tell(tmp_path: Path):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        benign, hostile = pool.map(
            written_to_a_terminal, (tmp_path / "benign", tmp_path / "hostile"), (False, True)
        )
    assert b"owned" in hostile, "the texts were on the screen"
    assert kinds_of_sequences(hostile) <= kinds_of_sequences(benign)


MEASURE = """
import json, os, re, sys, termios, tty
terminal = os.open("/dev/tty", os.O_RDWR)
before = termios.tcgetattr(terminal)
tty.setraw(terminal)
columns = []
for text in json.load(open(sys.argv[1])):
    os.write(terminal, b"\\r\\x1b[K" + text.encode() + b"\\x1b[6n")
    answer = b""
    while not answer.endswith(b"R"):
        answer += os.read(terminal, 100)
    columns.append(int(re.search(rb";([0-9]+)R", answer)[1]) - 1)
termios.tcsetattr(terminal, termios.TCSANOW, before)
json.dump(columns, open(sys.argv[2], "w"))
"""


@pytest.fixture
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tmux]:
    """A terminal of 100x30 with nothing in it yet."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: scripts/test.sh installs it")
    tmux = Tmux(tmp_path_factory.mktemp("tmux") / "socket", (100, 30))
    yield tmux
    tmux.hang_up()


def test_a_terminal_gives_each_text_as_many_columns_as_we_think(terminal: Tmux, tmp_path: Path):
    import json

    texts = [printable(text)[:40] for text in (*HOSTILE.values(), *ORDINARY)]
    texts = [text for text in texts if cell_len(text) < 90]
    (tmp_path / "texts").write_text(json.dumps(texts))
    (tmp_path / "measure.py").write_text(MEASURE)
    line = [sys.executable, str(tmp_path / "measure.py"), str(tmp_path / "texts"), str(tmp_path / "columns")]
    terminal.start(shlex.join(line))
    assert terminal.exit_code() == 0
    columns = json.loads((tmp_path / "columns").read_text())
    assert dict(zip(texts, columns, strict=True)) == {text: cell_len(text) for text in texts}
