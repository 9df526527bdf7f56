"""What of a list fits."""

import pytest

from tui.dashboard.sessions.columns import Column, layout

COLUMNS = (
    Column("scene", str),
    Column("A of trials", str, rank=2),
    Column("B of trials", str, rank=2),
    Column("effects", str, rank=1),
)


@pytest.mark.parametrize("room", range(1, 60))
def test_columns_of_one_rank_stay_or_go_together(room: int):
    fitted = layout(COLUMNS, ["apartment"], room)
    titles = [column.title for column, _ in fitted.columns]
    assert titles[0] == "scene"
    assert titles.count("A of trials") == titles.count("B of trials")
    assert "effects" in titles or "A of trials" not in titles
    assert len(fitted.head) <= room or titles == ["scene"]
