"""The whole way of a new user, by keyboard alone in a terminal of 80x24."""

import re

from profiles.sessions import load_session
from profiles.store import load_profile
from tests.terminal.steps import fill_in, flat, tick_backends

COMPARED = r"(egl|osmesa) .*(as fast as|within|told apart)"


def test_a_new_user_chooses_watches_reads_saves_and_measures_again(terminal, command_line, saved_sessions):
    terminal.start(command_line())

    # Choosing.
    terminal.wait_for("one after")
    terminal.press("Right")
    terminal.wait_for("Retry")
    tick_backends(terminal, "egl", "osmesa", "null")
    terminal.press("Tab")
    fill_in(terminal, "Resolutions:", "32x24")
    terminal.press("Enter")
    terminal.wait_for("Effects:")
    terminal.press("Space")
    terminal.wait_for("[ ] scene [x] bare")
    terminal.press("Down")
    terminal.wait_for("Workers:")
    terminal.press("Down")
    fill_in(terminal, "Seconds a trial:", "0.75")
    terminal.wait_for("3 cases, 3 trials")

    # Watching.
    terminal.press("F5")
    for backend in ("egl", "osmesa", "null"):
        terminal.wait_for_match(rf"(running|done)\b.* {backend} ")
    screen = terminal.wait_for("Session complete", "enter")
    assert len(re.findall(r"✓ done", screen)) == 3
    (folder,) = saved_sessions()
    assert folder.name in screen

    # Reading.
    terminal.press("Enter")
    terminal.wait_until(lambda screen: re.search(COMPARED, flat(screen)), "sentence that compares")
    terminal.press("4")
    terminal.wait_for_match(r"› egl")
    terminal.press("b", "b")
    terminal.wait_for("Choose what is measured")

    # Saving, under a name and then to the same file.
    terminal.press("F7")
    fill_in(terminal, "which name", "mine")
    terminal.press("Enter")
    terminal.wait_until(
        lambda screen: screen.splitlines()[0].endswith("Profile mine"), "profile of that name"
    )
    terminal.press("Escape")
    terminal.wait_for("Add")
    terminal.press("Right")
    tick_backends(terminal, "egl", "null")
    terminal.wait_for("mine (changed)")
    terminal.press("F6")
    terminal.wait_until(
        lambda screen: screen.splitlines()[0].endswith("Profile mine"), "profile without changes"
    )
    assert load_profile("mine").backends == ("egl", "null")

    # What is left on the normal screen.
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.is_normal_screen()
    left = terminal.wait_for_output(f"session: {folder}")
    assert all(re.search(rf"\b{backend} +32x24 +bare +[0-9]", left) for backend in ("egl", "osmesa", "null"))

    # The same profile without the dashboard.
    terminal.start_another(command_line("--headless", "--profile", "mine"))
    assert terminal.exit_code() == 0
    first, second = map(load_session, saved_sessions())
    assert [session.session.status for session in (first, second)] == ["complete", "complete"]
    assert second.session.profile_name == "mine"
    assert second.profile == load_profile("mine")
    assert {case.backend for case in first.cases} == {"egl", "osmesa", "null"}
    assert {case.backend for case in second.cases} == {"egl", "null"}
