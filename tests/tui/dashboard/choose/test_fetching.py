"""Fetching models from the list: asked for, seen coming, given up, refused; never half there."""

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from textual.widgets import Static

from profiles.profile import Profile
from scenes.assets import missing_models
from scenes.registry import find_scene
from tui.dashboard.choose.check_list import CheckList
from tui.dashboard.choose.fetch_dialog import FetchDialog, progress_text

SCENE = "menagerie:small_box"


def said(app, name):
    return str(app.screen.query_one(f"#{name}", Static).content)


def scene_line(app):
    return app.choose.query_one("#scenes", CheckList).lines[-1].text


@pytest.fixture
def slow_server(small_model, monkeypatch):
    """Serves the model, but only its first 2 MiB until the event is set."""
    go_on = threading.Event()
    archive = (small_model / "small_box.tar.xz").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(archive)))
            self.end_headers()
            self.wfile.write(archive[: 2 << 20])
            go_on.wait(60)
            self.wfile.write(archive[2 << 20 :])

        def log_message(self, *arguments):
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("MENAGERIE_BASE_URL", f"http://127.0.0.1:{server.server_port}")
    yield go_on
    go_on.set()
    server.shutdown()
    server.server_close()


async def open_dialog(app, pilot, wait_for):
    await wait_for(lambda: "menagerie" in scene_line(app))
    await pilot.press("end")
    await pilot.pause()
    assert "f" in app.choose.active_bindings
    await pilot.press("f")
    await wait_for(lambda: isinstance(app.screen, FetchDialog))


def test_a_model_is_given_up_without_leaving_half_of_it_and_then_fetched(
    choose, wait_for, slow_server, tmp_path
):
    async def use():
        app = choose(Profile().override({"scenes": ["apartment", SCENE]}), ascii_only=True)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: "menagerie" in scene_line(app))
            assert "f" not in app.choose.active_bindings
            await open_dialog(app, pilot, wait_for)
            assert "Small Box (small_box)\n  3.0 MiB to download" in said(app, "models")
            assert "license Apache-2.0" in said(app, "models")
            await pilot.press("enter")
            await wait_for(lambda: "small_box: 2.0 of 3.0 MiB" in said(app, "bar"))
            assert "##########......" in said(app, "bar")
            await pilot.press("escape")
            await wait_for(lambda: app.screen is app.choose)
            slow_server.set()
            await wait_for(lambda: not any(thread.name == "fetch" for thread in threading.enumerate()))
            assert missing_models(find_scene(SCENE)) == ("small_box",)
            assert not [path for path in (tmp_path / "cache").rglob("*") if path.suffix]
            assert scene_line(app).startswith("[!] menagerie:small_box  lacks models: press f")

            await open_dialog(app, pilot, wait_for)
            await pilot.press("enter")
            await wait_for(lambda: app.screen is app.choose)
            assert missing_models(find_scene(SCENE)) == ()
            assert scene_line(app) == "[x] menagerie:small_box"
            assert "f" not in app.choose.active_bindings

    asyncio.run(use())


def test_what_goes_wrong_is_one_sentence_in_the_dialog_and_can_be_tried_again(
    choose, wait_for, small_model, tmp_path
):
    archive = small_model / "small_box.tar.xz"

    async def use():
        app = choose(Profile().override({"scenes": [SCENE]}))
        async with app.run_test(size=(80, 24)) as pilot:
            await open_dialog(app, pilot, wait_for)
            archive.rename(tmp_path / "away")
            await pilot.press("enter")
            await wait_for(lambda: "! cannot fetch the Menagerie model 'small_box'" in said(app, "problem"))
            assert "try again" in said(app, "keys")
            (tmp_path / "away").rename(archive)
            await pilot.press("enter")
            await wait_for(lambda: app.screen is app.choose)
            assert scene_line(app) == "[x] menagerie:small_box"

    asyncio.run(use())


def test_the_bar_in_words_and_marks():
    assert progress_text("", 0, 0, 3, True).splitlines() == ["." * 40, "asking the server, 3 s"]
    assert progress_text("box", 1 << 20, 0, 3, True).endswith("box: 1.0 MiB, 3 s")
    half = progress_text("box", 1 << 20, 2 << 20, 3, False)
    assert half.startswith("█" * 20 + "░" * 20 + "  50%")
    assert "unpacking" in progress_text("box", 5, 5, 3, True)
