"""One of several bare processes that draw at the same time: a bare loop that begins with the others.

Run by `workers.py` as `python bare_worker.py SCENE WIDTH HEIGHT EFFECTS FRAMES WARMUP`, with MUJOCO_GL set.
Writes `ready` when it has warmed up, begins when it reads a line, and then writes when the first frame began
and when each frame ended, in nanoseconds by the machine's monotonic clock.
"""

import sys
from time import perf_counter_ns

from bare_loops import with_calls

from scenes.build import build_scene


def main() -> None:
    """Draw as `workers.py` says."""
    scene, *sizes, effects, frames, warmup = sys.argv[1:]
    width, height = map(int, sizes)
    built = build_scene(scene, width=width, height=height, bare=effects == "bare", camera=None, seed=0)
    frame, close = with_calls(built, width, height, bare=effects == "bare")
    for _ in range(int(warmup)):
        frame()
    moments = [0] * (int(frames) + 1)
    print("ready", flush=True)
    sys.stdin.readline()
    moments[0] = perf_counter_ns()
    for number in range(1, len(moments)):
        frame()
        moments[number] = perf_counter_ns()
    print(*moments, flush=True)
    close()


if __name__ == "__main__":
    main()
