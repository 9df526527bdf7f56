"""Asking a graphics library for its devices through an engine process, whatever that process does."""

from __future__ import annotations

from typing import TypeVar

from engine.doctor.devices import DeviceList, EglDevice, Library, NvidiaDevice, VulkanDevice
from engine.jobs.requests import DevicesJob
from engine.messages import DevicesMessage, FailedMessage, FinishedMessage
from engine.process.attention import Patience
from engine.process.endings import describe_exit, suggest_fix
from engine.process.environment import engine_environment
from engine.process.launcher import Ended, EngineProcess, Launcher, LaunchError
from engine.scratch import scratch_folder

LIMIT_S = 20.0

_Device = TypeVar("_Device", EglDevice, VulkanDevice, NvidiaDevice)


def list_devices(library: Library, launcher: Launcher, limit_s: float = LIMIT_S) -> DeviceList:
    """List the devices of one library; what came before it crashed or hung is kept, with the reason.

    Args:
        library: what is asked.
        launcher: starts the process.
        limit_s: how long it may take altogether.
    """
    environment = engine_environment("egl" if library is Library.EGL else None)
    try:
        with scratch_folder() as folder:
            process = launcher.launch(DevicesJob(library=library), folder / f"{library}.log", environment)
            try:
                return _listen(library, process, limit_s)
            finally:
                process.end()
    except LaunchError as error:
        return DeviceList(reason=str(error))


def _listen(library: Library, process: EngineProcess, limit_s: float) -> DeviceList:
    egl: dict[int, EglDevice] = {}
    vulkan: dict[int, VulkanDevice] = {}
    nvidia: dict[int, NvidiaDevice] = {}

    def found(reason: str = "", fix: str = "") -> DeviceList:
        return DeviceList(
            egl=_in_order(egl), vulkan=_in_order(vulkan), nvidia=_in_order(nvidia), reason=reason, fix=fix
        )

    patience = Patience(process, limit_s)
    while (said := patience.receive()) is not None:
        match said:
            case DevicesMessage() as message:
                egl.update((device.index, device) for device in message.egl)
                vulkan.update((device.index, device) for device in message.vulkan)
                nvidia.update((device.index, device) for device in message.nvidia)
            case FinishedMessage():
                return found()
            case FailedMessage(reason=reason, fix=fix):
                return found(reason, fix)
            case Ended(exit_code=code, garbage=garbage):
                how = f"sent {garbage}" if garbage else describe_exit(code)
                return found(f"the process that listed {library} devices {how}", suggest_fix(code))
    return found(f"the list of {library} devices did not end within {limit_s:g} s", suggest_fix(None))


def _in_order(devices: dict[int, _Device]) -> tuple[_Device, ...]:
    return tuple(device for _, device in sorted(devices.items()))
