# What every part of ./dev uses: where things are, how to speak, how to fail, how to retry. Sourced,
# never run.

BUILD=$ROOT/build
VAR=$(realpath -m -- "${SKALD_VAR:-$ROOT/var}")
LOG=$VAR/log
RUN=$VAR/run

say() { printf '%s\n' "$*"; }

die() {
    printf './dev: %s\n' "$*" >&2
    exit 1
}

# What is wrong in the way a command was called: exit code 2.
misuse() {
    printf './dev: %s\n' "$*" >&2
    exit 2
}

is_root() { [[ $(id -u) == 0 ]]; }

# as_root COMMAND...: as it is for root, with sudo for anyone else.
as_root() {
    if is_root; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root, and there is no sudo: $*"
    fi
}

# retry TIMES COMMAND...: again after 2, 4, 6... seconds, for what goes over a network.
retry() {
    local times=$1 attempt
    shift
    for ((attempt = 1; attempt <= times; ++attempt)); do
        "$@" && return 0
        ((attempt < times)) || break
        say "  failed, again in $((attempt * 2)) s: ${*:1:3} ..."
        sleep $((attempt * 2))
    done
    return 1
}

# locked FILE COMMAND...: one at a time per file. The lock goes with the process; children are
# started without it (spawn).
locked() {
    local file=$1 fd status=0
    shift
    mkdir -p -- "$(dirname -- "$file")"
    exec {fd}>"$file"
    if ! flock -n "$fd"; then
        say "waiting for another ./dev (${file#"$ROOT"/}) ..."
        flock "$fd"
    fi
    "$@" || status=$?
    exec {fd}>&-
    return "$status"
}

# Does anything accept connections on this loopback port?
port_in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

shown() { printf '%s' "${1#"$ROOT"/}"; }

# Points ./dev at another set of services.
use_var() {
    VAR=$1
    LOG=$VAR/log
    RUN=$VAR/run
    export SKALD_VAR=$VAR
}

# supervised COMMAND...: runs it in a process group of its own, so that Ctrl-C and SIGTERM reach
# this script first and at once; end_supervised then ends the whole group. Returns the command's
# exit code.
SUPERVISED=""

supervise() {
    set -m
    "$@" </dev/null &
    SUPERVISED=$!
    set +m
}

supervised() {
    local status=0
    supervise "$@"
    wait "$SUPERVISED" || status=$?
    SUPERVISED=""
    return "$status"
}

# SIGTERM first; SIGKILL to what is left of the group after so many seconds.
end_supervised() {
    local group=$SUPERVISED deadline=$((SECONDS + ${1:-30}))
    [[ -n $group ]] || return 0
    SUPERVISED=""
    kill -TERM -- "-$group" 2>/dev/null || return 0
    while ((SECONDS < deadline)) && kill -0 -- "-$group" 2>/dev/null; do sleep 0.1; done
    kill -KILL -- "-$group" 2>/dev/null || true
}

# From here on, whatever ends this script, FUNCTION runs once.
finish_with() {
    # shellcheck disable=SC2064
    trap "trap '' INT TERM HUP; $1" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}
