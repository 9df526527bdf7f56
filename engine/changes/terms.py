"""What is asked of a renderer once a case's change is made: plain data."""

from __future__ import annotations

from engine.case import Case, Effects, Resolution, Settings
from engine.changes.registry import change_ids
from engine.record import Record


class Terms(Record, frozen=True):
    """How a case is drawn."""

    resolution: Resolution
    """Of the pictures that are drawn."""
    bare: bool
    """Whether all effects are off."""
    readback: bool
    """False leaves the pixels on the device."""
    moves: bool
    """False leaves the scene as it is at the start."""


def terms_of(case: Case, settings: Settings) -> Terms:
    """What is asked of a renderer for `case`."""
    changes = change_ids(case.change)
    return Terms(
        resolution=drawn_resolution(case),
        bare=case.effects is Effects.BARE or "bare" in changes,
        readback=settings.readback and "no-readback" not in changes,
        moves="no-physics" not in changes,
    )


def drawn_resolution(case: Case) -> Resolution:
    """The size of the pictures that are drawn for `case`."""
    size = case.resolution
    if "quarter-resolution" not in change_ids(case.change):
        return size
    return Resolution(width=max(1, size.width // 2), height=max(1, size.height // 2))
