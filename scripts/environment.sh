# Read by `run` and `test`: makes .venv from a lock file and installs AlertMesh into it. Needs Python 3.11 and a shell.
# shellcheck shell=sh

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Install Debian packages without starting their services; a policy of the machine's own is left as it is.
install_debian() {
    command -v apt-get >/dev/null 2>&1 || die "needs $*: this machine has no apt-get, install them by hand"
    [ "$(id -u)" = 0 ] || die "needs $*: run 'apt-get install --no-install-recommends $*' as root, then start again"
    say "installing $*"
    policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=yes
        trap 'rm -f "$policy"' EXIT
        trap 'exit 1' HUP INT TERM
    fi
    log=$(mktemp)
    status=0
    {
        apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 update &&
            DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
                install --no-install-recommends "$@"
    } >"$log" 2>&1 </dev/null || status=$?
    if [ -n "$made" ]; then
        rm -f "$policy"
        trap - EXIT HUP INT TERM
    fi
    [ "$status" = 0 ] || {
        tail -n 20 "$log" >&2
        die "apt-get could not install $* (whole log: $log)"
    }
    rm -f "$log"
}

find_python() {
    for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13 python3.14}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    die "needs Python 3.11 or newer; none of ${PYTHON:-python3.11, python3, python3.12, python3.13, python3.14} is one"
}

make_venv() {
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null && return
    python=$(find_python) || exit 1
    # Debian splits the part of venv that brings pip into a package of its own.
    "$python" -c 'import ensurepip' 2>/dev/null ||
        install_debian "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv
}

# prepare LOCK: have .venv hold what LOCK pins, and AlertMesh itself. Quick when nothing changed since the last time.
prepare() {
    make_venv
    stamp=".venv/installed-$1"
    state=$(cat "$1" requirements-build.lock pyproject.toml scripts/environment.sh scripts/build_ui.py | cksum)
    state="$state $(find alertmesh/console/ui -name node_modules -prune -o -type f ! -name schema.d.ts -exec cksum {} + | sort | cksum)"
    [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && return
    rm -f "$stamp"
    say "installing the locked dependencies into .venv (about a minute the first time)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r "$1" -r requirements-build.lock || die "pip could not install $1"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
        --editable . || die "pip could not install AlertMesh itself"
    printf '%s\n' "$state" >"$stamp"
}
