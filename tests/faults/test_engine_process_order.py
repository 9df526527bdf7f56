"""Whatever an engine process tells of its trial, in whatever order: there is a result, and an honest one."""

import itertools
import time
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import FramesMeasured
from engine.floor import Floor
from engine.jobs.reporter import Reporter
from engine.jobs.requests import TrialJob
from engine.messages import (
    ChangesMessage,
    DevicesMessage,
    DeviceTime,
    Drawn,
    FailedMessage,
    FailureKind,
    FinishedMessage,
    FramesMessage,
    MemoryUse,
    Message,
    PreviewMessage,
    SceneMessage,
    Stage,
    StageMessage,
    decode,
)
from engine.metrics import BenchmarkMetrics, PhaseMetrics
from engine.pictures.records import Fingerprint, PictureFault, PictureReport
from engine.process.launcher import Ended
from engine.results import TrialResult
from engine.timings import PHASES
from engine.watch import TrialWatch
from tests.faults.messages_made import ready

WARMUP, FRAMES = 2, 4
FRAME_NS = 1_000_000
SECOND_NS = 1_000_000_000
START_NS = time.monotonic_ns() - 2 * SECOND_NS
"""Where the first frame begins; the timed ones follow a second later."""

OWN = "none-null-8x8-bare.1"
"""What the names of pictures of this trial begin with."""


class Told:
    """Stands for an engine process that says what it is given to say, and then is gone."""

    pid = None

    def __init__(self, messages: Sequence[Message], exit_code: int | None = 0, garbage: str = "") -> None:
        self._left: list[Message | Ended] = [*messages, Ended(exit_code, garbage)]

    def receive(self, timeout_s: float) -> Message | Ended | None:
        return self._left.pop(0) if self._left else None

    def usage(self) -> None:
        return None

    def request_preview(self) -> None: ...
    def release(self) -> None: ...
    def stop(self) -> None: ...
    def end(self) -> None: ...

    def log_tail(self, lines: int = 40) -> str:
        return ""


def a_case(backend: str = "null", workers: int = 1, worlds: int = 1) -> Case:
    size = Resolution(width=8, height=8)
    return Case(
        scene="none", backend=backend, resolution=size, effects=Effects.BARE, workers=workers, worlds=worlds
    )


def jobs(case: Case, **measured: object) -> list[TrialJob]:
    asked = {"frames": FRAMES, "duration_s": None, "warmup_frames": WARMUP} | measured
    launched_ns = START_NS - SECOND_NS
    return [
        TrialJob(case=case, settings=Settings(**asked), trial=1, launched_ns=launched_ns, worker=worker)
        for worker in range(1, case.workers + 1)
    ]


def watch(said: Sequence[Sequence[Message]], case: Case, **measured: object) -> TrialResult:
    workers = [(job, Told(messages)) for job, messages in zip(jobs(case, **measured), said, strict=True)]
    trial = TrialWatch(workers, Control())
    for event in trial.events():
        if isinstance(event, FramesMeasured):
            assert all(len(column) for column in event.phases.values())
    return trial.result


