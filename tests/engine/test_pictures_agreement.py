"""Which of several pictures is wrong, and what a run's events tell of it."""

import msgspec
import numpy as np
import pytest

from engine.case import Case, Effects, Resolution
from engine.events import PictureJudged, TrialEnded
from engine.messages import Drawn, FailureKind
from engine.pictures.agreement import Shown, judge
from engine.pictures.fingerprint import likeness, take_fingerprint
from engine.pictures.judging import PictureJudge
from engine.pictures.records import PictureReport
from engine.results import TrialResult


def draw(seed: int, size: tuple[int, int] = (120, 160)) -> np.ndarray:
    """A picture of some boxes; each seed places others."""
    random = np.random.default_rng(seed)
    picture = np.full((*size, 3), 90, np.uint8)
    for _ in range(25):
        top, left = random.integers(0, size[0] - 20), random.integers(0, size[1] - 20)
        high, wide = random.integers(5, 40, 2)
        picture[top : top + high, left : left + wide] = random.integers(0, 256, 3)
    return picture


ROOM, OTHER_ROOM, THIRD_ROOM = draw(1), draw(2), draw(3)


def case_of(backend: str, worlds: int = 1, scene: str = "cartpole") -> Case:
    return Case(
        scene=scene, backend=backend, resolution=Resolution(160, 120), effects=Effects.SCENE, worlds=worlds
    )


def shown(backend: str, picture: np.ndarray, *not_drawn: str, worlds: int = 1) -> Shown:
    return Shown(case_of(backend, worlds), take_fingerprint(picture), not_drawn)


def judged(*pictures: Shown) -> tuple[list[str], list[str]]:
    """Whose picture is wrong, and of whose it is only said that it differs."""
    verdicts = judge(pictures)
    wrong = [verdict.case.backend for verdict in verdicts if verdict.is_wrong]
    return sorted(wrong), sorted(verdict.case.backend for verdict in verdicts if not verdict.is_wrong)


def test_the_same_picture_brighter_darker_or_noisy_is_alike_and_another_is_not():
    dark = (ROOM * 0.2).astype(np.uint8)
    noisy = np.clip(ROOM.astype(int) + np.random.default_rng(5).integers(-9, 10, ROOM.shape), 0, 255)
    like = take_fingerprint(ROOM)
    for same in (ROOM, dark, 255 - ROOM, noisy.astype(np.uint8)):
        assert likeness(like, take_fingerprint(same)) > 0.9
    for wrong in (OTHER_ROOM, ROOM[::-1].copy(), ROOM[:, ::-1].copy()):
        assert likeness(like, take_fingerprint(wrong)) < 0.45


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (24, 200), (47, 64)])
def test_a_picture_too_small_to_tell_is_not_compared(size):
    assert take_fingerprint(np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)) is None


def test_an_even_picture_is_not_compared_and_large_ones_stay_small():
    assert take_fingerprint(np.full((480, 640, 3), 60, np.uint8)) is None
    large = take_fingerprint(draw(1, (2160, 3840)))
    assert (large.width, large.height) == (80, 45)


def test_pictures_that_agree_are_right():
    assert judge([]) == []
    assert judged(shown("egl", ROOM)) == ([], [])
    assert judged(shown("mjwarp", ROOM), shown("egl", ROOM), shown("osmesa", ROOM)) == ([], [])


def test_of_two_that_differ_the_other_than_the_classic_one_is_wrong():
    pictures = [shown("egl", ROOM), shown("mjwarp", OTHER_ROOM)]
    assert judged(*pictures) == judged(*reversed(pictures)) == (["mjwarp"], [])
    (verdict,) = judge([shown("mjwarp", OTHER_ROOM), shown("egl", ROOM)])
    alike = likeness(take_fingerprint(ROOM), take_fingerprint(OTHER_ROOM))
    assert verdict.fault.reason == (
        f"its picture differs from egl's: {alike:.2f} of structure alike, at least 0.45 is asked"
    )


