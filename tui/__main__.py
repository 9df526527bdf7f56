"""`python -m tui` is `mjbench-tui`."""

import sys

from tui.main import main

if __name__ == "__main__":
    sys.exit(main())