def stamps(first: int, frames: int, later_ns: int = 0) -> bytes:
    """Frames of one millisecond each, a part of it in each phase."""
    start = START_NS + later_ns + first * FRAME_NS
    table = start + np.arange(frames)[:, None] * FRAME_NS + np.arange(5)[None, :] * (FRAME_NS // 5)
    return table.astype(np.int64).tobytes()


READY = ready(vendor="v", renderer="r", version="1")
FINISHED = FinishedMessage(
    drawn=Drawn(geoms=0, lights=0, shadow_casters=0, samples=0, shadow_size=0),
    device=DeviceTime(source="s", frames=1, mean_ms=1.0),
    floor=Floor(),
    memory=MemoryUse(host_mib=1.0, host_scene_mib=0.0),
)
FIGURES = BenchmarkMetrics(
    frames=10, warmup_frames=1, wall_time_s=1.0, fps=1e9, mean_ms=1.0, std_ms=0.0, p50_ms=1.0, p90_ms=1.0,
    p95_ms=1.0, p99_ms=1.0, p999_ms=1.0, max_ms=1.0, low1_fps=None, low01_fps=None, absent={},
    stutter_share=0.0, pixels_per_s=1.0, first_frame_ms=1.0, warmup_mean_ms=1.0,
    phases={name: PhaseMetrics(mean_ms=1.0, p50_ms=1.0, p95_ms=1.0, share=0.2) for name in PHASES},
)  # fmt: skip


def stage(name: Stage) -> StageMessage:
    return StageMessage(stage=name)


def frames(first: int, count: int, warm_up: bool = False) -> FramesMessage:
    at = first if warm_up else first + 1000
    return FramesMessage(first=first, warm_up=warm_up, stamps=stamps(at, count))


def timed(later_ns: int) -> FramesMessage:
    return FramesMessage(first=0, warm_up=False, stamps=stamps(0, 3, later_ns))


def right() -> list[Message]:
    """What an engine process of ours says."""
    return [
        stage(Stage.IMPORT), stage(Stage.OPEN), READY, stage(Stage.WARM_UP), frames(0, WARMUP, warm_up=True),
        stage(Stage.RUN), frames(0, 3), frames(3, 1), stage(Stage.FINISH), stage(Stage.FINISH), FINISHED,
    ]  # fmt: skip


def test_the_right_order_is_measured() -> None:
    result = watch([right()], a_case())
    assert (result.status, result.failure) == ("done", None)
    assert result.metrics.frames == FRAMES
    assert result.metrics.fps == pytest.approx(1000, rel=0.3)


def test_every_message_but_signs_of_life_is_needed_and_in_its_place() -> None:
    needed = [n for n, one in enumerate(right()) if one not in (stage(Stage.IMPORT), stage(Stage.FINISH))]
    for number in needed:
        if right()[number] in (stage(Stage.OPEN),):
            continue
        without = right()
        del without[number]
        assert watch([without], a_case()).status == "failed", right()[number]
    for one, other in itertools.combinations(needed, 2):
        swapped = right()
        swapped[one], swapped[other] = swapped[other], swapped[one]
        result = watch([swapped], a_case())
        assert result.status == "failed", (right()[one], right()[other])
        assert result.metrics is None
        assert result.failure.reason


@pytest.mark.parametrize(
    ("at", "message", "words"),
    [
        (2, stage(Stage.WARM_UP), "began to draw before its renderer was open"),
        (2, FINISHED, "said that it had finished before it had drawn"),
        (0, READY, "said too early that its renderer was open"),
        (3, READY, "said twice that its renderer was open"),
        (4, stage(Stage.OPEN), "went back from warm-up to open"),
        (2, PreviewMessage(width=1, height=1, pixels=b"rgb"), "sent a picture before it drew any"),
        (4, PreviewMessage(width=9, height=1, pixels=b"rgb"), "sent a broken picture"),
        (4, PreviewMessage(width=10**6, height=10**6, pixels=b""), "sent a broken picture"),
        (5, frames(WARMUP, 1, warm_up=True), "drew more than the 2 frames asked for"),
        (8, frames(FRAMES, 1), "drew more than the 4 frames asked for"),
        (6, frames(1, 3), "sent broken timings"),
        (6, FramesMessage(first=0, warm_up=False, stamps=stamps(0, 3)[:-1]), "sent broken timings"),
        (6, timed(3 * 1000 * SECOND_NS), "of another time"),
        (6, timed(-SECOND_NS * 3 // 2), "of another time"),
        (6, timed(0), "before the end of its warm-up"),
        (6, frames(0, 1, warm_up=True), "sent frames that it cannot have drawn then"),
        (5, frames(0, 1), "sent frames that it cannot have drawn then"),
        (9, frames(0, 1), "sent frames that it cannot have drawn then"),
        (1, SceneMessage(scene="x"), "answered a question that nobody asked"),
        (8, DevicesMessage(), "answered a question that nobody asked"),
        (8, ChangesMessage(changes=()), "answered a question that nobody asked"),
        (10, msgspec.structs.replace(FINISHED, metrics=FIGURES), "told figures of its own"),
        *(
            (10, msgspec.structs.replace(FINISHED, saved_frames=(name,)), "named a picture that is none of")
            for name in ("/etc/passwd", "../x.png", f"{OWN}./../../x.png", OWN, f"{OWN}.\n.png", "y.1.png")
        ),
        (
            10,
            msgspec.structs.replace(
                FINISHED, pictures=PictureReport(fingerprint=Fingerprint(width=80, height=80, pixels=b""))
            ),
            "sent a broken picture",
        ),
    ],
)  # fmt: skip
def test_what_is_out_of_place_is_told(at: int, message: Message, words: str) -> None:
    said = right()
    said.insert(at, message)
    result = watch([said], a_case())
    assert result.status == "failed"
    assert (result.metrics, result.timings) == (None, None)
    assert words in result.failure.reason
    assert result.failure.reason.startswith("the engine process ")
    assert result.failure.kind is FailureKind.CRASHED
    assert result.failure.fix


def of_runner(finished: FinishedMessage, *told: Message) -> list[Message]:
    """What is said of a backend that times its frames itself."""
    before = [stage(Stage.IMPORT), stage(Stage.SCENE), READY, stage(Stage.RUN), stage(Stage.FINISH)]
    return [*before, *told, finished]


def test_a_backend_that_measures_itself_tells_figures_or_frames() -> None:
    case = a_case("madrona")
    told = msgspec.structs.replace(FINISHED, metrics=FIGURES)
    assert watch([of_runner(told)], case).metrics == FIGURES
    result = watch([of_runner(FINISHED, READY, frames(0, 1, warm_up=True), frames(0, 3))], case)
    assert (result.status, result.metrics.frames) == ("done", 3)
    nothing = watch([of_runner(FINISHED)], case)
    assert "finished without any frames" in nothing.failure.reason


@pytest.mark.parametrize(
    "change",
    [
        {"frames": 0},
        {"fps": 0.0},
        {"wall_time_s": 0.0},
        {"worker_fps": (1.0,)},
        {"fairness": 1.0},
        {"phases": {}},
        {"phases": dict.fromkeys(PHASES, PhaseMetrics(mean_ms=1.0, p50_ms=1.0, p95_ms=1.0, share=2.0))},
    ],
)
def test_figures_that_no_frames_have_are_no_result(change: dict[str, object]) -> None:
    told = msgspec.structs.replace(FINISHED, metrics=msgspec.structs.replace(FIGURES, **change))
    result = watch([of_runner(told)], a_case("madrona"))
    assert "told figures that no frames have" in result.failure.reason
    assert result.metrics is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("it broke\n  at the second line", "it broke at the second line"),
        ("", "the engine process failed and did not say why"),
        ("x" * 4000, "x" * 999 + "…"),
    ],
)
def test_what_a_process_says_of_its_failure_is_one_sentence(told: str, reason: str) -> None:
    failed = FailedMessage(kind=FailureKind.ERROR, stage=Stage.RUN, reason=told, fix=told)
    failure = watch([[*right()[:6], failed]], a_case()).failure
    assert failure.reason == reason
    assert failure.stage is Stage.RUN
    assert "\n" not in failure.fix


def test_less_than_was_asked_for_is_no_result() -> None:
    fewer = right()
    fewer[7:8] = []
    assert "before it had drawn all" in watch([fewer], a_case()).failure.reason
    assert "before it had drawn all" in watch([right()], a_case(), frames=None, duration_s=9.0).failure.reason
    assert watch([right()], a_case(), frames=None, duration_s=0.9).status == "done"


def test_who_is_stopped_by_another_program_says_so() -> None:
    said = [*right()[:5], stage(Stage.FINISH), msgspec.structs.replace(FINISHED, stopped=True)]
    result = watch([said], a_case())
    assert result.status == "failed"
    assert "was told to end by another program (SIGTERM)" in result.failure.reason


def test_who_does_not_wait_for_the_other_workers_fails_and_keeps_nobody_waiting() -> None:
    waits = [*right()[:5], stage(Stage.BARRIER)]
    result = watch([right(), waits], a_case(workers=2))
    assert result.status == "failed"
    assert "worker 1 of 2: the engine process did not wait for the other workers" in result.failure.reason


def test_frames_after_the_end_are_not_heard() -> None:
    assert watch([[*right(), frames(FRAMES, 1)]], a_case()).metrics.frames == FRAMES


class Endless(Told):
    """Draws, and never comes to an end."""

    def __init__(self) -> None:
        super().__init__(right()[:6])
        self._frame = itertools.count()

    def receive(self, timeout_s: float) -> Message | Ended | None:
        if len(self._left) > 1:
            return self._left.pop(0)
        time.sleep(0.01)
        return frames(next(self._frame), 1)


def test_who_draws_for_ever_is_ended() -> None:
    case = a_case()
    (job,) = jobs(case, frames=None, duration_s=0.2, hang_timeout_s=0.5)
    trial = TrialWatch([(job, Endless())], Control())
    began_s = time.monotonic()
    for _ in trial.events():
        assert time.monotonic() - began_s < 0.7 + 5
    failure = trial.result.failure
    assert failure.kind is FailureKind.HUNG
    assert (
        failure.reason == "the engine process drew for 0.5 s more than the 0.2 s asked for, so it was ended"
    )


def test_signs_of_life_are_few() -> None:
    sent: list[bytes] = []
    reporter = Reporter(sent.append)
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        reporter.enter(Stage.FINISH)
    assert 1 <= len(sent) <= 10
    reporter.enter(Stage.FINISH)
    reporter.enter(Stage.RUN)
    assert decode(sent[-1]) == stage(Stage.RUN)


counts = st.integers(0, 2**53) | st.integers(0, 6)
amounts = st.floats(0, 1e18)
texts = st.text(max_size=30)
a_stage = st.builds(StageMessage, stage=st.sampled_from(Stage))
pictures = st.builds(
    PictureReport,
    unseen=texts,
    fault=st.none() | st.builds(PictureFault, reason=texts, fix=texts),
    fingerprint=st.none()
    | st.builds(Fingerprint, width=counts, height=counts, pixels=st.binary(max_size=30)),
)
phase = st.builds(PhaseMetrics, mean_ms=amounts, p50_ms=amounts, p95_ms=amounts, share=amounts)
figures = st.builds(
    BenchmarkMetrics,
    frames=counts,
    fps=amounts,
    wall_time_s=amounts,
    absent=st.dictionaries(texts, texts, max_size=2),
    phases=st.dictionaries(st.sampled_from(PHASES) | texts, phase, max_size=5)
    | st.fixed_dictionaries(dict.fromkeys(PHASES, phase)),
    **dict.fromkeys(("mean_ms", "std_ms", "max_ms", "stutter_share", "pixels_per_s"), amounts),
    **{f"p{name}_ms": amounts for name in ("50", "90", "95", "99", "999")},
    **dict.fromkeys(("first_frame_ms", "warmup_mean_ms"), amounts),
    warmup_frames=counts,
    low1_fps=st.none() | amounts,
    low01_fps=st.none() | amounts,
)
finished = st.builds(
    FinishedMessage,
    drawn=st.none()
    | st.builds(
        Drawn, geoms=counts, lights=counts, shadow_casters=counts, samples=counts, shadow_size=counts
    ),
    metrics=st.none() | figures,
    device=st.none() | st.builds(DeviceTime, source=texts, frames=counts, mean_ms=amounts),
    floor=st.none() | st.builds(Floor, empty_draw_ms=st.none() | amounts, copy_ms=amounts, copies=counts),
    memory=st.none() | st.builds(MemoryUse, host_mib=amounts, host_scene_mib=amounts),
    pictures=st.none() | pictures,
    saved_frames=st.lists(texts, max_size=3).map(tuple),
    stopped=st.booleans(),
)
any_frames = st.builds(
    FramesMessage, first=counts, warm_up=st.booleans(), stamps=st.binary(max_size=200)
) | st.builds(frames, st.integers(0, 5), st.integers(1, 5), st.booleans())
anything = st.one_of(
    a_stage,
    st.just(READY),
    any_frames,
    st.builds(PreviewMessage, width=counts, height=counts, pixels=st.binary(max_size=12)),
    st.builds(SceneMessage, scene=texts),
    st.just(DevicesMessage()),
    finished,
    st.just(FINISHED),
    st.builds(FailedMessage, kind=st.sampled_from(FailureKind), stage=st.sampled_from(Stage), reason=texts),
)


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Anything at all, or what one of ours says with some of it out of place."""
    if draw(st.booleans()):
        return draw(st.lists(anything, max_size=12))
    said = right()
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.sampled_from(("insert", "replace", "delete", "move"))):
            case "insert":
                said.insert(draw(st.integers(0, len(said))), draw(anything))
            case "replace" if said:
                said[draw(st.integers(0, len(said) - 1))] = draw(anything)
            case "delete" if said:
                del said[draw(st.integers(0, len(said) - 1))]
            case "move" if said:
                said.insert(
                    draw(st.integers(0, len(said) - 1)), said.pop(draw(st.integers(0, len(said) - 1)))
                )
    return said


def measured(said: Sequence[Message]) -> Iterator[tuple[bool, int]]:
    """The frames up to the end, as they were told."""
    for message in said:
        if isinstance(message, FinishedMessage | FailedMessage):
            return
        if isinstance(message, FramesMessage):
            yield message.warm_up, len(message.stamps) // 40


@given(st.data(), st.sampled_from(["null", "madrona"]), st.integers(1, 2))
@settings(max_examples=300)
def test_whatever_is_said_there_is_a_result_and_an_honest_one(
    data: st.DataObject, backend: str, workers: int
) -> None:
    if backend == "madrona":
        workers = 1
    said = [data.draw(conversations()) for _ in range(workers)]
    result = watch(said, a_case(backend, workers=workers))
    assert result.status in ("done", "failed", "interrupted")
    if result.status == "failed":
        assert result.failure.reason
        assert "\n" not in result.failure.reason
        assert (result.metrics, result.timings) == (None, None)
        return
    for messages in said:
        assert READY in messages
        assert any(isinstance(message, FinishedMessage) for message in messages)
    if result.status == "done" and backend == "null":
        for messages in said:
            told = list(measured(messages))
            assert sum(count for warm_up, count in told if warm_up) == WARMUP
            assert sum(count for warm_up, count in told if not warm_up) == FRAMES
    assert all("/" not in name.removeprefix("frames/") for name in result.saved_frames)
