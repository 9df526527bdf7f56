"""How close the trials of a session came to what their machine can do."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from engine.floor import Limit, limit_of

if TYPE_CHECKING:
    from profiles.session import TrialRecord


def trial_limit(trial: TrialRecord) -> Limit | None:
    """Hold a trial against its floor; None where it has no figures or nothing was drawn."""
    if trial.metrics is None or trial.metrics.pixels_per_s <= 0:
        return None
    return limit_of(trial.metrics, trial.floor)


def limit_document(trial: TrialRecord) -> dict[str, Any] | None:
    """The same for other programs: `least_ms`, `share`, `room`, and `hours` for a hundred million frames."""
    limit = trial_limit(trial)
    return asdict(limit) if limit is not None else None
