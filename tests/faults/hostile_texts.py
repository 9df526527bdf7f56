"""Texts that would do harm if they were more than text, and records in which every text is one of them."""

from __future__ import annotations

import enum
import typing
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from profiles.toml_errors import bare, element, is_record

HOSTILE = {
    # Markup of Rich and of Textual, and what either does with words.
    "style": "[bold red]b[/]",
    "closing": "[/] [/red] [/bold]",
    "action": "[@click=app.quit]x[/] [@click='app.bell']y[/]",
    "link": "[link=https://evil.example]x[/link]",
    "variable": "[$primary]v[/] [on $error]w[/]",
    "brackets": "\\[bold]x\\[/] \\\\[b] [[ ]] [",
    "emoji code": ":smile: :warning:",
    # What a terminal obeys.
    "colours": "\x1b[31mred\x1b[0m\x1b[2J\x1b[H\x1b[?1049h",
    "title": "\x1b]0;owned\x07\x1b]2;owned\x1b\\",
    "hyperlink": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "device control": '\x1bP$q"p\x1b\\ \x1bP+q544e\x1b\\',
    "application": "\x1b_Ga=T;AAAA\x1b\\ \x1b^privacy\x1b\\ \x1bXstring\x1b\\",
    "reports": "\x1b[6n\x1b[c\x1b[>q\x1b[21t\x05",
    "eight bits": "\x9b31m\x9d0;owned\x9c\x90q\x9c\x9f\x98\x85",
    "eight bits in bytes": b"\x9b31m\x9d52;c;ZXZpbA==\x9c\xff".decode("utf-8", "surrogateescape"),
    "controls": "a\rb\vc\fd\te\x07f\bg\x00h\x7fi\x0ej\x0fk",
    "line ends": "one\ntwo\r\nthree\u2028four\u2029five\x85six\n",
    "overwritten": "all is well\r\x1b[Kgone",
    # What is not where it seems to be, or not seen at all.
    "embeddings": "\u202aa\u202bb\u202cc\u202dd\u202eexe.lmx",
    "isolates": "\u2066a\u2067b\u2068c\u2069d",
    "marks of direction": "a\u200eb\u200fc\u061cd",
    "other alphabets": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "no width": "z\u200be\u200cr\u200do\u2060w\ufeffi\u00add\u034ft\u180eh",
    "fillers": "\u3164\u115f\u1160\uffa0\u2800\u17b4\u17b5",
    "spaces": "a\u00a0b\u2003c\u202fd\u3000e\u1680f",
    "selectors": "\u2764\ufe0f \u2764\ufe0e \u845b\U000e0100 1\ufe0f\u20e3",
    "many accents": "Z" + "\u0300\u0301\u0334\u0489" * 30 + "algo",
    "an accent alone": "\u0301lonely \u0301\u20dd",
    "tags": "a\U000e0001\U000e0041\U000e0042\U000e007fb",
    "annotations": "\ufff9a\ufffab\ufffb\u206a\u206f",
    # Wide characters.
    "wide": "\u56fe\u5f62\u6d4b\u8bd5\u30b7\u30fc\u30f3\uff21\uff22",
    "syllables in parts": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "letters of India": "\u0939\u093f\u0928\u094d\u0926\u0940 \u0bb5\u0bbe",
    "emoji": "\U0001f469\u200d\U0001f4bb \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd",
    "flags": "\U0001f1e9\U0001f1ea \U0001f3f4\U000e0067\U000e0062\U000e007f",
    # What Unicode leaves open.
    "private": "\ue000\uf8ff\U000f0000\U0010fffd",
    "unassigned": "\u0378\U000e0fff\U0003fff0",
    "no characters": "\uffff\ufdd0\U0010ffff",
    "bytes that are no text": b"\xe4a\x80b\xff".decode("utf-8", "surrogateescape"),
    # Markdown.
    "a bar": "a | b || c \\| d",
    "a row": "x |\n| --- | --- |\n| owned | row |",
    "code": "`code` ``more`` ```\nfence",
    "links": "[x](https://evil.example) ![y](https://evil.example/y.png) <https://evil.example> [z]: /u",
    "links to a file": "[x](/u) ![y](y.png) [z](javascript:alert(1)) [v]",
    "live addresses": "https://evil.example/a|b www.evil.example mailto:a@evil.example HTTP://evil.example",
    "people and issues": "@somebody #123 GH-45 org/repo#6 :tada:",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)><!-- &lt; &#124; &amp; -->",
    "blocks": "# head\n- item\n1. one\n> quote\n---\n    code\n+ [ ] task\n===\n~~~",
    "a list": "- item",
    "a number": "1. one",
    "emphasis": "*a* _b_ **c** ~~d~~ $e$ $$f$$",
    # Tables of spreadsheets.
    "formula": "=1+1",
    "command": "=cmd|'/c calc'!A0",
    "plus": "+1+cmd|'/c calc'!A0",
    "minus": "-1+1",
    "at": "@SUM(1+1)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "space": "  =1+1",
    "formula of full width": "\uff1d1\uff0b1",
    "signs of full width": "\uff0b1 \uff0d1 \uff20a",
    "next cell": 'a;=1+1;"@b"',
    "quotes": 'a"b,c""d\n,=1+1,"',
    # Files of settings.
    "settings": '\'\'\'"""\\u0041 = [x]\n{"a": null} \\',
    "percent": "%s %n {0} {x} ${HOME} $(id) `id`",
    # And what there is too much or nothing of.
    "long": "long" * 500,
    "empty": "",
    "blank": "   ",
}
"""Each by what it is."""
ORDINARY = (
    "größer", "cafe\u0301", "Việt Nam", "图形测试", "ヘッドレス", "한국어", "שלום", "مرحبا", "ไทย", "Ελλάδα",
    "🦾 arm", "5 × 3 – “a”…",
)  # fmt: skip
"""What people call things: it stays as it is."""
GROUPS = 4
"""So many texts together hold all of them."""


