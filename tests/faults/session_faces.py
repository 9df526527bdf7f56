"""Everything that is said and drawn of a session, without a terminal: whoever reads one may come here."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import tomli_w
from rich.console import Console
from textual_plotext import Plot

from profiles.comparing import compare_two_sessions
from profiles.errors import ProfileError, SessionError
from profiles.session import Session, parse_session, session_table
from profiles.sessions import read_entry
from profiles.timings_file import open_timed_frames, read_timings
from tests.profiles.session_builders import CASES, new_writer, trial
from tui.commands.run import exit_code, print_limits, print_scaling
from tui.dashboard.results.paper import Paper, Pens
from tui.dashboard.results.session_plots import SessionPlots, View
from tui.dashboard.sessions.comparison import Side, compare, sorted_pairs
from tui.dashboard.sessions.listing import SessionListing
from tui.dashboard.sessions.pair_plots import PairPlots
from tui.dashboard.sessions.side_texts import (
    difference_lines,
    pair_columns,
    pair_lines,
    side_line,
    summary_lines,
)
from tui.dashboard.sessions.texts import entry_lines
from tui.output import export
from tui.output.comparison_tables import (
    comparison_document,
    comparison_markdown,
    comparison_notes,
    comparison_table,
)
from tui.output.rows import make_rows
from tui.output.session_notes import session_notes
from tui.output.tables import machine_line, plain, result_table

_TABS = ("phases", "backends", "sizes")


def one_sentence(error: Exception) -> str:
    """The message of an error of ours, which is one line that a terminal takes."""
    message = str(error)
    assert message.strip() and message.isprintable() and len(message) < 6000, repr(message)
    return message


def answered(call: Callable[[], Any]) -> Any:
    """What a call gives, or None where it refuses in one sentence; anything else goes on."""
    try:
        return call()
    except (ProfileError, SessionError) as error:
        one_sentence(error)
        return None


@dataclass
class _Pane:
    """In the place of the part of the screen that shows a plot: draws it at once."""

    said: list[str] = field(default_factory=list)

    def show(self, heading: str, draw: Callable[[Paper], None], note: Any) -> None:
        figure = Plot()
        figure.plotsize(80, 24)
        figure._set_size(80, 24)
        draw(Paper(figure, 80, 24, Pens({})))
        figure.build()
        self.said += [heading, note if isinstance(note, str) else note(80, 12)]

    def say(self, heading: str, sentence: str) -> None:
        self.said += [heading, sentence]


def tell_all(session: Session, folder: Path, good: Session) -> None:
    """Print, export, list, plot and compare a session, and read it again as it is written."""
    for width in (40, 200):
        screen = Console(file=io.StringIO(), width=width)
        for relative in (False, True):
            screen.print(result_table(session, width, relative))
            for note in session_notes(session, relative):
                screen.print(plain(note))
        screen.print(plain(machine_line(session)))
        print_limits(session, screen)
        print_scaling(session, screen)
    exit_code(session)
    msgspec.json.decode(export.as_json(session, str(folder)))
    export.as_csv(session)
    export.as_markdown(session)
    export.as_markdown(session, relative=True)
    for base, other in ((session, session), (session, good), (good, session)):
        answered(lambda pair=(base, other): _tell_comparison(*pair))
        _show_beside(Side(base, folder), Side(other, folder))
    _plot(session)
    entry = read_entry(folder)
    listing = SessionListing()
    listing.put([entry])
    assert [one.name for one in listing.shown()] == [folder.name]
    entry_lines(entry)
    again = parse_session(msgspec.convert(_read(session_table(session)), dict))
    assert again.session == session.session


def _read(table: dict[str, Any]) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(tomli_w.dumps(table, multiline_strings=True))


def _tell_comparison(base: Session, other: Session) -> None:
    compared = compare_two_sessions(base, other)
    screen = Console(file=io.StringIO(), width=120)
    screen.print(comparison_table(compared, 120))
    comparison_notes(compared)
    comparison_markdown(compared)
    comparison_document(compared)


def _show_beside(a: Side, b: Side) -> None:
    found = compare(a, b)
    for order in ("", "verdict", "B/A"):
        sorted_pairs(found.pairs, order)
    columns = pair_columns(found.pairs)
    plots, pane = PairPlots(found), _Pane()
    for pair in found.pairs[:3]:
        assert all(column.text(pair) is not None for column in columns)
        pair_lines(pair)
        plots.why_no_frames(pair)
        plots.show_trials(pane, pair)  # type: ignore[arg-type]
    side_line("A", a)
    summary_lines(found)
    difference_lines(found)


def _plot(session: Session) -> None:
    plots, pane = SessionPlots(make_rows(session)), _Pane()
    for index, case in enumerate(session.cases[:3]):
        view = View(index, case.trials[0] if case.trials else None, zoomed=False)
        for tab in _TABS:
            plots.show(pane, tab, view, None)  # type: ignore[arg-type]
        for turn in range(plots.sizes_plots(index)):
            plots.show(pane, "sizes", View(index, None, False, turn), None)  # type: ignore[arg-type]
        plots.why_no_frames(view)


def read_all_timings(folder: Path, key: str) -> None:
    """Read the frames of a trial in both ways."""
    answered(lambda: read_timings(folder, key))

    def parts() -> None:
        with open_timed_frames(folder, key) as frames:
            for _ in frames.frame_times():
                pass

    answered(parts)


def made_session(folder: Path) -> Path:
    """A session as it is written today, with several trials of each case."""
    writer = new_writer(folder)
    for number in (1, 2, 3):
        for case in CASES:
            writer.append(trial(case, number, seed=number))
    writer.close("complete")
    return folder
