"""Trying a backend: one small frame, and the driver's own words about itself."""

from __future__ import annotations

from contextlib import ExitStack

from engine.backends.base import BackendError, Picture
from engine.backends.loading import load_backend
from engine.backends.registry import find_backend
from engine.jobs.reporter import Reporter
from engine.jobs.requests import ProbeJob
from engine.messages import FinishedMessage, ReadyMessage, Stage, StartUp

_SIDE = 64

_MJCF = f"""
<mujoco>
  <visual><global offwidth="{_SIDE}" offheight="{_SIDE}"/><quality shadowsize="256"/></visual>
  <worldbody>
    <light pos="0 0 3"/>
    <camera name="probe" pos="0 -2 1" xyaxes="1 0 0 0 0.4 1"/>
    <geom type="box" size="0.5 0.5 0.5" rgba="1 0.2 0.2 1"/>
  </worldbody>
</mujoco>
"""


def run_probe(job: ProbeJob, reporter: Reporter, closing: ExitStack) -> None:
    """Draw one frame with the backend and look whether anything is on it; `closing` is to close it.

    Raises:
        BackendError: the backend does not open, or what it draws is blank.
    """
    reporter.enter(Stage.IMPORT)
    info = find_backend(job.backend)
    if info.measures_itself:
        _probe_runner(reporter)
        return
    backend = load_backend(info)
    closing.callback(backend.close)
    picture = _picture() if info.draws else None
    reporter.enter(Stage.OPEN)
    renderer = backend.open(picture)
    if backend.has_kernels:
        reporter.enter(Stage.COMPILE)
        backend.compile()
    backend.update()
    backend.render()
    backend.readback()
    pixels = backend.pixels
    if pixels is not None and pixels.min() == pixels.max():
        raise BackendError(
            f"{renderer.renderer} draws a blank picture", "update the driver, or choose another backend"
        )
    start_up = StartUp(process_s=0.0, import_s=0.0, scene_s=0.0, compile_s=0.0, open_s=0.0)
    reporter.send(ReadyMessage(renderer=renderer, camera="probe", steps_per_frame=1, start_up=start_up))
    reporter.send(FinishedMessage(drawn=backend.drawn()))


def _probe_runner(reporter: Reporter) -> None:
    """Look for the person's runner module and its function, which is not called."""
    from engine.backends.madrona_runner.module import load_runner
    from engine.jobs.runner_trial import runner_identity

    renderer = runner_identity(load_runner())
    start_up = StartUp(process_s=0.0, import_s=0.0, scene_s=0.0, compile_s=0.0, open_s=0.0)
    reporter.send(ReadyMessage(renderer=renderer, camera="", steps_per_frame=1, start_up=start_up))
    reporter.send(FinishedMessage(drawn=None))


def _picture() -> Picture:
    import mujoco

    model = mujoco.MjModel.from_xml_string(_MJCF)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return Picture(model=model, datas=(data,), camera="probe", width=_SIDE, height=_SIDE, bare=False)
