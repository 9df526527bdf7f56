"""Text from outside that would do harm if it were more than text, and what a person has to see of it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import tomli_w
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from engine.messages import FailureKind, RendererIdentity, Stage
from engine.results import Failure
from profiles.session import Session, TrialRecord, session_table
from profiles.store import SESSION_FILE
from tests.faults.hostile_texts import harm_in
from tests.tui.dashboard.fixed import fixed_session
from tui.text import printable

NAME = "[red]\\[b]\x1b[1m\x9b\n\u202e\u200b[@click=app.quit]z["
"""What a file can be called; the worst comes first, for what is cut."""
TEXT = NAME + "[/red][/]"
PRINTABLE_NAME = "[red]\\[b]\u202e\u200b[@click=app.quit]z["
"""What the checks of a profile let through."""
WIDE = (230, 60)
_DOES = re.compile(r"app\.(quit|bell)")
"""What markup in the texts would do where it is clicked on."""


def seen(app: App[object], widget: Widget | None = None) -> str:
    """All that the screen, or a widget with its border, sends to the terminal; nothing of it may do harm."""
    strips = app.screen._compositor.render_strips()
    for strip in strips:
        assert not harm_in(strip.text), repr(strip.text)
        assert sum(map(cell_len, strip.text)) == app.size.width, "a line is as wide as the screen"
    if widget is not None:
        region = widget.region
        strips = [strip.crop(region.x, region.right) for strip in strips[region.y : region.bottom]]
    for segment in (segment for strip in strips for segment in strip):
        assert not segment.control
        assert segment.style is None or not _DOES.search(str(segment.style.meta)), segment
        assert segment.style is None or segment.style.link is None, segment
    return "\n".join(strip.text for strip in strips)


def typed(text: str) -> str:
    """How a text stands in a line to type in: each of its characters takes one."""
    return "".join(letter if printable(letter) == letter else "?" for letter in text)


def packed(text: str) -> str:
    """Without what folding a text over several lines of a box puts in between."""
    return "".join(letter for letter in text if not letter.isspace() and letter not in "│▌┃")


def count(app: App[object], text: str, widget: Widget | None = None, cells: int | None = None) -> int:
    """How often a text, or so many cells of its beginning, stands there as text, folded or not."""
    wanted = printable(text)
    return packed(seen(app, widget)).count(packed(wanted if cells is None else wanted[:cells]))


def shows(app: App[object], text: str, widget: Widget | None = None, cells: int | None = None) -> bool:
    """Whether it stands there."""
    return count(app, text, widget, cells) > 0


def showing(app: App[object], *texts: str, at: str = "") -> Callable[[], bool]:
    """What to wait for: all of these texts, anywhere or in a widget of the screen that is open then."""

    def look() -> bool:
        places = list(app.screen.query(at)) if at else [None]
        return all(any(shows(app, text, place) for place in places) for text in texts)

    return look


class Host(App[None]):
    """Nothing but a screen."""

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self.first = screen

    def on_mount(self) -> None:
        self.push_screen(self.first)


def use(
    app: App[object], what: Callable[[Pilot[object]], Awaitable[None]], size: tuple[int, int] = WIDE
) -> None:
    """Do something with an app, which has to be there still at the end."""

    # Whatever is said stays there until it is looked at.
    app.NOTIFICATION_TIMEOUT = 600

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await what(pilot)
            seen(app)
            assert app.is_running

    asyncio.run(run())


def renderer(text: str) -> RendererIdentity:
    """A driver that says this of itself."""
    return RendererIdentity(
        vendor=f"vendor {text}", renderer=f"renderer {text}", version=f"version {text}", software=True
    )


def failure(text: str) -> Failure:
    """What went wrong, in these words."""
    return Failure(
        kind=FailureKind.ERROR, stage=Stage.OPEN, reason=f"reason {text}", fix=f"fix {text}", log=text
    )


def foreign_session(folder: Path, text: str = TEXT) -> Session:
    """A session of another's making, written into a folder: this text wherever one can stand."""
    session = fixed_session(folder)
    replace = msgspec.structs.replace

    def changed(trial: TrialRecord) -> TrialRecord:
        return replace(trial, failure=failure(text) if trial.failure else None)

    cases = tuple(
        replace(
            case,
            id=f"id {text}",
            scene=f"/{NAME}",
            backend=f"{case.backend}{NAME}",
            camera=text,
            renderer=renderer(text) if case.renderer else None,
            trials=tuple(map(changed, case.trials)),
        )
        for case in session.cases
    )
    machine = replace(
        session.machine,
        hostname=f"host {text}",
        os=f"os {text}",
        kernel=text,
        cpu=replace(session.machine.cpu, model=f"cpu {text}", governors=(text,)),
        gpus=tuple(replace(gpu, name=f"gpu {text}", driver=text) for gpu in session.machine.gpus),
        container=replace(session.machine.container, kind=text),
        versions={"mujoco": f"mujoco {text}", f"package {text}": text},
        environment={f"variable {text}": text},
    )
    info = replace(
        session.session,
        id=f"id {text}",
        profile_name=f"profile {text}",
        tool_version=text,
        lost=f"lost {text}",
    )
    session = replace(session, session=info, machine=machine, cases=cases)
    (folder / SESSION_FILE).write_text(tomli_w.dumps(session_table(session)))
    return session
