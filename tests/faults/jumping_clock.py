"""A clock on the wall that jumps while processes run: that of the machine is everybody's and stays as it is.

Every Python process on whose PYTHONPATH the folder lies tells another time than the machine: later by as many
seconds as a file says, which may change at any moment. Clocks that only go forward are left alone.
"""

import os
from pathlib import Path

_SITE = """
import datetime
import time

_true_s = time.time


def _offset_s():
    with open({offset!r}) as file:
        return float(file.read() or 0)


def _time():
    return _true_s() + _offset_s()


class _Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.fromtimestamp(_time(), datetime.timezone.utc).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()


time.time = _time
time.time_ns = lambda: int(_time() * 1e9)
datetime.datetime = _Datetime
"""


class JumpingClock:
    """The clock; for processes that are started with its `variables`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._offset = folder / "offset"
        self.jump(0)
        (folder / "sitecustomize.py").write_text(_SITE.format(offset=str(self._offset)))
        found = os.environ.get("PYTHONPATH")
        self.variables = {"PYTHONPATH": os.pathsep.join([str(folder), *([found] if found else [])])}

    def jump(self, offset_s: float) -> None:
        """From now on it is so much ahead of the machine's."""
        half = self._offset.with_suffix(".part")
        half.write_text(str(offset_s))
        half.replace(self._offset)
