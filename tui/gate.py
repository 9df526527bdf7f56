"""A gate for pipelines: what was measured is held against a baseline."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from engine.uncertainty.comparison import Verdict
from tui.commands.compare import compared, load_for_comparison, part_of
from tui.exit_codes import CommandError, ExitCode
from tui.output.comparison_tables import comparison_text

if TYPE_CHECKING:
    from profiles.comparing import ComparedCase
    from profiles.session import Session

MAX_REGRESSION = "5%"


class Gate:
    """Says, once all is measured, whether a case is slower than it was, and by more than chance."""

    def __init__(self, baseline: Session, max_regression: float, strict: bool) -> None:
        self._baseline = baseline
        self._max_regression = max_regression
        self._strict = strict

    def judge(self, session: Session, code: ExitCode) -> tuple[list[str], ExitCode]:
        """A line for each case, and what the process answers, `code` being its answer without a gate."""
        found = compared(self._baseline, session, self._max_regression)
        lines = [_line(case) for case in found.cases]
        fair = [case for case in found.cases if case.comparison is not None and not case.obstacles]
        verdicts = [case.comparison.verdict for case in fair if case.comparison is not None]
        if code is ExitCode.INTERRUPTED:
            return lines, code
        if Verdict.SLOWER in verdicts:
            return lines, ExitCode.SLOWER
        unsure = Verdict.UNCLEAR in verdicts or len(fair) < len(found.cases)
        if self._strict and unsure and code is ExitCode.OK:
            return lines, ExitCode.UNCLEAR
        return lines, code


def make_gate(options: Namespace) -> Gate | None:
    """The gate that the options ask for; its baseline is read before anything is measured.

    Raises:
        CommandError: the baseline cannot be read or has no figures, or an option needs it.
    """
    name = getattr(options, "baseline", None)
    if name is None:
        for option in ("max_regression", "strict"):
            if option in options:
                raise CommandError(
                    ExitCode.USAGE, f"--{option.replace('_', '-')} is given without --baseline, expected both"
                )
        return None
    baseline = load_for_comparison(name)
    if not any(trial.metrics for case in baseline.cases for trial in case.trials):
        raise CommandError(
            ExitCode.USAGE,
            f"--baseline {baseline.session.id} has no figures, expected a session that was measured",
        )
    part = part_of("--max-regression", getattr(options, "max_regression", MAX_REGRESSION))
    return Gate(baseline, part, getattr(options, "strict", False))


def _line(case: ComparedCase) -> str:
    if case.comparison is None:
        return f"{case.other.id}: no figures to hold against the baseline"
    if case.obstacles:
        return f"{case.other.id}: not comparable with the baseline, it differs in {'; '.join(case.obstacles)}"
    return f"{case.other.id}: {comparison_text(case.comparison)}"
