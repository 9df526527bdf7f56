"""What is chosen and what it adds up to, without a screen."""

import pytest
from rich.console import Console

from engine.backends.registry import all_backends
from engine.case import Physics
from engine.messages import RendererIdentity
from engine.preflight import BackendStatus
from profiles.errors import ProfileError
from profiles.profile import RELATIVE_ERROR, TRIALS, Measure, Profile
from profiles.store import load_profile
from tui.dashboard.choose.about import (
    about_backend,
    about_scene,
    backend_mark,
    backend_note,
    case_lines,
    totals,
)
from tui.dashboard.choose.check_list import Line, Mark
from tui.dashboard.choose.description import fitted_lines
from tui.dashboard.choose.settings import SETTINGS
from tui.dashboard.choose.state import ChooseState, look_at_scene

WORKS = BackendStatus(backend="egl", works=True)
BROKEN = BackendStatus(backend="glfw", works=False, reason="glfw needs a [red]display\x1b", fix="xvfb-run")
OSMESA = BackendStatus(backend="osmesa", works=True)
NULL = BackendStatus(backend="null", works=True)

ODD = {
    "title": "Odd",
    "scenes": ["workbench", "apartment", "menagerie:unitree_g1"],
    "backends": ["null", "glfw", "misbehaving", "auto"],
    "resolutions": ["32x16", "640x480"],
    "effects": ["bare", "scene"],
    "camera": "[overview]",
    "seed": 2**62 + 1,
    "target_fps": 0.1234567890123,
    "workers": [4, 1, 16],
    "worlds": [256, 1],
    "physics": "warp",
    "readback": False,
    "measure.warmup_frames": 7,
    "measure.frames": 123456789,
    "measure.trials": 3,
    "measure.rerun_spoiled": 10,
    "measure.hang_timeout": 0.1000000000001,
    "output.save_frames": [0, 60, 5],
}


TRIED = {status.backend: status for status in (WORKS, BROKEN, OSMESA, NULL)}


def tried(state: ChooseState) -> ChooseState:
    """Of all backends that there are, only two draw here."""
    for info in all_backends():
        no_driver = BackendStatus(backend=info.name, works=False, reason="no driver", fix="install one")
        state.learn(TRIED.get(info.name, no_driver))
    return state


@pytest.mark.parametrize(
    "name", ["ci", "compare", "published-cartpole", "quick", "resolutions", "odd", "until"]
)
def test_a_profile_that_nobody_touches_comes_out_as_it_went_in(name):
    made = {"odd": ODD, "until": {RELATIVE_ERROR: 0.0123456789012345, "measure.until.min_trials": 3}}
    profile = Profile().override(made[name]) if name in made else load_profile(name)
    state = ChooseState(profile)
    assert state.profile() == profile
    assert tried(state).profile() == profile
    state.toggle_scene("apartment")
    state.toggle_backend("null")
    for setting in SETTINGS:
        state.set_text(setting.key, "1")
    state.load(profile)
    assert state.profile() == profile


def test_auto_stays_until_the_backends_are_touched_and_comes_back_with_the_same_choice():
    state = tried(ChooseState(Profile()))
    assert state.chosen_backends() == {"egl", "osmesa"}
    state.toggle_backend("null")
    assert state.profile().backends == ("egl", "osmesa", "null")
    state.toggle_backend("null")
    assert state.profile().backends == ("auto",)


def test_what_auto_assumed_goes_again_where_it_does_not_work_and_what_a_person_chose_stays():
    state = ChooseState(Profile())
    state.toggle_backend("null")
    assert "glfw" in state.chosen_backends()
    tried(state)
    assert state.profile().backends == ("egl", "osmesa", "null")
    by_name = tried(ChooseState(Profile().override({"backends": ["glfw", "egl"]})))
    assert by_name.profile().backends == ("glfw", "egl")
    assert by_name.failing_names(by_name.cases(by_name.profile())[1]) == ["glfw"]
    assert by_name.toggle_backend("glfw")
    assert not by_name.toggle_backend("glfw")
    assert by_name.profile().backends == ("egl",)


