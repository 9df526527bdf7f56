"""A session: what one run of a profile asked for, on which machine, and what came out."""

import functools
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.case import Case, Effects, Resolution
from engine.floor import Floor
from engine.interference.records import Finding, is_spoiled
from engine.machine.records import Machine
from engine.messages import DeviceTime, Drawn, MemoryUse, RendererIdentity, StartUp
from engine.metrics import BenchmarkMetrics
from engine.record import Record
from engine.results import Failure, TrialStatus
from engine.uncertainty.stopping import Standing
from profiles.errors import Problem, found, quoted
from profiles.profile import Profile, parse_profile, profile_table
from profiles.session_checks import check_session
from profiles.session_schema import SESSION_SCHEMA, migrated
from profiles.toml_errors import bare, decode, element, is_record

_Moment = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$",
        description="a date and time such as 2025-01-31T12:00:00+00:00",
    ),
]


class SessionStatus(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    """Every trial was run, whatever came of it."""
    INTERRUPTED = "interrupted"
    """A person ended it; what was measured until then is here."""
    INCOMPLETE = "incomplete"
    """It was killed; what was measured until then was recovered."""
    FAILED = "failed"
    """The instrument itself could not go on."""


class TrialRecord(Record, frozen=True):
    """What came out of one trial."""

    trial: int
    """Counted from 1."""
    status: TrialStatus
    started_at: _Moment
    ended_at: _Moment
    attempt: int = 1
    """Above 1 where the attempts before were spoiled."""
    timings: str | None = None
    """What the names of its arrays in timings.npz begin with, or None without timings."""
    pictures: str = ""
    """`checked` where its pictures were looked at, or why they were not; empty where there were none."""
    saved_frames: tuple[str, ...] = ()
    """PNG files, relative to the session's folder."""
    metrics: BenchmarkMetrics | None = None
    failure: Failure | None = None
    start_up: StartUp | None = None
    device: DeviceTime | None = None
    floor: Floor | None = None
    """Of several workers the mean."""
    memory: MemoryUse | None = None
    """Of one worker; of several, the largest of each figure."""
    findings: tuple[Finding, ...] = ()
    """What was noticed that disturbs a measurement, what spoils it first."""

    @property
    def is_spoiled(self) -> bool:
        """Whether something was noticed that makes the figures doubtful."""
        return is_spoiled(self.findings)


class CaseRecord(Record, frozen=True):
    """One case and its trials, by number and attempt; without any where the run ended before."""

    id: str
    scene: str
    backend: str
    resolution: Resolution
    effects: Effects
    state: TrialStatus
    """`failed` where any trial failed, `skipped` where a person did not want the rest, `interrupted` where
    not all trials were run to their end."""
    camera: str = ""
    steps_per_frame: int = 0
    renderer: RendererIdentity | None = None
    drawn: Drawn | None = None
    trials: tuple[TrialRecord, ...] = ()
    workers: int = 1
    worlds: int = 1
    rasterizer_threads: int = 0
    """Threads that a software rasterizer was given in each of several workers; 0 where nothing was set."""
    change: str = ""
    """Ids of `engine.changes.registry` joined by `+`: what was done to the scene, or to how it was drawn."""

    @property
    def counted(self) -> tuple[TrialRecord, ...]:
        """Of each trial the attempt that counts: the last one that was done, or else the last."""
        found: dict[int, TrialRecord] = {}
        for record in self.trials:
            known = found.get(record.trial)
            if known is None or record.status == "done" or known.status != "done":
                found[record.trial] = record
        return tuple(found.values())

    @property
    def measured(self) -> dict[int, BenchmarkMetrics]:
        """The figures of each trial that has any, by its number; of several attempts the one that counts."""
        return {trial.trial: trial.metrics for trial in self.counted if trial.metrics is not None}

    @property
    def rates(self) -> dict[int, float]:
        """FPS of each trial that has any, by its number."""
        return {number: metrics.fps for number, metrics in self.measured.items() if metrics.fps > 0}

    @property
    def case(self) -> Case:
        """The case, as the engine knows it."""
        return Case(
            scene=self.scene,
            backend=self.backend,
            resolution=self.resolution,
            effects=self.effects,
            workers=self.workers,
            worlds=self.worlds,
            change=self.change,
        )


class SessionInfo(Record, frozen=True):
    """When and how a profile was run."""

    id: str
    status: SessionStatus
    started_at: _Moment
    finished_at: _Moment
    tool_version: str
    profile_name: str
    order: tuple[str, ...] = ()
    """The trials as they were run, each as `CASE.TRIAL`, further attempts as `CASE.TRIAL.ATTEMPT`."""
    lost: str = ""
    """What of a killed run could not be recovered, in one sentence."""
    left_out: dict[str, str] = msgspec.field(default_factory=dict)
    """The backends that `auto` left out, and why each does not work here."""
    standing: Standing | None = None
    """Where it stood after its last whole round; None where the profile has no `until`, or none was whole."""


class Session(Record, frozen=True, kw_only=True):
    """A whole session; `session_table` and `parse_session` carry it to TOML and back."""

    schema: int = SESSION_SCHEMA
    profile: Profile
    """As it was effective, with absolute paths: whether its scenes exist here is not checked."""
    session: SessionInfo
    machine: Machine
    cases: tuple[CaseRecord, ...]


def trial_key(case: Case, trial: int, attempt: int = 1) -> str:
    """Name a trial within its session, as `CASE.TRIAL`; a further attempt at it as `CASE.TRIAL.ATTEMPT`."""
    return f"{case.id}.{trial}.{attempt}" if attempt > 1 else f"{case.id}.{trial}"


def fastest_case(session: Session) -> tuple[CaseRecord, float] | None:
    """The case with the most frames/s, the median over its trials; None where nothing was measured.

    A case that draws nothing counts only where no other was measured.
    """
    from engine.backends.registry import drawing_backends

    drawing = drawing_backends()
    rated = []
    for case in session.cases:
        rates = [metrics.fps for metrics in case.measured.values()]
        if rates:
            rated.append((case, statistics.median(rates)))
    real = [entry for entry in rated if entry[0].backend in drawing]
    return max(real or rated, key=lambda entry: entry[1], default=None)


def session_table(session: Session) -> dict[str, Any]:
    """Turn a session into a table for TOML; what is None is left out."""
    table: dict[str, Any] = _without_absent(msgspec.to_builtins(session))
    table["profile"] = profile_table(session.profile)
    for case, record in zip(table["cases"], session.cases, strict=True):
        case["resolution"] = str(record.resolution)
    return table


def parse_session(data: Mapping[str, Any]) -> Session:
    """Read a table as a session, also one of an older schema.

    Raises:
        Problem: a key or a value is not valid.
    """
    data = migrated(data)
    table = _with_absent(dict(data), Session)
    if isinstance(table.get("cases"), list):
        table["cases"] = [_with_resolution(case, index) for index, case in enumerate(table["cases"])]
    session = decode(table, Session)
    check_figures(session)
    try:
        profile = parse_profile(data["profile"], None, check_names=False)
    except Problem as problem:
        raise Problem(f"profile.{problem.key}".rstrip("."), problem.text) from None
    return msgspec.structs.replace(session, profile=profile)


def check_whole(session: Session) -> None:
    """Refuse what could not be read again once it is written.

    Raises:
        Problem: a value is not valid.
    """
    check_figures(session)
    parse_profile(profile_table(session.profile), None, check_names=False)


def check_figures(session: Session) -> None:
    """Refuse files outside of the session's folder, and figures that cannot be.

    Raises:
        Problem: there is one.
    """
    for index, case in enumerate(session.cases):
        for number, trial in enumerate(case.trials):
            _check_paths(trial.saved_frames, f"cases[{index}].trials[{number}].saved_frames")
    check_session(session)


def _with_resolution(case: Any, index: int) -> Any:
    """Turn a case's resolution from text into what a record is made of."""
    if not isinstance(case, dict) or "resolution" not in case:
        return case
    text = case["resolution"]
    try:
        return {**case, "resolution": msgspec.to_builtins(Resolution.parse(text))}
    except (ValueError, AttributeError):
        key = f"cases[{index}].resolution"
        raise Problem(key, f"is {found(text)}, expected WIDTHxHEIGHT such as 640x480") from None


def _check_paths(paths: tuple[str, ...], key: str) -> None:
    """Refuse files outside of the session's folder."""
    for path in paths:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\0" in path:
            raise Problem(key, f"holds {quoted(path)}, expected a path inside the session's folder")


def _without_absent(value: Any) -> Any:
    """Take every None away: TOML has none."""
    if isinstance(value, dict):
        return {key: _without_absent(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_absent(inner) for inner in value if inner is not None]
    return value


def _with_absent(value: Any, kind: Any) -> Any:
    """Put None where a record demands a key that TOML leaves out because it is None."""
    plan = _absent_plan(kind)
    if plan is None:
        return value
    if isinstance(value, list):
        return [_with_absent(inner, plan.element) for inner in value] if plan.element is not None else value
    if not isinstance(value, dict):
        return value
    if not plan.is_record:
        return {key: _with_absent(inner, plan.element) for key, inner in value.items()}
    full = dict.fromkeys(plan.optional) | value
    for name, inner_kind in plan.inner.items():
        if name in value:
            full[name] = _with_absent(value[name], inner_kind)
    return full


@dataclass(frozen=True)
class _AbsentPlan:
    """Where in the values of a type something may have to be put in."""

    is_record: bool
    optional: tuple[str, ...] = ()
    """The required keys of a record whose value may be None."""
    inner: dict[str, Any] = field(default_factory=dict)
    """The types of its keys in which there is something to be done."""
    element: Any = None
    """Of a list or a table of any keys."""


@functools.cache
def _absent_plan(kind: Any) -> _AbsentPlan | None:
    """What is to be done with values of a type; None where nothing is, as with all that is no record."""
    plain = bare(kind)
    if not is_record(plain):
        inner = element(plain)
        return _AbsentPlan(False, element=inner) if inner is not Any and _absent_plan(inner) else None
    fields = msgspec.structs.fields(plain)
    absent = [one.name for one in fields if one.required and type(None) in getattr(one.type, "__args__", ())]
    inner = {one.name: one.type for one in fields if _absent_plan(one.type) is not None}
    plan = _AbsentPlan(True, tuple(absent), inner)
    return plan if plan.optional or plan.inner else None
