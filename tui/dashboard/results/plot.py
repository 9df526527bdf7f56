"""plotext's plot as a widget that draws itself anew for its size and its theme."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.app import RenderResult
from textual.color import Color, ColorParseError
from textual_plotext import PlotextPlot

from tui.dashboard.results.paper import WIDE, Paper, Pens
from tui.text import printable

Draw = Callable[[Paper], None]
_NAMES = ("primary", "secondary", "accent", "success", "warning", "error", "foreground")
_DEEPER = 0.4
_SMALLEST = (24, 6)
_ASCII = str.maketrans("─│┌┐└┘├┤┬┴┼", "-|+++++++++")


class Plot(PlotextPlot):
    """Draws with a function that is given, whenever there is something new to show."""

    def __init__(self, ascii_only: bool = False) -> None:
        super().__init__()
        # Without colours of its own: axes and numbers get those of the widget.
        self.theme = "textual-clear"
        self._ascii_only = ascii_only
        self._draw: Draw | None = None

    def show(self, draw: Draw | None) -> None:
        """Draw this from now on; nothing for None."""
        self._draw = draw
        self.refresh()

    def pens(self) -> Pens:
        """The colours of the app's theme."""
        variables = self.app.theme_variables
        known = {name: colour for name in _NAMES if (colour := _colour(variables.get(name, "")))}
        text = known.get("foreground", Color(128, 128, 128))
        # On a light ground the theme's colours are too pale for characters that are mostly empty.
        depth = 0.0 if self.app.current_theme.dark else _DEEPER
        colours = {name: colour.blend(text, depth).rgb for name, colour in known.items()}
        return Pens({**colours, "text": text.rgb}, self._ascii_only)

    def render(self) -> RenderResult:
        """Draw, or say in a sentence why not."""
        width, height = self.size
        if self._draw is None:
            return ""
        if width < _SMALLEST[0] or height < _SMALLEST[1]:
            return "there is no room for a plot"
        self.plt.clear_figure()
        self.plt.theme("clear")
        try:
            self._draw(Paper(self.plt, width, height, self.pens()))
            drawn = super().render()
            if isinstance(drawn, Text) and WIDE in drawn.plain:
                drawn = Text("").join(drawn.split(WIDE, allow_blank=True))
        except Exception as error:  # a plot that fails must not end the app
            return Text(printable(f"This plot cannot be drawn: {error or type(error).__name__}."))
        if self._ascii_only and isinstance(drawn, Text):
            drawn.plain = drawn.plain.translate(_ASCII)
        return drawn


def _colour(text: str) -> Color | None:
    try:
        return Color.parse(text)
    except ColorParseError:
        return None
