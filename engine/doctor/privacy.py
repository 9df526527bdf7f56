"""Texts of drivers and programs, fit to be shown to anybody."""

import re
from pathlib import PurePosixPath

# Not `engine.machine.software.ADDRESS`: that takes a version such as 22.3.6-1 for an address.
_IPV4 = r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)"
_IPV4_IN_NAME = r"\bip(?:-\d{1,3}){4}\b"
# Of IPv6 only what has "::" or five colons and more: a PCI address has two.
_IPV6 = r"(?<![\w:])(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]{1,4}:){5})[0-9A-Fa-f]*:[0-9A-Fa-f:]+(?:%\w+)?(?!\w)"
_ADDRESS = re.compile(f"{_IPV4}|{_IPV4_IN_NAME}|{_IPV6}")
_HOME = re.compile(r"""(?<![\w.])/(?:home|Users)/[^/:\s'"]+""")


def make_public(text: str, home: str = "") -> str:
    """Put "x" for network addresses, and "~" for home folders and in paths for the user's name.

    >>> make_public("no display 10.0.0.7:10.0 for /home/ada/.Xauthority, Mesa 22.3.6-1")
    'no display x:10.0 for ~/.Xauthority, Mesa 22.3.6-1'
    """
    shown = _HOME.sub("~", text)
    user = PurePosixPath(home).name
    if user:
        shown = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", shown)
        shown = re.sub(rf"(?<=/){re.escape(user)}(?![\w.-])", "~", shown)
    return _ADDRESS.sub("x", shown)
