#!/usr/bin/env bash
# Sets up what the tests need, then runs the linters, the type checker and pytest; options are passed on to pytest.
set -euo pipefail

repository="$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
repository="$(CDPATH='' cd -- "$repository" && pwd -P)"
python="$repository/.venv/bin/python"
failed=()

# Runs one check; all of them run, so that one call shows all there is to repair.
check() {
    local name=$1
    shift
    printf '== %s\n' "$name" >&2
    "$@" || failed+=("$name")
}

bash "$repository/scripts/do/bootstrap.sh" --extra dev --extra warp --with-test-tools
cd -- "$repository"
if [[ -z ${MENAGERIE_ROOT-} && -d ../shared/menagerie ]]; then
    MENAGERIE_ROOT="$(CDPATH='' cd -- ../shared/menagerie && pwd -P)"
    export MENAGERIE_ROOT
fi

check 'ruff check' "$python" -m ruff check .
check 'ruff format' "$python" -m ruff format --check .
check 'mypy' "$python" -m mypy
if command -v shellcheck >/dev/null; then
    check 'shellcheck' shellcheck scripts/*.sh scripts/do/*.sh .ci/run
fi
check 'pytest' "$python" -m pytest "$@"

if ((${#failed[@]} > 0)); then
    printf 'test.sh: failed: %s.\n' "$(IFS=, && printf '%s' "${failed[*]}")" >&2
    exit 1
fi
printf 'test.sh: all checks passed.\n' >&2