def test_where_neither_is_the_classic_one_nobody_is_called_wrong():
    found = judged(shown("filament-vulkan", ROOM), shown("mjwarp", OTHER_ROOM))
    assert found == ([], ["filament-vulkan", "mjwarp"])
    # Two of the classic renderer's own that differ: here too it cannot be told.
    assert judged(shown("egl", ROOM), shown("osmesa", OTHER_ROOM)) == ([], ["egl", "osmesa"])


def test_most_renderers_are_right_even_against_the_classic_one():
    pictures = [shown("egl", OTHER_ROOM), shown("filament-vulkan", ROOM), shown("mjwarp", ROOM)]
    assert judged(*pictures) == (["egl"], [])
    assert judged(*pictures, shown("osmesa", ROOM)) == (["egl"], [])
    three = [shown("egl", ROOM), shown("filament-vulkan", OTHER_ROOM), shown("mjwarp", THIRD_ROOM)]
    assert judged(*three) == (["filament-vulkan", "mjwarp"], [])


def test_backends_of_one_renderer_have_one_vote():
    filaments = [shown("filament-vulkan", OTHER_ROOM), shown("filament-opengl", OTHER_ROOM)]
    assert judged(shown("egl", ROOM), *filaments) == (["filament-opengl", "filament-vulkan"], [])


def test_a_backend_that_leaves_out_much_is_not_called_wrong_and_one_that_leaves_out_little_is():
    assert judged(shown("egl", ROOM), shown("mine", OTHER_ROOM, "shapes")) == ([], ["mine"])
    assert judged(shown("egl", ROOM), shown("mjwarp", OTHER_ROOM, "reflections")) == (["mjwarp"], [])
    # Nor does it outvote others.
    odd = [shown("mine", OTHER_ROOM, "shapes"), shown("yours", OTHER_ROOM, "shapes")]
    assert judged(shown("egl", ROOM), *odd) == ([], ["mine", "yours"])


def test_a_batch_of_one_backend_is_held_against_its_smaller_one():
    verdicts = judge([shown("mjwarp", ROOM), shown("mjwarp", OTHER_ROOM, worlds=64), shown("egl", ROOM)])
    assert [(verdict.case.worlds, verdict.is_wrong) for verdict in verdicts] == [(64, True)]


def ended(case: Case, picture: np.ndarray | None, trial: int = 1, status: str = "done") -> TrialEnded:
    fingerprint = None if picture is None else take_fingerprint(picture)
    result = TrialResult(
        case=case,
        trial=trial,
        status=status,
        started_at="2025-01-31T12:00:00+00:00",
        ended_at="2025-01-31T12:00:00+00:00",
        drawn=Drawn(geoms=1, lights=1, shadow_casters=0, samples=0, shadow_size=0),
        pictures=PictureReport(fingerprint=fingerprint),
    )
    return TrialEnded(result, position=1, total=1)


def watched(tmp_path, cases: list[Case], *events: TrialEnded) -> list[tuple[str, str, str]]:
    """Each event's kind, its case's backend, and what it says."""
    told = []
    for event in PictureJudge(tmp_path).watch(iter(events), cases):
        if isinstance(event, PictureJudged):
            assert event.failure is None or event.failure.kind is FailureKind.PICTURE
            assert all((tmp_path / name).is_file() for name in event.saved_frames)
            told.append(("judged", event.case.backend, "failed" if event.failure else "noted"))
        else:
            told.append(("ended", event.result.case.backend, event.result.status))
    return told


EGL, WARP, FILAMENT = (case_of(name) for name in ("egl", "mjwarp", "filament-vulkan"))


def test_a_case_is_judged_once_all_of_its_group_are_there(tmp_path):
    told = watched(tmp_path, [WARP, EGL], ended(WARP, OTHER_ROOM), ended(EGL, ROOM))
    assert told == [("ended", "mjwarp", "done"), ("ended", "egl", "done"), ("judged", "mjwarp", "failed")]
    told = watched(tmp_path, [EGL, WARP], ended(EGL, ROOM), ended(WARP, OTHER_ROOM))
    assert told == [("ended", "egl", "done"), ("ended", "mjwarp", "failed")]


