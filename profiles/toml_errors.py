"""Tables into records; what msgspec refuses is said in our own words, with the nearest valid key."""

import functools
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar

import msgspec

from profiles.errors import Problem, found, one_line, quoted

SCHEMA = 1
"""The version of the profiles that this version of the instrument reads and writes."""

T = TypeVar("T", bound=msgspec.Struct)

_PLAIN_NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
    tuple: "a list",
    list: "a list",
    dict: "a table",
}


def check_schema(data: Mapping[str, object], newest: int = SCHEMA) -> int:
    """Refuse a file of a schema that cannot be read before anything else is said of it.

    Args:
        data: the whole file; without the key its schema is 1.
        newest: the newest schema that can be read; the oldest is 1.

    Returns:
        The file's schema.

    Raises:
        Problem: `schema` is no number, or none that can be read.
    """
    schema = data.get("schema", 1)
    ours = str(newest) if newest == 1 else f"1 to {newest}"
    if isinstance(schema, int) and not isinstance(schema, bool):
        if schema > newest:
            text = f"is {found(schema)}: made by a newer mjbench-tui, expected schema = {ours}"
            raise Problem("schema", text)
        if schema >= 1:
            return schema
    raise Problem("schema", f"is {found(schema)}, expected {ours}")


def decode(data: Mapping[str, object], kind: type[T]) -> T:
    """Make a record of a table.

    Raises:
        Problem: a key is unknown, missing, or has a wrong type or value.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise _explain(data, kind, str(error)) from None
    except RecursionError:
        raise Problem("", "nested too deeply") from None


def nearest(text: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The name that is most like `text`, or None where none is like it."""
    import difflib

    near = difflib.get_close_matches(text.lower()[:80], list(names), n=1, cutoff=cutoff)
    return near[0] if near else None


def unknown_key(key: str, section: str, kind: Any, root: Any) -> Problem:
    """Say that `key` is none of `section` (dotted, "" for the top level), and which one may have been meant.

    `kind` is the record that the section holds, `root` the one of the whole file.
    """
    here = f"in [{section}]" if section else "at the top level"
    homes = {name.rpartition(".")[2]: name for name in sorted(dotted_keys(root))}
    if key in homes:
        home = homes[key].rpartition(".")[0]
        place = f"under [{home}]" if home else "at the top, before the first [section]"
        return Problem("", f"key {quoted(key)} stands {here}, but belongs {place}")
    names = [field.name for field in msgspec.structs.fields(kind)]
    homes |= {name: name for name in names}
    near = nearest(key, homes)
    hint = f"did you mean {homes[near]!r}?" if near else f"expected one of {', '.join(names)}"
    return Problem("", f"unknown key {quoted(key)} {here}: {hint}")


def expectation(kind: Any) -> str:
    """Say in a few words what a field of this type takes."""
    for annotation in _annotations(kind):
        for meta in annotation.__metadata__:
            if isinstance(meta, msgspec.Meta) and meta.description:
                return meta.description
    plain = bare(kind)
    if isinstance(plain, type) and issubclass(plain, Enum):
        return " or ".join(repr(str(member.value)) for member in plain)
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        return "a table"
    if typing.get_origin(plain) is typing.Literal:
        return " or ".join(repr(value) for value in typing.get_args(plain))
    return _PLAIN_NAMES.get(typing.get_origin(plain) or plain, "another value")


def bare(kind: Any) -> Any:
    """Take `Annotated` and `| None` off a type."""
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif typing.get_origin(kind) in (typing.Union, types.UnionType):
            kind = next(arm for arm in typing.get_args(kind) if arm is not types.NoneType)
        else:
            return kind


def element(kind: Any) -> Any:
    """The type of the values of a list or table type, or Any."""
    plain = bare(kind)
    arguments = typing.get_args(plain)
    if typing.get_origin(plain) in (tuple, list) and arguments:
        return arguments[0]
    if typing.get_origin(plain) is dict:
        return arguments[1]
    return Any


