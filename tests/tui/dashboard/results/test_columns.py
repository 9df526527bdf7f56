"""The order of the result table, and what of it fits."""

import pytest

from engine.messages import MemoryUse, RendererIdentity
from tests.tui.dashboard.results.made import Made
from tui.dashboard.results.columns import (
    COLUMNS,
    Order,
    cell_text,
    columns_of,
    fitted,
    sorted_entries,
    width_of,
)
from tui.dashboard.watch.titles import short_scene
from tui.output.rows import make_rows, relative_to_fastest


@pytest.fixture
def entries(make_session):
    session, _ = make_session(
        Made("osmesa", 9.0, trials=2),
        Made("egl", 1.0, trials=2),
        Made("glfw", None),
        Made("egl", 12.0, size="1280x720", trials=2),
        Made("null", 0.001),
        reached=4,
    )
    return relative_to_fastest(make_rows(session))


def names(entries) -> list[str]:
    return [f"{entry.row.case.backend} {entry.row.case.resolution.width}" for entry in entries]


def test_numbers_sort_as_numbers_and_what_is_missing_comes_last_both_ways(entries):
    up = sorted_entries(entries, Order("fps"))
    assert names(up) == ["egl 1280", "osmesa 640", "egl 640", "glfw 640", "null 640"]
    down = sorted_entries(entries, Order("fps", reverse=True))
    assert names(down) == ["egl 640", "osmesa 640", "egl 1280", "glfw 640", "null 640"]
    assert names(sorted_entries(entries, Order("p99")))[0] == "egl 640"
    assert names(sorted_entries(entries, Order("size")))[-1] == "egl 1280"


def test_every_column_sorts_both_ways_and_equals_keep_their_order(entries):
    for column in COLUMNS:
        for reverse in (False, True):
            order = sorted_entries(entries, Order(column.id, reverse))
            keys = [column.key(entry) for entry in order]
            known = [key for key in keys if key is not None]
            assert keys[len(known) :] == [None] * (len(keys) - len(known))
            assert known == sorted(known, reverse=reverse)
    assert names(sorted_entries(entries, Order("effects", reverse=True))) == names(entries)
    assert sorted_entries(entries, Order()) == entries
    assert names(sorted_entries(entries, Order("", reverse=True))) == names(entries)[::-1]


@pytest.mark.parametrize("room", [40, 79, 100, 139, 300])
def test_what_fits_fits_and_what_is_sorted_by_stays(entries, room):
    columns = columns_of(entries)
    for order in (Order(), Order("state"), Order("most")):
        kept = fitted(columns, entries, room, order)
        spare = [column for column in kept if column.rank and column.id != order.column]
        assert not spare or sum(width + 2 for width in kept.values()) <= room
        assert order.column in ["", *(column.id for column in kept)]
        assert {"scene", "backend", "size", "fps"} <= {column.id for column in kept}
    assert len(fitted(columns, entries, 300, Order())) == len(columns)


def texts(entries, name: str) -> list[str]:
    (column,) = (column for column in COLUMNS if column.id == name)
    return [cell_text(column, entry) for entry in entries]


def test_workers_worlds_and_what_comes_with_them_have_columns_where_there_are_any(make_session):
    alone, _ = make_session(Made("egl", 1.0), name="alone")
    entries = relative_to_fastest(make_rows(alone))
    new = {"workers", "worlds", "device", "fairness", "memory", "missing"}
    assert not new & {column.id for column in columns_of(entries)}
    memory = MemoryUse(host_mib=250.4, host_scene_mib=100.0)
    several, _ = make_session(
        Made("egl", 4.0, workers=2, memory=memory),
        Made("mjwarp", 4.0, worlds=16, memory=memory, not_drawn=("haze", "reflections")),
        Made("filament-vulkan", 2.0, device_ms=1.5),
    )
    entries = relative_to_fastest(make_rows(several))
    assert new <= {column.id for column in columns_of(entries)}
    assert texts(entries, "workers") == ["2", "1", "1"]
    assert texts(entries, "worlds") == ["1", "16", "1"]
    assert texts(entries, "device") == ["–", "–", "1.50"]
    assert texts(entries, "memory") == ["250", "250", "–"]
    assert texts(entries, "missing") == ["–", "haze, reflections", "–"]
    (fairness, *others) = texts(entries, "fairness")
    assert 0.9 < float(fairness) <= 1
    assert others == ["–", "–"]
    by_worlds = sorted_entries(entries, Order("worlds", reverse=True))
    assert by_worlds[0].row.case.backend == "mjwarp"


@pytest.mark.parametrize("room", [79, 139])
def test_the_longest_cases_fit_and_the_rate_is_among_what_is_seen(make_session, room):
    session, _ = make_session(
        Made("madrona-raytrace", 4.0, "1280x720", scene="menagerie:boston_dynamics_spot", worlds=65536),
        Made(
            "filament-vulkan", 4.0, "1280x720", scene="menagerie:boston_dynamics_atlas", workers=16, frames=20
        ),
    )
    entries = relative_to_fastest(make_rows(session))
    kept = fitted(columns_of(entries), entries, room, Order())
    assert sum(width + 2 for width in kept.values()) <= room
    assert {"backend", "size", "workers", "worlds", "fps"} <= {column.id for column in kept}
    (scene,) = (width for column, width in kept.items() if column.id == "scene")
    titles = [short_scene(entry.row.case.scene, scene) for entry in entries]
    assert len(set(titles)) == 2
    assert all(len(title) <= scene for title in titles)


def test_software_is_seen_in_a_column_however_long_the_name_of_the_driver(make_session):
    renderer = RendererIdentity("", "Intel(R) Xeon(R) Platinum 8358 CPU @ 2.60GHz", "", software=True)
    session, _ = make_session(Made("mjwarp", 1.0, renderer=renderer))
    entries = relative_to_fastest(make_rows(session))
    (shown,) = texts(entries, "driver")
    (column,) = (column for column in COLUMNS if column.id == "driver")
    assert shown.endswith("… SOFTWARE")
    assert len(shown) <= width_of(column, entries)
