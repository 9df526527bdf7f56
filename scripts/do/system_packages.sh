# shellcheck shell=bash disable=SC2154
# The part of bootstrap.sh that deals with apt: what the backends need from the distribution.
# Uses of bootstrap.sh: say, die, logged, logged_error, $log, $with_packages, $with_test_tools.

libraries=(libgl1 libegl1 libegl-mesa0 libgl1-mesa-dri)
# Newer distributions drop OSMesa, and not every one has Vulkan: the other backends work without.
optional_libraries=(libosmesa6 libvulkan1 mesa-vulkan-drivers)
test_tools=(xvfb xauth tmux openssh-server openssh-client)
# Tests that need one of these are skipped where a distribution lacks it.
optional_test_tools=(strace)

as_root=()
apt_updated=false

is_installed() {
    [[ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" == ?i* ]]
}

is_available() {
    [[ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]]
}

can_be_root() {
    if [[ "$(id -u)" == 0 ]]; then
        as_root=()
    elif command -v sudo >/dev/null && sudo -n true </dev/null 2>/dev/null; then
        as_root=(sudo -n)
    elif command -v sudo >/dev/null && [[ -t 0 && -t 2 ]] && sudo -v; then
        as_root=(sudo)
    else
        return 1
    fi
}

# A fresh machine updates itself in its first minutes and holds apt's locks meanwhile: for 10 minutes it is waited for.
apt_get() {
    local start deadline=$((SECONDS + 600))
    while true; do
        start="$(wc -c <"$log")"
        # A service that a package starts must not inherit the lock of this script.
        if logged ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
            LC_ALL=C.UTF-8 apt-get -q -o DPkg::Lock::Timeout=300 "$@" 9>&-; then
            return 0
        fi
        if ((SECONDS > deadline)) || ! tail -c "+$((start + 1))" "$log" | grep -q 'Could not get lock'; then
            return 1
        fi
        say 'waiting for another apt to end.'
        sleep 10
    done
}

update_apt_once() {
    if ! $apt_updated; then
        say 'reading the lists of packages.'
        apt_get update || say 'not every list of packages could be read; going on with those that are here.'
        apt_updated=true
    fi
}

# Installs the packages named, all of them or none.
install_packages() {
    if ! can_be_root; then
        die "these packages are missing and only root can install them: $*; run" \
            "\"apt-get update && apt-get install -y $*\" as root and call this again, or add --skip-packages."
    fi
    update_apt_once
    say "installing $*."
    if ! apt_get install -y --no-install-recommends "$@"; then
        die "apt-get could not install $*$(logged_error); look in $log, repair apt, and call this again."
    fi
}

install_libraries() {
    local package missing=() missing_optional=()
    for package in "$@" "${libraries[@]}"; do
        is_installed "$package" || missing+=("$package")
    done
    for package in "${optional_libraries[@]}"; do
        is_installed "$package" || missing_optional+=("$package")
    done
    if ((${#missing[@]} + ${#missing_optional[@]} == 0)); then
        return 0
    fi
    if can_be_root; then
        update_apt_once
    fi
    for package in ${missing_optional[@]+"${missing_optional[@]}"}; do
        if is_available "$package"; then
            missing+=("$package")
        elif [[ $package == libosmesa6 ]]; then
            say 'apt has no libosmesa6, so the osmesa backend will not work; EGL draws on the processor too.'
        elif [[ " ${optional_test_tools[*]} " == *" $package "* ]]; then
            say "apt has no $package, so the tests that need it are skipped."
        else
            say "apt has no $package; the Vulkan backend may not work."
        fi
    done
    if ((${#missing[@]} > 0)); then
        install_packages "${missing[@]}"
    fi
}

install_system_packages() {
    local needed=()
    if ! $with_packages; then
        return 0
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say 'there is no apt-get, so the libraries for OSMesa, EGL and Vulkan are left as they are.'
        return 0
    fi
    if $with_test_tools; then
        needed+=("${test_tools[@]}")
        optional_libraries+=("${optional_test_tools[@]}")
    fi
    install_libraries ${needed[@]+"${needed[@]}"}
}
