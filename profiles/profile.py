"""A profile: which cases are measured, and how. TOML, made to be edited by hand."""

import contextlib
import functools
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.backends.registry import measures_itself
from engine.case import Case, Effects, Physics, Resolution, Settings
from engine.changes.registry import NONE
from engine.record import Record
from engine.uncertainty.intervals import MIN_TRIALS
from engine.uncertainty.stopping import Until
from profiles.checks import (
    check_backends,
    check_count,
    check_limits,
    check_text,
    known_changes,
    known_resolutions,
    known_scenes,
)
from profiles.errors import Problem, ProfileError, is_utf8, quoted
from profiles.toml_errors import SCHEMA, bare, check_schema, decode, dotted_keys, nearest

TRIALS = "measure.trials"
UNTIL = "measure.until"
RELATIVE_ERROR = f"{UNTIL}.relative_error"
"""Dotted keys of what decides how many rounds there are."""
AUTO = "auto"
"""Stands for every backend that draws and works on this machine."""

_DEFAULT_DURATION_S = 3.0


def _whole(low: int, high: int, why: str = "") -> Meta:
    return Meta(ge=low, le=high, description=f"a whole number from {low} to {high}{why}")


def _above(low: int, high: int, unit: str = "") -> Meta:
    return Meta(gt=low, le=high, description=f"a number{unit} above {low}, at most {high}")


def _list_of(what: str, least: int = 1) -> Meta:
    return Meta(min_length=least, max_length=1000, description=f"a list of {what}")


def _text(longest: int) -> Meta:
    return Meta(max_length=longest, description=f"text of at most {longest} characters")


_Name = Annotated[str, Meta(min_length=1, max_length=4096, description="a name in quotes")]
# The motion up to a saved frame is repeated after the trial: further ones would take hours.
_Workers = Annotated[int, _whole(1, 256)]
_Worlds = Annotated[int, _whole(1, 65_536)]
_Rounds = Annotated[int, _whole(MIN_TRIALS, 1000, ", as fewer have no interval")]
_FrameNumber = Annotated[int, _whole(0, 100_000)]


class UntilKnown(Record, frozen=True):
    """Rounds are added until the FPS of each case is known this well, or a limit is reached."""

    relative_error: Annotated[
        float, Meta(gt=0, lt=1, description="a part above 0 and below 1, such as 0.01 for 1%")
    ]
    """Half the width of the 95% interval of FPS, as a part of it."""
    min_trials: _Rounds = 5
    max_trials: _Rounds = 30
    max_duration: Annotated[float, _above(0, 604_800, " of seconds")] = 600.0
    """Seconds of the whole run; a round that has begun is finished."""


class Measure(Record, frozen=True):
    """How each case is measured: for three seconds a trial where neither `duration` nor `frames` is given."""

    warmup_frames: Annotated[int, _whole(1, 1_000_000)] = 10
    duration: Annotated[float, _above(0, 86_400, " of seconds")] | None = None
    """Seconds of wall time a trial, or None where `frames` decides."""
    frames: Annotated[int, _whole(1, 1_000_000_000)] | None = None
    """Frames a trial, or None where `duration` decides."""
    trials: Annotated[int, _whole(1, 1000)] = 1
    """Rounds, where `until` does not decide how many there are."""
    until: Annotated[UntilKnown, Meta(description="a table such as { relative_error = 0.01 }")] | None = None
    rerun_spoiled: Annotated[int, _whole(0, 10)] = 0
    """How often a trial is run again that something disturbed."""
    hang_timeout: Annotated[
        float, Meta(ge=0.1, le=86_400, description="a number of seconds from 0.1 to 86400")
    ] = 60.0
    """Seconds without progress until an engine process is ended."""


class Output(Record, frozen=True):
    """What is kept besides the numbers."""

    save_frames: Annotated[tuple[_FrameNumber, ...], _list_of("frame numbers such as [60]", 0)] = ()
    """Frames of each case saved as PNG, numbered from 0 at the start of the motion."""


