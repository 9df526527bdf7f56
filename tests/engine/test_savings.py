"""From the rates of rounds to savings, and to what is worth making together."""

import math

import pytest

from engine.changes.combinations import Purpose, best_for, combine, wanted_combinations
from engine.changes.savings import Rates, Saving, find_savings, unchanged_time
from engine.uncertainty.student import t_quantile


def rates(**frame_ms: list[float]) -> Rates:
    """Rates by change and round, from milliseconds a frame; underscores stand for hyphens, `plain` for ""."""
    names = {name: "" if name == "plain" else name.replace("_", "-") for name in frame_ms}
    return {names[name]: {at: 1000 / ms for at, ms in enumerate(row, 1)} for name, row in frame_ms.items()}


def by_change(found: tuple[Saving, ...]) -> dict[str, Saving]:
    return {saving.change: saving for saving in found}


def steady(ms: float) -> list[float]:
    """Four rounds that differ by a percent."""
    return [ms, ms * 1.01, ms * 0.99, ms]


def test_savings_come_in_order_with_ratio_and_interval():
    found = find_savings(rates(plain=steady(100), no_textures=steady(98), no_shadows=steady(40)))
    assert [saving.change for saving in found] == ["no-shadows", "no-textures"]
    first = found[0]
    assert first.speed_up.ratio == pytest.approx(2.5)
    assert first.ms == pytest.approx(60, rel=0.01)
    assert all(saving.is_sure and saving.speed_up.rounds == 4 for saving in found)


def test_the_interval_is_the_paired_one_put_into_milliseconds():
    plain, changed = [100.0, 120.0, 90.0, 105.0], [50.0, 63.0, 44.0, 54.0]
    (saving,) = find_savings(rates(plain=plain, no_shadows=changed))
    logs = [math.log(a / b) for a, b in zip(plain, changed, strict=True)]
    mean = sum(logs) / 4
    deviation = math.sqrt(sum((value - mean) ** 2 for value in logs) / 3)
    half = t_quantile(0.975, 3) * deviation / 2
    base = math.exp(sum(map(math.log, plain)) / 4)
    assert unchanged_time(rates(plain=plain)).ms == pytest.approx(base)
    assert saving.interval.low == pytest.approx(base * (1 - math.exp(-(mean - half))))
    assert saving.interval.high == pytest.approx(base * (1 - math.exp(-(mean + half))))
    # A machine that slows down for a whole round is in both and goes.
    assert saving.interval.high - saving.interval.low < 6


def test_what_the_noise_hides_is_not_sure():
    noisy = find_savings(rates(plain=[100, 130, 80, 110], no_textures=[105, 90, 120, 80]))
    assert not noisy[0].is_sure
    (few,) = find_savings(rates(plain=[100, 100], no_textures=[50, 50]))
    assert few.interval is None
    assert not few.is_sure
    assert few.ms == pytest.approx(50)


def test_only_rounds_in_which_both_were_measured_are_paired():
    found = find_savings(
        {"": {1: 10.0, 2: 11.0, 3: 10.0, 5: 99.0}, "bare": {1: 20.0, 2: 22.0, 3: 20.0, 4: 1.0}}
    )
    assert found[0].speed_up.rounds == 3
    assert found[0].speed_up.ratio == pytest.approx(2)
    assert find_savings({"": {1: 10.0}, "bare": {2: 20.0}}) == ()
    assert find_savings({"bare": {1: 20.0}}) == ()
    assert unchanged_time({"bare": {1: 20.0}}) is None


def test_what_saves_time_is_put_together_for_each_purpose():
    found = find_savings(
        rates(
            plain=steady(100),
            no_shadows=steady(50),
            quarter_shadow_map=steady(60),
            half_shadow_map=steady(75),
            no_multisampling=steady(80),
            one_light=[100, 99, 103, 98],
            no_physics=steady(90),
            no_group_2=steady(20),
        )
    )
    assert combine(Purpose.KEEPS_SHADOWS, found) == "quarter-shadow-map+no-multisampling"
    assert combine(Purpose.SAME_REQUEST, found) == "no-shadows+no-multisampling"
    assert combine(Purpose.FASTEST, found) == "no-shadows+no-multisampling+no-physics"
    assert wanted_combinations(found) == (
        "quarter-shadow-map+no-multisampling",
        "no-shadows+no-multisampling",
        "no-shadows+no-multisampling+no-physics",
    )


def test_all_effects_stand_in_for_each_of_them_where_they_save_more():
    found = find_savings(
        rates(plain=steady(100), bare=steady(30), no_shadows=steady(40), no_textures=steady(90))
    )
    assert combine(Purpose.FASTEST, found) == "no-textures+bare"
    assert combine(Purpose.KEEPS_SHADOWS, found) == "no-textures"
    # What is one change alone has been measured already.
    assert wanted_combinations(found) == ("no-textures+bare",)


def test_the_best_is_what_was_measured_to_be_and_not_what_was_hoped_for():
    single = rates(plain=steady(100), no_shadows=steady(40), no_textures=steady(90))
    together = {"no-shadows+no-textures": {at: 1000 / ms for at, ms in enumerate(steady(45), 5)}}
    again = {"": {**single[""], **{at: 1000 / ms for at, ms in enumerate(steady(100), 5)}}}
    found = find_savings({**single, **again, **together})
    assert best_for(Purpose.FASTEST, found).change == "no-shadows"
    assert best_for(Purpose.KEEPS_SHADOWS, found).change == "no-textures"
    assert by_change(found)["no-shadows+no-textures"].ms == pytest.approx(55, rel=0.01)


def test_without_a_sure_saving_nothing_is_proposed():
    found = find_savings(rates(plain=steady(100), no_shadows=[101, 99, 102, 98], no_group_0=steady(30)))
    assert wanted_combinations(found) == ()
    assert all(best_for(purpose, found) is None for purpose in Purpose)
