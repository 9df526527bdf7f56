"""A table with plots of its chosen row in tabs: what the screens of one and of two sessions share."""

from __future__ import annotations

from textual import events, on
from textual.containers import Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Tabs

from tui.dashboard.results.columns import plain_ascii

_REST_S = 0.08
"""A plot is drawn when the choice has rested for this long: a key that is held down draws none on its way."""
_WIDE, _TALL = 120, 35


class TabbedScreen(Screen[None]):
    """The first tab, `table`, holds the table; where there is room, it stands above the others.

    What a screen composes holds a `#body` with its `Tabs`, its table, `#said` below that, and a
    `ContentSwitcher` with a pane `NAME-pane` for every other tab.

    Args:
        text_tab: the tab that is text to be scrolled.
        ascii_only: do without block characters.
    """

    def __init__(self, text_tab: str, ascii_only: bool) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._text_tab = text_tab
        self._ascii_only = ascii_only
        self._tab = "table"
        self._rest: Timer | None = None

    @property
    def _table_widget(self) -> Widget:
        """The table, which has moves of its own."""
        raise NotImplementedError

    def _focus_table(self) -> None:
        """Let the arrow keys move in the table."""
        self._table_widget.focus()

    def _draw(self) -> None:
        """Draw what the open tab shows of the chosen row."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:
        """Put the table above the plots where there is room for both."""
        self._arrange()

    @property
    def _has_room(self) -> bool:
        return self.app.size.width >= _WIDE and self.app.size.height >= _TALL

    def _arrange(self) -> None:
        both, tabs, body = self._has_room, self.query_one(Tabs), self.query_one("#body", Vertical)
        self.set_class(both, "-both")
        if both:
            body.move_child(tabs, after=self.query_one("#said"))
            tabs.hide("table")
        else:
            body.move_child(tabs, before=self._table_widget)
            tabs.show("table")
        if both and self._tab == "table":
            tabs.active = "frames"
        self._show_tab()

    @on(Tabs.TabActivated)
    def change_tab(self, event: Tabs.TabActivated) -> None:
        """Show another tab."""
        self._tab = event.tab.id or "table"
        self._show_tab()

    def _show_tab(self) -> None:
        with_table, name = self._has_room or self._tab == "table", self._tab
        for part in self._beside_table:
            part.display = with_table
        panes = self.query_one(ContentSwitcher)
        panes.display = name != "table"
        panes.current = None if name == "table" else f"{name}-pane"
        if name == self._text_tab:
            self.query_one(f"#{name}-pane").focus()
        elif with_table:
            self._focus_table()
        else:
            self._leave_table()
        self.refresh_bindings()
        self._draw()

    @property
    def _beside_table(self) -> list[Widget]:
        """What is shown with the table alone."""
        return [self._table_widget, self.query_one("#said")]

    def _leave_table(self) -> None:
        """What has to be done where a plot hides the table."""

    def _draw_at_rest(self) -> None:
        """Draw when the choice rests."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST_S, self._draw)

    def action_tab(self, name: str) -> None:
        """Open a tab; the table is always there where there is room."""
        if name != "table" or not self._has_room:
            self.query_one(Tabs).active = name

    def action_next_tab(self) -> None:
        """Open the next tab."""
        self.query_one(Tabs).action_next_tab()

    def action_previous_tab(self) -> None:
        """Open the tab before."""
        self.query_one(Tabs).action_previous_tab()

    def _text(self, text: str) -> str:
        return plain_ascii(text) if self._ascii_only else text
