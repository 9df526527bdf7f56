"""What the pages for users say: links lead somewhere, commands are commands, and no backend is left out."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.registry import UnknownBackendError, all_backends, find_backend
from profiles.store import list_profiles
from tui.arguments import make_parser

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BACKENDS_PAGE = ROOT / "docs" / "backends.md"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "`code`", _FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    """What a heading is called in a link, as GitHub has it."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> list[str]:
    """Relative links that lead to no file, or to no heading of it."""
    broken = []
    for link in _LINK.findall(without_code(text)):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


def command_lines(text: str) -> Iterator[list[str]]:
    """The arguments of every `mjbench-tui` in the blocks for bash, and in code marks within sentences."""
    lines = [part for part in re.findall(r"`([^`\n]+)`", _FENCE.sub("", text)) if part.startswith("mjbench")]
    for language, code in _FENCE.findall(text):
        if language == "bash":
            lines += code.replace("\\\n", " ").splitlines()
    for line in lines:
        words = shlex.split(line, comments=True)
        # Help ends the parser, and is there anyway.
        if "mjbench-tui" in words and "--help" not in words:
            yield words[words.index("mjbench-tui") + 1 :]


def table_rows(text: str) -> dict[str, list[list[str]]]:
    """The cells of every table's rows whose first cell names backends in code marks, by backend."""
    found: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            for name in re.findall(r"`([^`]+)`", cells[0]):
                found.setdefault(name, []).append(cells)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    assert broken_links(page, page.read_text("utf-8")) == []


def test_links_that_lead_nowhere_are_found():
    text = "[a](docs/none.md) ![b](docs/images/none.svg) [c](docs/backends.md#none) [d](#none) `[e](none.md)`"
    assert broken_links(ROOT / "README.md", text) == [
        "docs/none.md", "docs/images/none.svg", "docs/backends.md#none", "#none",
    ]  # fmt: skip
    fine = "[a](docs/backends.md#workers-and-worlds) [b](#backends) [c](https://example.org/none)"
    assert broken_links(ROOT / "README.md", fine) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_parse_and_name_what_there_is(page):
    text = page.read_text("utf-8")
    shown = set(re.findall(r"^(\w+) = \"\w+:\w+\"$", text, re.M))
    profiles = {entry.name for entry in list_profiles()}
    for arguments in command_lines(text):
        options = vars(make_parser().parse_args(arguments))
        names = [name for value in options.get("backend", []) for name in value.split(",")]
        for name in set(names) - shown - {"auto"}:
            find_backend(name)
        profile = str(options.get("profile", "quick"))
        assert profile in profiles | {"NAME"} or "/" in profile, arguments


def test_commands_that_are_none_are_found():
    text = (
        "```bash\nWARP_CACHE_PATH=/x mjbench-tui run --worldz 3  # many\n```\n```\nmjbench-tui nothing\n```\n"
    )
    (arguments,) = command_lines(text)
    assert arguments == ["run", "--worldz", "3"]
    with pytest.raises(SystemExit):
        make_parser().parse_args(arguments)
    with pytest.raises(UnknownBackendError):
        find_backend("mjwrap")


def test_every_backend_is_in_every_table():
    page, readme = (table_rows(path.read_text("utf-8")) for path in (BACKENDS_PAGE, ROOT / "README.md"))
    for info in all_backends():
        what, when, phases = page[info.name]
        assert what[4] == ("yes" if info.batches else "no"), what
        assert f"the extra `{info.extra}`" in what[2] or what[2] == "the same" or not info.extra
        assert len(when) == 2
        assert len(phases) == 6
        assert info.name in readme


def test_extras_that_pages_name_can_be_installed():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {info.extra for info in all_backends() if info.extra} <= set(extras)
    for page in PAGES:
        named = re.findall(r"--extra ([a-z-]+)|mjbench-tui\[([a-z,-]+)\]", page.read_text("utf-8"))
        assert {name for pair in named for name in pair if name} <= set(extras), page.name