class Profile(Record, frozen=True):
    """What a person asks for, key by key as in the file; `cases` and `settings` say it to the engine.

    Paths of scenes are absolute here. Make one with `parse_profile`, `override` or the store: what is put
    together by hand is not checked.
    """

    schema: int = SCHEMA
    title: Annotated[str, _text(200)] = ""
    description: Annotated[str, _text(10_000)] = ""
    scenes: Annotated[tuple[_Name, ...], _list_of('scenes such as ["apartment"]')] = ("apartment",)
    backends: Annotated[tuple[_Name, ...], _list_of('backends such as ["egl"] or ["auto"]')] = (AUTO,)
    resolutions: Annotated[tuple[_Name, ...], _list_of('resolutions such as ["640x480"]')] = ("640x480",)
    effects: Annotated[tuple[Effects, ...], _list_of('"scene" or "bare" or both')] = (Effects.SCENE,)
    workers: Annotated[tuple[_Workers, ...], _list_of("numbers of workers such as [1, 2]")] = (1,)
    """Engine processes that draw the same case at the same time."""
    worlds: Annotated[tuple[_Worlds, ...], _list_of("numbers of worlds such as [1, 16]")] = (1,)
    """Environments in one batch, for backends that draw batches; the others draw one."""
    changes: Annotated[tuple[_Name, ...], _list_of('changes such as ["none", "no-shadows"]')] = (NONE,)
    """What is done to the scene or to how it is drawn; `no-shadows+no-haze` does both."""
    physics: Physics = Physics.MUJOCO
    """Who moves the scene: `warp` for backends that can, the others use MuJoCo."""
    readback: bool = True
    """False leaves the pixels on the device, for backends that can."""
    camera: _Name | None = None
    seed: Annotated[int, _whole(0, 2**63 - 1)] = 0
    target_fps: Annotated[float, _above(0, 1_000_000)] = 60.0
    """Frames per second of simulated time."""
    measure: Measure = Measure(duration=_DEFAULT_DURATION_S)
    output: Output = Output()

    def cases(self, available_backends: Sequence[str]) -> tuple[Case, ...]:
        """Every case that is asked for, once: scene, resolution, effects, backend, workers, worlds, change.

        Args:
            available_backends: what `auto` stands for; without any, a profile of `auto` alone has no case.
        """
        backends: list[str] = []
        for name in self.backends:
            backends += available_backends if name == AUTO else [name]
        resolutions = [Resolution.parse(text) for text in self.resolutions]
        axes = (self.scenes, resolutions, self.effects, backends, self.workers, self.worlds, self.changes)
        cases = (
            Case(
                scene=scene,
                backend=backend,
                resolution=resolution,
                effects=effects,
                workers=1 if measures_itself(backend) else workers,
                worlds=worlds if _draws_batches(backend) else 1,
                change="" if change == NONE else change,
            )
            for scene, resolution, effects, backend, workers, worlds, change in itertools.product(*axes)
        )
        return tuple(dict.fromkeys(cases))

    def settings(self) -> Settings:
        """How all of the cases are moved and measured."""
        measure, until = self.measure, self.measure.until
        duration_s = measure.duration
        if duration_s is None and measure.frames is None:
            duration_s = _DEFAULT_DURATION_S
        return Settings(
            camera=self.camera,
            seed=self.seed,
            target_fps=self.target_fps,
            warmup_frames=measure.warmup_frames,
            duration_s=duration_s,
            frames=measure.frames,
            trials=until.min_trials if until else measure.trials,
            until=_engine_until(until) if until else None,
            rerun_spoiled=measure.rerun_spoiled,
            hang_timeout_s=measure.hang_timeout,
            save_frames=self.output.save_frames,
            physics=self.physics,
            readback=self.readback,
        )

    def override(
        self, values: Mapping[str, object], where: Mapping[str, str] | None = None, base: Path | None = None
    ) -> "Profile":
        """Put other values in the place of some, checked as those of a file are.

        `measure.duration` takes the place of `measure.frames` and the other way round, and `measure.until`
        that of `measure.trials`.

        Args:
            values: by dotted key, such as `measure.duration`; the text of a number is as good as the number,
                and `1%` as good as 0.01 for the relative error.
            where: what an error calls each dotted key, such as `--duration`; the key itself by default.
            base: the folder that relative paths of scenes count from; the working directory by default.

        Raises:
            ProfileError: a key is unknown or a value is not valid.
        """
        labels = {key: key for key in values} | dict(where or {})
        try:
            table = _overridden(profile_table(self), values, labels)
            return _check(decode(table, Profile), base, [key for key in _NAMES if key in values])
        except Problem as problem:
            key = problem.key.partition("[")[0]
            raise ProfileError(problem.about(labels.get(key, key)), problem.about_scene) from None


def _engine_until(until: UntilKnown) -> Until:
    return Until(
        relative_error=until.relative_error,
        min_trials=until.min_trials,
        max_trials=until.max_trials,
        max_duration_s=until.max_duration,
    )


def _draws_batches(backend: str) -> bool:
    from engine.backends.registry import UnknownBackendError, find_backend

    try:
        return find_backend(backend).batches
    except UnknownBackendError:  # of a session that ran elsewhere
        return False


_NAMES = ("scenes", "backends", "changes")


@functools.cache
def _keys() -> dict[str, Any]:
    """The types of all keys, dotted."""
    return dotted_keys(Profile)


