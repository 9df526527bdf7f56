"""A machine's false alarms: what a case held against itself seems to differ by."""

import math
from collections.abc import Sequence

from engine.record import Record
from engine.uncertainty.records import LEVEL
from engine.uncertainty.student import t_quantile

MIN_RATIOS = 3


class FalseAlarmBand(Record, frozen=True):
    """Ratios that a further comparison of two equal cases shows with 95% probability."""

    low: float
    high: float
    """The two are each other's reciprocals."""
    ratios: int
    """From how many it was reckoned."""
    rounds: int
    """How many rounds the comparison has that it holds for."""
    level: float = LEVEL

    @property
    def difference(self) -> float:
        """The largest difference that is no news, as a part: 0.013 for 1.3%."""
        return self.high - 1


def false_alarm_band(ratios: Sequence[float], rounds: int = 1) -> FalseAlarmBand | None:
    """Reckon the band from ratios of a case against itself.

    exp(+-t(0.975, m) * sqrt(mean(ln(ratio)^2) / rounds)) of m ratios: the prediction interval of a normal
    value whose mean is known, 0, and whose variance is not (G. J. Hahn and W. Q. Meeker, 1991, Statistical
    Intervals). What favours the first or second of two alike, such as a machine that heats up, is in it.

    Args:
        ratios: of FPS in one round each, all above 0.
        rounds: rounds of the comparison that the band is for.

    Returns:
        None for fewer than three ratios.

    Raises:
        ValueError: a ratio is not above 0, or there are fewer rounds than one.
    """
    if rounds < 1:
        raise ValueError(f"a comparison has at least one round, not {rounds}")
    if not all(ratio > 0 and math.isfinite(ratio) for ratio in ratios):
        raise ValueError("a ratio of two speeds is a finite number above 0")
    count = len(ratios)
    if count < MIN_RATIOS:
        return None
    variance = math.fsum(math.log(ratio) ** 2 for ratio in ratios) / count
    half = t_quantile((1 + LEVEL) / 2, count) * math.sqrt(variance / rounds)
    return FalseAlarmBand(low=math.exp(-half), high=math.exp(half), ratios=count, rounds=rounds)
