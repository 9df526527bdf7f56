"""A line to type in that shows text and nothing else."""

from rich.text import Text
from textual.widgets import Input

from tui.text import printable


class PlainInput(Input):
    """Draws a question mark for each character that `printable` shows by its code; its value keeps them."""

    @property
    def _value(self) -> Text:
        """What is drawn: one character for each of the value's, so that the cursor stands where it should."""
        # Each by itself: of an accent the letter that it belongs to may have gone out of sight.
        shown = "".join(letter if printable(letter) == letter else "?" for letter in self.value)
        return Text(shown, no_wrap=True, overflow="ignore", end="")
