"""Between measured sizes: straight lines on logarithms, where a power of the size is one."""

import math
from collections.abc import Mapping


def interpolated(figures: Mapping[int, float], size: float) -> float:
    """Read a figure off between the measured ones.

    ln(figure) is linear in ln(size) between neighbours.

    Args:
        figures: measured figures by size, all above 0.
        size: within the measured sizes.

    Raises:
        ValueError: it is outside of them.
    """
    below = max((known for known in figures if known <= size), default=None)
    above = min((known for known in figures if known >= size), default=None)
    if below is None or above is None:
        raise ValueError(f"{size} is outside of the sizes that were measured")
    if below == above:
        return figures[below]
    share = math.log(size / below) / math.log(above / below)
    return math.exp((1 - share) * math.log(figures[below]) + share * math.log(figures[above]))


def size_at(low: tuple[int, float], high: tuple[int, float], figure: float) -> float:
    """The size at which the line between two points reaches a figure.

    Args:
        low: size and figure of the smaller one; the figure is not above `figure`.
        high: of the larger one; its figure is above `figure`.
        figure: what is to be reached.
    """
    share = math.log(figure / low[1]) / math.log(high[1] / low[1])
    return math.exp((1 - share) * math.log(low[0]) + share * math.log(high[0]))
