"""What the system does not give: told in a sentence, as no code of ours is at fault."""

from __future__ import annotations

import errno


def shortage(error: BaseException) -> str:
    """Say what an error is for want of, as one sentence; "" where it is for want of nothing."""
    text = str(error)
    if isinstance(error, MemoryError) or "failed to map segment" in text:
        return _MEMORY
    if "start new thread" in text:
        return "the system lets this user start no more threads: raise the limit (ulimit -u)"
    if isinstance(error, OSError) and error.errno in _SHORT:
        return _SHORT[error.errno]
    return ""


_MEMORY = "main memory ran out: end other programs, or raise the limit (ulimit -v)"
_FILES = "too many files are open: raise the limit (ulimit -n), or close other programs"
_SHORT = {
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOMEM: _MEMORY,
    errno.EAGAIN: "the system lets this user start no more processes: raise the limit (ulimit -u)",
}
