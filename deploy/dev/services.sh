# ./dev up, down, kill, status, reset. Each service NAME is a file of functions: NAME_prepare
# (files; may be called again), NAME_spawn (starts it), NAME_ready (asks it something real), NAME_is
# (is this command line mine?), NAME_workdir, NAME_address, NAME_wipe. A service is known by its
# pid, its working folder and its command line, so a pid used again by another program is never
# taken for it, and never ended.

SERVICES=(pg redis kafka)
READY_SECONDS=60

# port NAME: chosen once, below the range the kernel gives to outgoing connections, and remembered
# in var/ports.
port() {
    local name=$1 chosen
    chosen=$(sed -n "s/^$name=//p" "$VAR/ports" 2>/dev/null || true)
    if [[ -z $chosen ]]; then
        mkdir -p -- "$VAR"
        while :; do
            chosen=$((20000 + RANDOM % 12000))
            grep -qs "=$chosen\$" "$VAR/ports" || port_in_use "$chosen" || break
        done
        echo "$name=$chosen" >>"$VAR/ports"
    fi
    printf '%s' "$chosen"
}

# Payments go to a sandbox, whose books are data like any other: only reset deletes them.
write_env() {
    cat >"$VAR/env.new" <<TEXT
export SKALD_PG='$(pg_url skald skald)'
export SKALD_PG_OWNER='$(pg_url skald_owner skald)'
export SKALD_REDIS='$(redis_address)'
export SKALD_KAFKA='$(kafka_address)'
export SKALD_PAYMENT_URL=$(printf '%q' "sandbox:$VAR/payments.ledger")
TEXT
    mv -- "$VAR/env.new" "$VAR/env"
}

# spawn NAME FOLDER COMMAND...: in a session of its own, so that neither Ctrl-C nor the end of this
# script reaches it, without any file of ours but its log. The pid file is written by the process
# itself, before it becomes the command.
spawn() {
    local name=$1 folder=$2
    shift 2
    rm -f -- "$RUN/$name.pid"
    setsid bash -c '
        for fd in /proc/$$/fd/*; do
            fd=${fd##*/}
            if ((fd > 2)); then eval "exec $fd>&-"; fi
        done
        cd -- "$1" && echo $$ >"$2.new" && mv -- "$2.new" "$2" && shift 2 && exec "$@"
    ' spawn "$folder" "$RUN/$name.pid" "$@" </dev/null >>"$LOG/$name.log" 2>&1 &
    disown
}

# The pid of a running service; nothing and false when it does not run.
pid_of() {
    local name=$1 pid line
    pid=$(cat -- "$RUN/$name.pid" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
    [[ $(readlink -- "/proc/$pid/cwd" 2>/dev/null) == "$("${name}_workdir")" ]] || return 1
    line=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) || return 1
    "${name}_is" "$line" && printf '%s' "$pid"
}

