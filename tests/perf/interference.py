"""What does it cost to notice what disturbs a trial? Processor time of the watching process for each reading.

Run as `python tests/perf/interference.py [--workers 1 8 64] [--threads 16] [--readings 50]`. In the place of
engine processes stand some that sleep, with as many threads as a software rasterizer has. Where a reading
takes long, readings come less often, so that they never take more than 0.5% of a core.
"""

import argparse
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.interference.snapshot import Snapshot, take_snapshot

SLEEPER = """
import sys, threading, time
for _ in range(int(sys.argv[1])):
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
print("ready", flush=True)
time.sleep(3600)
"""


def start(stack: ExitStack, workers: int, threads: int) -> tuple[int, ...]:
    """Start processes that sleep; they end with `stack`."""
    command = [sys.executable, "-S", "-c", SLEEPER, str(threads)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(workers)]
    for process in processes:
        stack.callback(process.wait)
        stack.callback(process.kill)
    for process in processes:
        assert process.stdout is not None and process.stdout.readline()
    return tuple(process.pid for process in processes)


def reading_ms(pids: tuple[int, ...], readings: int, whole: bool) -> float:
    """Milliseconds of processor time of one reading, the median."""
    taken = []
    before: Snapshot | None = None
    for _ in range(readings):
        began = time.thread_time()
        before = take_snapshot(pids, before, whole=whole)
        taken.append((time.thread_time() - began) * 1e3)
    return statistics.median(taken)


def main() -> None:
    """Print a line for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--readings", type=int, default=50)
    options = parser.parse_args()
    for workers in options.workers:
        with ExitStack() as stack:
            pids = start(stack, workers, options.threads)
            small_ms, whole_ms = (reading_ms(pids, options.readings, whole) for whole in (False, True))
        share = small_ms / 1000
        print(
            f"{workers:3} workers: {small_ms:6.2f} ms a reading, once a second {share:.2%} of a core; "
            f"{whole_ms:6.2f} ms at the beginning and the end"
        )


if __name__ == "__main__":
    main()
