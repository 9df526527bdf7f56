"""Whatever a session's file holds: a session or one sentence, within two seconds and 200 MB."""

import itertools
import os
import shutil
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import SessionError
from profiles.journal import JOURNAL_FILE
from profiles.sessions import load_session, read_entry
from profiles.store import load_profile
from tests.faults.session_faces import answered, one_sentence, tell_all
from tests.faults.toml_strategies import (
    ODD_NUMBERS,
    OLD_SESSION,
    changed,
    documents,
    fuzzed,
    number_places,
)
from tests.faults.watched_command import mjbench

OLD = OLD_SESSION.read_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sessions") / "hostile"
    made.mkdir()
    return made


def use(folder: Path, data: bytes, good_session: Path) -> bool:
    """Load a session and tell all of it; whether it could be loaded."""
    (folder / "session.toml").write_bytes(data)
    session = answered(lambda: load_session(folder))
    answered(lambda: load_profile(folder))
    entry = read_entry(folder)
    assert (entry.status == "damaged") == (session is None)
    if session is None:
        return False
    tell_all(session, folder, load_session(good_session))
    return True


def test_the_good_ones_are_told_whole(folder: Path, good_session: Path) -> None:
    assert use(folder, OLD_SESSION.read_bytes(), good_session)
    assert use(folder, (good_session / "session.toml").read_bytes(), good_session)


@fuzzed
@given(data=st.one_of(documents, changed(OLD)))
def test_an_old_session_with_something_else_in_it(folder: Path, good_session: Path, data: bytes) -> None:
    use(folder, data, good_session)


@fuzzed
@given(data=st.data())
def test_a_session_of_today_with_something_else_in_it(
    folder: Path, good_session: Path, data: st.DataObject
) -> None:
    use(folder, data.draw(changed((good_session / "session.toml").read_text())), good_session)


@fuzzed
@given(data=st.data())
def test_figures_that_cannot_be_are_refused_or_told(
    folder: Path, good_session: Path, data: st.DataObject
) -> None:
    table = tomllib.loads(data.draw(st.sampled_from([OLD, (good_session / "session.toml").read_text()])))
    places = number_places(table)
    for _ in range(data.draw(st.integers(1, 4))):
        *way, last = data.draw(st.sampled_from(places))
        inner = table
        for step in way:
            inner = inner[step]
        inner[last] = data.draw(st.sampled_from(ODD_NUMBERS))
    use(folder, tomli_w.dumps(table).encode(), good_session)


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("\nframes = 30\nwarmup", "\nframes = 0\nwarmup", ["metrics.frames is 0", "from 1"]),
        ("fps = 10.7", "fps = nan # 10.7", ["metrics.fps is nan"]),
        ("fps = 10.7", "fps = inf # 10.7", ["metrics.fps is inf"]),
        ("mean_ms = 92.9", "mean_ms = -92.9", ["metrics.mean_ms is -92.9", "from 0 on"]),
        ("p99_ms = 107.9", "p99_ms = 100.9", ["metrics.p99_ms is 100.9", "at least p95_ms, which is 107.3"]),
        ("max_ms = 108.0", "max_ms = 18.0", ["metrics.max_ms is 18.0", "at least p999_ms"]),
        ("share = 0.99", "share = 1.99", ["phases.render.share is 1.99", "from 0 to 1"]),
        ("phases.render]", "phases.paint]", ["metrics.phases", "'paint'", "render"]),
        ("trial = 2\n", "trial = 1\n", ["trials[1].trial is 1, attempt 1", "trials[0]"]),
        ("trial = 2\n", "trial = 0\n", ["trials[1].trial is 0"]),
        ("open_s = 0.3", "open_s = nan # 0.3", ["start_up.open_s is nan"]),
        ("uptime_s = 28191.0", "uptime_s = inf", ["machine.uptime_s is inf"]),
        ("total_mib = 24105", "total_mib = 0x" + "f" * 400, ["a number of 402 digits", "64 bits"]),
        ("steps_per_frame = 4", "workers = 0\nsteps_per_frame = 4", ["cases[0].workers is 0", "1 to 256"]),
        (
            "[cases.trials.metrics.phases.step]\nmean_ms = ",
            "[cases.trials.metrics.phases.step]\n# ",
            ["cases[0].trials[0].metrics.phases.step.mean_ms is missing", "a number"],
        ),
        (
            "[cases.trials.metrics.phases.step]\nmean_ms = ",
            "[cases.trials.metrics.phases.step]\nmean = ",
            ["unknown key 'mean'", "'mean_ms'"],
        ),
        (
            "[cases.trials.metrics.phases.step]\nmean_ms = ",
            "[cases.trials.metrics.phases.step]\nmean_ms = '1' #",
            ["cases[0].trials[0].metrics.phases.step.mean_ms is '1'", "a number"],
        ),
        (
            "[cases.trials.metrics.absent]\n",
            "[cases.trials.metrics.absent]\nx = 3\n",
            ["absent.x is 3", "text"],
        ),
        (
            "max_ms = 108.0",
            "worker_fps = [1.0, 2.0]\nmax_ms = 108.0",
            ["worker_fps has 2 rates", "1 workers"],
        ),
        (
            "[cases.trials.metrics.absent]",
            "[cases.trials.metrics.intervals.fps]\nlow = 3.0\nhigh = 2.0\nkind = "
            '"trials"\n[cases.trials.metrics.absent]',
            ["intervals.fps.high is 2.0", "at least low, which is 3.0"],
        ),
        (
            "[cases.trials.metrics.absent]",
            "[cases.trials.metrics.steady]\nfirst_frame = 3\nsettled = false\n"
            "change = -1.0\n[cases.trials.metrics.absent]",
            ["steady.change is -1.0"],
        ),
    ],
    ids=itertools.count(),
)
def test_figures_that_contradict_each_other(folder: Path, before: str, after: str, parts: list[str]) -> None:
    assert before in OLD
    (folder / "session.toml").write_text(OLD.replace(before, after, 1))
    with pytest.raises(SessionError) as caught:
        load_session(folder)
    sentence = one_sentence(caught.value)
    for part in ("session.toml", *parts):
        assert part in sentence, (part, sentence)