def parse_profile(data: Mapping[str, object], base: Path | None, check_names: bool = True) -> Profile:
    """Read a table as a profile.

    Args:
        data: as TOML gives it.
        base: the folder that relative paths of scenes count from.
        check_names: False leaves open whether scenes, backends and changes are known here, for what ran
            elsewhere.

    Raises:
        Problem: a key or a value is not valid.
    """
    check_schema(data)
    profile = decode(data, Profile)
    if profile.measure.until is not None and "trials" in data["measure"]:  # type: ignore[operator]
        raise Problem(TRIALS, f"and {UNTIL} are both given, expected one of the two")
    return _check(profile, base, _NAMES if check_names else ())


def profile_table(profile: Profile) -> dict[str, Any]:
    """Turn a profile into a table for TOML, in the order of its keys; what is empty or absent is left out."""
    table: dict[str, Any] = msgspec.to_builtins(profile)
    for name in ("title", "description", "camera"):
        if not table[name]:
            del table[name]
    table["measure"] = {key: value for key, value in table["measure"].items() if value is not None}
    if profile.measure.until is not None:
        del table["measure"]["trials"]
    return table


def _check(profile: Profile, base: Path | None, names: Sequence[str]) -> Profile:
    """Apply the rules that go beyond one value; `names` are the keys whose names must exist here."""
    check_text("title", profile.title)
    check_text("description", profile.description.replace("\n", "").replace("\t", ""))
    check_text("camera", profile.camera or "")
    for index, scene in enumerate(profile.scenes):
        check_text(f"scenes[{index}]", scene)
    for index, change in enumerate(profile.changes):
        check_text(f"changes[{index}]", change)
    measure = profile.measure
    check_count(
        measure.until.min_trials if measure.until is not None else measure.trials,
        *(profile.scenes, profile.backends, profile.resolutions, profile.effects),
        *(profile.workers, profile.worlds, profile.changes),
    )
    if measure.duration is not None and measure.frames is not None:
        raise Problem("measure.duration", "and measure.frames are both given, expected one of the two")
    if measure.duration is None and measure.frames is None:
        measure = msgspec.structs.replace(measure, duration=_DEFAULT_DURATION_S)
    if measure.until is not None:
        check_limits(UNTIL, measure.until.min_trials, measure.until.max_trials)
    if "backends" in names:
        check_backends(profile.backends, AUTO)
    return msgspec.structs.replace(
        profile,
        measure=measure,
        resolutions=known_resolutions(profile.resolutions),
        scenes=known_scenes(profile.scenes, base) if "scenes" in names else profile.scenes,
        changes=known_changes(profile.changes) if "changes" in names else profile.changes,
    )


def _overridden(
    table: dict[str, Any], values: Mapping[str, object], labels: Mapping[str, str]
) -> dict[str, Any]:
    """Put values into a profile's table; a number may come as its text."""
    keys = _keys()
    for key, value in values.items():
        for text in value if isinstance(value, list | tuple) else [value]:
            if isinstance(text, str) and not is_utf8(text):
                raise Problem(key, f"is {quoted(text)}, expected text that is valid UTF-8")
    both = ("measure.duration", "measure.frames")
    if all(values.get(key) is not None for key in both):
        raise Problem(both[0], f"and {labels[both[1]]} are both given, expected one of the two")
    for key, other in (both, both[::-1]):
        if values.get(key) is not None:
            table["measure"].pop(other.rpartition(".")[2], None)
    _choose_rounds(table["measure"], values, labels)
    for key, value in values.items():
        if key not in keys:
            near = next((known for known in keys if known.endswith(f".{key}")), None) or nearest(key, keys)
            hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(keys)}"
            raise Problem("", f"unknown key {quoted(key)}: {hint}")
        *sections, name = key.split(".")
        place = table
        for section in sections:
            place = place.setdefault(section, {})
        said = _part(value) if key == RELATIVE_ERROR else value
        place[name] = _number(said) if bare(keys[key]) in (int, float) else said
    return table


def _choose_rounds(measure: dict[str, Any], values: Mapping[str, object], labels: Mapping[str, str]) -> None:
    """Take away what was said of the number of rounds, where that is now said in the other way."""
    until = next((key for key in values if key.startswith(UNTIL) and values[key] is not None), None)
    trials = values.get(TRIALS) is not None
    if until and trials:
        raise Problem(TRIALS, f"and {labels[until]} are both given, expected one of the two")
    if until:
        measure.pop("trials", None)
    if trials:
        measure.pop("until", None)


def _part(value: object) -> object:
    """The number that a percentage stands for, or the value as it is."""
    if isinstance(value, str) and value.strip().endswith("%"):
        with contextlib.suppress(ArithmeticError):
            # As decimals: 0.7 / 100 is not 0.007.
            return float(Decimal(value.strip().removesuffix("%")) / 100)
    return value


def _number(value: object) -> object:
    """The number that a text stands for, or the value as it is."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    return value
