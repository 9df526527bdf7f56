"""A target for atheris: any bytes as a profile, a session, a journal or a file of timings.

Whatever reads such a file may refuse it in one sentence; anything else that is raised is a finding.
How to run it stands in README.md.
"""

import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["profiles", "tomllib", "tui.output", "engine.uncertainty", "engine.scaling"]
):
    import tomllib  # noqa: F401 (so that it is instrumented)

    from profiles.journal import JOURNAL_FILE, read_journal
    from profiles.sessions import load_session, read_entry
    from profiles.source import find_source
    from profiles.store import builtin_profiles_folder, load_profile, profile_text
    from profiles.timings_file import TIMINGS_FILE, open_timed_frames, read_timings
    from profiles.writer import recover
    from tests.faults.session_faces import answered, tell_all
    from tests.profiles.session_builders import CASES, new_writer, trial

_FOLDER = Path(tempfile.mkdtemp(prefix="mjbench-fuzz-"))
_OLD_SESSION = Path(__file__).parents[1] / "tui" / "old_sessions" / "schema1"
_HEAD = struct.Struct("<8sQQII")
_MARK = b"MJBENCH\x01"
_PHASES = ("step", "update", "render", "readback", "overhead")
_KEY = "a.1"


def _made_session(folder: Path) -> Path:
    """A small session of today."""
    writer = new_writer(folder)
    for number in (1, 2, 3):
        for case in CASES[:2]:
            writer.append(trial(case, number, seed=number))
    writer.close("complete")
    return folder


def _made_journal(folder: Path) -> bytes:
    writer = new_writer(folder)
    writer.append(trial(CASES[0]))
    writer.release()
    return (folder / JOURNAL_FILE).read_bytes()


_GOOD = load_session(_made_session(_FOLDER / "good"))


def profile_target(data: bytes) -> None:
    """A profile: what is loaded can be planned and written."""
    path = _FOLDER / "mine.toml"
    path.write_bytes(data)
    profile = answered(lambda: load_profile(path))
    answered(lambda: find_source(path))
    if profile is not None:
        profile.cases(["egl"])
        profile.settings()
        path.write_text(profile_text(profile))
        assert load_profile(path) == profile


def session_target(data: bytes) -> None:
    """A session: all of it is told, and it is run again."""
    folder = _FOLDER / "session"
    folder.mkdir(exist_ok=True)
    (folder / "session.toml").write_bytes(data)
    session = answered(lambda: load_session(folder))
    answered(lambda: load_profile(folder))
    if session is not None:
        tell_all(session, folder, _GOOD)


def journal_target(data: bytes) -> None:
    """A journal: as it is, or with checksums that are right."""
    folder = _FOLDER / "journal"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (folder / JOURNAL_FILE).write_bytes(_with_checksums(data[1:]) if data[:1] == b"c" else data[1:])
    answered(lambda: read_journal(folder / JOURNAL_FILE))
    read_entry(folder)
    session = answered(lambda: recover(folder))
    if session is not None:
        tell_all(load_session(folder), folder, _GOOD)


def _with_checksums(data: bytes) -> bytes:
    """Every record of a journal with the checksums of what is in it now."""
    made, at = b"", 0
    while at + _HEAD.size <= len(data) and len(made) < 1 << 20:
        _, metadata, arrays, _, _ = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        body = data[at : at + metadata + arrays]
        head = _HEAD.pack(_MARK, metadata, arrays, zlib.crc32(body), 0)[:-4]
        made += head + zlib.crc32(head).to_bytes(4, "little") + body
        at += metadata + arrays
    return made


def timings_target(data: bytes) -> None:
    """Timings: any bytes, or a zip file with any member for each phase."""
    if data[:1] == b"z":
        with zipfile.ZipFile(_FOLDER / TIMINGS_FILE, "w") as archive:
            for prefix in ("", "warmup."):
                for phase in _PHASES:
                    archive.writestr(f"{_KEY}.{prefix}{phase}.npy", data[1:])
    else:
        (_FOLDER / TIMINGS_FILE).write_bytes(data[1:])
    answered(lambda: read_timings(_FOLDER, _KEY))
    answered(_all_frames)


def _all_frames() -> None:
    with open_timed_frames(_FOLDER, _KEY) as timed:
        for _ in timed.frame_times():
            pass


def _member(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / TIMINGS_FILE) as archive:
        return archive.read(archive.namelist()[0])


def _seeds(name: str) -> list[bytes]:
    """What a search begins with."""
    good = _FOLDER / "good"
    if name == "profile":
        return [path.read_bytes() for path in sorted(builtin_profiles_folder().glob("*.toml"))]
    if name == "session":
        return [(folder / "session.toml").read_bytes() for folder in (_OLD_SESSION, good)]
    if name == "journal":
        journal = _made_journal(_FOLDER / "seed")
        return [b"c" + journal, b"r" + journal]
    return [b"z" + _member(good), b"r" + (good / TIMINGS_FILE).read_bytes()]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "profile": profile_target,
    "session": session_target,
    "journal": journal_target,
    "timings": timings_target,
}


def main() -> None:
    """`hostile_files.py TARGET CORPUS_FOLDER [options of libFuzzer]`."""
    name, corpus = sys.argv[1], Path(sys.argv[2])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(_seeds(name)):
        (corpus / f"seed{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], str(corpus), *sys.argv[3:]], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
