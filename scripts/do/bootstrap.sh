#!/usr/bin/env bash
# Sets up this repository on a fresh Debian or Ubuntu machine: Mesa's libraries, a .venv, the project in it.
# Called again, it does what is missing and otherwise returns at once. Says all it has to say on stderr.
set -euo pipefail

usage='usage: bootstrap.sh [--extra NAME]... [--with-test-tools] [--skip-packages]

  --extra NAME        install an optional part of the project too, such as dev
  --with-test-tools   install what the tests use: an X server without a screen, tmux, an SSH server, strace
  --skip-packages     leave the system alone; install Python packages only'

repository="$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.."
repository="$(CDPATH='' cd -- "$repository" && pwd -P)"
venv="$repository/.venv"
stamp="$venv/setup.stamp"
unfinished="$venv/setup.unfinished"
log="$venv/setup.log"

extras=()
with_test_tools=false
with_packages=true
python=''
python_version=''
python_seen=''
settled=false

# What is said goes here, even while stderr goes to the log.
exec 3>&2

say() {
    printf 'set-up: %s\n' "$*" >&3
}

# Ends the set-up with one sentence: what could not be had, and what to do.
die() {
    settled=true
    printf 'set-up failed: %s\n' "$*" >&3
    exit 1
}

# Without the flag, a signal or an unforeseen failure ended the script.
at_exit() {
    if ! $settled; then
        printf 'set-up failed: it was interrupted or ended unexpectedly; look in %s and call it again.\n' "$log" >&3
    fi
}

# Runs a command with its output in the log; so is what bash itself says when a signal ends it.
logged() {
    printf '\n+ %s\n' "$*" >>"$log"
    { "$@" </dev/null >>"$log" 2>&1 3>&-; } 2>>"$log"
}

# Quotes the last error in the log as part of a sentence; nothing where there is none.
logged_error() {
    local line
    line="$({ grep -E '^ *(E:|ERROR:|[A-Za-z]+Error:) ' "$log" || true; } |
        { grep -v ResolutionImpossible || true; } | tail -n 1 | tr -d '[:cntrl:]')"
    line="$(printf '%s' "${line#"${line%%[! ]*}"}" | cut -c 1-200)"
    if [[ -n $line ]]; then
        printf ' ("%s")' "${line%.}"
    fi
}

read_options() {
    while (($# > 0)); do
        case $1 in
            --extra)
                if ! [[ ${2-} =~ ^[a-z][a-z0-9-]*$ ]] || ! grep -q "^$2 = \[" "$repository/pyproject.toml"; then
                    settled=true
                    printf 'bootstrap.sh: --extra needs the name of an optional part in pyproject.toml.\n' >&2
                    exit 2
                fi
                extras+=("$2")
                shift
                ;;
            --with-test-tools) with_test_tools=true ;;
            --skip-packages) with_packages=false ;;
            -h | --help)
                settled=true
                printf '%s\n' "$usage"
                exit 0
                ;;
            *)
                settled=true
                printf 'bootstrap.sh: unknown option "%s"; --help lists them.\n' "$1" >&2
                exit 2
                ;;
        esac
        shift
    done
}

# --- what is there already ---

