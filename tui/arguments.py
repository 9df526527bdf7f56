"""The command line, as argparse has it."""

from __future__ import annotations

import argparse
import difflib
import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from tui.exit_codes import MEANINGS, ExitCode
from tui.text import printable

_SUPPRESS = argparse.SUPPRESS


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong, with the nearest option or command."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def format_help(self) -> str:
        # argparse makes a formatter for every option that is added: Rich is imported for help alone.
        from rich_argparse import RawDescriptionRichHelpFormatter

        class Formatter(RawDescriptionRichHelpFormatter):  # type: ignore[misc]
            group_name_formatter = str

        self.formatter_class = lambda prog: Formatter(prog, max_help_position=32)
        return super().format_help()

    def parse_args(self, args: Sequence[str], namespace: Any = None) -> argparse.Namespace:  # type: ignore[override]
        # argparse would take the value of an option that it does not know for a command.
        known = set(self._all_options())
        for word in itertools.takewhile(lambda word: word != "--", args):
            if word.startswith("--") and word.partition("=")[0] not in known:
                self.error(f"unrecognized arguments: {word}")
        parsed: argparse.Namespace = super().parse_args(args, namespace)
        return parsed

    def error(self, message: str) -> NoReturn:
        sentence = " ".join(message.split())
        if message.startswith("unrecognized arguments:"):
            first = message.partition(":")[2].split()[0]
            name = first.partition("=")[0]
            if name in self._all_options():
                self._refuse(f"{name} is no option of this command, its --help lists them")
            near = difflib.get_close_matches(name, self._all_options(), n=1, cutoff=0.7)
            sentence = f"unknown option or argument {first!r}"
            sentence += f", did you mean {near[0]}?" if near else f"; {self.prog} --help lists what there is"
        elif "invalid choice:" in message:
            sentence = _nearest_choice(sentence)
        self._refuse(sentence)

    def _refuse(self, sentence: str) -> NoReturn:
        """Say it, with nothing in it that is more than text: argparse quotes what was given as it came."""
        self.exit(ExitCode.USAGE, f"mjbench-tui: {printable(sentence)}\n")

    def _all_options(self) -> list[str]:
        options: list[str] = []
        parsers: list[argparse.ArgumentParser] = [self]
        while parsers:
            for action in parsers.pop()._actions:
                options += action.option_strings
                if isinstance(action, argparse._SubParsersAction):
                    parsers += action.choices.values()
        return options


def _nearest_choice(message: str) -> str:
    """Put the nearest choice in the place of argparse's list of all."""
    head, _, tail = message.partition("(choose from")
    choices = [choice.strip(" '\"") for choice in tail.rstrip(")").split(",")]
    wrong = head.rpartition("invalid choice:")[2].strip().strip("'\"")
    near = difflib.get_close_matches(wrong, choices, n=1)
    argument = head.partition(":")[0].removeprefix("argument ")
    what = "unknown command" if argument == "COMMAND" else f"{argument}: there is no"
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(choices)}"
    return f"{what} {wrong!r}, {hint}"


def _add(group: argparse._ActionsContainer, *names: str, **options: Any) -> None:
    """Add an option that is absent from the result unless given."""
    group.add_argument(*names, default=_SUPPRESS, **options)


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what overrides a profile, and what decides the output."""
    asked = _add_case_options(parser)
    _add(asked, "--change", action="append", metavar="NAME", help="what is changed; explain tries them all")
    how = parser.add_argument_group("how it is measured")
    _add(how, "--trials", metavar="N", help="runs of each case, each in a fresh process")
    _add(
        how, "--until", metavar="PART",
        help="in place of --trials: rounds until each FPS is known to, say, 1%%",
    )  # fmt: skip
    _add(how, "--min-trials", metavar="N", help="with --until: at least (default: 5)")
    _add(how, "--max-trials", metavar="N", help="with --until: at most (default: 30)")
    _add(how, "--max-duration", metavar="SECONDS", help="with --until: no new round after (default: 600)")
    _add_trial_options(how)
    out = parser.add_argument_group("what comes out")
    _add_folder_options(out)
    gate = parser.add_argument_group("a gate for pipelines")
    _add(gate, "--baseline", metavar="SESSION", help="hold what is measured against this session")
    _add(
        gate, "--max-regression", metavar="PART",
        help="exit with 5 where a case is slower by more (default: 5%%)",
    )  # fmt: skip
    _add(gate, "--strict", action="store_true", help="exit with 6 where that cannot be told")
    kind = out.add_mutually_exclusive_group()
    for name, what in (("json", "everything"), ("csv", "one row a trial"), ("markdown", "the table")):
        _add(
            kind, f"--{name}", dest="format", action="store_const", const=name,
            help=f"{what} on stdout as {name.upper() if name != 'markdown' else 'Markdown'}",
        )  # fmt: skip
    _add(out, "--save-profile", metavar="NAME", help="save all of this as a profile too")
    _add_runner_options(parser)


def _add_explain_options(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the one case that is explained, and how its changes are measured."""
    _add_case_options(parser)
    how = parser.add_argument_group("how it is measured")
    _add(how, "--rounds", metavar="N", help="runs of the case and of each change, in turn (default: 4)")
    _add_trial_options(how)
    out = parser.add_argument_group("what comes out")
    _add_folder_options(out)
    _add(out, "--json", dest="format", action="store_const", const="json", help="as JSON on stdout")


