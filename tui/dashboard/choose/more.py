"""Whether a box holds more than it shows, in words: a scroll bar alone is hard to see without colours."""

from __future__ import annotations

from textual.widget import Widget


def title_with_more(title: str, box: Widget) -> str:
    """The title of a box that scrolls, and where there is more than is seen."""
    above, below = box.scroll_offset.y > 0, box.scroll_offset.y < box.max_scroll_y
    places = [place for place, there in (("above", above), ("below", below)) if there]
    return f"{title} (more {' and '.join(places)})" if places else title
