"""Whatever a text from outside holds: on a screen, in a table, in Markdown, CSV and a log it is text."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len
from rich.console import Console

from engine.case import Case, Effects, Resolution
from engine.doctor.facts import Facts
from engine.doctor.findings import Finding as DoctorFinding
from engine.doctor.findings import make_findings
from engine.events import PictureJudged, RoundEnded, StageEntered, TrialEnded, TrialReady, TrialStarted
from engine.interference.records import Finding
from engine.messages import ReadyMessage, Stage
from engine.preflight import BackendStatus
from engine.results import Failure, TrialResult
from engine.uncertainty.stopping import Decision, Standing, Until
from profiles.comparing import compare_two_sessions
from profiles.profile import Profile
from profiles.session import Session
from tests.faults.hostile_sessions import FAILED, KEYS, measured
from tests.faults.hostile_texts import GROUPS, HOSTILE, ORDINARY, Infection, groups, harm_in
from tests.profiles.session_builders import BEGUN, ENDED, trial
from tests.tui.dashboard.explain.explained import statuses, write_explanation
from tui import log
from tui.commands.compare import show_comparison
from tui.commands.run import print_session
from tui.exit_codes import ExitCode
from tui.explanation import explain_session
from tui.gate import Gate
from tui.main import main
from tui.measuring import say
from tui.output import tables
from tui.output.doctor_page import print_page
from tui.output.explanation_output import explanation_document, print_explanation
from tui.output.export import as_csv, as_json, as_markdown
from tui.output.markdown import escaped_markdown, markdown_list, markdown_table
from tui.output.plan_table import plan_notes, plan_table
from tui.output.scaling_document import scaling_document
from tui.output.tables import Column, console, fitted_table, plain
from tui.progress import Lines, Live
from tui.terminal import Terminal
from tui.text import cell_width, padded, printable

Read = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> list[Session]:
    """Two benign sessions, with a fixed number of rounds and with as many as it takes."""
    folder = tmp_path_factory.mktemp("sessions")
    return [measured(folder / str(until), until) for until in (False, True)]


@pytest.fixture(scope="module")
def infected(bases: list[Session]) -> list[Session]:
    """Sessions in which every text is hostile; every field holds each hostile text in one of them."""
    texts, sessions = groups(), []
    for turn in range(GROUPS):
        # With a failure in each trial a case has other lines than without.
        spared = KEYS if turn % 2 else KEYS + FAILED
        infection = Infection(texts[turn:] + texts[:turn], spared)
        sessions.append(infection.record(bases[turn // 2 % 2]))
    return sessions


@pytest.fixture(params=[200, 60], ids=["wide", "narrow"])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Columns of a screen."""
    monkeypatch.setattr(tables, "_WIDTH_OF_A_PIPE", request.param)
    return int(request.param)


def test_no_text_of_a_session_is_forgotten(bases: list[Session]):
    infection = Infection(groups(), KEYS)
    infection.record(bases[0])
    assert {
        *("CaseRecord.id", "CaseRecord.scene", "CaseRecord.backend", "CaseRecord.camera"),
        "CaseRecord.change",
        *("RendererIdentity.vendor", "RendererIdentity.renderer", "RendererIdentity.version"),
        *("Failure.reason", "Failure.fix", "Failure.log", "Finding.what", "Finding.fix", "Finding.unit"),
        *("Machine.hostname", "Machine.os", "Machine.kernel", "Machine.versions", "Machine.environment"),
        *("Cpu.model", "Cpu.governors", "Gpu.name", "Gpu.driver", "Gpu.pci", "Container.kind"),
        *("Profile.title", "Profile.description", "Profile.scenes", "Profile.backends", "Profile.camera"),
        *("SessionInfo.id", "SessionInfo.profile_name", "SessionInfo.lost", "SessionInfo.left_out"),
        *("Standing.unmet", "Standing.limit", "Drawn.not_drawn", "DeviceTime.source", "TrialRecord.pictures"),
        *("TrialRecord.saved_frames", "BenchmarkMetrics.absent", "Virtualization.product"),
    } <= infection.reached  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_printable_text_is_one_line_of_known_width(name: str):
    shown = printable(HOSTILE[name])
    assert not harm_in(shown)
    assert "\n" not in shown
    assert printable(shown) == shown
    assert cell_width(shown) == sum(map(cell_len, shown)), "no two characters join into one"
    assert cell_len(padded(shown, 3000)) == max(3000, cell_width(shown))


