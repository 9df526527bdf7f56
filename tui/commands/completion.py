"""`completion SHELL`: a shell's completion script."""

import sys
from argparse import Namespace

from tui.arguments import make_parser
from tui.exit_codes import ExitCode


def completion_command(options: Namespace) -> int:
    """Print the script on stdout."""
    import shtab

    sys.stdout.write(shtab.complete(make_parser(), options.shell))
    return ExitCode.OK
