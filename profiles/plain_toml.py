"""The TOML that we write ourselves, read several times as fast as any other.

tomli-w makes a small part of TOML: a value a line, each table once and behind the one that it is in. A
session of thousands of trials is read here in large strides; what has another form is left to `tomllib`.
"""

import re
import tomllib
from collections.abc import Iterable
from typing import Any

import msgspec

_MOST_LINES = 900_000
_MOST_TABLES = 150_000
_MOST_NAMES = 5_000
"""Different names of keys and of tables: what would be no session of ours takes no memory."""
_MOST_OTHER_BYTES = 200_000
"""Of values that `tomllib` reads one by one."""

_ESCAPE = rb'\\["\\bfnr]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}'
_TEXT = rb'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|' + _ESCAPE + rb')*+"'
_NUMBER = rb"(?!-0[\n,])-?(?:0|[1-9][0-9]{0,17})(?![0-9])(?:\.[0-9]++)?(?:e[+-]?[0-9]++)?"
_VALUE = rb"(?:" + _NUMBER + rb"|" + _TEXT + rb"|true|false)"
_BARE = rb"[A-Za-z0-9_-]++"
_KEY = rb"(?:" + _BARE + rb"|" + _TEXT + rb")"
_LINES = rb"(?:" + _KEY + rb" = (?:" + _VALUE + rb"|\[\])\n)*+"
_SOME_LINES = re.compile(_LINES)
_PAIR = re.compile(rb"(" + _KEY + rb") = (.*)\n")
_ARRAY = re.compile(rb"(" + _KEY + rb") = (\[\n(?:    " + _VALUE + rb",\n)++)\]\n")
_LONG_TEXT = re.compile(
    rb"(" + _KEY + rb') = """\n((?:[^"\\\x00-\x08\x0b-\x1f\x7f]|' + _ESCAPE + rb')*+)"""\n'
)
_OTHER = re.compile(rb"(" + _BARE + rb") = (?:\[\n(?:    [^\n]*+\n)++\]|[^\n\[{\"']*+)\n")
_SECTION = re.compile(rb"\n?(\[\[?+)(" + _BARE + rb"(?:\." + _BARE + rb")*+)(\]\]?+)\n(" + _LINES + rb")")
"""The head of a table and the simple values that follow it: most of a session is made of these."""
_BETWEEN = re.compile(rb"(?:#[^\x00-\x08\x0a-\x1f\x7f]*+\n|\n)++")
_END_OF_ARRAY = len(b",\n")


class OtherFormError(Exception):
    """The text is not in the form that we write; it may be TOML or not."""

    def __init__(self, line: int) -> None:
        """`line` is the first that has another form, counted from 1."""
        super().__init__(line)
        self.line = line


def parse_plain(data: bytes) -> dict[str, Any]:
    """Read UTF-8 text; what comes out is what `tomllib` makes of it.

    Raises:
        OtherFormError: it has a form that we do not write, or is of more parts than any session.
    """
    if data.count(b"\n") > _MOST_LINES or data.count(b"\n[") > _MOST_TABLES:
        raise OtherFormError(1)
    return _Reader(data).read()


class _OtherForm(Exception):  # noqa: N818 (never leaves this file)
    """Something has another form."""


class _Table:
    """A table, and those in it that have a head of their own; of a list of tables its last one."""

    __slots__ = ("inner", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.inner: dict[str, _Table] = {}

    def open(self, name: str) -> "_Table":
        """The table of this name, which is made where there is none."""
        found = self.inner.get(name)
        return self.add(name) if found is None else found

    def add(self, name: str) -> "_Table":
        """Make the table of this name."""
        if name in self.values:
            raise _OtherForm
        made = self.inner[name] = _Table()
        self.values[name] = made.values
        return made

    def append(self, name: str) -> "_Table":
        """Make one more in the list of this name."""
        if name not in self.inner:
            made = self.add(name)
            self.values[name] = [made.values]
            return made
        tables = self.values[name]
        if not isinstance(tables, list):
            raise _OtherForm
        made = self.inner[name] = _Table()
        tables.append(made.values)
        return made

    def put(self, names: Iterable[str], values: Iterable[Any], count: int) -> None:
        """Put in values, none of which is there yet."""
        before = len(self.values)
        self.values.update(zip(names, values, strict=True))
        if len(self.values) != before + count:
            raise _OtherForm


class _Names(dict[bytes, str]):
    """Names as they are written, each once in memory."""

    def __missing__(self, written: bytes) -> str:
        if len(self) >= _MOST_NAMES:
            raise _OtherForm
        name = _from_json(written) if written.startswith(b'"') else written.decode()
        self[written] = name
        return str(name)


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._root = self._table = _Table()
        self._names = _Names()
        self._paths: dict[bytes, list[str]] = {}
        self._other_bytes = 0

    def read(self) -> dict[str, Any]:
        data, end = self._data, len(self._data)
        try:
            while self._at < end:
                if section := _SECTION.match(data, self._at):
                    left, path, right, lines = section.groups()
                    self._open(left, path, right)
                    self._at = section.start(4)
                    self._put_lines(lines)
                    self._at = section.end()
                elif between := _BETWEEN.match(data, self._at):
                    self._at = between.end()
                else:
                    self._at = self._read_values()
        except (_OtherForm, msgspec.DecodeError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError):
            raise OtherFormError(data.count(b"\n", 0, self._at) + 1) from None
        return self._root.values

    def _open(self, left: bytes, path: bytes, right: bytes) -> None:
        if len(left) != len(right):
            raise _OtherForm
        if (names := self._paths.get(path)) is None:
            names = self._paths[path] = [self._names[part] for part in path.split(b".")]
            if len(self._paths) > _MOST_NAMES:
                raise _OtherForm
        table = self._root
        for name in names[:-1]:
            table = table.open(name)
        self._table = table.append(names[-1]) if len(left) == len(b"[[") else table.add(names[-1])

    def _put_lines(self, lines: bytes) -> None:
        """Put in simple values, one a line."""
        pairs = _PAIR.findall(lines)
        names = [self._names[name] for name, _ in pairs]
        values = _from_json(b"[" + b",".join([value for _, value in pairs]) + b"]")
        self._table.put(names, values, len(pairs))

    def _read_values(self) -> int:
        """Read what stands here in the table, and return where it ends."""
        data, at = self._data, self._at
        if (lines := _SOME_LINES.match(data, at)) and lines[0]:
            self._put_lines(lines[0])
            return lines.end()
        if array := _ARRAY.match(data, at):
            self._table.put([self._names[array[1]]], [_from_json(array[2][:-_END_OF_ARRAY] + b"]")], 1)
            return array.end()
        if text := _LONG_TEXT.match(data, at):
            line = b'"' + text[2].replace(b"\n", b"\\n") + b'"'
            self._table.put([self._names[text[1]]], [_from_json(line)], 1)
            return text.end()
        if (other := _OTHER.match(data, at)) is None:
            raise _OtherForm
        self._other_bytes += len(other[0])
        if self._other_bytes > _MOST_OTHER_BYTES:
            raise _OtherForm
        ((name, value),) = tomllib.loads(other[0].decode()).items()
        self._table.put([self._names[name.encode()]], [value], 1)
        return other.end()


def _from_json(text: bytes) -> Any:
    # A tab within a text is the one thing that we write and JSON does not have.
    return msgspec.json.decode(text.replace(b"\t", b"\\t"))
