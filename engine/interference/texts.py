"""How sizes are written in the sentences of findings."""


def cores_text(cores: float) -> str:
    """Write a load: "38% of one core", "1.6 cores"."""
    return f"{cores:.0%} of one core" if cores < 1.05 else f"{cores:.1f} cores"


def seconds_text(seconds: float) -> str:
    """Write a time: "2.1 s", "0.04 s"."""
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds:.2f} s"


def times_text(count: float) -> str:
    """Write how often: "once", "3 times"."""
    return "once" if count == 1 else f"{count:.0f} times"