def test_later_trials_of_a_case_that_was_wrong_fail_at_once(tmp_path):
    told = watched(
        tmp_path, [WARP, EGL],
        ended(WARP, OTHER_ROOM), ended(EGL, ROOM), ended(EGL, ROOM, 2), ended(WARP, ROOM, 2),
    )  # fmt: skip
    assert told[2:] == [
        ("judged", "mjwarp", "failed"), ("ended", "egl", "done"), ("ended", "mjwarp", "failed")
    ]  # fmt: skip


def test_a_later_trial_that_goes_wrong_takes_the_earlier_ones_with_it(tmp_path):
    told = watched(
        tmp_path, [WARP, EGL],
        ended(WARP, ROOM), ended(EGL, ROOM), ended(EGL, ROOM, 2), ended(WARP, OTHER_ROOM, 2),
    )  # fmt: skip
    assert told[:3] == [("ended", "mjwarp", "done"), ("ended", "egl", "done"), ("ended", "egl", "done")]
    assert told[3:] == [("ended", "mjwarp", "failed"), ("judged", "mjwarp", "failed")]


def test_the_majority_is_awaited(tmp_path):
    """After two of the three it would have been the other one."""
    told = watched(
        tmp_path, [EGL, WARP, FILAMENT], ended(EGL, OTHER_ROOM), ended(WARP, ROOM), ended(FILAMENT, ROOM)
    )  # fmt: skip
    assert [one for one in told if one[2] == "failed"] == [("judged", "egl", "failed")]


def test_cases_that_failed_or_never_came_keep_nobody_waiting(tmp_path):
    failed = ended(FILAMENT, None, status="failed")
    cases = [WARP, FILAMENT, EGL]
    told = watched(tmp_path, cases, ended(WARP, OTHER_ROOM), failed, ended(EGL, ROOM))
    assert told[-1] == ("judged", "mjwarp", "failed")
    # The run was stopped before the third.
    told = watched(tmp_path, cases, ended(WARP, OTHER_ROOM), ended(EGL, ROOM))
    assert told == [("ended", "mjwarp", "done"), ("ended", "egl", "done"), ("judged", "mjwarp", "failed")]


def test_other_scenes_sizes_effects_and_changes_are_never_compared(tmp_path):
    others = [
        replace_case(WARP, scene="apartment"),
        replace_case(WARP, resolution=Resolution(200, 150)),
        replace_case(WARP, effects=Effects.BARE),
        replace_case(WARP, change="no-shadows"),
    ]
    told = watched(tmp_path, [EGL, *others], ended(EGL, ROOM), *(ended(one, OTHER_ROOM) for one in others))
    assert {status for _, _, status in told} == {"done"}


def replace_case(case: Case, **changes: object) -> Case:
    return msgspec.structs.replace(case, **changes)


def test_what_cannot_be_told_is_a_note_beside_the_figures(tmp_path):
    judge_ = PictureJudge(tmp_path)
    events = [ended(WARP, ROOM), ended(FILAMENT, OTHER_ROOM)]
    first, second, note = judge_.watch(iter(events), [WARP, FILAMENT])
    assert first.result.findings == ()
    assert (note.case, note.failure) == (WARP, None)
    for finding, rival in ((note.finding, "filament-vulkan"), (second.result.findings[0], "mjwarp")):
        assert f"differs from {rival}'s" in finding.what
        assert not finding.spoils
        assert finding.fix
    assert second.result.status == "done"


def test_a_disk_that_takes_no_picture_changes_no_verdict(tmp_path):
    (tmp_path / "frames").write_text("in the way")
    told = watched(tmp_path, [EGL, WARP], ended(EGL, ROOM), ended(WARP, OTHER_ROOM))
    assert told[-1] == ("ended", "mjwarp", "failed")
