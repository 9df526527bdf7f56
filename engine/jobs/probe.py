"""Trying a backend: one small frame, and the driver's own words about itself."""

from __future__ import annotations

import importlib

from engine.backends.base import BackendError, Picture
from engine.backends.registry import find_backend
from engine.jobs.reporter import JobError, Reporter
from engine.jobs.requests import ProbeJob
from engine.messages import FailureKind, FinishedMessage, ReadyMessage, Stage, StartUp

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


def run_probe(job: ProbeJob, reporter: Reporter) -> None:
    """Draw one frame with the backend and look whether anything is on it.

    Raises:
        JobError: the backend does not open, or what it draws is blank.
    """
    reporter.enter(Stage.IMPORT)
    info = find_backend(job.backend)
    try:
        backend = importlib.import_module(f"engine.backends.{info.module}").create(info.name)
    except BackendError as error:
        raise JobError(FailureKind.BACKEND, str(error), error.fix) from error
    picture = _picture() if info.draws else None
    reporter.enter(Stage.OPEN)
    try:
        try:
            renderer = backend.open(picture)
            backend.update()
            backend.render()
            backend.readback()
        except BackendError as error:
            raise JobError(FailureKind.BACKEND, str(error), error.fix) from error
        pixels = backend.pixels
        if pixels is not None and pixels.min() == pixels.max():
            raise JobError(
                FailureKind.BACKEND,
                f"{renderer.renderer} draws a blank picture",
                "update the driver, or choose another backend",
            )
        start_up = StartUp(process_s=0.0, import_s=0.0, scene_s=0.0, compile_s=0.0, open_s=0.0)
        reporter.send(ReadyMessage(renderer=renderer, camera="probe", steps_per_frame=1, start_up=start_up))
        reporter.send(FinishedMessage(drawn=backend.drawn()))
    finally:
        backend.close()


def _picture() -> Picture:
    import mujoco

    model = mujoco.MjModel.from_xml_string(_MJCF)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return Picture(model=model, data=data, camera="probe", width=_SIDE, height=_SIDE, bare=False)
