"""From the journal to the files that stay: session.toml, metrics.json and timings.npz."""

from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from engine.case import Case
from engine.files import atomic_write
from engine.results import TrialStatus
from profiles.journal import Journal, JournalPicture, JournalTrial
from profiles.metrics_file import METRICS_FILE, write_metrics
from profiles.session import (
    CaseRecord,
    Session,
    SessionInfo,
    SessionStatus,
    TrialRecord,
    session_table,
    trial_key,
)
from profiles.store import SESSION_FILE
from profiles.timings_file import TIMINGS_FILE, write_timings

_HEADING = b"""\
# A session of mjbench-tui. It holds the profile that was run: `--profile` takes this file to run it again.

"""


def session_of(journal: Journal, status: SessionStatus, finished_at: str) -> Session:
    """Put together what a journal holds."""
    header = journal.header
    trials: dict[Case, list[JournalTrial]] = {case: [] for case in header.cases}
    for entry in journal.entries:
        trials.setdefault(entry.trial.case, []).append(entry.trial)
    wanted = header.profile.measure.trials
    return Session(
        profile=header.profile,
        session=SessionInfo(
            id=header.id,
            status=status,
            started_at=header.started_at,
            finished_at=finished_at,
            tool_version=header.tool_version,
            profile_name=header.profile_name,
            order=tuple(_key(entry.trial) for entry in journal.entries),
            lost=journal.torn,
            left_out=header.left_out,
            standing=journal.standing,
        ),
        machine=header.machine,
        cases=tuple(
            _case_record(case, run, [one for one in journal.pictures if one.case == case], wanted)
            for case, run in trials.items()
        ),
    )


def write_final_files(folder: Path, journal: Journal, session: Session) -> None:
    """Write the three files; session.toml comes last, so where it is the others are too.

    Raises:
        OSError: the folder cannot be written.
    """

    def write_session(file: BinaryIO) -> None:
        import tomli_w

        file.write(_HEADING + tomli_w.dumps(session_table(session), multiline_strings=True).encode())

    # A folder that somebody sent may hold links in their places: what these point to is nothing of ours.
    atomic_write(folder / TIMINGS_FILE, lambda file: write_timings(journal, file), follow_links=False)
    atomic_write(folder / METRICS_FILE, lambda file: write_metrics(session, file), follow_links=False)
    atomic_write(folder / SESSION_FILE, write_session, follow_links=False)


def _case_record(
    case: Case, trials: list[JournalTrial], pictures: list[JournalPicture], wanted: int
) -> CaseRecord:
    # Some trials of a case may end before the backend is open: what is known of it comes from any that did.
    opened = next((trial for trial in trials if trial.renderer is not None), None)
    finished = next((trial.drawn for trial in trials if trial.drawn is not None), None)
    records = sorted((trial.record for trial in trials), key=lambda record: (record.trial, record.attempt))
    for judged in pictures:
        records = _judged(records, judged)
    return CaseRecord(
        id=case.id,
        scene=case.scene,
        backend=case.backend,
        resolution=case.resolution,
        effects=case.effects,
        workers=case.workers,
        worlds=case.worlds,
        change=case.change,
        rasterizer_threads=max((trial.rasterizer_threads for trial in trials), default=0),
        state=_state(records, wanted),
        camera=opened.camera if opened else "",
        steps_per_frame=opened.steps_per_frame if opened else 0,
        renderer=opened.renderer if opened else None,
        drawn=finished,
        trials=tuple(records),
    )


def _judged(records: list[TrialRecord], judged: JournalPicture) -> list[TrialRecord]:
    """The trials of a case as they are once its picture was compared; the first keeps the picture."""
    found = list(records)
    kept = judged.saved_frames
    for index, record in enumerate(records):
        # What came after the comparison was kept as it is seen since.
        is_known = judged.finding is not None and judged.finding in record.findings
        if record.status != "done" or is_known:
            continue
        changes: dict[str, Any] = {"saved_frames": (*record.saved_frames, *kept)}
        if judged.finding is not None:
            changes["findings"] = (*record.findings, judged.finding)
        else:
            changes |= {"status": "failed", "failure": judged.failure, "metrics": None, "timings": None}
        found[index], kept = msgspec.structs.replace(record, **changes), ()
    return found


def _key(trial: JournalTrial) -> str:
    return trial_key(trial.case, trial.record.trial, trial.record.attempt)


def _state(records: list[TrialRecord], wanted: int) -> TrialStatus:
    if any(record.status == "failed" for record in records):
        return "failed"
    if any(record.status == "skipped" for record in records):
        return "skipped"
    done = {record.trial for record in records if record.status == "done"}
    return "done" if len(done) >= wanted else "interrupted"