def groups() -> list[str]:
    """The same in `GROUPS` texts, for places that a test looks at only a few times."""
    texts = [text for name, text in HOSTILE.items() if name != "long"]
    return ["x".join(texts[number::GROUPS]) for number in range(GROUPS)]


def harm_in(text: str) -> list[str]:
    """What of a printed text, of any number of lines, a screen must not get: by its code, each once."""
    found = {letter: None for line in text.split("\n") for letter in _harmful(line)}
    return [letter.encode("unicode_escape").decode() for letter in found]


def _harmful(line: str) -> Iterator[str]:
    marks = 9
    for letter in line:
        kind = unicodedata.category(letter)
        if kind[0] == "C" or (kind[0] == "Z" and letter != " ") or _is_unseen(letter):
            yield letter
        marks = marks + 1 if kind in ("Mn", "Me") else 9 if letter == " " else 0
        if marks > 2 and kind in ("Mn", "Me"):
            yield letter


_UNSEEN = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0x1F1E6, 0x1F1FF), (0x1F3FB, 0x1F3FF),
    (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Unicode's property Default_Ignorable_Code_Point as far as its categories do not tell, blanks that count as
letters, and the parts of emoji that not every terminal joins."""


def _is_unseen(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in _UNSEEN)


class Infection:
    """Puts hostile texts in the place of every text of a record; equal texts stay equal.

    Args:
        texts: what is put there, in turn.
        spared: records and fields, as `CaseRecord.change`, that keep their text: only names of ours can
            stand there, which reading a file checks.
    """

    def __init__(self, texts: typing.Sequence[str], spared: typing.Collection[str] = ()) -> None:
        self.texts = texts
        self.spared = frozenset(spared)
        self._known: dict[str, str] = {}
        self._count = 0
        self.reached: set[str] = set()
        """The fields that got a hostile text."""

    def record(self, value: Any, kind: type[Any] | None = None) -> Any:
        """A record like `value`, or of a kind where there is none, with a hostile text in each field."""
        kind = type(value) if kind is None else kind
        fields = {}
        for field in msgspec.structs.fields(kind):
            name = f"{kind.__name__}.{field.name}"
            before = getattr(value, field.name) if value is not None else None
            if name in self.spared:
                if value is None:
                    continue
                fields[field.name] = before
            else:
                fields[field.name] = self._value(before, field.type, name)
        return kind(**fields)

    def _value(self, value: Any, kind: Any, name: str) -> Any:
        plain = bare(kind)
        if plain is str and "pattern" not in repr(kind):
            self.reached.add(name)
            return self._text(value)
        if is_record(plain):
            is_needed = type(None) not in typing.get_args(kind)
            can_be_made = _holds_text(plain) and not self._needs_spared(plain)
            return self.record(value, plain) if value is not None or is_needed or can_be_made else None
        origin = typing.get_origin(plain)
        if origin in (tuple, list) and (value or _holds_text(element(plain))):
            return tuple(self._value(one, element(plain), name) for one in value or (None,))
        if origin is dict:
            self.reached.add(name)
            inner = element(plain)
            return {
                self._text(key): self._value(one, inner, name) for key, one in (value or {"": None}).items()
            }
        if value is not None:
            return value
        return _anything(kind, plain)

    def _needs_spared(self, kind: type[Any]) -> bool:
        """Whether a record of this kind cannot be made up: what it needs is not for us to say."""
        fields = msgspec.structs.fields(kind)
        return any(field.required and f"{kind.__name__}.{field.name}" in self.spared for field in fields)

    def _text(self, before: str | None) -> str:
        if before and before in self._known:
            return self._known[before]
        text = f"{self.texts[self._count % len(self.texts)]}{self._count or ''}"
        self._count += 1
        if before:
            self._known[before] = text
        return text


def _holds_text(kind: Any) -> bool:
    plain = bare(kind)
    if is_record(plain):
        return any(_holds_text(field.type) for field in msgspec.structs.fields(plain))
    return plain is str or any(_holds_text(part) for part in typing.get_args(plain) if part is not Ellipsis)


def _anything(kind: Any, plain: Any) -> Any:
    """A value where a record that is made up needs one."""
    if "pattern" in repr(kind):
        return "2025-01-31T12:00:00+00:00"
    if type(None) in typing.get_args(kind):
        return None
    if typing.get_origin(plain) is typing.Literal:
        return typing.get_args(plain)[0]
    if isinstance(plain, type) and issubclass(plain, enum.Enum):
        return next(iter(plain))
    return {bool: True, int: 1, float: 1.0, bytes: b""}.get(plain, ())