def test_the_order_of_a_profile_stays_and_what_is_new_follows():
    state = tried(ChooseState(Profile().override({"backends": ["osmesa", "egl"]})))
    state.toggle_backend("null")
    assert state.profile().backends == ("osmesa", "egl", "null")


@pytest.mark.parametrize(
    ("key", "text", "label"),
    [
        ("resolutions", "64x64 0x0", "Resolutions"),
        ("resolutions", "", "Resolutions"),
        ("effects", "", "Effects"),
        ("workers", "", "Workers"),
        ("workers", "1 0", "Workers"),
        ("workers", "two", "Workers"),
        ("worlds", "1, 65537", "Worlds"),
        ("worlds", "-4", "Worlds"),
        ("worlds", "1.5", "Worlds"),
        ("measure.duration", "-1", "Seconds a trial"),
        ("measure.duration", "nan", "Seconds a trial"),
        ("measure.frames", "1.5", "Frames a trial"),
        ("measure.warmup_frames", "0", "Warm-up frames"),
        ("measure.trials", "", "Trials"),
        ("measure.trials", "many", "Trials"),
        ("measure.until.relative_error", "0", "Known to, %"),
        ("measure.until.relative_error", "-1", "Known to, %"),
        ("measure.until.relative_error", "100", "Known to, %"),
        ("measure.until.relative_error", "well", "Known to, %"),
        ("measure.until.relative_error", "nan", "Known to, %"),
        ("measure.rerun_spoiled", "11", "Rerun spoiled"),
        ("measure.rerun_spoiled", "", "Rerun spoiled"),
        ("measure.rerun_spoiled", "often", "Rerun spoiled"),
        ("target_fps", "0", "Target FPS"),
        ("measure.hang_timeout", "0", "Hang timeout, s"),
        ("seed", "-1", "Seed"),
        ("output.save_frames", "60, x", "Frames to save"),
        ("camera", "nowhere", "Camera"),
    ],
)
def test_each_setting_says_itself_what_is_wrong_with_it(key, text, label):
    state = tried(ChooseState(Profile()))
    state.set_text(key, text)
    (wrong, sentence), *others = state.setting_errors().items()
    assert (wrong, others) == (key, [])
    assert sentence.startswith(f"{label} is ")
    assert "expected" in sentence or "has overview" in sentence
    if key == "camera":
        assert state.obstacle(state.profile()) == sentence
    else:
        with pytest.raises(ProfileError, match=label):
            state.profile()


def test_seconds_and_frames_empty_each_other_and_one_has_to_be_given():
    state = tried(ChooseState(Profile()))
    state.set_text("measure.frames", "300")
    assert state.texts["measure.duration"] == ""
    assert state.profile().measure.frames == 300
    state.set_text("measure.duration", "2.5")
    assert state.texts["measure.frames"] == ""
    assert state.profile().measure.duration == 2.5
    state.set_text("measure.duration", "")
    assert set(state.setting_errors()) == {"measure.duration", "measure.frames"}
    with pytest.raises(ProfileError, match="give Seconds a trial or Frames a trial"):
        state.profile()


def test_trials_and_known_to_empty_each_other_and_one_has_to_be_given():
    state = tried(ChooseState(Profile().override({"measure.trials": 3})))
    assert (state.texts[TRIALS], state.texts[RELATIVE_ERROR]) == ("3", "")
    assert state.set_text(RELATIVE_ERROR, "0.7") == {TRIALS: ""}
    assert state.profile() == Profile().override({RELATIVE_ERROR: 0.007})
    assert not state.setting_errors()
    assert state.set_text(RELATIVE_ERROR, "") == {TRIALS: "1"}
    assert state.profile() == Profile()
    state.set_text(RELATIVE_ERROR, " 2 % ")
    assert state.profile() == Profile().override({RELATIVE_ERROR: 0.02})
    assert state.set_text(TRIALS, "4") == {RELATIVE_ERROR: ""}
    assert state.profile() == Profile().override({"measure.trials": 4})
    state.set_text(TRIALS, "")
    assert list(state.setting_errors()) == [TRIALS]


