"""Messages and jobs survive the way between processes, and nothing else is taken for one."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Case, Effects, Resolution, Settings
from engine.jobs.requests import ProbeJob, SceneJob, TrialJob, decode_job, encode_job
from engine.messages import (
    Drawn,
    FailedMessage,
    FailureKind,
    FinishedMessage,
    FramesMessage,
    ReadyMessage,
    RendererIdentity,
    SceneMessage,
    Stage,
    StageMessage,
    StartUp,
    decode,
    encode,
)

whole = st.integers(0, 2**40)
seconds = st.floats(0, 1e6)
text = st.text(max_size=80)
stage = st.sampled_from(Stage)
drawn = st.builds(Drawn, geoms=whole, lights=whole, shadow_casters=whole, samples=whole, shadow_size=whole)
messages = st.one_of(
    st.builds(StageMessage, stage=stage),
    st.builds(
        ReadyMessage,
        renderer=st.builds(
            RendererIdentity, vendor=text, renderer=text, version=text, software=st.booleans()
        ),
        camera=text,
        steps_per_frame=whole,
        start_up=st.builds(
            StartUp, process_s=seconds, import_s=seconds, scene_s=seconds, compile_s=seconds, open_s=seconds
        ),
    ),
    st.builds(FramesMessage, first=whole, warm_up=st.booleans(), stamps=st.binary(max_size=400)),
    st.builds(FinishedMessage, drawn=drawn, saved_frames=st.lists(text).map(tuple), stopped=st.booleans()),
    st.builds(SceneMessage, scene=text, camera=text, reason=text, camera_missing=st.booleans()),
    st.builds(FailedMessage, kind=st.sampled_from(FailureKind), stage=stage, reason=text, fix=text),
)
cases = st.builds(
    Case,
    scene=text,
    backend=text,
    resolution=st.builds(Resolution, width=st.integers(1, 16384), height=st.integers(1, 16384)),
    effects=st.sampled_from(Effects),
)
jobs = st.one_of(
    st.builds(
        TrialJob,
        case=cases,
        settings=st.builds(
            Settings,
            camera=st.none() | text,
            seed=st.integers(-(2**63), 2**63 - 1),
            target_fps=seconds,
            warmup_frames=whole,
            duration_s=st.none() | seconds,
            frames=st.none() | whole,
            save_frames=st.lists(whole).map(tuple),
        ),
        trial=whole,
        launched_ns=whole,
        frames_folder=text,
    ),
    st.builds(ProbeJob, backend=text),
    st.builds(SceneJob, scenes=st.lists(text).map(tuple), camera=st.none() | text),
)


@given(messages)
@settings(deadline=None)
def test_messages_come_back_as_they_were(message: object) -> None:
    assert decode(encode(message)) == message


@given(jobs)
@settings(deadline=None)
def test_jobs_come_back_as_they_were(job: object) -> None:
    assert decode_job(encode_job(job)) == job


@given(st.binary(max_size=200) | messages.flatmap(lambda m: st.integers(0, 60).map(lambda n: encode(m)[:-n])))
@settings(deadline=None, max_examples=300)
def test_garbage_raises_errors_of_msgspec_only(data: bytes) -> None:
    for read in (decode, decode_job):
        try:
            read(data)
        except msgspec.MsgspecError:
            continue


@given(messages.map(encode), st.data())
@settings(deadline=None, max_examples=200)
def test_a_damaged_message_raises_errors_of_msgspec_only(data: bytes, draw: st.DataObject) -> None:
    position = draw.draw(st.integers(0, len(data) - 1))
    damaged = data[:position] + bytes([draw.draw(st.integers(0, 255))]) + data[position + 1 :]
    try:
        decode(damaged)
    except msgspec.MsgspecError:
        return


def test_another_shape_is_refused() -> None:
    fine = msgspec.msgpack.decode(encode(StageMessage(stage=Stage.RUN)))
    assert decode(msgspec.msgpack.encode(fine)) == StageMessage(stage=Stage.RUN)
    for change in ({"stage": "lunch"}, {"stage": 3}, {"more": 1}, {"type": "greeting"}):
        with pytest.raises(msgspec.MsgspecError):
            decode(msgspec.msgpack.encode(fine | change))
