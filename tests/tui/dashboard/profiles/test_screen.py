"""The screen of all profiles, with keys."""

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from profiles.store import list_builtin_profiles, load_profile, own_profiles_folder
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.profiles.screen import ProfilesScreen

MESSAGES = (ProfilesScreen.Loaded, ProfilesScreen.Renamed, ProfilesScreen.Deleted, ProfilesScreen.Left)


def open_screen(host, run, size=(80, 24), current="quick"):
    """Open the screen and let `run` use it; what it sends up is in `host.sent`."""

    def take(message):
        if isinstance(message, MESSAGES):
            host.sent.append(message)

    async def use():
        async with host.run_test(size=size, message_hook=take) as pilot:
            await host.push_screen(ProfilesScreen(current))
            await pilot.pause()
            await run(pilot)

    asyncio.run(use())


def footer_keys(host):
    return {
        active.binding.description
        for active in host.screen.active_bindings.values()
        if active.binding.show and active.enabled
    }


async def type_name(pilot, name):
    pilot.app.screen.query_one(Input).value = name
    await pilot.press("enter")
    await pilot.pause()


def test_duplicate_rename_load_and_delete(host, own, text_of):
    async def run(pilot):
        assert "Quick look" in text_of(host) and "read-only" in text_of(host)
        assert not {"Rename", "Delete"} & footer_keys(host)
        await pilot.press("r", "d")
        assert isinstance(host.screen, ProfilesScreen)

        await pilot.press("c")
        assert isinstance(host.screen, AskDialog) and host.screen.query_one(Input).value == "quick-2"
        host.screen.query_one(Input).value = "mine"
        await pilot.press("enter")
        await pilot.pause()
        assert "another profile" in text_of(host)
        await type_name(pilot, "fast")
        assert (own / "fast.toml").read_text().startswith("# A first look")

        assert {"Rename", "Delete", "Load"} <= footer_keys(host)
        await pilot.press("r")
        await type_name(pilot, "faster")
        assert not (own / "fast.toml").exists() and load_profile("faster").title == "Quick look"
        assert [(one.old, one.new) for one in host.sent] == [("fast", "faster")]

        await pilot.press("enter")
        await pilot.pause()
        assert (host.sent[-1].name, host.sent[-1].profile) == ("faster", load_profile("faster"))
        assert host.sent[-1].keeper.can_save

        await pilot.press("d")
        assert isinstance(host.screen, ConfirmDialog)
        await pilot.press("n")
        assert (own / "faster.toml").exists()
        await pilot.press("d", "y")
        await pilot.pause()
        assert not (own / "faster.toml").exists() and host.sent[-1].name == "faster"
        await pilot.press("b")
        await pilot.pause()
        assert isinstance(host.sent[-1], ProfilesScreen.Left)
        assert len(host.sent) == 4

    open_screen(host, run)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_what_others_wrote_is_text_and_a_broken_file_tells_what_is_wrong(host, own, text_of, size):
    (own / "my old [red]one\x1b[31m.toml").write_text("seed = = 3")
    (own / "zbroken.toml").write_text("title = 'a\\u001b'\nsead = 3")

    async def run(pilot):
        listed = host.screen.query_one(OptionList)
        assert "Release [bold]x[/" in text_of(host)
        await pilot.press("end", "up")
        await pilot.pause()
        lines = [listed.render_line(y).text for y in range(listed.option_count)]
        assert any("my old [red]one\\x1b[31m" in line and "! cannot be used" in line for line in lines)
        assert "\x1b" not in text_of(host)
        assert "is not TOML at line 1" in text_of(host, "#about")
        await pilot.press("enter")
        await pilot.pause()
        assert "is not TOML at line 1" in host.said[-1] and host.sent == []
        # However the file is called, it can be given a better name, and put right by hand.
        await pilot.press("r")
        await type_name(pilot, "better")
        (own / "better.toml").write_text("title = 'Put right'")
        await pilot.press("e")
        assert str(own / "better.toml") in host.said[-1]
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert "Put right" in text_of(host)

    open_screen(host, run, size, current="mine")


def test_a_renamed_profile_stays_the_loaded_one(host, own):
    async def run(pilot):
        listed = host.screen.query_one(OptionList)
        assert listed.render_line(listed.highlighted).text.startswith("› mine")
        await pilot.press("r")
        await type_name(pilot, "yours")
        assert listed.render_line(listed.highlighted).text.startswith("› yours")

    open_screen(host, run, current="mine")


def test_a_file_that_changed_meanwhile_is_loaded_as_it_is_now_and_one_that_is_gone_is_said(host, own):
    async def run(pilot):
        (own / "mine.toml").write_text("seed = 44")
        await pilot.press("enter")
        await pilot.pause()
        assert host.sent[-1].profile.seed == 44
        (own / "mine.toml").unlink()
        await pilot.press("enter")
        await pilot.press("d", "y")
        await pilot.pause()
        assert "no such file" in host.said[0] and "unknown profile 'mine'" in host.said[1]
        assert len(host.sent) == 1

    open_screen(host, run, current="mine")


def test_a_folder_that_cannot_be_read_leaves_the_built_in_profiles(
    host, text_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))

    async def run(pilot):
        assert "cannot be listed" in text_of(host)
        assert host.screen.query_one(OptionList).option_count == len(list_builtin_profiles())
        await pilot.press("c")
        await type_name(pilot, "mine")
        assert "cannot be listed" in host.said[-1]
        await pilot.press("enter")
        await pilot.pause()
        assert host.sent[-1].name == "quick"

    open_screen(host, run)


def test_a_click_looks_at_a_profile_and_two_load_it(host, text_of):
    async def run(pilot):
        await pilot.click("#profiles", offset=(6, 1))
        await pilot.pause()
        assert "Smoke test" in text_of(host, "#about") and host.sent == []
        await pilot.click("#profiles", offset=(6, 2), times=2)
        await pilot.pause()
        assert [one.name for one in host.sent] == ["compare"]

    open_screen(host, run)


def test_without_own_profiles_no_folder_is_made(host):
    async def run(pilot):
        await pilot.press("end", "escape")
        await pilot.pause()
        assert isinstance(host.sent[-1], ProfilesScreen.Left)

    open_screen(host, run, current="")
    assert not own_profiles_folder().exists()