def test_limits_of_a_profile_stay_where_only_the_error_is_typed():
    loaded = Profile().override({RELATIVE_ERROR: 0.07, "measure.until.max_trials": 40})
    state = tried(ChooseState(loaded))
    assert (state.texts[TRIALS], state.texts[RELATIVE_ERROR]) == ("", "7")
    assert state.profile() == loaded
    state.set_text(RELATIVE_ERROR, "0.5")
    assert state.profile() == loaded.override({RELATIVE_ERROR: 0.005})
    state.set_text(RELATIVE_ERROR, "")
    assert state.profile() == Profile()
    state.set_text(TRIALS, "")
    assert list(state.setting_errors()) == [TRIALS]
    with pytest.raises(ProfileError, match="Trials is empty, expected a whole number"):
        state.profile()
    state.set_text(TRIALS, "2")
    assert state.profile() == Profile().override({"measure.trials": 2})


def test_totals_tell_what_rounds_may_be_added():
    asked = {"backends": ["egl"], RELATIVE_ERROR: 0.01, "measure.until.max_duration": 60}
    state = tried(ChooseState(Profile().override(asked)))
    text = totals(state, state.profile())
    assert text.startswith("1 case, 5 to 30 trials, 0:")
    assert " to 1:" in text
    assert "about" not in text


def test_what_cannot_be_measured_here_is_said_before_it_starts(monkeypatch):
    monkeypatch.delenv("MENAGERIE_ROOT", raising=False)
    state = tried(ChooseState(Profile().override({"backends": ["glfw"]})))
    assert "glfw needs" in state.obstacle(state.profile())
    state = tried(ChooseState(Profile().override({"scenes": ["workbench"]})))
    assert "workbench lacks its models" in state.obstacle(state.profile())
    assert not state.toggle_scene("workbench") or not state.toggle_scene("workbench")
    state = tried(ChooseState(Profile().override({"scenes": ["workbench"], "backends": ["null"]})))
    assert state.obstacle(state.profile()) == ""
    nothing = ChooseState(Profile())
    for info in all_backends():
        if info.draws:
            nothing.learn(BackendStatus(backend=info.name, works=False, reason="no library"))
    assert nothing.profile().backends == ("auto",)
    assert "no chosen backend works here" in nothing.obstacle(nothing.profile())


def test_totals_count_what_runs_and_what_fails():
    asked = {"scenes": ["apartment", "workbench"], "backends": ["egl", "glfw"], "measure.trials": 2}
    state = tried(ChooseState(Profile().override(asked)))
    text = totals(state, state.profile())
    assert text.startswith("4 cases, 8 trials, about 0:")
    assert text.endswith("; 3 will fail: glfw, workbench")
    assert case_lines(state, state.profile(), 3)[2] == "... and 2 more"
    assert sum("will fail" in line for line in case_lines(state, state.profile(), 9)) == 3
    assert totals(state, None) == "No cases yet"


def test_a_scene_that_is_gone_and_a_backend_that_nobody_knows_are_named_and_not_measured(tmp_path):
    gone = str(tmp_path / "gone.xml")
    facts = look_at_scene(gone)
    assert "there is no file" in about_scene(facts, chosen=False)
    (tmp_path / "gone.xml").write_text("<mujoco/>")
    profile = Profile().override({"scenes": [gone]})
    (tmp_path / "gone.xml").unlink()
    state = tried(ChooseState(profile))
    with pytest.raises(ProfileError, match="there is no file"):
        state.profile()
    assert "this version knows no such backend" in about_backend("nobodys", None, chosen=True)


