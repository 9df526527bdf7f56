#!/usr/bin/env bash
# Sets up what is missing, then runs the quick benchmark without a screen; options are passed on to mjbench-tui.
# stdout holds the results alone.
set -euo pipefail

here="$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
repository="$(CDPATH='' cd -- "$here/../.." && pwd -P)"

bash "$here/bootstrap.sh" >&2
exec "$repository/.venv/bin/mjbench-tui" --headless --profile quick "$@"
