"""The order of the result table, and what of it fits."""

import pytest

from tests.tui.dashboard.results.made import Made
from tui.dashboard.results.columns import COLUMNS, Order, columns_of, fitted, sorted_entries, width_of
from tui.rows import make_rows, relative_to_fastest


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
        assert not spare or sum(width_of(column, entries) + 2 for column in kept) <= room
        assert order.column in ["", *(column.id for column in kept)]
        assert {"scene", "backend", "size", "fps"} <= {column.id for column in kept}
    assert len(fitted(columns, entries, 300, Order())) == len(columns)
