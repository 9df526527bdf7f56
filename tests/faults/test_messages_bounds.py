"""What an engine process sends is bytes: of bounded length, number and content before it is used."""

import math
import os
import signal
import struct
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.process.spawned
from engine.doctor.devices import NvidiaDevice
from engine.messages import (
    DevicesMessage,
    DeviceTime,
    FailedMessage,
    FailureKind,
    FinishedMessage,
    FramesMessage,
    PreviewMessage,
    SceneMessage,
    Stage,
    StageMessage,
    decode,
    encode,
)
from engine.process.bounds import MOST_COUNT, MOST_ITEMS, MOST_LETTERS, one_sentence
from engine.process.channel import MOST_BYTES, BrokenStreamError, Receiver, Sender
from engine.process.launcher import Ended
from engine.process.log import ProcessLog
from engine.process.spawned import SpawnedProcess
from tests.faults.messages_made import ready


@pytest.mark.parametrize(
    "message",
    [
        ready(process_s=math.nan),
        ready(scene_s=math.inf),
        ready(open_s=-1.0),
        ready(steps=-1),
        ready(steps=MOST_COUNT + 1),
        ready(vendor="x" * (MOST_LETTERS + 1)),
        FramesMessage(first=-1, warm_up=True, stamps=b""),
        PreviewMessage(width=-1, height=-1, pixels=b"rgb"),
        SceneMessage(scene="x", reason="x" * (MOST_LETTERS + 1)),
        FailedMessage(kind=FailureKind.ERROR, stage=Stage.RUN, reason="x" * 500_000),
        FinishedMessage(drawn=None, saved_frames=("a.png",) * (MOST_ITEMS + 1)),
        FinishedMessage(drawn=None, device=DeviceTime(source="", frames=1, mean_ms=math.nan)),
        DevicesMessage(nvidia=(NvidiaDevice(index=MOST_ITEMS + 1, name=""),)),
        DevicesMessage(nvidia=(NvidiaDevice(index=-1, name=""),)),
    ],
)
def test_a_message_beyond_all_bounds_is_none(message: object) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        decode(encode(message))
    assert len(str(caught.value)) < 200


def test_a_message_within_bounds_is_as_it_was() -> None:
    for message in (
        ready(steps=MOST_COUNT, vendor="x" * MOST_LETTERS),
        FinishedMessage(drawn=None, saved_frames=("a.png",) * MOST_ITEMS),
    ):
        assert decode(encode(message)) == message


def test_lists_in_lists_without_end_are_no_message() -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(b"\x81\xa4more" + b"\x91" * 500_000)


@given(st.text(alphabet=st.characters(), max_size=5000))
def test_any_text_becomes_one_sentence_that_can_be_sent(text: str) -> None:
    sentence = one_sentence(text)
    assert len(sentence) <= 1000
    assert sentence == " ".join(sentence.split())
    assert sentence.encode().decode() == sentence