def test_half_a_character_and_a_very_long_text():
    assert printable("\ud800a\udfff") == "\\ud800a\\udfff"
    assert printable("a\u200b" * 100_000) == "a\\u200b" * 100_000


def test_ordinary_text_stays_as_it_is():
    for text in ORDINARY:
        assert printable(text) == text


def test_names_that_differ_look_different():
    spellings = ("ab", "a\u200bb", "a\u2060b", "a\ufeffb", "a\u00adb", "a\U000e0041b", "a\u200db", "a\u3164b")
    assert len({printable(text) for text in spellings}) == len(spellings)


def test_tables_and_notes(infected: list[Session], width: int, capsys: Read):
    for session in infected:
        print_session(session, relative=True)
        said = capsys.readouterr()
        assert not harm_in(said.out)
        assert said.err == ""


def test_columns_stand_under_one_another(width: int):
    names = [printable(text)[:20] for text in (*HOSTILE.values(), "apartment")]
    columns = [
        Column("scene", [plain(name) for name in names]),
        Column("size", [plain("640x480") for _ in names]),
        Column("FPS", [plain("123") for _ in names], number=True),
    ]
    out = io.StringIO()
    screen = console(out)
    screen.print(fitted_table(columns, 60))
    lines = out.getvalue().splitlines()[2:]
    assert len(lines) == len(names)
    assert len({cell_len(line[: line.rindex("640x480")]) for line in lines}) == 1
    assert len({cell_len(line) for line in lines}) == 1