def _add_case_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what chooses cases."""
    asked = parser.add_argument_group("what is measured (each beats the profile)")
    _add(
        asked, "--profile", metavar="NAME|PATH", help="a profile, or a session to run again (default: quick)"
    )
    _add(asked, "--scene", action="append", metavar="SCENE", help="built-in name, menagerie:NAME or path")
    _add(asked, "--model-path", metavar="PATH", help="an MJCF file to draw in place of the profile's scenes")
    _add(asked, "--backend", action="append", metavar="NAME", help="a backend, auto, or several: egl,osmesa")
    _add(asked, "--resolution", action="append", metavar="WxH", help="image size in pixels, or several")
    _add(asked, "--width", metavar="PIXELS", help="with --height: the one resolution")
    _add(asked, "--height", metavar="PIXELS", help="with --width: the one resolution")
    _add(asked, "--effects", action="append", metavar="scene|bare", help="effects drawn; both: scene,bare")
    _add(asked, "--workers", action="append", metavar="N", help="engine processes at once, or several: 1,2,4")
    _add(asked, "--worlds", action="append", metavar="N", help="environments in a batch, or several: 1,16")
    _add(asked, "--camera", metavar="NAME", help="a named camera of the scene")
    return asked


def _add_trial_options(how: argparse._ArgumentGroup) -> None:
    """Add what decides how long a trial is, and how the scene moves in it."""
    _add(how, "--duration", metavar="SECONDS", help="wall time of a trial")
    _add(how, "--frames", metavar="N", help="frames of a trial, in place of a duration")
    _add(how, "--warmup-frames", metavar="N", help="frames before the timed ones, kept apart")
    _add(
        how, "--rerun-spoiled", metavar="N", help="run a trial again that something disturbed, up to N times"
    )
    _add(how, "--target-fps", metavar="FPS", help="frames per second of simulated time")
    _add(how, "--seed", metavar="N", help="decides the motion")
    _add(
        how, "--fail-on-software", action="store_true",
        help="measure nothing where the processor would draw; of auto's backends take those on a GPU",
    )  # fmt: skip
    _add(how, "--physics", metavar="mujoco|warp", help="who moves the scene, for backends with physics")
    _add(
        how, "--readback", action=argparse.BooleanOptionalAction,
        help="get the pixels into host memory; not, for backends that can leave them on the device",
    )  # fmt: skip


def _add_folder_options(out: argparse._ArgumentGroup) -> None:
    """Add where results and words go."""
    _add(out, "--save-frames", nargs="?", const="60", metavar="N,N", help="save frames as PNG (default: 60)")
    _add(out, "--output", metavar="FOLDER", help="the session's folder (default: among the sessions)")
    _add(out, "--log-file", metavar="PATH", help="write down what happens, and what engine processes print")
    _add(out, "--quiet", action="store_true", help="no progress, only the results")
    _add(out, "--dry-run", action="store_true", help="show the cases in order and the expected time, only")


def _add_runner_options(parser: argparse.ArgumentParser) -> None:
    """Add what names a runner module: no profile can, so that no file makes code run."""
    group = parser.add_argument_group("the backend madrona: a runner module of your own, which is run")
    for name, metavar, text in (
        ("module", "NAME|FILE.py", "the module (or MADRONA_BENCH_MODULE); see madrona-template"),
        ("function", "NAME", "the function in it (or MADRONA_BENCH_FUNCTION; default: run_benchmark)"),
        ("config", "FILE", "a file for the module to read (or MADRONA_BENCH_CONFIG)"),
    ):
        group.add_argument(f"--madrona-{name}", metavar=metavar, default=_SUPPRESS, help=text)


def _epilog() -> str:
    codes = "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in MEANINGS.items())
    return (
        f"exit codes:\n{codes}\n\n"
        "examples:\n"
        "  mjbench-tui --headless --profile quick\n"
        "  mjbench-tui run --scene apartment --backend egl --resolution 1280x720 --frames 200 --json\n"
        "  mjbench-tui compare --model-path robot.xml\n"
        "  mjbench-tui explain --scene apartment --backend egl --resolution 64x64"
    )


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of the whole command line."""
    parser = _Parser(
        prog="mjbench-tui",
        description="How fast does this machine render this MuJoCo scene, on which backend, and why?\n"
        "Without a command the dashboard opens; with --headless, or the command run, a profile is measured.",
        epilog=_epilog(),
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--headless", action="store_true", help="measure without the dashboard")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--ascii", action="store_true", help="a dashboard without block characters")
    _add_run_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    run = commands.add_parser("run", help="measure a profile: the same as --headless", epilog=_epilog())
    _add_run_options(run)
    compare = commands.add_parser(
        "compare",
        help="hold one session against another; without any, measure all available backends",
        epilog=_epilog(),
    )
    compare.add_argument(
        "sessions", metavar="SESSION", nargs="*", help="two sessions, the base first: names, folders or files"
    )
    compare.add_argument(
        "--threshold", metavar="PART", default=_SUPPRESS, help="differences up to it are none (2%%)"
    )
    compare.add_argument(
        "--null", action="store_true", help="hold one case against itself: this machine's false alarms"
    )
    compare.add_argument("--rounds", metavar="N", default=_SUPPRESS, help="of --null (default: 10)")
    _add_run_options(compare)
    explain = commands.add_parser(
        "explain", help="tell what makes one case slow: what each effect and detail costs", epilog=_epilog()
    )
    _add_explain_options(explain)
    scenes = commands.add_parser("scenes", help="list the scenes")
    scenes.add_argument("--menagerie", action="store_true", help="list MuJoCo Menagerie's models too")
    backends = commands.add_parser("backends", help="try each backend: which driver, or why not")
    template = commands.add_parser("madrona-template", help="write a runner module to start from")
    template.add_argument("path", metavar="PATH", help="a new file, such as my_runner.py")
    doctor = commands.add_parser(
        "doctor", help="tell what draws here, what is missing and why, and what would spoil a measurement"
    )
    doctor.add_argument(
        "--fail-on-software", action="store_true", help="fail where no backend that works draws on a GPU"
    )
    for listing in (scenes, backends, doctor):
        listing.add_argument("--json", action="store_true", help="as JSON on stdout")
    for trying in (backends, doctor):
        _add_runner_options(trying)
    _add_profiles(commands)
    _add_sessions(commands)
    _add_assets(commands)
    completion = commands.add_parser("completion", help="print a shell's completion script")
    completion.add_argument(
        "shell", metavar="SHELL", choices=("bash", "zsh", "tcsh"), help="bash, zsh or tcsh"
    )
    return parser