@pytest.fixture
def pipe():
    """Both ends; what is closed by a test is not closed again."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def hear(receiver: Receiver) -> list[bytes]:
    heard = []
    while receiver.read():
        heard += receiver.messages()
    return heard


@given(st.lists(st.binary(max_size=200_000), max_size=5))
def test_messages_arrive_as_they_were_put(messages: list[bytes]) -> None:
    read, write = os.pipe()
    sender = Sender(write)

    def put_all() -> None:
        for message in messages:
            sender.put(message)
        os.close(write)

    thread = threading.Thread(target=put_all)
    thread.start()
    try:
        assert hear(Receiver(read)) == messages
    finally:
        os.close(read)
        thread.join()


def test_several_threads_put_whole_messages(pipe) -> None:
    read, write = pipe
    sender = Sender(write)
    messages = [bytes([number]) * 100_000 for number in range(8)]
    threads = [threading.Thread(target=lambda m=m: [sender.put(m) for _ in range(5)]) for m in messages]
    heard: list[bytes] = []
    receiver = Receiver(read)
    for thread in threads:
        thread.start()
    while len(heard) < 40:
        assert receiver.read()
        heard += receiver.messages()
    assert sorted(heard) == sorted(messages * 5)
    for thread in threads:
        thread.join()


def test_a_signal_in_the_middle_tears_no_message(pipe) -> None:
    read, write = pipe
    message = os.urandom(700_000)
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    heard: list[bytes] = []
    thread = threading.Thread(target=lambda: heard.extend(hear(Receiver(read))))
    thread.start()
    try:
        # In the main thread: signals come here.
        for _ in range(50):
            Sender(write).put(message)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        os.close(write)
        thread.join()
    assert heard == [message] * 50


@pytest.mark.parametrize("length", [MOST_BYTES + 1, 2**31, 2**32 - 1])
def test_a_length_that_claims_too_much_takes_no_memory(pipe, length: int) -> None:
    read, write = pipe
    Sender(write).put(b"before it")
    os.write(write, struct.pack("!I", length) + b"and some bytes")
    receiver = Receiver(read)
    heard = []
    tracemalloc.start()
    assert receiver.read()
    with pytest.raises(BrokenStreamError, match=f"{length:,} bytes"):
        heard.extend(receiver.messages())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**20


class Talker:
    """A process that says what it is told to, heard by the real listener."""

    def __init__(self, folder: Path, body: str) -> None:
        heard, messages = os.pipe()
        asked, ask = os.pipe()
        os.close(asked)
        imports = "import os, sys, time\nfrom engine.process.channel import Sender\n"
        code = f"{imports}send = Sender({messages}).put\n{body}"
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[messages],
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
        os.close(messages)
        hold = os.open(os.devnull, os.O_WRONLY)
        self.process = SpawnedProcess(
            process, b"", ProcessLog(folder / "log"), heard=heard, ask=ask, hold=hold
        )

    def __enter__(self) -> SpawnedProcess:
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.end()


def end_of(process: SpawnedProcess) -> Ended:
    while True:
        heard = process.receive(60)
        assert heard is not None
        if isinstance(heard, Ended):
            assert process.receive(0) is None
            return heard


def test_who_sends_too_often_is_heard_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where all that it sends is read."""
    monkeypatch.setattr(engine.process.spawned, "MOST_A_SECOND", 20)
    message = encode(StageMessage(stage=Stage.RUN))
    with Talker(tmp_path, f"while True: send({message!r}); time.sleep(0.005)") as process:
        assert end_of(process) == Ended(None, "more messages than anybody could read")


def test_so_many_that_nobody_keeps_up_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.process.spawned, "MOST_A_SECOND", 10**9)
    monkeypatch.setattr(engine.process.spawned, "MOST_WAITING", 1000)
    message = encode(StageMessage(stage=Stage.RUN))
    with Talker(tmp_path, f"while True: send({message!r})") as process:
        # It is listened to no more although nobody reads.
        while not isinstance(process._inbox.get(timeout=60), Ended):
            continue
        assert process._put.number <= 1001


def test_what_nobody_reads_is_kept_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.process.spawned, "MOST_WAITING_BYTES", 8 * 2**20)
    with Talker(tmp_path, "while True: send(bytes(2**19)); time.sleep(0.002)") as process:
        # Read past the watcher, which so takes nothing.
        while not isinstance(process._inbox.get(timeout=60), Ended):
            assert process._put.size <= 9 * 2**20


def test_as_much_as_the_quickest_backend_sends_is_heard(tmp_path: Path) -> None:
    """Full blocks of frames, up to four hundred a second, a quarter of a gigabyte of them."""
    body = "for _ in range(400): send(bytes(655_360)); time.sleep(0.002)"
    with Talker(tmp_path, body) as process:
        sizes = []
        while not process._inbox.empty() or process._listener.is_alive():
            try:
                found = process._inbox.get(timeout=60)
            except Exception as error:
                raise AssertionError("it went silent") from error
            if isinstance(found, Ended):
                assert found == Ended(0, "")
                break
            process._taken.add(found)
            sizes.append(len(found))
    assert sizes == [655_360] * 400


def test_garbage_is_told_in_a_few_words_and_nothing_after_it_is_heard(tmp_path: Path) -> None:
    long_stage = r"b'\x82\xa4type\xa5stage\xa5stage\xda\xff\xff' + b'x' * 65535"
    message = encode(StageMessage(stage=Stage.RUN))
    with Talker(tmp_path, f"send({long_stage}); send({message!r}); time.sleep(60)") as process:
        ended = process.receive(60)
        assert process.receive(0.5) is None
    assert ended.garbage.startswith("bytes that are no message (")
    assert len(ended.garbage) < 300
