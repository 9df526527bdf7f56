"""No file makes code run: nothing is unpickled, and no profile or session names a module."""

import ast
import io
import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from engine.backends.madrona_runner.variables import CONFIG_VARIABLE, FUNCTION_VARIABLE, MODULE_VARIABLE
from engine.case import Case, Settings
from profiles.journal import JOURNAL_FILE, JournalExtension, JournalHeader, JournalTrial
from profiles.last_choice import LastChoice, last_choice_path
from profiles.profile import Profile
from profiles.session import Session
from profiles.toml_errors import dotted_keys
from tests.faults.toml_strategies import OLD_SESSION
from tests.faults.watched_command import mjbench

ROOT = Path(__file__).parents[2]
ROOMS = ("engine", "profiles", "scenes", "tui")
_NAMED_MODULES = {
    "engine/backends/loading.py": "the module of a backend, as the registry or an installed package has it",
    "engine/backends/madrona_gs.py": "one of two names that stand there",
    "engine/backends/madrona_runner/module.py": "a person's own, named by an option or by the environment",
    "scenes/build.py": "one of the built-in scenes",
}
"""Where a module is imported by a name that is computed, and where that name comes from."""
_SENDS_PICKLES = {("engine/backends/hostile.py", "imports pickle")}
"""The twin of a hostile engine process: it sends what nobody unpickles."""
_RUNS_CODE = {"eval", "exec", "compile", "__import__", "execfile"}
_UNPICKLES = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "joblib",
    "yaml",
    "runpy",
    "code",
}
_LOADERS = {
    "import_module",
    "spec_from_file_location",
    "SourceFileLoader",
    "run_path",
    "run_module",
    "exec_module",
}


def _sources() -> Iterator[tuple[str, ast.AST]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _faults(tree: ast.AST) -> Iterator[str]:
    """What could run code that a file holds or names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            yield from (f"imports {name}" for name in names if name.partition(".")[0] in _UNPICKLES)
        elif isinstance(node, ast.Call):
            name, keywords = _name(node.func), {word.arg: word.value for word in node.keywords}
            if name in _RUNS_CODE and isinstance(node.func, ast.Name):
                yield f"calls {name}"
            allowed = keywords.get("allow_pickle")
            if allowed is not None and not (isinstance(allowed, ast.Constant) and allowed.value is False):
                yield "allows pickles"
            of_numpy = isinstance(node.func, ast.Attribute) and _name(node.func.value) in (
                "np",
                "numpy",
                "npy",
            )
            if (
                of_numpy
                and name in ("load", "read_array", "fromfile", "loadtxt", "genfromtxt")
                and allowed is None
            ):
                yield f"reads arrays by {name} without a word on pickles"
            if name in _LOADERS:
                yield f"loads by {name}"


def test_nothing_in_our_rooms_unpickles_or_runs_text() -> None:
    found = {(path, fault) for path, tree in _sources() for fault in _faults(tree)}
    assert {path for path, fault in found if fault.startswith("loads by")} == set(_NAMED_MODULES)
    assert {one for one in found if not one[1].startswith("loads by")} <= _SENDS_PICKLES


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from yaml import load",
        "eval(x)",
        "exec(x)",
        "np.load(p)",
        "np.load(p, allow_pickle=True)",
        "np.load(p, allow_pickle=flag)",
        "importlib.import_module(x)",
        "marshal.loads(x)\nimport marshal",
    ],
)
def test_the_look_at_our_rooms_sees_what_it_looks_for(text: str) -> None:
    assert list(_faults(ast.parse(text)))


def test_no_key_of_a_file_names_a_module_a_function_or_a_command() -> None:
    keys = {
        key.rpartition(".")[2]
        for kind in (
            Profile,
            Session,
            LastChoice,
            JournalHeader,
            JournalTrial,
            JournalExtension,
            Settings,
            Case,
        )
        for key in dotted_keys(kind)
    }
    assert not keys & {
        "module",
        "function",
        "plugin",
        "import",
        "class",
        "command",
        "script",
        "hook",
        "entry_point",
    }
    assert {"scenes", "backends", "measure"} <= keys


class _Marks:
    """Unpickled, it writes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self._path}",)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


def _array_of_objects(payload: bytes) -> bytes:
    head = repr({"descr": "|O", "fortran_order": False, "shape": (1,)}).encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + payload


def test_a_pickle_works_where_it_is_unpickled(marker: Path) -> None:
    pickle.loads(pickle.dumps(_Marks(marker)))
    assert marker.exists()