def test_a_case_without_trials_is_told(folder: Path, good_session: Path) -> None:
    assert use(folder, OLD.split("[[cases.trials]]")[0].encode(), good_session)


@pytest.mark.parametrize(
    "table", ["machine.versions", "machine.environment", "session.left_out", "cases.renderer"]
)
def test_tables_of_any_keys_may_be_deep(folder: Path, good_session: Path, table: str) -> None:
    deep = f"[{table}.{'.'.join('abcdefg')}]\nx = {'[' * 150}{']' * 150}\n"
    text = OLD.replace(f"[{table}]", f"{deep}[{table}]", 1) if f"[{table}]" in OLD else OLD + deep
    assert not use(folder, text.encode(), good_session)


def _blown_up(trials: int) -> str:
    """A session in the form that we write, each trial of which is right."""
    head, _, rest = OLD.partition("[[cases.trials]]")
    one = "[[cases.trials]]" + rest.partition("[[cases.trials]]")[0]
    assert "trial = 1\n" in one
    return head + "".join(one.replace("trial = 1\n", f"trial = {n}\n", 1) for n in range(1, trials + 1))


BIG = 7500
"""Trials of a session that nearly fills what is read."""
MAKERS: dict[str, Callable[[Path], None]] = {
    "zeros": lambda path: os.truncate(path, 100_000_000),
    "sparse": lambda path: os.truncate(path, 10_000_000_000),
    "blown-up-100MB": lambda path: path.write_text(_blown_up(55_000)),
    "blown-up": lambda path: path.write_text(_blown_up(BIG) + "[cases.unknown]\n"),
    "twice": lambda path: path.write_text(_blown_up(BIG) + "[[cases.trials]]\ntrial = 1\n"),
    "broken-at-its-end": lambda path: path.write_text(_blown_up(BIG) + "status = \n"),
    "values": lambda path: path.write_text("[a]\n" + "".join(f"b{n:x} = 1\n" for n in range(890_000))),
    "few-names": lambda path: path.write_text("".join("[[a]]\nb = 1\nc = 1\n" for n in range(149_000))),
    "tables": lambda path: path.write_text("[[cases]]\n" * 149_000),
    "one-name-tables": lambda path: path.write_text("[[a]]\n[a.b]\n[a.b.c]\n[a.b.c.d]\nx = 0.5\n" * 37_000),
    "list": lambda path: path.write_text("[session]\norder = [\n" + '    "x",\n' * 890_000 + "]\n"),
    "list-of-numbers": lambda path: path.write_text("order = [\n" + "    1.5,\n" * 890_000 + "]\n"),
    "long-texts": lambda path: path.write_text("".join(f'[[a]]\nb = "{"x" * 900}"\n' for _ in range(16_500))),
    "log": lambda path: path.write_text('a = """\n' + "line\\\\\n" * 890_000 + '"""\n'),
    "emoji": lambda path: path.write_text('a = "' + "\U0001f600" * 3_900_000 + '"\n'),
    "escapes": lambda path: path.write_text('a = "' + "\\u00e9" * 2_600_000 + '"\n'),
    "open-list": lambda path: path.write_text("a = [\n" + "    1,\n" * 890_000),
    "odd-values": lambda path: path.write_text("".join(f"[[a]]\nb = 0x{n:x}\n" for n in range(149_000))),
    "open-text": lambda path: path.write_text('a = "\n' * 890_000),
    "carriage-returns": lambda path: path.write_text("\r\n" * 5_000_000),
    "any-toml-1MB": lambda path: path.write_text(
        "".join(f"a{n}=1\n" for n in range(59_000)).ljust(999_000, "\t")
    ),
    "comments": lambda path: path.write_text("# x\n" * 890_000),
    "binary": lambda path: path.write_bytes(os.urandom(1 << 20) * 19),
}


