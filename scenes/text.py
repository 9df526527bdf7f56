"""Text from outside (names, paths, errors of libraries) made fit to stand in one sentence."""

NO_MEMORY_WORDS = ("bad_alloc", "could not allocate", "memory to allocate")
"""With which MuJoCo, its parsers and the C++ library say that they get no memory."""
_LONGEST_QUOTE = 200
_LONGEST_REASON = 300


def quoted(text: str) -> str:
    """Show text from outside in a sentence: quoted, on one line, printable, its middle cut out."""
    return repr(_shortened(text, _LONGEST_QUOTE))


def one_line(error: BaseException) -> str:
    """An error's own words on one line, printable, its middle cut out; its type's name where it has none."""
    lines = [" ".join(line.split()) for line in str(error).splitlines()]
    words = "; ".join(line.rstrip(";.") for line in lines if line) or type(error).__name__
    printable = "".join(character if character.isprintable() else "?" for character in words)
    return _shortened(printable.replace(":; ", ": "), _LONGEST_REASON)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest // 2]}…{text[-longest // 2 :]}"
