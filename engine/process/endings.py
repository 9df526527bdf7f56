"""How a trial that went wrong is told: the parts of its sentence."""

import signal
from pathlib import Path

from engine.messages import MORE_MEMORY, SCENE_MIB_VARIABLE, Stage
from scenes.text import NO_MEMORY_WORDS

_BROKEN = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
_STAGE_WORDS = {
    Stage.START: "while it started",
    Stage.IMPORT: "while it imported the renderer",
    Stage.SCENE: "while it loaded the scene",
    Stage.COMPILE: "while it compiled the renderer's kernels",
    Stage.OPEN: "while it opened the renderer",
    Stage.WARM_UP: "during warm-up",
    Stage.BARRIER: "while it waited for the other workers",
    Stage.RUN: "in the timed loop",
    Stage.FINISH: "after the last frame",
}


def describe_stage(stage: Stage) -> str:
    """Say when, as the end of a sentence."""
    return _STAGE_WORDS[stage]


def describe_exit(exit_code: int | None) -> str:
    """Say how a process ended, as the middle of a sentence."""
    if exit_code is None:
        return "closed the pipe by which it is heard, and went on"
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        hint = " (the kernel does this when memory runs out)" if exit_code == -signal.SIGKILL else ""
        return f"was killed by {name}{hint}"
    return f"exited with code {exit_code} too early"


def describe_loading_end(exit_code: int | None, log: str) -> str:
    """Say how a process ended while it loaded a scene, as the end of a sentence; `log` is what it printed."""
    how = describe_exit(exit_code)
    if any(words in log for words in NO_MEMORY_WORDS):
        return f"{how} because memory ran out: {SCENE_MIB_VARIABLE} sets how much loading may take"
    if exit_code is not None and -exit_code in _BROKEN:
        # Where MuJoCo gets no memory it may also free some twice, and nothing tells the two apart.
        return (
            f"{how}: MuJoCo is broken by what it holds, or needs more memory than {SCENE_MIB_VARIABLE} gives"
        )
    return how


def is_out_of_memory(exit_code: int | None, log: str) -> bool:
    """Whether a process ended itself because it got no memory, by the last that it printed."""
    ended_itself = exit_code is not None and (exit_code > 0 or exit_code == -signal.SIGABRT)
    return ended_itself and any(words in log for words in (*NO_MEMORY_WORDS, "MemoryError"))


def describe_loading_hang(limit_s: float) -> str:
    """Say that a scene took too long to load, as the end of a sentence."""
    longer = "where it really is that large, use a profile with a longer hang_timeout"
    return f"that took longer than {limit_s:g} s: {longer}"


def suggest_fix(exit_code: int | None) -> str:
    """Say what a person can do about a process that ended too early."""
    if exit_code == -signal.SIGKILL:
        return MORE_MEMORY
    return "look whether the driver is installed as a whole, or choose another backend"


def out_of_memory_kills(root: Path = Path("/")) -> int:
    """How many processes the kernel has killed for want of memory, here and in this control group."""
    count = 0
    for name in ("proc/vmstat", "sys/fs/cgroup/memory.events"):
        try:
            lines = (root / name).read_text().splitlines()
        except OSError:
            continue
        count += sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return count
