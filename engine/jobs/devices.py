"""Listing the devices of one graphics library, which may crash or hang in that."""

from engine.doctor.devices import Library
from engine.jobs.reporter import Reporter
from engine.jobs.requests import DevicesJob
from engine.messages import DevicesMessage, Drawn, FinishedMessage, Stage


def run_devices(job: DevicesJob, reporter: Reporter) -> None:
    """Ask the library and send a `DevicesMessage` for each device as soon as it is known.

    A device that comes again replaces what was said of it before.

    Raises:
        BackendError: the library is not there, or lists no devices.
    """
    reporter.enter(Stage.IMPORT)
    if job.library is Library.EGL:
        from engine.doctor.egl import list_egl_devices

        for device in list_egl_devices():
            reporter.send(DevicesMessage(egl=(device,)))
    elif job.library is Library.VULKAN:
        from engine.doctor.vulkan import list_vulkan_devices

        reporter.send(DevicesMessage(vulkan=list_vulkan_devices()))
    else:
        from engine.doctor.nvidia import list_nvidia_devices

        reporter.send(DevicesMessage(nvidia=list_nvidia_devices()))
    reporter.send(FinishedMessage(drawn=Drawn(geoms=0, lights=0, shadow_casters=0, samples=0, shadow_size=0)))
