"""How a trial that went wrong is told: the parts of its sentence."""

import signal
from pathlib import Path

from engine.messages import MORE_MEMORY, Stage

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
        return "closed its queue and went on"
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        hint = " (the kernel does this when memory runs out)" if exit_code == -signal.SIGKILL else ""
        return f"was killed by {name}{hint}"
    return f"exited with code {exit_code} too early"


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
