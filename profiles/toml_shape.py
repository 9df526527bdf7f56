"""How large the parts of a TOML text are, seen before it is read: some shapes take a parser without end."""

import re

_DEEPEST_KEY = 6
"""Parts of a dotted key; ours have five. What a parser does with them grows with their square."""
_MOST = {"=": 60_000, "[": 12_000, "{": 5_000, ",": 120_000}
"""Of values, lists and tables: a session of a megabyte has two thirds of them."""
_LONGEST_WHOLE_NUMBER, _LONGEST_NUMBER = 20, 1000
"""Digits, underscores and the mark of another base; 64 bits have 19 in decimals."""

# What has no end goes to the end of the text, so that nothing is looked at twice.
_OPAQUE = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""|\\?\Z)'
    r"|'''(?:[^']++|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]++|\\.)*+(?:"|$|\\?\Z)'
    r"|'[^'\n]*+(?:'|$)"
    r"|\#[^\n]*+",
    re.DOTALL | re.MULTILINE,
)
_DEEP_KEY = re.compile(
    r'(?<![\w"\-. \t])[ \t]*+(?:[\w"\-]++[ \t]*+\.[ \t]*+){' + str(_DEEPEST_KEY) + "}", re.ASCII
)
_NUMBER = re.compile(r"(?<![\w.+\-])[+-]?[0-9][\w.+\-:]*+", re.ASCII)
_WHOLE = re.compile(r"[+-]?(?:0[xob][0-9A-Fa-f_]+|[0-9_]+)", re.ASCII)


def shape_problem(text: str) -> str:
    """Say what of a text no file of ours has, as what follows its name in a sentence; "" where all is well.

    Takes a time that grows with the length of the text alone.
    """
    bones = _OPAQUE.sub('"', text)
    for mark, most in _MOST.items():
        if bones.count(mark) > most:
            return f"holds more than {most} {_NAMES[mark]}, expected a TOML file of ours"
    if deep := _DEEP_KEY.search(bones):
        line = _line_of(bones, deep.end(), text)
        return f"holds a key of more than {_DEEPEST_KEY} parts{line}, expected a TOML file of ours"
    for number in _NUMBER.finditer(bones):
        length = number.end() - number.start()
        if length > _LONGEST_NUMBER or (length > _LONGEST_WHOLE_NUMBER and _WHOLE.fullmatch(number[0])):
            line = _line_of(bones, number.end(), text)
            return f"holds a number of {length} digits{line}, expected one of at most 64 bits"
    return ""


_NAMES = {"=": "values", "[": "lists and tables", "{": "tables in lines", ",": "values in lists"}


def _line_of(bones: str, at: int, text: str) -> str:
    """The line of a place; none where texts of several lines were taken out before it."""
    if bones.count("\n") != text.count("\n"):
        return ""
    return f" at line {bones.count(chr(10), 0, at) + 1}"
