"""Terminals that show little: no character beyond ASCII, no colours."""

import pytest

from tests.terminal.steps import start_measuring

CASES = ("--backend", "null,egl", "--resolution", "32x32", "--effects", "bare", "--duration", "600")


def _shades(screen: str) -> int:
    """How many characters the picture in the panel is made of; without letters, which are words."""
    panel = (line for line in screen.splitlines() if line.startswith("|"))
    return len({character for line in panel for character in line if not character.isalnum()})


@pytest.fixture(autouse=True)
def _no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def test_only_ascii_is_shown_while_choosing_watching_and_reading(terminal, command_line):
    terminal.start(command_line("--ascii", *CASES))
    terminal.wait_for("one after")
    for key, seen in (("Right", "Retry"), ("Down", "osmesa:"), ("Tab", "Resolutions:"), ("F1", "Help:")):
        terminal.press(key)
        terminal.wait_for(seen)
    terminal.press("Escape")

    start_measuring(terminal)
    for key, seen in (("2", "overhead"), ("4", "Log of"), ("3", "draws nothing"), ("1", "a column")):
        terminal.press(key)
        terminal.wait_for(seen)
    terminal.press("k", "3")
    terminal.wait_for_match(r"> @ running .*egl .*~\d")
    terminal.wait_until(lambda screen: _shades(screen) > 5, "picture")
    terminal.press("s")
    terminal.wait_for("Session interrupted")

    terminal.press("Enter")
    terminal.wait_for("apartment-null")
    terminal.press("Down")
    terminal.wait_for("apartment-egl")
    tabs = {"2": "since", "3": "p50", "4": "overhead", "5": "draws nothing", "6": "resolution", "7": "folder"}
    for key, seen in tabs.items():
        terminal.press(key)
        terminal.wait_for(seen)
    assert all(screen.isascii() for screen in terminal.seen)


def test_without_colours_words_and_glyphs_tell_what_is_chosen_and_what_runs(terminal, command_line):
    terminal.start(command_line(*CASES))
    terminal.wait_for("[x] apartment", "[x] egl", "[ ] osmesa", "2 cases", "[ ] scene [x] bare")
    start_measuring(terminal)
    terminal.wait_for_match(r"› ▶ running .*null .*\n  . waiting .*egl")
    terminal.press("Down")
    terminal.wait_for_match(r"  ▶ running .*null .*\n› . waiting .*egl")
    terminal.press("Up", "k", "f")
    terminal.wait_for_match(r"  » skipped .*null .*\n› ▶ running .*egl .*~\d")
    terminal.press("s")
    terminal.wait_for_match(r"  » skipped .*null .*\n› ■ stopped .*egl")
    terminal.wait_for("Session interrupted")
    terminal.press("Enter")
    terminal.wait_for("skipped: apartment-null")
    terminal.press("Down")
    terminal.wait_for("stopped: apartment-egl")
    terminal.press("4")
    terminal.wait_for("› egl")
