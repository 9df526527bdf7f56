"""Names that a person types for a profile."""

from __future__ import annotations

from profiles.errors import ProfileError
from profiles.own_profiles import check_free_name


def name_problem(name: str) -> str:
    """What is wrong with a name for a new profile, in one sentence, or ""."""
    try:
        check_free_name(name)
    except ProfileError as error:
        return str(error)
    return ""
