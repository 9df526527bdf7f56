"""A small app around what is tested."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.message import Message

from profiles.store import own_profiles_folder

BY_HAND = '# before each release\ntitle = "Release [bold]x[/"\nseed = 3 # do not change\n'


class Host(App[None]):
    """Writes down what a screen sends up."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Message] = []
        self.said: list[str] = []

    def notify(self, message: str, **options: object) -> None:
        """Write down what is said, which must not be read as markup."""
        assert options.get("markup") is False
        self.said.append(message)


@pytest.fixture
def host() -> Host:
    """An app without a screen of its own."""
    return Host()


@pytest.fixture
def own() -> Path:
    """The folder of one's own profiles, with `mine` in it."""
    folder = own_profiles_folder()
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(BY_HAND)
    return folder


@pytest.fixture
def text_of() -> Callable[..., str]:
    """All that is on the screen, or within one widget of it, as text without line ends."""

    def read(app: App[None], selector: str = "") -> str:
        region = app.screen.query_one(selector).content_region if selector else app.screen.region
        strips = app.screen._compositor.render_strips()[region.y : region.bottom]
        return " ".join(" ".join(strip.crop(region.x, region.right).text for strip in strips).split())

    return read
