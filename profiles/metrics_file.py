"""metrics.json: the figures of every trial, for other programs."""

import json
import math
from typing import Any, BinaryIO

import msgspec

from profiles.case_figures import case_figures
from profiles.limits import limit_document
from profiles.relative_speed import RelativeSpeed, relative_speeds
from profiles.session import CaseRecord, Session, TrialRecord
from profiles.session_schema import SESSION_SCHEMA

METRICS_FILE = "metrics.json"


def metrics_document(session: Session) -> dict[str, Any]:
    """Everything about the figures of a session; a number that is not finite is null."""
    document = {
        "schema": SESSION_SCHEMA,
        "session": msgspec.to_builtins(session.session),
        "machine": msgspec.to_builtins(session.machine),
        "settings": msgspec.to_builtins(session.profile.settings()),
        "cases": [_case(told) for told in relative_speeds(session.cases)],
        "trials": [told for case in session.cases for told in _trials(case)],
    }
    finite: dict[str, Any] = _finite(document)
    return finite


def write_metrics(session: Session, file: BinaryIO) -> None:
    """Write the document as JSON that every reader takes.

    Raises:
        OSError: writing failed.
    """
    text = json.dumps(metrics_document(session), indent=2, ensure_ascii=False, allow_nan=False)
    file.write(text.encode("utf-8", "replace") + b"\n")


def _case(told: RelativeSpeed) -> dict[str, Any]:
    """A case over all of its trials, and its speed held against the fastest that drew the same picture."""
    return {
        "case": told.case.id,
        **msgspec.to_builtins(case_figures(told.case)),
        "relative_to": told.base.id if told.base is not None else None,
        "relative": told.speed,
        "comparison": msgspec.to_builtins(told.comparison),
    }


def _trials(case: CaseRecord) -> list[dict[str, Any]]:
    counted = case.counted
    return [_trial(case, trial) | {"counts": trial in counted} for trial in case.trials]


def _trial(case: CaseRecord, trial: TrialRecord) -> dict[str, Any]:
    renderer = case.renderer
    return {
        "case": case.id,
        "trial": trial.trial,
        "attempt": trial.attempt,
        "status": trial.status,
        "scene": case.scene,
        "backend": case.backend,
        "width": case.resolution.width,
        "height": case.resolution.height,
        "effects": str(case.effects),
        "workers": case.workers,
        "worlds": case.worlds,
        "change": case.change,
        "rasterizer_threads": case.rasterizer_threads,
        "camera": case.camera,
        "steps_per_frame": case.steps_per_frame,
        "software": renderer.software if renderer else None,
        "renderer": msgspec.to_builtins(renderer),
        "drawn": msgspec.to_builtins(case.drawn),
        "started_at": trial.started_at,
        "ended_at": trial.ended_at,
        "start_up": msgspec.to_builtins(trial.start_up),
        "device": msgspec.to_builtins(trial.device),
        "floor": msgspec.to_builtins(trial.floor),
        "limit": limit_document(trial),
        "memory": msgspec.to_builtins(trial.memory),
        "metrics": msgspec.to_builtins(trial.metrics),
        "failure": msgspec.to_builtins(trial.failure),
        "spoiled": trial.is_spoiled,
        "findings": msgspec.to_builtins(trial.findings),
        "timings": trial.timings,
        "pictures": trial.pictures,
        "saved_frames": list(trial.saved_frames),
    }


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