def test_csv(infected: list[Session], bases: list[Session]):
    for number, session in enumerate(infected):
        text = as_csv(session)
        assert not harm_in(text)
        head, *rows = csv.reader(io.StringIO(text))
        assert len(rows) == sum(len(case.trials) for case in bases[number // 2 % 2].cases)
        assert {len(row) for row in rows} == {len(head)}
        for cell in (cell for row in rows for cell in row):
            assert_no_formula(cell)
        # The text itself is in front of a reader: only the apostrophe and the codes are ours.
        for row, case in zip(rows[:: len(session.cases[0].trials)], session.cases, strict=True):
            told = dict(zip(head, row, strict=True))
            assert without_apostrophes(told["scene"]) == without_apostrophes(printable(case.scene))


def without_apostrophes(text: str) -> str:
    return text.replace("'", "")


def assert_no_formula(cell: str) -> None:
    """Neither the cell nor, where a semicolon separates, a part of it is a formula."""
    for part in cell.split(";"):
        if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", part) is None:
            assert not part.lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠")), cell


@pytest.mark.parametrize("name", HOSTILE)
def test_a_cell_of_a_spreadsheet(name: str, bases: list[Session]):
    first = bases[0].cases[0]
    case = msgspec.structs.replace(first, scene=HOSTILE[name], trials=first.trials[:1])
    text = as_csv(msgspec.structs.replace(bases[0], cases=(case,)))
    head, row = csv.reader(io.StringIO(text))
    cell = row[head.index("scene")]
    assert_no_formula(cell)
    assert not harm_in(cell)
    assert len(row) == len(head)


def test_json_is_ascii_and_tells_all_as_it_is(infected: list[Session]):
    for session in infected:
        text = as_json(session, "folder")
        assert text.isascii()
        assert not harm_in(text)
        told = json.loads(text)
        assert told["machine"]["cpu"]["model"] == session.machine.cpu.model
        scenes = {case.scene for case in session.cases}
        assert {trial["scene"] for trial in told["trials"]} == scenes
        assert {curve["scene"] for curve in scaling_document(session)["pixels"]} <= scenes


def read_markdown(text: str) -> list[Token]:
    """What a page that shows Markdown makes of a text: as GitHub's, with HTML and with bare addresses."""
    reader = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    assert reader.linkify is not None
    # A domain alone is a link to the library, and to no page that we know of.
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    tokens = reader.parse(text)
    return [inner for token in tokens for inner in (token, *(token.children or ()))]


PLAIN_TOKENS = {
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open"),
    *("tr_close", "th_open", "th_close", "td_open", "td_close", "inline", "text", "text_special"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "paragraph_open"),
    *("paragraph_close", "code_inline", "strong_open", "strong_close"),
}  # fmt: skip


def assert_plain_markdown(text: str) -> list[Token]:
    """Nothing in it but tables and lists of text, and no live word outside of code; its parts."""
    assert not harm_in(text)
    tokens = read_markdown(text)
    assert {token.type for token in tokens} <= PLAIN_TOKENS
    for token in tokens:
        if token.type == "inline":
            said = "".join(inner.content for inner in token.children or () if inner.type != "code_inline")
            assert not re.search(r"\w://|www\.\w|@\w|#\d|\bgh-\d|:[a-z_]+:", said, re.IGNORECASE), said
    return tokens


def cells_of(tokens: list[Token]) -> list[list[str]]:
    """What a reader sees in each cell of each row."""
    rows: list[list[str]] = []
    for before, token in itertools.pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif before.type in ("td_open", "th_open"):
            rows[-1].append(text_of(token))
    return rows


def text_of(inline: Token) -> str:
    return "".join(inner.content for inner in inline.children or ())


def test_markdown(infected: list[Session]):
    for session in infected:
        rows = cells_of(assert_plain_markdown(as_markdown(session, relative=True)))
        assert {len(row) for row in rows[: 1 + len(session.cases)]} == {len(rows[0])}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_cell_and_a_line_of_markdown_show_the_text_itself(name: str):
    shown = printable(HOSTILE[name])
    made = "\n".join(markdown_table(["a", "b"], [["first", HOSTILE[name]], [HOSTILE[name], "last"]]))
    rows = cells_of(assert_plain_markdown(made))
    # Spaces at either end, and several of them in a row, are one of what no page shows.
    assert rows == [["a", "b"], ["first", shown.strip()], [shown.strip(), "last"]]
    tokens = assert_plain_markdown("\n".join([*markdown_list([HOSTILE[name], f"begun {HOSTILE[name]}"]), ""]))
    inlines = [text_of(token) for token in tokens if token.type == "inline"]
    assert inlines == [text for text in (shown.strip(), f"begun {shown}".strip()) if text]


def test_markdown_escapes_are_read_as_one_character():
    assert escaped_markdown("1 < 2 & a_b") == r"1 &lt; 2 &amp; a\_b"
    assert escaped_markdown("see https://x.example/a_b.") == "see `https://x.example/a_b.`"


def test_two_sessions(infected: list[Session], width: int, capsys: Read):
    for session in infected:
        info = msgspec.structs.replace(session.session, id=f"{session.session.id}other")
        found = compare_two_sessions(session, msgspec.structs.replace(session, session=info))
        # What stands in one of them only is named too.
        odd = replace(found, only_base=session.cases[:1], only_other=session.cases[1:2])
        show_comparison(odd, None)
        assert not harm_in(capsys.readouterr().out)
        show_comparison(odd, "markdown")
        assert_plain_markdown(capsys.readouterr().out)
        show_comparison(odd, "json")
        document = capsys.readouterr().out
        assert document.isascii()
        assert json.loads(document)["base"] == session.session.id
        for line in Gate(session, 0.05, False).judge(session, ExitCode.OK)[0]:
            say(line)
        assert not harm_in(capsys.readouterr().err)


def test_an_explanation(tmp_path: Path, width: int, capsys: Read):
    base, texts = write_explanation(tmp_path / "session"), groups()
    spared = (*KEYS, *FAILED, "CaseRecord.change", "ChangeStatus.id", "Profile.changes")
    for turn in range(GROUPS):
        infection = Infection(texts[turn:] + texts[:turn], spared)
        session = infection.record(base)
        found = explain_session(session, [infection.record(status) for status in statuses()])
        print_explanation(found)
        assert not harm_in(capsys.readouterr().out)
        assert json.dumps(explanation_document(found, "folder")).isascii()


def test_a_plan(width: int, capsys: Read):
    for text in groups():
        case = Case(f"/{text}", f"{text}1", Resolution.parse("64x48"), Effects.SCENE, change=f"{text}2")
        failure = Infection([text]).record(None, Failure)
        screen = console()
        screen.print(plan_table([(case, 1), (case, 2)], {case.id: failure}, screen.width))
        for note in plan_notes([case], {case.id: failure}):
            screen.print(plain(note))
        assert not harm_in(capsys.readouterr().out)


@pytest.mark.parametrize("columns", [0, 80], ids=["pipe", "terminal"])
def test_the_doctors_page(columns: int):
    terminal = Terminal(
        bool(columns), columns, 24, "256", HOSTILE["title"], HOSTILE["marks of direction"], "", False
    )
    texts = groups()
    for turn in range(GROUPS):
        infection = Infection(texts[turn:] + texts[:turn])
        facts = infection.record(None, Facts)
        findings = (*make_findings(facts), infection.record(None, DoctorFinding))
        out = io.StringIO()
        screen = Console(
            file=out, width=columns or 200, force_terminal=bool(columns), color_system=None, markup=False,
            highlight=False, emoji=False,
        )  # fmt: skip
        print_page(screen, facts, findings, terminal)
        assert not harm_in(out.getvalue())
        labels = [line for line in out.getvalue().splitlines() if "SOFTWARE" in line or "works" in line]
        assert labels


def test_the_list_of_backends(monkeypatch: pytest.MonkeyPatch, width: int, capsys: Read):
    def probe(names: list[str], launcher: object) -> dict[str, BackendStatus]:
        infection = Infection(groups())
        made = {name: infection.record(None, BackendStatus) for name in names}
        return {
            name: msgspec.structs.replace(status, backend=name, works=number % 2 == 0)
            for number, (name, status) in enumerate(made.items())
        }

    monkeypatch.setattr("engine.preflight.probe_backends", probe)
    for arguments in (["backends"], ["backends", "--json"]):
        main(arguments)
        assert not harm_in(capsys.readouterr().out)


def events(text: str) -> Iterator[Any]:
    """What a run may tell, with this text wherever one can stand."""
    infection = Infection([text])
    case = Case(f"/{text}", text, Resolution.parse("64x48"), Effects.SCENE, change=text)
    failure, finding = infection.record(None, Failure), infection.record(None, Finding)
    until = Until(relative_error=0.01)
    yield TrialStarted(case, 1, 1, 2)
    yield TrialReady(case, 1, infection.record(None, ReadyMessage))
    for stage in Stage:
        yield StageEntered(case, 1, stage)
    yield TrialEnded(
        TrialResult(case=case, trial=1, status="failed", started_at=BEGUN, ended_at=ENDED, failure=failure),
        1,
        2,
    )
    done = trial(
        case, 2, timings=None, renderer=infection.record(None, ReadyMessage).renderer, findings=(finding,)
    )
    yield TrialEnded(done, 2, 2)
    yield PictureJudged(case, failure, None)
    yield PictureJudged(case, None, finding)
    yield RoundEnded(Standing(decision=Decision.LIMIT, unmet=(text,), limit=text), until)


def test_progress_in_a_pipe():
    for text in groups():
        out = io.StringIO()
        lines = Lines(console(out))
        for event in events(text):
            lines.show(event)
        assert not harm_in(out.getvalue())


def shown_live(text: str) -> str:
    """What the two lines of progress write to a terminal."""
    out = io.StringIO()
    screen = Console(file=out, width=100, force_terminal=True, markup=False, highlight=False, emoji=False)
    live = Live(screen, Profile().settings(), 2)
    for event in events(text):
        live.show(event)
        live._redraw()
    live.close()
    return out.getvalue()


def test_progress_on_a_terminal():
    sequence = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")
    ours = set(sequence.findall(shown_live("benign")))
    for text in groups():
        written = shown_live(text)
        assert set(sequence.findall(written)) <= ours
        assert not harm_in(sequence.sub("", written))


def test_a_log_file(tmp_path: Path):
    for text in groups():
        path = tmp_path / "log"
        path.unlink(missing_ok=True)
        with log.log_file(str(path)):
            for event in events(text):
                log.write_log(event)
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not harm_in("\n".join(lines))
        # What an engine process prints is told from what we say, whatever it prints.
        ours = [line for line in lines if not line.startswith("  ")]
        assert len(ours) == len(list(events(text))) + 1
        assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", line) for line in ours)
