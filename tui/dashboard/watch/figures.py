"""What is told of one case while it runs and afterwards, as text: pure functions of views."""

from __future__ import annotations

from engine.timings import PHASES
from tui.dashboard.watch.blocks import sparkline
from tui.dashboard.watch.looks import LOOKS
from tui.dashboard.watch.state import CaseStatus, CaseView
from tui.text import NO_VALUE, counted, printable, three_digits

_BAR_WIDTH = 20
_MOST_WORKERS = 4
"""Of more workers the slowest and the fastest are named."""


def figure_lines(view: CaseView, width: int, ascii_only: bool = False) -> list[str]:
    """The driver, the rates, the frame times, the phases and the engine process of a case.

    Args:
        view: the case.
        width: characters of a line; graphs use it, sentences are left whole for the widget to fold.
        ascii_only: do without other characters of ours.
    """
    look = LOOKS[view.status]
    state = look.word + (f", trial {view.trial}" if view.trial > 1 else "")
    if view.status is CaseStatus.COMPILING:
        state += ": the renderer's kernels, once; then they are kept"
    lines = [f"state   {state}"]
    if view.renderer is not None:
        lines.append(f"driver  {printable(view.renderer.renderer)}")
        if view.renderer.software:
            lines.append("        SOFTWARE RASTERIZER: the processor draws, not a GPU")
    if view.status is CaseStatus.FAILED:
        lines.append(f"reason  {printable(view.reason)}")
        if view.fix:
            lines.append(f"fix     {printable(view.fix)}")
        return _plain(lines, ascii_only)
    if view.fps is None:
        return _plain(lines, ascii_only)
    rate = three_digits(view.fps)
    if view.provisional:
        lines.append(f"FPS     {three_digits(view.fps_now)} now, {rate} overall, provisional")
    else:
        lines.append(f"FPS     {rate} over {counted(view.frames, 'frame')}")
    lines += _worker_lines(view)
    lines += [f"! {printable(found.what)}; {printable(found.fix)}" for found in view.findings if found.spoils]
    what = "batch" if view.case.worlds > 1 else "frame"
    lines.append(
        f"{what}   p50 {three_digits(view.p50_ms)} ms, p99 {three_digits(view.p99_ms)} ms, "
        f"1% low {three_digits(view.low1_fps)} FPS"
    )
    lines += _frame_time_line(view, width, ascii_only)
    lines += phase_lines(view, ascii_only)
    if view.cpu_cores is not None:
        gpu = f", GPU {view.gpu_percent:.0f}% busy" if view.gpu_percent is not None else ""
        memory = f", {view.memory_mib:.0f} MiB" if view.memory_mib is not None else ""
        lines.append(f"engine  {view.cpu_cores:.2f} cores{memory}{gpu}")
    return _plain(lines, ascii_only)


def _worker_lines(view: CaseView) -> list[str]:
    """What each of several workers draws, and how fair they are to one another."""
    rates = view.worker_fps
    if not rates:
        return []
    fairness = min(rates) / max(rates) if max(rates) else 0.0
    some = rates if len(rates) <= _MOST_WORKERS else (min(rates), max(rates))
    shown = (", " if some is rates else " to ").join(three_digits(rate) for rate in some)
    return [f"workers {shown} FPS, fairness {fairness:.2f}"]


def _frame_time_line(view: CaseView, width: int, ascii_only: bool) -> list[str]:
    """The longest frame of each stretch as a sparkline, with the extremes of the whole trial."""
    if not view.points:
        return []
    shortest = min(point.shortest_ms for point in view.points)
    longest = max(point.longest_ms for point in view.points)
    words = f"  {three_digits(shortest)} to {three_digits(longest)} ms"
    room = max(8, min(40, width - len("longest ") - len(words)))
    graph = sparkline([point.longest_ms for point in view.points], min(room, len(view.points)), ascii_only)
    return [f"longest {graph}{words}"]


def phase_lines(view: CaseView, ascii_only: bool = False) -> list[str]:
    """Each phase's mean in ms a frame, its share and a bar of it, in the order of a frame."""
    if not view.shares or not view.fps:
        return []
    block = "#" if ascii_only else "█"
    # Of one worker's batch, as p50 and p99 are.
    frame_ms = 1000 * view.case.workers * view.case.worlds / view.fps
    lines = []
    for phase in PHASES:
        share = view.shares.get(phase, 0.0)
        bar = block * round(share * _BAR_WIDTH)
        lines.append(f"{phase:<9} {three_digits(share * frame_ms):>7} ms {share:>4.0%} {bar}")
    return lines


def _plain(lines: list[str], ascii_only: bool) -> list[str]:
    return [line.replace(NO_VALUE, "-") for line in lines] if ascii_only else lines
