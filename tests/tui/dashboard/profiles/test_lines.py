"""Profiles in words."""

from engine.case import Physics
from profiles.profile import Measure, Output, Profile
from profiles.store import ProfileEntry, list_builtin_profiles
from tui.dashboard.profiles.lines import case_count, description_lines, list_lines, setting_facts


def entry(name: str, profile: Profile | None, origin: str = "own") -> ProfileEntry:
    title = profile.title if profile else ""
    return ProfileEntry(name, origin, None, title, "" if profile else "it is broken", profile)


def test_cases_are_counted_as_far_as_they_are_known():
    assert case_count(Profile(backends=("egl",))) == "1 case"
    assert case_count(Profile(backends=("egl", "osmesa"), resolutions=("1x1", "2x2"))) == "4 cases"
    assert case_count(Profile(resolutions=("1x1", "2x2"))) == "2 cases a backend"
    assert case_count(Profile(backends=("auto", "null"))) == "2 cases or more"
    assert case_count(Profile(workers=(1, 2))) == "2 cases a backend"
    assert case_count(Profile(backends=("egl", "mjwarp"), workers=(1, 2), worlds=(1, 16))) == "6 cases"
    # As many more as there are backends that draw batches.
    assert case_count(Profile(worlds=(1, 16))) == "1 case or more"


def test_the_list_has_columns_and_a_mark_for_the_loaded_one():
    entries = [
        entry("quick", Profile(title="Quick [red]look", backends=("egl",)), "built-in"),
        entry("a\x1b\n日本", None),
        entry("n" * 60, Profile(title="T")),
    ]
    lines = list_lines(entries, "quick")
    assert lines == [
        "› quick                         built-in  1 case             Quick [red]look",
        "  a\\x1b\\n日本                   own       ! cannot be used",
        f"  {'n' * 27}…  own       1 case a backend   T",
    ]
    assert all(line.isascii() for line in list_lines([entries[0], entries[2]], "quick", ascii_only=True))


def test_settings_are_said_in_words():
    profile = Profile(
        scenes=("apartment", "/far/away/robot.xml"),
        backends=("auto", "null"),
        resolutions=tuple(f"{side}x{side}" for side in range(1, 9)),
        camera="side",
        measure=Measure(frames=300, trials=5, warmup_frames=1),
        output=Output(save_frames=(60,)),
        description="one\n\ttwo\x1b",
    )
    facts = dict(setting_facts(profile))
    assert facts["scenes"] == "apartment, robot.xml"
    assert facts["backends"] == "all that work here, and null"
    assert facts["images"] == "1x1, 2x2, 3x3, 4x4, 5x5, 6x6 and 2 more; effects: scene"
    assert facts["measured"] == "300 frames after 1 warm-up frame, 5 trials of each case"
    known = dict(setting_facts(Profile().override({"measure.until.relative_error": 0.01})))
    assert known["measured"].endswith(" frames, until known to 1%, 5 to 30 trials of each case")
    assert facts["pictures"] == "of each case, frame 60 as PNG"
    assert description_lines(profile) == ["one", "    two\\x1b"]
    assert dict(setting_facts(Profile()))["measured"] == "3 s after 10 warm-up frames"


def test_every_built_in_profile_has_its_words():
    for one in list_builtin_profiles():
        assert all(words.strip() for _, words in setting_facts(one.profile))


def test_workers_worlds_physics_and_readback_are_told_where_a_profile_says_anything_of_them():
    assert "at once" not in dict(setting_facts(Profile()))
    profile = Profile(workers=(1, 2), worlds=(16,), physics=Physics.WARP, readback=False)
    told = "1, 2 workers; 16 worlds a batch; physics by warp; pixels stay on the device"
    assert dict(setting_facts(profile))["at once"] == told
