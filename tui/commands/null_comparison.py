"""`compare --null`: one case held against itself, through the same machinery as any two."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from engine.uncertainty.comparison import compare_rounds
from engine.uncertainty.margins import false_alarm_band
from profiles.comparing import counted_rates
from profiles.profile import AUTO, Profile
from profiles.session import Session
from tui.commands.output import print_json
from tui.exit_codes import CommandError, ExitCode
from tui.output.comparison_tables import comparison_text
from tui.output.tables import console, plain
from tui.overrides import effective_profile
from tui.text import three_digits

_ROUNDS = 10
_LEAST = 3


def null_command(options: Namespace) -> int:
    """Measure one case twice a round and print what the two seem to differ by."""
    from tui.commands.run import exit_code, measure_profile

    rounds = _rounds(options)
    profile = _one_case(effective_profile(options, "compare"), rounds)
    measured = measure_profile(options, profile, "compare")
    if measured is None:
        return ExitCode.OK
    session, _ = measured
    pairs = _pairs(session)
    if len(pairs) < _LEAST:
        return exit_code(session)
    _show(session, pairs, getattr(options, "format", None))
    return exit_code(session)


def _rounds(options: Namespace) -> int:
    text = getattr(options, "rounds", str(_ROUNDS))
    rounds = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not _LEAST <= rounds <= 500:
        raise CommandError(
            ExitCode.USAGE, f"--rounds is {text!r}, expected a whole number from {_LEAST} to 500"
        )
    return rounds


def _one_case(profile: Profile, rounds: int) -> Profile:
    """The first case of a profile, measured twice a round."""
    first = {name: list(getattr(profile, name))[:1] for name in ("scenes", "resolutions", "effects")}
    first |= {name: list(getattr(profile, name))[:1] for name in ("workers", "worlds")}
    backend = profile.backends[0] if profile.backends[0] != AUTO else "egl"
    return profile.override({**first, "backends": [backend], "measure.trials": 2 * rounds})


def _pairs(session: Session) -> list[tuple[float, float]]:
    """Rates of the two halves of each round, whose order alternates: A B, B A, ..."""
    (case,) = session.cases
    rates = counted_rates(case)
    pairs = list(zip(rates[::2], rates[1::2], strict=False))
    return [(b, a) if index % 2 else (a, b) for index, (a, b) in enumerate(pairs)]


def _show(session: Session, pairs: Sequence[tuple[float, float]], kind: str | None) -> None:
    import msgspec

    comparison = compare_rounds([a for a, _ in pairs], [b for _, b in pairs])
    one = false_alarm_band([b / a for a, b in pairs])
    all_rounds = false_alarm_band([b / a for a, b in pairs], len(pairs))
    assert comparison is not None and one is not None and all_rounds is not None
    if kind == "json":
        document = {
            "case": session.cases[0].id,
            "comparison": comparison,
            "band": all_rounds,
            "one_round": one,
        }
        print_json(msgspec.to_builtins(document))
        return
    screen = console()
    screen.print(plain(f"{session.cases[0].id} held against itself: {comparison_text(comparison)}."))
    screen.print(
        plain(
            f"False alarms of this machine: two equal cases seem to differ by up to "
            f"{three_digits(100 * all_rounds.difference)}% over {len(pairs)} rounds, and by up to "
            f"{three_digits(100 * one.difference)}% in one round (19 times of 20)."
        ),
        soft_wrap=not screen.is_terminal,
    )