def test_a_pickle_in_the_place_of_any_file_is_never_unpickled(tmp_path: Path, marker: Path) -> None:
    payload = pickle.dumps(_Marks(marker), protocol=0)
    packed = io.BytesIO()
    old = OLD_SESSION.parent
    with zipfile.ZipFile(old / "timings.npz") as archive, zipfile.ZipFile(packed, "w") as made:
        for name in archive.namelist():
            made.writestr(name, _array_of_objects(payload))
    session = tmp_path / "session"
    shutil.copytree(old, session)
    for name, content in {
        "timings.npz": packed.getvalue(),
        "metrics.json": payload,
        "frames.pkl": payload,
        "conftest.py": b"1/0",
        "sitecustomize.py": f"open({str(marker)!r}, 'w')".encode(),
    }.items():
        (session / name).write_bytes(content)
    for folder, name in (("pickled", "session.toml"), ("journal", JOURNAL_FILE), ("text", "session.toml")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(payload)
    (tmp_path / "text" / "session.toml").write_text(f"x = {json.dumps(payload.decode('latin-1'))}\n")
    (tmp_path / "mine.toml").write_bytes(payload)
    own = Path(os.environ["XDG_CONFIG_HOME"]) / "mjbench" / "profiles"
    own.mkdir(parents=True)
    (own / "quick.toml").write_bytes(payload)
    last_choice_path().parent.mkdir(parents=True)
    last_choice_path().write_bytes(payload)
    sessions = Path(os.environ["XDG_DATA_HOME"]) / "mjbench" / "sessions"
    shutil.copytree(session, sessions / "one")
    commands = [
        ("sessions", "show", "./session"),
        ("sessions", "show", "./session", "--json"),
        ("sessions", "list"),
        ("sessions", "show", "./pickled"),
        ("sessions", "show", "./text"),
        ("sessions", "recover", "./journal"),
        ("compare", "./session", "./session"),
        ("profiles", "list"),
        ("profiles", "show", "mine.toml"),
        ("profiles", "show", "quick"),
        ("profiles", "show", "./session"),
        ("profiles", "duplicate", "quick", "two"),
        ("run", "--dry-run", "--profile", "mine.toml"),
        ("run", "--dry-run", "--baseline", "./pickled"),
    ]
    with ThreadPoolExecutor(2) as pool:
        for command, answer in zip(
            commands, pool.map(lambda words: mjbench(tmp_path, *words), commands), strict=True
        ):
            assert "Traceback" not in answer.err and answer.code in (0, 2), (command, answer.err)
    _read_as_the_dashboard_does(session)
    assert not marker.exists()


def _read_as_the_dashboard_does(folder: Path) -> None:
    """Frame times and what was chosen last: no command reads them."""
    from profiles.errors import SessionError
    from profiles.last_choice import load_last_choice
    from profiles.sessions import load_session
    from profiles.timings_file import read_timings
    from tui.dashboard.results.trial_reader import TrialReader

    key = load_session(folder).cases[0].trials[0].timings
    assert key is not None
    for read in (lambda: TrialReader(folder).read(key), lambda: read_timings(folder, key)):
        with pytest.raises(SessionError, match="is not one whole number a frame"):
            read()
    assert load_last_choice()[0] is None


@pytest.mark.parametrize(
    "text",
    [
        'backends = ["os"]',
        'backends = ["evil:main"]',
        'backends = ["evil.py"]',
        'backends = ["../evil"]',
        'changes = ["evil.main"]',
        'scenes = ["evil"]',
        'backends = ["egl"]\nscenes = ["evil.py"]',
        "madrona_module = 'evil'",
        "[madrona]\nmodule = 'evil'",
        'backends = ["null"]\ncamera = "evil"\nscenes = ["evil.py"]',
        'physics = "evil"',
        "[environment]\nMADRONA_BENCH_MODULE = 'evil.py'",
    ],
)
def test_a_profile_that_names_code_runs_none(tmp_path: Path, marker: Path, text: str) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n")
    (tmp_path / "mine.toml").write_text(text + "\n")
    answer = mjbench(tmp_path, "run", "--profile", "mine.toml", "--frames", "1", PYTHONPATH=str(tmp_path))
    assert answer.code in (2, 3) and "Traceback" not in answer.err
    assert not marker.exists()


def test_the_environment_that_a_session_tells_of_is_not_taken_over(tmp_path: Path, marker: Path) -> None:
    """A colleague's session that is run again: its variables are what was, and no more."""
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n")
    names = (MODULE_VARIABLE, FUNCTION_VARIABLE, CONFIG_VARIABLE, "PYTHONSTARTUP", "LD_PRELOAD", "MUJOCO_GL")
    told = "".join(f'{name} = "{tmp_path / "evil.py"}"\n' for name in names)
    text = OLD_SESSION.read_text().replace("[machine.environment]\n", f"[machine.environment]\n{told}", 1)
    text = text.replace('    "egl",\n    "null",\n', '    "madrona",\n', 1).replace(
        "frames = 30\n", "frames = 1\n", 1
    )
    (tmp_path / "session.toml").write_text(text)
    answer = mjbench(tmp_path, "run", "--profile", "session.toml")
    assert answer.code == 4 and "no runner module is named" in answer.err
    assert not marker.exists()


def test_what_a_journal_may_hold_is_plain_data() -> None:
    """No extension type of MessagePack is made an object."""
    from profiles import journal

    for code in (0, 1, 42, -1):
        with pytest.raises(msgspec.MsgspecError):
            journal._decoder.decode(msgspec.msgpack.encode(msgspec.msgpack.Ext(code, b"cos\nsystem\n")))