def test_what_a_driver_says_is_shown_as_text():
    assert backend_note("glfw", BROKEN).startswith("needs a [red]display")
    text = about_backend("glfw", BROKEN, chosen=False)
    assert "[red]display\\x1b" in text
    assert text.splitlines()[0].startswith("glfw cannot work here: needs a")
    assert text.splitlines()[1] == "Fix: xvfb-run."
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("key", "text", "name", "value"),
    [
        ("workers", " 1, 2  4", "workers", (1, 2, 4)),
        ("worlds", "16 256", "worlds", (16, 256)),
        ("physics", "warp", "physics", Physics.WARP),
        ("readback", "no", "readback", False),
        ("measure.rerun_spoiled", " 3", "measure", Measure(duration=3.0, rerun_spoiled=3)),
    ],
)
def test_what_is_typed_for_workers_worlds_physics_and_readback_comes_out_and_goes_in_again(
    key, text, name, value
):
    state = tried(ChooseState(Profile()))
    before = state.texts[key]
    state.set_text(key, text)
    profile = state.profile()
    assert getattr(profile, name) == value
    again = ChooseState(profile)
    assert again.profile() == profile
    again.set_text(key, before)
    assert again.profile() == Profile()


def test_workers_and_worlds_make_cases_and_only_those_that_draw_batches_have_worlds():
    state = ChooseState(Profile().override({"backends": ["egl", "mjwarp"]}))
    state.set_text("workers", "1 2")
    state.set_text("worlds", "1 64")
    profile = state.profile()
    assert totals(state, profile).startswith("6 cases, 6 trials")
    shown = "\n".join(case_lines(state, profile, 9))
    assert "mjwarp  640x480  scene  2 workers, 64 worlds" in shown
    assert "egl     640x480  scene  2 workers\n" in shown
    assert not state.setting_errors()


@pytest.mark.parametrize("width", [66, 40])
def test_a_case_stays_in_its_line_however_long_its_words(width):
    scenes = ["menagerie:franka_emika_panda", "menagerie:unitree_g1"]
    asked = {"scenes": scenes, "backends": ["mjwarp"], "workers": [1, 2], "worlds": [1, 4]}
    state = tried(ChooseState(Profile().override(asked)))
    lines = case_lines(state, state.profile(), 20, width, ascii_only=True)
    assert len(lines) == 8
    assert all(line.startswith("! ") and line.endswith("  will fail") for line in lines)
    assert "2 workers, 4 worlds" in lines[3]
    if width > 60:
        assert all(len(line) <= width for line in lines)
        assert len(set(lines)) == 8
    assert case_lines(state, state.profile(), 20)[0].startswith("! menagerie:franka_emika_panda  mjwarp")


def test_a_driver_that_draws_on_the_processor_is_marked_however_long_its_name():
    renderer = RendererIdentity("", "Intel(R) Xeon(R) Platinum 8358 CPU @ 2.60GHz", "", software=True)
    status = BackendStatus(backend="mjwarp", works=True, renderer=renderer)
    line = Line("mjwarp", "mjwarp", backend_note("mjwarp", status), Mark.CHOSEN, backend_mark(status))
    assert line.text.endswith("2.60GHz SOFTWARE")
    for width in (22, 30, 39, 60):
        shown = line.content(width, "~").plain
        assert len(shown) <= width
        assert shown.endswith(" SOFTWARE")
    assert backend_mark(None) == backend_mark(BROKEN) == backend_mark(NULL) == ""


def test_a_description_that_is_too_long_keeps_the_reason_and_the_fix():
    console = Console(width=200)
    paragraphs = ["reason " * 60, "Fix: " + "do this " * 12, "what it is"]
    lines = fitted_lines(paragraphs, 78, 5, console)
    assert len(lines) == 5
    assert all(len(line) <= 78 for line in lines)
    assert lines[0].startswith("reason")
    assert sum(line.endswith("…") for line in lines) == 1
    assert lines[-3].startswith("Fix: do this")
    assert lines[-1] == "what it is"
    assert fitted_lines(paragraphs, 78, 0, console) == []
    assert fitted_lines(["short"], 78, 5, console) == ["short"]
    assert fitted_lines(list("abcdefg"), 78, 5, console) == list("abcde")


def test_kernels_may_take_long_and_that_is_said_where_there_are_any():
    assert "kernels" in about_backend("mjwarp", None, chosen=True)
    assert "kernels" not in about_backend("egl", None, chosen=True)
