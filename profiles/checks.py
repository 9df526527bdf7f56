"""Rules for the values of a profile that go beyond their types."""

import math
from collections.abc import Sequence, Sized
from pathlib import Path

from engine.case import Resolution
from profiles.errors import Problem, is_utf8, one_line, quoted
from profiles.toml_errors import nearest

MAX_CASES = 10_000
MAX_TRIALS = 6_000
"""A session of more is not read: that would take longer than anybody waits for a list of sessions."""


def check_text(key: str, text: str) -> None:
    """Refuse what would disturb a terminal, and what could not be written as UTF-8.

    Raises:
        Problem: the text holds control characters or half of a surrogate pair.
    """
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise Problem(key, f"is {quoted(text)}, expected text without control characters")
    if not is_utf8(text):
        raise Problem(key, f"is {quoted(text)}, expected text that is valid UTF-8")


def check_count(trials: int, *axes: Sized) -> None:
    """Refuse a profile that nobody will see the end of.

    Args:
        trials: of each case, without those that are added until enough is known.
        axes: what cases are made of.

    Raises:
        Problem: it asks for more than `MAX_CASES` cases or `MAX_TRIALS` trials.
    """
    count = math.prod(len(axis) for axis in axes)
    if count > MAX_CASES:
        raise Problem("", f"asks for {count} cases, expected at most {MAX_CASES}")
    if count * trials > MAX_TRIALS:
        what = f"{trials} trials of each of {count} cases"
        raise Problem(
            "", f"asks for {what}, expected at most {MAX_TRIALS} trials: measure in several sessions"
        )


def check_limits(key: str, least: int, most: int) -> None:
    """Refuse limits of the number of rounds that exclude each other; `key` is the table's.

    Raises:
        Problem: the largest number is below the smallest.
    """
    if most < least:
        raise Problem(f"{key}.max_trials", f"is {most}, expected at least min_trials, which is {least}")


def known_resolutions(texts: Sequence[str]) -> tuple[str, ...]:
    """Each resolution in its usual form.

    Raises:
        Problem: one is none, or too large.
    """
    known = []
    for index, text in enumerate(texts):
        try:
            known.append(str(Resolution.parse(text)))
        except ValueError:
            wanted = f"WIDTHxHEIGHT such as 640x480, each side from 1 to {Resolution.MAX_SIDE} pixels"
            raise Problem(f"resolutions[{index}]", f"is {quoted(text)}, expected {wanted}") from None
    return tuple(known)


def known_scenes(names: Sequence[str], base: Path | None) -> tuple[str, ...]:
    """Each scene's full name, with absolute paths; relative ones count from `base`.

    Raises:
        Problem: a scene does not exist.
    """
    from scenes.registry import UnknownSceneError, find_scene

    known = []
    for index, name in enumerate(names):
        try:
            scene = find_scene(name, base).name
        except UnknownSceneError as error:
            raise Problem(f"scenes[{index}]", f": {one_line(str(error))}", about_scene=True) from None
        check_text(f"scenes[{index}]", scene)
        known.append(scene)
    return tuple(known)


def check_backends(names: Sequence[str], auto: str) -> None:
    """Refuse a backend that nobody knows; `auto` is known too.

    Raises:
        Problem: a backend does not exist.
    """
    from engine.backends.registry import UnknownBackendError, all_backends, find_backend

    for index, name in enumerate(names):
        try:
            if name != auto:
                find_backend(name)
        except UnknownBackendError:
            known = [auto, *(info.name for info in all_backends())]
            near = nearest(name, known, cutoff=0.5)
            hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(known)}"
            raise Problem(f"backends[{index}]", f": unknown backend {quoted(name)}: {hint}") from None


def known_changes(names: Sequence[str]) -> tuple[str, ...]:
    """Each change in its usual form: what is joined by `+` in the order of listing.

    Raises:
        Problem: one does not exist, or holds what cannot be made at once.
    """
    from engine.changes.registry import UnknownChangeError, normal_change

    known = []
    for index, name in enumerate(names):
        try:
            known.append(normal_change(name))
        except UnknownChangeError as error:
            raise Problem(f"changes[{index}]", f": {one_line(str(error))}") from None
    return tuple(known)