@pytest.mark.parametrize(
    "command", [("sessions", "show"), ("compare", "good"), ("run", "--dry-run", "--profile")]
)
def test_no_session_takes_long_or_much(tmp_path: Path, good_session: Path, command: tuple[str, ...]) -> None:
    shutil.copytree(good_session, tmp_path / "good")
    words = [f"./{word}" if word == "good" else word for word in command]
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "session.toml").write_text("schema = 2\n")
    usual = mjbench(tmp_path, *words, "./bad")
    usual.assert_sentence("session.toml")
    names = (
        list(MAKERS) if command == ("sessions", "show") else ["broken-at-its-end", "tables", "list", "emoji"]
    )
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "session.toml").touch()
        MAKERS[name](tmp_path / name / "session.toml")
    with ThreadPoolExecutor(2) as pool:
        answers = dict(
            zip(names, pool.map(lambda name: mjbench(tmp_path, *words, f"./{name}"), names), strict=True)
        )
    for name, answer in answers.items():
        answer.assert_sentence(name)
        answer.assert_within(usual)


def test_an_honest_session_of_thousands_of_trials_is_read(tmp_path: Path) -> None:
    (tmp_path / "session.toml").write_text(_blown_up(BIG))
    session = load_session(tmp_path)
    assert len(session.cases[0].trials) == BIG


def test_a_session_that_is_larger_than_what_is_read_as_any_toml_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "session.toml").write_text(_blown_up(1000) + "[cases.renderer.x.y]\nz={}\n")
    with pytest.raises(SessionError, match=r"at line .* not as mjbench-tui writes it"):
        load_session(tmp_path)


def test_hostile_sessions_among_others_are_listed_and_hurt_no_other(
    tmp_path: Path, good_session: Path
) -> None:
    root = Path(os.environ["XDG_DATA_HOME"]) / "mjbench" / "sessions"
    shutil.copytree(good_session, root / "good")
    for name in ("blown-up", "tables", "sparse", "binary"):
        (root / name).mkdir()
        (root / name / "session.toml").touch()
        MAKERS[name](root / name / "session.toml")
    (root / "pipe").mkdir()
    os.mkfifo(root / "pipe" / "session.toml")
    (root / "journal").mkdir()
    os.mkfifo(root / "journal" / JOURNAL_FILE)
    (root / "torn").mkdir()
    (root / "torn" / JOURNAL_FILE).write_bytes(b"MJBENCH\x01" * 10)
    (root / "escape\x1b[2J").mkdir()
    answer = mjbench(tmp_path, "sessions", "list")
    assert answer.code == 0 and answer.err == "" and "\x1b" not in answer.out
    assert answer.out.count("damaged") == 8
    assert any(line.startswith("good ") and "complete" in line for line in answer.out.splitlines())
