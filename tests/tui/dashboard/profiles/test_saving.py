"""The questions around saving, with keys."""

import asyncio

from textual.widgets import Input

from profiles.store import load_profile
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.profiles.keeping import ProfileKeeper
from tui.dashboard.profiles.saving import ask_before_leaving, ask_to_save, ask_to_save_as
from tui.dashboard.profiles.unsaved import UnsavedDialog


def use(host, run, size=(80, 24)):
    async def go():
        async with host.run_test(size=size) as pilot:
            await run(pilot)

    asyncio.run(go())


def test_a_persons_own_profile_is_saved_at_once_and_asked_about_where_others_changed_it(host, own):
    keeper = ProfileKeeper.load("mine")
    done: list[str] = []

    async def run(pilot):
        ask_to_save(host, keeper.saved.override({"seed": 4}), keeper, lambda: done.append("saved"))
        assert load_profile("mine").seed == 4 and done == ["saved"]
        assert "Saved" in host.said[-1] and str(own / "mine.toml") in host.said[-1]

        (own / "mine.toml").write_text("seed = 77 # theirs")
        ask_to_save(host, keeper.saved.override({"seed": 5}), keeper, lambda: done.append("over"))
        await pilot.pause()
        assert isinstance(host.screen, ConfirmDialog)
        await pilot.press("n")
        assert load_profile("mine").seed == 77 and done == ["saved"]
        ask_to_save(host, keeper.saved.override({"seed": 5}), keeper, lambda: done.append("over"))
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert load_profile("mine").seed == 5 and "# theirs" in (own / "mine.toml").read_text()
        assert done == ["saved", "over"]

        (own / "mine.toml").write_text("broken = = ")
        ask_to_save(host, keeper.saved.override({"seed": 6}), keeper, lambda: done.append("never"))
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert "not TOML" in host.said[-1] and "never" not in done

    use(host, run)


def test_changes_to_a_built_in_profile_are_saved_under_a_name_before_they_are_left(host, own, text_of):
    keeper = ProfileKeeper.load("quick")
    changed = keeper.saved.override({"seed": 4})
    done: list[str] = []

    def leave(profile):
        ask_before_leaving(host, profile, keeper, "load compare", lambda: done.append("left"))

    async def run(pilot):
        leave(keeper.saved)
        assert done == ["left"]
        leave(changed)
        await pilot.pause()
        assert isinstance(host.screen, UnsavedDialog)
        words = text_of(host)
        assert (
            "the profile quick" in words and "as a profile of your own" in words and "load compare" in words
        )
        await pilot.press("escape")
        assert done == ["left"]

        leave(changed)
        await pilot.pause()
        await pilot.press("s")
        await pilot.pause()
        assert isinstance(host.screen, AskDialog) and host.screen.query_one(Input).value == "quick-2"
        host.screen.query_one(Input).value = "quick"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(host.screen, AskDialog) and done == ["left"]
        host.screen.query_one(Input).value = "fast"
        await pilot.press("enter")
        await pilot.pause()
        assert load_profile("fast") == changed and done == ["left", "left"]

        leave(changed.override({"seed": 5}))
        await pilot.pause()
        await pilot.press("d")
        await pilot.pause()
        assert load_profile("fast") == changed and len(done) == 3

    use(host, run)


def test_what_is_not_valid_can_only_be_lost(host, own):
    keeper = ProfileKeeper.load("mine")
    done: list[str] = []

    async def run(pilot):
        for key in ("n", "y"):
            ask_before_leaving(host, None, keeper, "load quick", lambda key=key: done.append(key))
            await pilot.pause()
            assert isinstance(host.screen, ConfirmDialog)
            await pilot.press(key)
            await pilot.pause()
        assert done == ["y"]

    use(host, run)


def test_a_name_that_is_taken_at_the_last_moment_is_said(host, own):
    keeper = ProfileKeeper.load("quick")
    done: list[str] = []

    async def run(pilot):
        ask_to_save_as(host, keeper.saved, keeper, lambda: done.append("saved"))
        await pilot.pause()
        host.screen.dismiss("mine")
        await pilot.pause()
        assert "exists already" in host.said[-1] and done == [] and keeper.name == "quick"
        ask_to_save_as(host, keeper.saved, keeper, lambda: done.append("saved"))
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert done == []

    use(host, run)
