"""Data on stdout."""

import json
import sys
from typing import Any


def print_json(document: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