def is_record(kind: Any) -> bool:
    """Whether a type, bare, is a record."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def dotted_keys(kind: Any, prefix: str = "") -> dict[str, Any]:
    """All keys of a record and of the records in it, dotted, with their types; not those in lists."""
    keys: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        keys[prefix + field.name] = field.type
        if is_record(bare(field.type)):
            keys |= dotted_keys(bare(field.type), f"{prefix}{field.name}.")
    return keys


def _annotations(kind: Any) -> Iterator[Any]:
    """Every `Annotated` of a type or of the arms of its union, but not of its elements."""
    if typing.get_origin(kind) is typing.Annotated:
        yield kind
        yield from _annotations(typing.get_args(kind)[0])
    elif typing.get_origin(kind) in (typing.Union, types.UnionType):
        for arm in typing.get_args(kind):
            yield from _annotations(arm)


def _explain(data: Mapping[str, object], kind: type[T], message: str) -> Problem:
    """Find out what msgspec refused, and say it."""
    if stranger := _find_unknown(data, kind, "", kind):
        return stranger
    complaint, key, value, field = _follow(data, kind, message)
    missing = re.fullmatch(r"Object missing required field `(\w+)`", complaint)
    if missing and is_record(bare(field)):
        name = missing[1]
        inner = next(entry.type for entry in msgspec.structs.fields(bare(field)) if entry.name == name)
        return Problem(f"{key}.{name}" if key else name, f"is missing, expected {expectation(inner)}")
    text = f"is {found(value)}, expected {expectation(field)}"
    plain = bare(field)
    if isinstance(value, str) and isinstance(plain, type) and issubclass(plain, Enum):
        near = nearest(value, [str(member.value) for member in plain], cutoff=0.4)
        text += f": did you mean {near!r}?" if near else ""
    return Problem(key, text)


def _find_unknown(value: object, kind: Any, key: str, root: Any) -> Problem | None:
    """The first key that no record has, or None."""
    plain = bare(kind)
    if is_record(plain) and isinstance(value, Mapping):
        known = _fields_with_records(plain)
        for name, inner in value.items():
            if name not in known:
                return unknown_key(name, key, plain, root)
            if (inner_kind := known[name]) is None:
                continue
            if stranger := _find_unknown(inner, inner_kind, f"{key}.{name}" if key else name, root):
                return stranger
    elif isinstance(value, list) and is_record(bare(inner_kind := element(plain))):
        for index, inner in enumerate(value):
            if stranger := _find_unknown(inner, inner_kind, f"{key}[{index}]", root):
                return stranger
    elif isinstance(value, Mapping) and is_record(bare(inner_kind := element(plain))):
        for name, inner in value.items():
            if stranger := _find_unknown(inner, inner_kind, f"{key}.{one_line(name)}", root):
                return stranger
    return None


@functools.cache
def _fields_with_records(kind: Any) -> dict[str, Any]:
    """The keys of a record, with their types where records are in them, and None where not."""
    types_by_name = {field.name: field.type for field in msgspec.structs.fields(kind)}
    return {
        name: inner if is_record(bare(inner)) or is_record(bare(element(inner))) else None
        for name, inner in types_by_name.items()
    }


def _follow(data: Mapping[str, object], kind: Any, message: str) -> tuple[str, str, object, Any]:
    """Take a message of msgspec apart: the complaint, and the dotted key, value and type that it is about."""
    place = message.rfind(" - at `$")
    complaint, path = (message[:place], message[place:]) if place >= 0 else (message, "")
    key, value = "", typing.cast(object, data)
    for name, index, other in re.findall(r"\.(\w+)|\[(\d+)\]|(\[\.\.\.\])", path):
        if index and isinstance(value, list | tuple):
            key, value, kind = f"{key}[{index}]", value[int(index)], element(kind)
        elif name and isinstance(value, Mapping) and is_record(bare(kind)):
            fields = {field.name: field.type for field in msgspec.structs.fields(bare(kind))}
            key, value, kind = f"{key}.{name}" if key else name, value.get(name), fields[name]
        elif other and isinstance(value, Mapping) and (refused := _first_refused(value, element(kind))):
            key, value, kind = f"{key}.{one_line(refused)}", value[refused], element(kind)
        else:
            return complaint, key, value, kind
    return complaint, key, value, kind


def _first_refused(table: Mapping[str, object], kind: Any) -> str | None:
    """The first key of a free table whose value is none of a type: msgspec does not name it."""
    for name, value in table.items():
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return name
    return None