# The parts that were asked for, as words of the stamp.
wanted_parts() {
    if $with_packages; then
        printf 'packages '
    fi
    if $with_test_tools && $with_packages; then
        printf 'test-tools '
    fi
    if ((${#extras[@]} > 0)); then
        printf 'extra:%s ' "${extras[@]}"
    fi
}

# All that makes a finished set-up unfit when it changes, in one line.
fingerprint() {
    local sources
    sources="$(cat -- "$repository"/{pyproject.toml,constraints.txt,scripts/do/*.sh} | sha256sum)"
    printf '%s %s %s\n' "${sources%% *}" "$("$venv/bin/python" -V 2>/dev/null)" "$repository"
}

# Prints the parts that a set-up of the present fingerprint has.
finished_parts() {
    local made parts
    if [[ -f $stamp && ! -e $unfinished && -x $venv/bin/mjbench-tui ]]; then
        { read -r made && read -r parts; } <"$stamp" || return 0
        if [[ $made == "$(fingerprint)" ]]; then
            printf ' %s ' "$parts"
        fi
    fi
}

is_ready() {
    local finished part
    finished="$(finished_parts)"
    if [[ -z $finished ]]; then
        return 1
    fi
    for part in $(wanted_parts); do
        [[ $finished == *" $part "* ]] || return 1
    done
}

take_lock() {
    command -v flock >/dev/null || return 0
    exec 9<"$repository"
    if ! flock -n 9 2>/dev/null; then
        say 'waiting for another set-up of this repository to end.'
        # Some network file systems cannot lock; there it goes on without.
        flock -w 1800 9 2>>"$log" || say 'going on without a lock.'
    fi
}

# --- Python ---

# Prints the version of a Python, "3.11", if it works and has the module.
version_of() {
    "$1" -I -c "import sys, $2; print('%d.%d' % sys.version_info[:2])" </dev/null 2>/dev/null
}

is_new_enough() {
    [[ $1 =~ ^3\.([0-9]+)$ ]] && ((BASH_REMATCH[1] >= 11))
}

# Finds a Python of 3.11 or newer; remembers the one it saw otherwise.
find_python() {
    local candidate version candidates=()
    mapfile -t candidates < <(type -aP python3 python3.14 python3.13 python3.12 python3.11)
    for candidate in ${candidates[@]+"${candidates[@]}"}; do
        # The one in .venv goes when .venv is made again.
        [[ $candidate != "$venv"/* ]] || continue
        version="$(version_of "$candidate" sys)" || continue
        if is_new_enough "$version"; then
            python="$candidate"
            python_version="$version"
            return 0
        fi
        python_seen="${python_seen:-$version}"
    done
    return 1
}

python_has_venv() {
    "$python" -I -c 'import ensurepip, venv' </dev/null >/dev/null 2>&1
}

install_python() {
    local version found="there is none${python_seen:+ but $python_seen}"
    if $with_packages && command -v apt-get >/dev/null; then
        if can_be_root; then
            update_apt_once
        fi
        for version in 3.13 3.12 3.11; do
            if is_available "python$version" && is_available "python$version-venv"; then
                install_packages "python$version" "python$version-venv"
                find_python && return 0
            fi
        done
    fi
    die "Python 3.11 or newer is needed and $found on this machine; install python3.11 and its venv module," \
        'put it on PATH, and call this again.'
}

install_venv_module() {
    local package="python$python_version-venv"
    if $with_packages && command -v apt-get >/dev/null; then
        is_available "$package" || package=python3-venv
        install_packages "$package"
    fi
    if ! python_has_venv; then
        die "$python cannot make virtual environments; install the package $package or another Python," \
            'and call this again.'
    fi
}

# --- the virtual environment ---

venv_works() {
    local version
    version="$(version_of "$venv/bin/python" pip)" && is_new_enough "$version"
}

make_venv() {
    find_python || install_python
    python_has_venv || install_venv_module
    say "making .venv with Python $python_version."
    # All but the log goes: what is half there cannot be trusted.
    find "$venv/" -mindepth 1 -maxdepth 1 ! -name setup.log -exec rm -rf -- {} +
    : >"$unfinished"
    if ! logged "$python" -I -m venv "$venv"; then
        die "$python could not make $venv$(logged_error); look in $log and call this again."
    fi
}

install_project() {
    local parts status=0
    parts="$(IFS=, && printf '%s' "${extras[*]-}")"
    say "installing the project${parts:+ with its part $parts} and what it needs."
    : >"$unfinished"
    # Variables hold for the build backend too, as options do not; they are split at spaces, so the path is relative.
    cd -- "$repository"
    export PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_USER=0
    logged "$venv/bin/python" -I -m pip install --no-input --disable-pip-version-check \
        --editable ".${parts:+[$parts]}" || status=$?
    if ((status > 128)); then
        die "pip was ended by signal $((status - 128)), as happens when memory runs out; look in $log," \
            'free some, and call this again.'
    elif ((status != 0)); then
        # pip that gives up by itself leaves things as they were.
        rm -f -- "$unfinished"
        # pip reports versions in conflict when it could not read its index.
        if grep -qE 'connection broken by|Could not fetch URL' "$log"; then
            die "pip could not reach its package index; see that this machine has a way to it (details in $log)," \
                'and call this again.'
        fi
        die "pip could not install the project$(logged_error); look in $log, repair what it names," \
            'and call this again.'
    fi
}

project_works() {
    [[ -x $venv/bin/mjbench-tui ]] && MUJOCO_GL=disable logged "$venv/bin/python" -I -c \
        'import mujoco, msgspec, numpy, PIL, psutil, scipy, textual'
}

write_stamp() {
    { fingerprint && printf '%s\n' "$1"; } >"$stamp.new"
    mv -f -- "$stamp.new" "$stamp"
    rm -f -- "$unfinished"
}

# --- all of it ---

set_up_venv() {
    if [[ -e $unfinished ]] || ! venv_works; then
        make_venv
    fi
}

set_up() {
    local before
    before="$(finished_parts)"
    : >"$log"
    install_system_packages
    set_up_venv
    install_project
    if ! project_works; then
        say 'the packages in .venv are damaged; making it again.'
        make_venv
        install_project
        project_works || die "MuJoCo was installed and cannot be loaded$(logged_error); look in $log," \
            'or report it with that file.'
    fi
    write_stamp "$(printf '%s\n' "$before $(wanted_parts)" | tr -s ' ' '\n' | sort -u | tr '\n' ' ')"
    say 'ready.'
}

# shellcheck source=scripts/do/system_packages.sh
source "$repository/scripts/do/system_packages.sh"
trap at_exit EXIT
read_options "$@"
if is_ready; then
    settled=true
    exit 0
fi
if ! mkdir -p -- "$venv" 2>/dev/null || ! : 2>/dev/null >>"$log"; then
    die "$venv cannot be written; give this user the right to, or clone the repository elsewhere."
fi
if [[ ! -d ${HOME-} ]]; then
    export PIP_NO_CACHE_DIR=1
fi
take_lock
if ! is_ready; then
    set_up
fi
settled=true
