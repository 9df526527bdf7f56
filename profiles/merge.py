"""Changing a person's TOML file: their comments, order and spelling stay, only what differs is put in."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Table

from profiles.errors import Problem
from profiles.profile import Profile, parse_profile, profile_table


def merged_text(text: str, profile: Profile, base: Path) -> str:
    """Put `profile` into the text of an older one, both valid TOML.

    Args:
        text: the file as it is.
        profile: what the result holds.
        base: the file's folder, from which its relative paths of scenes count.

    Raises:
        Problem: the file is no valid profile, or cannot be changed without losing its comments.
    """
    written = parse_profile(tomllib.loads(text), base, check_names=False)
    before = _with_full_names(written, base)
    old, new = _flat(before), _flat(profile)
    spelling = dict(zip(before.scenes, written.scenes, strict=True))
    changes = {key: new.get(key) for key in {**old, **new} if old.get(key) != new.get(key)}
    if "scenes" in changes:
        changes["scenes"] = [spelling.get(scene, scene) for scene in profile.scenes]
    for element_by_element in (True, False):
        result = _changed(text, changes, element_by_element)
        if result is not None and _reads_as(result, profile, base):
            return result
    raise Problem("", "cannot be changed without losing its comments, save under another name")


def _flat(profile: Profile) -> dict[str, Any]:
    """All values by dotted key, as TOML writes them."""
    return _flat_table(profile_table(profile))


def _flat_table(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        flat |= _flat_table(value, f"{key}.") if isinstance(value, dict) else {key: value}
    return flat


def _with_full_names(profile: Profile, base: Path) -> Profile:
    """The profile with each scene's full name; a scene that is not here stays as it is written."""
    from scenes.registry import UnknownSceneError, find_scene

    names = []
    for scene in profile.scenes:
        try:
            names.append(find_scene(scene, base).name)
        except UnknownSceneError:
            names.append(scene)
    return msgspec.structs.replace(profile, scenes=tuple(names))


def _reads_as(text: str, profile: Profile, base: Path) -> bool:
    """Whether the text holds just this profile."""
    try:
        again = _with_full_names(parse_profile(tomllib.loads(text), base, check_names=False), base)
    except (tomllib.TOMLDecodeError, Problem):
        return False
    return _flat(again) == _flat(profile)


def _changed(text: str, changes: Mapping[str, Any], element_by_element: bool) -> str | None:
    """Apply changes by dotted key, None taking a key away; None where the library cannot."""
    try:
        document = tomlkit.parse(text)
        # What is new finds its place beside what goes.
        for key, value in sorted(changes.items(), key=lambda change: change[1] is None):
            *sections, name = key.split(".")
            if value is None:
                _take_away(document, sections, name)
                continue
            place = _section(document, sections)
            if name not in place:
                _add(place, name, value)
            elif element_by_element and isinstance(place[name], Array):
                _change_list(place[name], value)
            else:
                place[name] = value
        return tomlkit.dumps(document)
    except (TOMLKitError, LookupError, ValueError, TypeError, AttributeError):
        return None


def _section(document: Any, names: Sequence[str]) -> Any:
    """The table of this dotted name; one that is not there is made, an inner one within its line."""
    place = document
    for depth, name in enumerate(names):
        if name not in place:
            if depth:
                _add(place, name, tomlkit.inline_table())
            else:
                place[name] = tomlkit.table()
        place = place[name]
    return place


def _take_away(document: Any, sections: Sequence[str], name: str) -> None:
    """Take a key away, and an inner table that holds nothing any more."""
    tables = [document]
    for section in sections:
        if section not in tables[-1]:
            return
        tables.append(tables[-1][section])
    tables[-1].pop(name, None)
    if len(sections) > 1 and not tables[-1]:
        tables[-2].pop(sections[-1])


def _add(place: Any, name: str, value: Any) -> None:
    """Add a key behind the section's last one: a comment after that belongs to the next section."""
    container = place if isinstance(place, Container) else getattr(place, "value", None)
    if isinstance(container, Container) and not (isinstance(place, Table) and place.is_super_table()):
        plain = [key for key, item in container.body if key is not None and not isinstance(item, Table | AoT)]
        if plain:
            container._insert_after(plain[-1], name, tomlkit.item(value))
            return
    place[name] = value


def _change_list(array: Array, wanted: Sequence[Any]) -> None:
    """Change only the elements that differ, so that the comments of the others stay."""
    steps = difflib.SequenceMatcher(
        None, [repr(value) for value in array.unwrap()], [repr(value) for value in wanted]
    )
    for _, start, end, new_start, new_end in reversed(
        [step for step in steps.get_opcodes() if step[0] != "equal"]
    ):
        del array[start:end]
        for offset, value in enumerate(wanted[new_start:new_end]):
            array.insert(start + offset, value)
