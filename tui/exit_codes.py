"""How a command ends: an interface for scripts."""

from enum import IntEnum

from tui.text import printable


class ExitCode(IntEnum):
    """What the process answers."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SCENE = 3
    NO_BACKEND = 4
    SLOWER = 5
    UNCLEAR = 6
    SOFTWARE = 7
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "all was measured",
    ExitCode.FAILED: "a case failed",
    ExitCode.USAGE: "wrong usage, a bad profile or a bad value",
    ExitCode.SCENE: "a scene or model is not found or cannot be loaded",
    ExitCode.NO_BACKEND: "no chosen backend works here",
    ExitCode.SLOWER: "a case is slower than the baseline by more than --max-regression",
    ExitCode.UNCLEAR: "with --strict: whether a case is slower cannot be told",
    ExitCode.SOFTWARE: "a software rasterizer draws although --fail-on-software was given",
    ExitCode.INTERRUPTED: "interrupted",
}


class CommandError(Exception):
    """A command cannot be carried out; the message is one sentence, and printable whatever it quotes."""

    def __init__(self, code: ExitCode, *sentences: str) -> None:
        """`sentences` is one, or several about one matter each, that stand below one another."""
        super().__init__("\nmjbench-tui: ".join(map(printable, sentences)))
        self.code = code
