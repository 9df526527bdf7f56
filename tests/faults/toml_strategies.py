"""Hostile TOML for hypothesis: any bytes, any structure, and real files with something else in them."""

import os
from pathlib import Path

import tomli_w
from hypothesis import settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("MJBENCH_FUZZ_EXAMPLES", "60"))
"""Of each property; a long search takes thousands."""
fuzzed = settings(max_examples=EXAMPLES, deadline=None)

OLD_SESSION = Path(__file__).parents[1] / "tui" / "old_sessions" / "schema1" / "session.toml"

ODD_VALUES = (
    "1" * 5000,
    "-" + "9" * 400,
    "0x" + "f" * 3000,
    "0b" + "01" * 2000,
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-1",
    "0",
    "4611686018427387904",
    "nan",
    "-nan",
    "inf",
    "-inf",
    "-0.0",
    "-0",
    "1e308",
    "1e400",
    "5e-324",
    "1e-400",
    "1" * 400 + ".5",
    "0001-01-01",
    "9999-12-31T23:59:59.999999-23:59",
    "0000-00-00",
    "2024-02-30",
    "25:61:61",
    "23:59:59",
    '""',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '"\\U0010ffff"',
    '"\\u202e\\u200b"',
    '"\\u001b[2J"',
    '"' + "x" * 100_000 + '"',
    "'''\n'''",
    '"""\n\\\n"""',
    '"' + "a+" * 30_000 + '"',
    '"{relative_error}"',
    '"../../etc/passwd"',
    '"/dev/zero"',
    "true",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "{ a = 1 }",
    "{ a.b.c = 1 }",
    "[" * 200 + "]" * 200,
    "[1, [2, [3]]]",
    '["640x480", 1, {}]',
    "[" + "60," * 2000 + "]",
    "{ relative_error = 1e-9, max_trials = 1000 }",
    '"os"',
    '"__import__"',
    "garbage",
    "",
    "=",
    "#",
    '"',
    "1_000",
    "1__0",
    "+1",
    "0o17",
    "1979-05-27 07:32:00Z",
)
"""What stands behind an equals sign; not all of it is TOML."""

_KEYS = st.one_of(
    st.sampled_from(
        [
            "schema",
            "profile",
            "session",
            "cases",
            "trials",
            "metrics",
            "scenes",
            "measure",
            "until",
            "machine",
        ]
    ),
    st.text(min_size=0, max_size=8),
)
_LEAVES = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    st.dates(),
    st.datetimes(),
    st.times(),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)
_TABLES = st.dictionaries(_KEYS.filter(lambda key: not _has_half_pair(key)), _VALUES, max_size=6)


def _has_half_pair(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _written(table: dict[str, object]) -> bytes:
    return tomli_w.dumps(table).encode("utf-8", "replace")


documents = _TABLES.map(_written)
"""TOML of any structure."""

_STATEMENTS = st.one_of(
    st.builds(
        "{} = {}".format, st.sampled_from(["a", "b", "a.b", '"c d"', "schema"]), st.sampled_from(ODD_VALUES)
    ),
    st.sampled_from(
        ["[a]", "[a.b]", "[[a]]", "[[a.b]]", "[profile]", "[session]", "[[cases]]", "[[cases.trials]]"]
    ),
    st.sampled_from(
        ["# words", "", "\ta = 1", "a = 1 # b", "\r", "\x00", "\x1b", "\ufeff", '"""', "'''", "]", "}"]
    ),
)
statements = st.lists(_STATEMENTS, max_size=12).map(lambda lines: "\n".join(lines).encode())
"""Lines that are each likely TOML, in an order that may not be."""

any_bytes = st.one_of(
    st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)


def changed(text: str) -> st.SearchStrategy[bytes]:
    """A real file in which values are replaced, lines are taken out, doubled or added, or bytes are cut."""
    lines = text.splitlines()
    places = st.integers(0, len(lines) - 1)
    return st.lists(
        st.tuples(st.sampled_from(_CHANGES), places, st.sampled_from(ODD_VALUES)), min_size=1, max_size=4
    ).map(lambda changes: _apply(lines, changes))


_CHANGES = (
    "value",
    "value",
    "value",
    "value",
    "remove",
    "double",
    "insert",
    "rename",
    "cut",
    "deep",
    "swap",
    "control",
)


def _apply(lines: list[str], changes: list[tuple[str, int, str]]) -> bytes:
    lines = list(lines)
    for what, place, value in changes:
        at = min(place, len(lines) - 1)
        line = lines[at]
        if what == "value":
            # The next line that has one: lines of lists and tables have none.
            at = next(
                (n for n in range(at, len(lines)) if " = " in lines[n] and not lines[n].endswith("[")), at
            )
            lines[at] = f"{lines[at].partition(' = ')[0]} = {value}"
        elif what == "remove":
            del lines[at]
        elif what == "double":
            lines.insert(at, line)
        elif what == "insert":
            lines.insert(at, f"added = {value}")
        elif what == "rename":
            lines[at] = "x" + line
        elif what == "cut":
            lines[at] = line[: len(line) // 2]
        elif what == "deep":
            lines.insert(at, "[" + ".".join("abcdefgh") + "]")
        elif what == "swap":
            lines[at], lines[-1] = lines[-1], line
        else:
            lines[at] = line + "\x1b]0;\x07"
        lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "replace") + b"\n"


ODD_NUMBERS = (
    0,
    -1,
    1,
    2**62,
    -(2**62),
    10**18,
    0.0,
    -0.0,
    1e-320,
    1e-29,
    1e19,
    1e300,
    1.5,
    100.0,
    float("nan"),
    float("inf"),
)


def number_places(value: object, place: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where in a table there are numbers."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in number_places(inner, (*place, key))]
    if isinstance(value, list):
        return [found for key, inner in enumerate(value) for found in number_places(inner, (*place, key))]
    return [place] if isinstance(value, int | float) and not isinstance(value, bool) else []