def _add_verbs(
    commands: Any, name: str, help_text: str, verbs: Iterable[tuple[str, str]]
) -> dict[str, argparse.ArgumentParser]:
    parser = commands.add_parser(name, help=help_text)
    made = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs", required=True)
    return {verb: made.add_parser(verb, help=text) for verb, text in verbs}


def _add_profiles(commands: Any) -> None:
    verbs = _add_verbs(
        commands, "profiles", "list, show, find, copy, rename and delete profiles",
        (
            ("list", "list all"),
            ("show", "print one as TOML"),
            ("path", "print where one is"),
            ("duplicate", "copy one with its comments, and print where the copy is"),
            ("rename", "give one of your own another name"),
            ("delete", "delete one of your own"),
        ),
    )  # fmt: skip
    verbs["list"].add_argument("--json", action="store_true", help="as JSON on stdout")
    verbs["show"].add_argument("profile", metavar="NAME|PATH")
    verbs["path"].add_argument("profile", metavar="NAME|PATH", nargs="?")
    for verb in ("duplicate", "rename"):
        verbs[verb].add_argument("profile", metavar="NAME")
        verbs[verb].add_argument("new", metavar="NEW_NAME")
    verbs["delete"].add_argument("profile", metavar="NAME")
    verbs["delete"].add_argument("--yes", action="store_true", help="needed: what is deleted is gone")


def _add_sessions(commands: Any) -> None:
    verbs = _add_verbs(
        commands, "sessions", "list, show, recover, rename and delete sessions",
        (
            ("list", "list all, newest first"),
            ("show", "print the table of one, or all of it as JSON, CSV or Markdown"),
            ("recover", "complete a session whose run was killed"),
            ("rename", "give one another name, and print where it is"),
            ("delete", "delete one with its timings and pictures"),
        ),
    )  # fmt: skip
    verbs["list"].add_argument("--json", action="store_true", help="as JSON on stdout")
    verbs["show"].add_argument("session", metavar="NAME|PATH")
    kind = verbs["show"].add_mutually_exclusive_group()
    for name in ("json", "csv", "markdown"):
        kind.add_argument(f"--{name}", dest="format", action="store_const", const=name, default=_SUPPRESS)
    verbs["recover"].add_argument("session", metavar="NAME|PATH", nargs="?", help="default: all that need it")
    verbs["rename"].add_argument("session", metavar="NAME")
    verbs["rename"].add_argument("new", metavar="NEW_NAME")
    verbs["delete"].add_argument("session", metavar="NAME")
    verbs["delete"].add_argument("--yes", action="store_true", help="ask no question; needed in a script")


def _add_assets(commands: Any) -> None:
    verbs = _add_verbs(
        commands, "assets", "list, fetch and find Menagerie models",
        (
            ("list", "list the models and whether they are here"),
            ("fetch", "download models"),
            ("path", "print where a model is"),
        ),
    )  # fmt: skip
    verbs["list"].add_argument(
        "--all", action="store_true", help="all of Menagerie, not only what scenes need"
    )
    verbs["fetch"].add_argument(
        "models", metavar="NAME", nargs="*", help="default: what the built-in scenes need"
    )
    verbs["path"].add_argument("model", metavar="NAME")