# Pids of all processes whose working folder is this one.
processes_in() {
    local link
    for link in /proc/[0-9]*/cwd; do
        if [[ $link -ef $1 ]]; then
            link=${link#/proc/}
            echo "${link%/cwd}"
        fi
    done
}

# Sets `names` of the caller: the services asked for, or all.
choose_services() {
    local name
    names=("$@")
    if (($# == 0)); then names=("${SERVICES[@]}"); fi
    for name in "${names[@]}"; do
        [[ " ${SERVICES[*]} " == *" $name "* ]] ||
            misuse "there is no service \"$name\"; there are: ${SERVICES[*]}"
    done
}

up() {
    local -a names
    choose_services "$@"
    [[ -x $PG_BIN/postgres && -f $KAFKA_LIBS/.stamp ]] || setup
    locked "$VAR/.lock" up_locked
}

up_locked() {
    local name failed=0
    mkdir -p -- "$LOG" "$RUN"
    for name in "${SERVICES[@]}" kafka_controller; do port "$name" >/dev/null; done
    write_env
    local -a started=()
    for name in "${names[@]}"; do
        if pid_of "$name" >/dev/null; then
            started+=("$name")
        elif start_one "$name"; then
            started+=("$name")
        else
            failed=1
        fi
    done
    for name in "${started[@]}"; do wait_ready "$name" || failed=1; done
    ((failed == 0)) || die "not everything is up; ./dev status shows what is"
}

start_one() {
    local name=$1 number
    number=$(port "$name")
    if ! "${name}_prepare"; then
        complain "$name" "could not be prepared"
    elif port_in_use "$number"; then
        complain "$name" "needs port $number, which another program uses: stop that program, or" \
            "delete the line $name=$number from $(shown "$VAR/ports") and another port is chosen"
    else
        "${name}_spawn"
        return 0
    fi
    return 1
}

# The process that wrote the pid file is gone. (While it lives it may not have become the service
# yet.)
ended_early() { [[ -e $RUN/$1.pid ]] && ! kill -0 "$(<"$RUN/$1.pid")" 2>/dev/null; }

wait_ready() {
    local name=$1 deadline=$((SECONDS + READY_SECONDS)) seen=0
    while ((SECONDS < deadline)); do
        if pid_of "$name" >/dev/null; then
            seen=1
            if "${name}_ready"; then
                say "$name is up on $("${name}_address")"
                return 0
            fi
        elif ((seen == 1)) || ended_early "$name"; then
            complain "$name" "ended while it was starting"
            return 1
        fi
        sleep 0.1
    done
    complain "$name" "was not ready after $READY_SECONDS s"
    return 1
}

complain() {
    local name=$1
    shift
    printf './dev: %s %s. Its log is %s' "$name" "$*" "$(shown "$LOG/$name.log")" >&2
    if [[ -s $LOG/$name.log ]]; then
        printf ', which ends:\n' >&2
        tail -n 5 -- "$LOG/$name.log" | sed 's/^/    /' >&2
    else
        printf '.\n' >&2
    fi
}

down() {
    local -a names
    choose_services "$@"
    [[ -d $RUN ]] || return 0
    locked "$VAR/.lock" down_locked
}

# All get their signal first and then end side by side.
down_locked() {
    local name pid signals
    local -A running=()
    for name in "${names[@]}"; do
        signals=${name^^}_STOP_SIGNALS
        pid=$(pid_of "$name") || continue
        running[$name]=$pid
        signal_process "$pid" "${!signals%% *}"
    done
    for name in "${names[@]}"; do
        if [[ -v running[$name] ]]; then
            end_process "$name" "${running[$name]}"
            say "$name is down"
        fi
        rm -f -- "$RUN/$name.pid"
    done
}

# A stopped (SIGSTOP) process takes its signal only when it goes on.
signal_process() { kill "-$2" "$1" 2>/dev/null && kill -CONT "$1" 2>/dev/null || true; }

end_process() {
    local name=$1 pid=$2 signals=${1^^}_STOP_SIGNALS signal deadline
    for signal in ${!signals} KILL; do
        deadline=$((SECONDS + 30))
        signal_process "$pid" "$signal"
        while ((SECONDS < deadline)); do
            pid_of "$name" >/dev/null || return 0
            sleep 0.05
        done
        say "$name did not end within 30 s of SIG$signal"
    done
    die "$name (pid $pid) cannot be ended"
}

kill_services() {
    local -a names
    (($# > 0)) || misuse "kill needs the name of a service: ${SERVICES[*]}"
    choose_services "$@"
    locked "$VAR/.lock" kill_locked
}

kill_locked() {
    local name pid children
    for name in "${names[@]}"; do
        if ! pid=$(pid_of "$name"); then
            say "$name does not run"
            continue
        fi
        children=$("${name}_also_kill" "$pid")
        # shellcheck disable=SC2086
        kill -KILL "$pid" $children 2>/dev/null || true
        while pid_of "$name" >/dev/null; do sleep 0.02; done
        say "$name was killed"
    done
}

status() {
    local name pid state all=0
    for name in "${SERVICES[@]}"; do
        if ! pid=$(pid_of "$name"); then
            printf '%-6s down\n' "$name"
            all=1
            continue
        fi
        state=up
        if ! "${name}_ready"; then state=silent all=1; fi
        printf '%-6s %-7s %-16s pid %-8s log %s\n' "$name" "$state" "$("${name}_address")" "$pid" \
            "$(shown "$LOG/$name.log")"
    done
    return "$all"
}

reset() {
    local name
    down
    for name in "${SERVICES[@]}"; do "${name}_wipe"; done
    rm -rf -- "$LOG" "$RUN" "$VAR/ports" "$VAR/env" "$VAR/.lock" "$VAR/payments.ledger"
    rmdir -- "$VAR" 2>/dev/null || true
    say "$(shown "$VAR") is wiped"
}
