"""What was chosen last, kept from one start of the dashboard to the next."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
from msgspec import Meta

from engine.files import atomic_write, make_folder
from engine.record import Record
from profiles.checks import check_backends, check_text, known_scenes
from profiles.errors import Problem, ProfileError, is_utf8, quoted, reason, shown_path
from profiles.folders import person_folder, require_home
from profiles.profile import AUTO, Profile, parse_profile, profile_table
from profiles.toml_errors import SCHEMA, check_schema, decode
from profiles.toml_file import PROFILE_LIMIT_BYTES, read_toml

_FILE = "last.toml"
_LONGEST_NAME = 4096


class LastChoice(Record, frozen=True):
    """What stood on the screen when the dashboard was left."""

    schema: int = SCHEMA
    profile_name: Annotated[str, Meta(max_length=_LONGEST_NAME)] = ""
    """What the profile was loaded by, a name or an absolute path; it need not exist any more."""
    theme: Annotated[str, Meta(max_length=200)] = ""
    """Empty for the usual one."""
    profile: Profile = Profile()


def last_choice_path() -> Path:
    """The file that holds it; it need not exist."""
    return person_folder("state") / _FILE


def load_last_choice() -> tuple[LastChoice | None, str]:
    """Read what was chosen last, and say in one sentence what of it is lost, "" where nothing is.

    Never raises: without a file, or with one that cannot be used, there is no choice. Scenes and backends
    that are not here any more are left out.
    """
    path = last_choice_path()
    try:
        choice = _read(path)
    except ProfileError as error:
        return None, f"what was chosen last is not known, repair or delete its file: {error}"
    if choice is None:
        return None, ""
    profile, lost = _with_what_exists(choice.profile)
    note = f"of what was chosen last, {', '.join(lost)} cannot be found here any more" if lost else ""
    return msgspec.structs.replace(choice, profile=profile), note


def save_last_choice(choice: LastChoice) -> None:
    """Keep a choice for the next start; a file that cannot be read as one is never overwritten.

    Raises:
        ProfileError: the file is damaged or made by a newer version, or cannot be written.
    """
    import tomli_w

    path = last_choice_path()
    require_home(path, "state", ProfileError)
    _read(path)
    name = choice.profile_name
    fits = len(name) <= _LONGEST_NAME and is_utf8(name) and name.isprintable()
    table = {
        "schema": SCHEMA,
        "profile_name": name if fits else "",
        "theme": choice.theme,
        "profile": profile_table(choice.profile),
    }
    data = tomli_w.dumps(table).encode()

    def write(file: BinaryIO) -> None:
        file.write(data)

    try:
        make_folder(path.parent, exist_ok=True)
        atomic_write(path, write)
    except OSError as error:
        raise ProfileError(f"{shown_path(path)}: cannot be written ({reason(error)})") from None


def _read(path: Path) -> LastChoice | None:
    """The file as it is, None where there is none."""
    try:
        path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProfileError(f"{shown_path(path)}: cannot be read ({reason(error)})") from None
    data = read_toml(path, PROFILE_LIMIT_BYTES, ProfileError)
    try:
        check_schema(data)
        choice = decode(data, LastChoice)
        check_text("profile_name", choice.profile_name)
        check_text("theme", choice.theme)
        profile = _parse_inner(data.get("profile", {}))
    except Problem as problem:
        raise ProfileError(problem.in_file(shown_path(path))) from None
    return msgspec.structs.replace(choice, profile=profile)


def _parse_inner(table: Any) -> Profile:
    try:
        return parse_profile(table, None, check_names=False)
    except Problem as problem:
        raise Problem(f"profile.{problem.key}".rstrip("."), problem.text) from None


def _with_what_exists(profile: Profile) -> tuple[Profile, list[str]]:
    """The profile without what is not here any more, and what that is; never without a scene or a backend."""

    def check_scene(name: str) -> None:
        known_scenes([name], None)

    def check_backend(name: str) -> None:
        check_backends([name], AUTO)

    scenes, lost_scenes = _sorted_out(profile.scenes, check_scene)
    backends, lost_backends = _sorted_out(profile.backends, check_backend)
    usual = Profile()
    kept = msgspec.structs.replace(
        profile, scenes=scenes or usual.scenes, backends=backends or usual.backends
    )
    lost = [f"the scene {quoted(name)}" for name in lost_scenes]
    return kept, lost + [f"the backend {quoted(name)}" for name in lost_backends]


def _sorted_out(
    names: tuple[str, ...], check: Callable[[str], None]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that exist, and those that do not."""
    known, lost = [], []
    for name in names:
        try:
            check(name)
            known.append(name)
        except Problem:
            lost.append(name)
    return tuple(known), tuple(lost)
