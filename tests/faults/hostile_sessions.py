"""Sessions in which every text is hostile, in memory and on the disk."""

from __future__ import annotations

from pathlib import Path

import msgspec
import tomli_w

from engine.case import Case, Effects, Resolution
from engine.messages import DeviceTime, MemoryUse
from profiles.profile import Measure, Profile, UntilKnown
from profiles.session import Session, session_table
from profiles.store import SESSION_FILE
from tests.faults.hostile_texts import Infection
from tests.profiles.session_builders import metrics, new_writer, trial

KEYS = ("BenchmarkMetrics.phases", "BenchmarkMetrics.intervals", "TrialRecord.timings")
"""Where only names of ours stand: in an array's name, and as keys of what is measured."""
FAILED = ("TrialRecord.failure",)


def measured(folder: Path, until: bool = False) -> Session:
    """A session that has something to say in every table: sizes, workers, worlds, memory, a driver's time."""
    cases = [
        Case(scene, backend, Resolution.parse(size), Effects.SCENE, workers, worlds)
        for scene, backend, size, workers, worlds in [
            ("apartment", "egl", "64x48", 1, 1), ("apartment", "egl", "640x480", 1, 1),
            ("apartment", "egl", "64x48", 2, 1), ("apartment", "mjwarp", "64x48", 1, 1),
            ("apartment", "mjwarp", "64x48", 1, 8), ("/a/robot.xml", "egl", "64x48", 1, 1),
        ]
    ]  # fmt: skip
    length = (
        Measure(frames=4, until=UntilKnown(relative_error=0.01)) if until else Measure(frames=4, trials=3)
    )
    writer = new_writer(folder, profile=Profile(measure=length), profile_name="quick", cases=cases)
    for turn in (1, 2, 3):
        for number, case in enumerate(cases):
            rate = 100.0 * case.workers * case.worlds + 7 * number + turn
            more = {"memory": MemoryUse(900.0 + 9 * case.worlds, 500.0, 80.0 * case.worlds)}
            device = DeviceTime("GL_TIME_ELAPSED", 60, 0.5)
            writer.append(trial(case, turn, metrics=metrics(rate), timings=None, device=device, **more))
    return writer.close("complete")


def on_disk(text: str) -> str:
    """As far as a file of settings can hold it."""
    return "".join(one for one in text if not "\ud800" <= one <= "\udfff")


def file_name(text: str, first: str) -> str:
    """A name that a folder can have."""
    data = "".join(one for one in text if one not in "/\0").encode("utf-8", "ignore")
    return first + data[:150].decode("utf-8", "ignore")


def write_infected(folder: Path, base: Session, infection: Infection) -> Session:
    """Put a session of another's making, which is like `base`, into its folder."""
    texts = [on_disk(text) for text in infection.texts]
    ours = Infection(texts, {*infection.spared, "TrialRecord.saved_frames"})
    # A profile's texts are checked when it is read.
    session = msgspec.structs.replace(ours.record(base), profile=base.profile)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SESSION_FILE).write_text(tomli_w.dumps(session_table(session)))
    return session
