"""The schemas of session.toml: older ones are brought up to date when they are read, never on the disk."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from profiles.toml_errors import check_schema

SESSION_SCHEMA = 2
"""The version of the sessions that are written; every older one is read."""


def migrated(data: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a session's table up to `SESSION_SCHEMA`; what was read is left as it is.

    Raises:
        Problem: its schema is none that can be read.
    """
    schema = check_schema(data, SESSION_SCHEMA)
    table = dict(data)
    for step in _STEPS[schema - 1 :]:
        table = step(table)
    return {**table, "schema": SESSION_SCHEMA}


def _without_steady_state(table: dict[str, Any]) -> dict[str, Any]:
    """1 to 2: the figures of a trial were of all of its timed frames, and carried no intervals."""
    cases = table.get("cases")
    if not isinstance(cases, list):
        return table
    return {**table, "cases": [_with_trials(case) for case in cases]}


def _with_trials(case: Any) -> Any:
    if not isinstance(case, dict) or not isinstance(case.get("trials"), list):
        return case
    return {**case, "trials": list(_trials(case["trials"]))}


def _trials(trials: list[Any]) -> Iterator[Any]:
    absent = {"frames_left_out": 0, "intervals": {}}
    for trial in trials:
        metrics = trial.get("metrics") if isinstance(trial, dict) else None
        # Nobody had looked for a steady state: `steady` stays away.
        yield {**trial, "metrics": absent | metrics} if isinstance(metrics, dict) else trial


_STEPS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_without_steady_state,)
"""One for each older schema, from the oldest on."""
