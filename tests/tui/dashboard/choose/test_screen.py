"""The screen as a person uses it, with keys."""

import asyncio
import re
import threading

import pytest
from textual.scrollbar import ScrollBar
from textual.widgets import Input, OptionList, Static
from textual.widgets._footer import FooterKey

from engine.backends.registry import all_backends
from engine.preflight import BackendStatus
from profiles.profile import Profile
from profiles.store import load_profile
from tui.dashboard.choose.check_list import CheckList
from tui.dashboard.choose.settings import SETTINGS
from tui.dashboard.choose.settings_panel import SettingsPanel
from tui.dashboard.dialogs import AskDialog
from tui.dashboard.plain_scroll_bar import PlainScrollBar

BOX = "<mujoco><worldbody><geom size='1'/></worldbody></mujoco>"
SIZES = [(80, 24), (140, 45)]


def said(app, name):
    return str(app.screen.query_one(f"#{name}", Static).content)


def lines(app, name):
    return [line.text for line in app.choose.query_one(f"#{name}", CheckList).lines]


def line_of(app, name):
    """The line of a backend."""
    return next(text for text in lines(app, "backends") if text[4:].split()[0] == name)


def point_at(app, name):
    app.choose.query_one("#backends", CheckList).go_to(name)


def picture(app):
    """All text on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def ready(app, wait_for):
    await wait_for(lambda: lines(app, "backends") and "being tried" not in "".join(lines(app, "backends")))
    await wait_for(lambda: "F5 measures" in said(app, "verdict") or "cannot" in said(app, "verdict"))


@pytest.mark.parametrize("size", SIZES)
def test_all_that_one_needs_is_on_the_screen(choose, wait_for, statuses, size):
    async def use():
        app = choose(load_profile("quick"))
        async with app.run_test(size=size) as pilot:
            app.choose.show_name("quick (built-in), [b]changed")
            await ready(app, wait_for)
            assert "Profile quick (built-in), [b]changed" in picture(app)
            for name in ("scenes", "backends"):
                assert app.choose.query_one(f"#{name}").content_size.height >= 5
            working = [info.name for info in all_backends() if info.draws and statuses[info.name].works]
            for info in all_backends():
                mark = "[x]" if info.name in working else " - " if info.draws else "[ ]"
                assert line_of(app, info.name).startswith(f"{mark} {info.name} ")
            # Each with and without effects.
            assert f"{2 * len(working)} cases, {2 * len(working)} trials, about " in picture(app)
            assert "F5 measures them" in picture(app)
            assert re.search("egl +llvmpipe SOFTWARE", picture(app))
            found = re.search("apartment +osmesa +640x480 +bare", picture(app))
            assert bool(found) == (size[0] > 100)
            for focus in ("scenes", "backends", "resolutions"):
                app.choose.query_one(f"#{focus}").focus()
                await pilot.pause()
                footer = app.choose.query(FooterKey)
                assert sum(key.region.width for key in footer) <= size[0]
                assert {"Measure", "Help", "Save"} <= {key.description for key in footer}
            app.choose.query_one("#backends").focus()
            point_at(app, "glfw")
            await pilot.pause()
            assert "needs a display and there is none" in said(app, "description")
            assert "Fix: use egl or osmesa" in said(app, "description")
            assert "xvfb-run -a." in picture(app)
            await pilot.press("space")
            assert line_of(app, "glfw").startswith(" -  glfw")
            point_at(app, "egl")
            await pilot.pause()
            assert "SOFTWARE rasterizer" in said(app, "description")

    asyncio.run(use())


def test_choosing_with_keys_from_the_first_line_to_f5(choose, wait_for):
    async def use():
        app = choose(Profile().override({"backends": ["null"]}))
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, wait_for)
            assert app.choose.current_profile == Profile().override({"backends": ["null"]})
            await pilot.press("left", "right", "space")
            await wait_for(lambda: app.changed)
            assert app.changed[-1].backends == ("null", "egl")
            await pilot.press("left", "space")
            await wait_for(lambda: app.changed[-1] is None)
            assert "F5 cannot start: choose at least one scene" in said(app, "verdict")
            await pilot.press("f5", "space", "tab", "tab")
            await pilot.press(*"64x64 0x0", "enter")
            await wait_for(lambda: "F5 cannot start: Resolutions is '0x0'" in said(app, "verdict"))
            assert "! Resolutions" in picture(app)
            assert app.choose.focused.id == "effects"
            await pilot.press("right", "space")
            await pilot.press("down", "down", *"5", "right", "up", "up")
            assert app.choose.focused.id == "effects"
            assert said(app, "description").startswith("Effects: scene draws shadows")
            await pilot.press("down", "down", "tab", *"90")
            assert app.choose.query_one("#measure-duration", Input).value == ""
            await pilot.press("up", "up", "up")
            assert app.choose.focused.id == "resolutions"
            await pilot.press("end", "backspace", "backspace", "backspace", *"32x[red]")
            await wait_for(lambda: "'32x[red]'" in said(app, "verdict"))
            await pilot.press(*["backspace"] * 5, *"16", "f5")
            await wait_for(lambda: app.started)
            (profile,) = app.started
            assert profile == app.choose.current_profile == app.changed[-1]
            assert profile.resolutions == ("64x64", "32x16")
            assert [str(effects) for effects in profile.effects] == ["scene", "bare"]
            assert (profile.measure.frames, profile.measure.duration) == (90, None)
            await pilot.press("escape")
            assert app.choose.focused.id == "scenes"

    asyncio.run(use())


@pytest.mark.parametrize("size", SIZES)
def test_every_setting_is_reached_and_explained(choose, wait_for, size):
    async def use():
        app = choose()
        async with app.run_test(size=size) as pilot:
            await ready(app, wait_for)
            await pilot.press("tab")
            panel = app.choose.query_one(SettingsPanel)
            all_fit = size[1] > 40
            assert (panel.max_scroll_y == 0) == all_fit
            for setting in SETTINGS:
                await pilot.press("tab")
                assert app.choose.focused.id == setting.widget_id
                assert said(app, "description").startswith(f"{setting.label}: ")
                field = app.choose.focused.parent
                await wait_for(lambda field=field: panel.content_region.contains_region(field.region))
                assert f"  {setting.label} " in picture(app)
                assert ("Settings (more " in picture(app)) != all_fit
            for _ in SETTINGS:
                await pilot.press("up")
            assert app.choose.focused.id == "resolutions"
            await wait_for(lambda: "  Resolutions " in picture(app))

    asyncio.run(use())


@pytest.mark.parametrize("size", [*SIZES, (100, 30)])
def test_nothing_jumps_as_the_cursor_moves_and_the_cursor_is_always_seen(choose, wait_for, size):
    boxes = ("scenes", "backends", "settings", "description", "summary", "verdict")

    async def use():
        app = choose()
        async with app.run_test(size=size) as pilot:
            await ready(app, wait_for)
            places = [app.choose.query_one(f"#{box}").region for box in boxes]
            for name in ("scenes", "backends"):
                check_list = app.choose.query_one(f"#{name}", CheckList)
                check_list.focus()
                for keys in ("down", "up"):
                    for _ in check_list.lines:
                        await pilot.press(keys)
                        await pilot.pause()
                        assert [app.choose.query_one(f"#{box}").region for box in boxes] == places
                        top, height = check_list.scroll_offset.y, check_list.content_size.height
                        assert top <= check_list.highlighted < top + height
            panel = app.choose.query_one(SettingsPanel)
            for _ in SETTINGS:
                before = panel.scroll_offset.y
                await pilot.press("tab")
                await pilot.pause()
                # As far as it has to be, and no farther.
                assert abs(panel.scroll_offset.y - before) <= 1
                assert [app.choose.query_one(f"#{box}").region for box in boxes] == places

    asyncio.run(use())


def test_a_single_choice_is_made_with_space_and_shown_with_round_marks(choose, wait_for):
    async def use():
        app = choose()
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, wait_for)
            physics = app.choose.query_one("#physics")
            physics.focus()
            await wait_for(lambda: "(x) mujoco ( ) warp" in picture(app))
            await pilot.press("right", "space")
            await wait_for(lambda: "( ) mujoco (x) warp" in picture(app))
            assert app.choose.current_profile.physics == "warp"
            await pilot.press("space")
            assert physics.value == "warp"
            await pilot.press("left", "space")
            await wait_for(lambda: app.choose.current_profile == Profile())
            app.choose.query_one("#readback").focus()
            await pilot.press("right", "space")
            await wait_for(lambda: app.choose.current_profile.readback is False)
            assert "[x] scene [ ] bare" in picture(app) or "Effects" not in picture(app)

    asyncio.run(use())


def test_workers_and_worlds_are_typed_and_add_up(choose, wait_for):
    async def use():
        app = choose(Profile().override({"backends": ["egl"]}))
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, wait_for)
            app.choose.query_one("#workers").focus()
            await pilot.press("end", *" 2, 4")
            await wait_for(lambda: said(app, "summary").startswith("3 cases, 3 trials"))
            assert app.choose.current_profile.workers == (1, 2, 4)
            app.choose.query_one("#worlds").focus()
            await pilot.press("end", *"x")
            await wait_for(lambda: "F5 cannot start: Worlds is '1x'" in said(app, "verdict"))
            assert "! Worlds" in picture(app)

    asyncio.run(use())


def test_another_profile_is_loaded_into_everything(choose, wait_for):
    async def use():
        app = choose()
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, wait_for)
            await pilot.press("tab", "space", "tab", *"1x1")
            other = Profile().override(
                {"scenes": ["menagerie:unitree_g1", "apartment"], "backends": ["misbehaving", "glfw"]}
            )
            app.choose.load(other)
            await ready(app, wait_for)
            assert app.choose.current_profile == other
            assert app.choose.query_one("#resolutions", Input).value == "640x480"
            assert lines(app, "scenes")[-1].startswith("[!] menagerie:unitree_g1  lacks models: press f")
            chosen = [text for text in lines(app, "backends") if text.startswith(("[x]", "[!]"))]
            assert [text.split()[:2] for text in chosen] == [["[!]", "glfw"], ["[x]", "misbehaving"]]
            assert said(app, "summary").endswith("2 will fail: glfw")

    asyncio.run(use())


def test_a_scene_is_added_by_its_path_and_shown_as_text(choose, wait_for, tmp_path):
    path = tmp_path / "[red]box\x1b[31m.xml"
    path.write_text(BOX)
    plain = tmp_path / "[red]box.xml"
    plain.write_text(BOX)

    async def use():
        app = choose()
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, wait_for)
            before = lines(app, "scenes")
            await pilot.press("a")
            await wait_for(lambda: isinstance(app.screen, AskDialog))
            answer = app.screen.query_one(Input)
            answer.value = "no/such.xml"
            await wait_for(lambda: "there is no file" in said(app, "problem"))
            answer.value = str(path)
            await wait_for(lambda: "control characters" in said(app, "problem"))
            answer.value = str(plain)
            await wait_for(lambda: said(app, "problem") == "")
            await pilot.press("enter")
            await wait_for(lambda: app.screen is app.choose and len(lines(app, "scenes")) > len(before))
            assert lines(app, "scenes")[:-1] == before
            assert lines(app, "scenes")[-1].startswith("[x] [red]box.xml  in /")
            assert "[red]box.xml" in picture(app)
            assert said(app, "description").startswith("The MJCF file /")
            assert app.choose.current_profile.scenes == ("apartment", str(plain))

    asyncio.run(use())


def test_trying_that_fails_or_hangs_is_said_and_can_be_done_again(choose, wait_for, statuses):
    hangs = threading.Event()
    attempts = []

    def probe(name):
        attempts.append(name)
        if attempts.count(name) == 1 and name == "egl":
            raise RuntimeError("out of [file] descriptors")
        if attempts.count(name) == 1 and name == "osmesa":
            hangs.wait(60)
            return BackendStatus(backend=name, works=False, reason="too late")
        if name in ("egl", "osmesa", "null"):
            return statuses[name]
        return BackendStatus(backend=name, works=False, reason="no driver")

    async def use():
        app = choose(probe=probe, silence_limit_s=6)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: "none, draws nothing" in "".join(lines(app, "backends")))
            assert lines(app, "backends")[1].split() == ["[x]", "osmesa", "being", "tried", "..."]
            assert said(app, "summary").startswith("at most ")
            assert app.choose.current_profile == Profile()
            await pilot.press("f5")
            assert app.started == []
            assert "It starts by itself when all backends are tried" in said(app, "verdict")
            await pilot.press("tab")
            await ready(app, wait_for)
            assert "could not be tried (RuntimeError: out of [file]" in lines(app, "backends")[0]
            assert "nothing was heard of it for 6 s" in lines(app, "backends")[1]
            assert "press r" in said(app, "description")
            hangs.set()
            await pilot.press("r")
            await wait_for(lambda: attempts.count("osmesa") == 2)
            await ready(app, wait_for)
            assert lines(app, "backends")[0].startswith("[x] egl")
            assert lines(app, "backends")[1].startswith("[x] osmesa")
            assert app.started == []

    asyncio.run(use())


def test_what_is_typed_while_a_backend_answers_stays(choose, wait_for, statuses):
    go_on = threading.Event()

    def probe(name):
        go_on.wait(60)
        return statuses[name]

    async def use():
        app = choose(probe=probe)
        async with app.run_test(size=(80, 24)) as pilot:
            seed = app.choose.query_one("#seed", Input)
            seed.focus()
            await pilot.press("end")
            seed.insert_text_at_cursor("7")
            # The answer is taken in before the field tells what was typed.
            app.choose._fill_in(app.choose.Tried(statuses["egl"], 1))
            assert seed.value == "07"
            await wait_for(lambda: app.choose.current_profile.seed == 7)
            go_on.set()
            await ready(app, wait_for)
            assert seed.value == "07"

    asyncio.run(use())


def test_f5_waits_until_nothing_else_makes_the_machine_busy(choose, wait_for, statuses):
    go_on = threading.Event()

    def probe(name):
        go_on.wait(60)
        return statuses[name]

    async def use():
        app = choose(Profile().override({"backends": ["null"]}), probe=probe)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("f5")
            await wait_for(lambda: "It starts by itself" in said(app, "verdict"))
            assert app.started == []
            go_on.set()
            await wait_for(lambda: app.started)
            assert app.started == [app.choose.current_profile]

    asyncio.run(use())


@pytest.mark.parametrize("size", SIZES)
def test_without_other_characters_than_ascii(choose, wait_for, size, monkeypatch):
    # As the dashboard has it in this mode.
    monkeypatch.setattr(ScrollBar, "renderer", PlainScrollBar)

    async def use():
        app = choose(ascii_only=True)
        async with app.run_test(size=size) as pilot:
            await ready(app, wait_for)
            await pilot.press("tab", "down", "down")
            app.choose.query_one("#camera", Input).value = "x" * 500
            await wait_for(lambda: "cannot start" in said(app, "verdict"))
            assert picture(app).isascii(), [c for c in picture(app) if not c.isascii()]

    asyncio.run(use())


def test_a_click_chooses_a_line_and_the_mouse_reaches_the_toggles(choose, wait_for):
    async def use():
        app = choose()
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, wait_for)
            backends = app.choose.query_one("#backends", OptionList)
            point_at(app, "null")
            await pilot.pause()
            row = backends.highlighted - backends.scroll_offset.y
            await pilot.click(backends, offset=(3, 1 + row))
            await wait_for(lambda: line_of(app, "null").startswith("[x]"))
            await pilot.click("#effects", offset=(11, 0))
            await wait_for(lambda: len(app.choose.current_profile.effects) == 2)

    asyncio.run(use())


def test_the_longest_words_push_nothing_off_the_screen(choose, wait_for):
    def probe(name):
        return BackendStatus(backend=name, works=False, reason="\x1b[2J" + "no " * 130, fix="try " * 50)

    async def use():
        app = choose(Profile().override({"scenes": ["workbench"], "backends": ["egl"]}), probe=probe)
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(app, wait_for)
            await pilot.press("tab")
            assert "F5 cannot start: no chosen backend works here, egl: \\x1b[2Jno no" in said(app, "verdict")
            await wait_for(lambda: "Fix: try" in picture(app))
            assert app.choose.max_scroll_y == 0
            assert "\x1b" not in picture(app)
            assert re.search(r"\[!\] egl +\\x1b\[2Jno no", picture(app))
            assert app.choose.query_one("#backends").content_size.height >= 5
            assert "Resolutions" in picture(app)
            assert "F5 cannot start" in picture(app)
            assert picture(app).splitlines()[-1].strip().startswith("space Choose")

    asyncio.run(use())
