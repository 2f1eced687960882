# The private PostgreSQL 15: superuser postgres, database skald, roles skald_owner (migrations) and
# skald (the program). Only loopback TCP, trusted; no Unix socket. PostgreSQL refuses to run as
# root, so root starts it as user postgres.

PG_BIN=/usr/lib/postgresql/15/bin

pg_folder() { readlink -f -- "$VAR/pg"; }
pg_workdir() { printf '%s/data' "$(pg_folder)"; }
pg_address() { printf '127.0.0.1:%s' "$(port pg)"; }
pg_url() { printf 'postgresql://%s@127.0.0.1:%s/%s' "$1" "$(port pg)" "$2"; }
pg_is() { [[ $1 == *"$PG_BIN/postgres -D "* ]]; }
PG_STOP_SIGNALS="INT QUIT"

as_postgres() {
    if is_root; then
        setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
    else
        "$@"
    fi
}

# Below a folder that user postgres may not enter (/root, mktemp -d), the data is kept in
# PG_ELSEWHERE and var/pg points there.
PG_ELSEWHERE=/var/lib/skald-dev

pg_make_folder() {
    [[ -e $VAR/pg ]] && return 0
    rm -f -- "$VAR/pg"
    if as_postgres test -x "$VAR"; then
        mkdir "$VAR/pg"
    else
        local place
        place=$PG_ELSEWHERE/$(printf '%s' "$VAR" | sha256sum | cut -c1-16)
        mkdir -p -m 755 "$place"
        printf '%s\n' "$VAR" >"$place/belongs_to"
        ln -s "$place" "$VAR/pg"
    fi
}

# Folders in PG_ELSEWHERE whose var/ was deleted by hand.
pg_sweep() {
    local place
    is_root || return 0
    for place in "$PG_ELSEWHERE"/*/; do
        [[ -f $place/belongs_to && ! -e $(<"$place/belongs_to") ]] || continue
        [[ -n $(processes_in "$place/data") ]] || rm -rf -- "$place"
    done
}

pg_prepare() {
    local folder
    pg_sweep
    pg_make_folder
    folder=$(pg_folder)
    if is_root; then chown postgres: "$folder"; fi
    if [[ ! -f $folder/data/PG_VERSION ]]; then
        rm -rf -- "$folder/data" "$folder/initialised"
        (cd / && as_postgres "$PG_BIN/initdb" -D "$folder/data" -U postgres -A trust \
            -E UTF8 --locale=C.UTF-8 --no-instructions) >>"$LOG/pg.log" 2>&1 || return 1
        printf "include 'skald.conf'\n" >>"$folder/data/postgresql.conf"
        printf 'host %s all 127.0.0.1/32 trust\n' all replication >"$folder/data/pg_hba.conf"
    fi
    cat >"$folder/data/skald.conf" <<TEXT
listen_addresses = '127.0.0.1'
port = $(port pg)
unix_socket_directories = ''
max_connections = 200
shared_buffers = 512MB
wal_compression = on
max_wal_size = 4GB
checkpoint_timeout = 30min
fsync = on
synchronous_commit = on
log_line_prefix = '%m [%p] %q%u@%d '
TEXT
    pg_settle "$folder/data"
}

# After a SIGKILL the old server's children need a moment to notice, and one that waits for a lock
# which a killed neighbour holds never does: without a server above them they are ended. A lock file
# that names a process of somebody else (the pid came into use again) is taken away, once nobody
# works in the data folder.
pg_settle() {
    local data=$1 tries pid
    for ((tries = 0; tries < 100; ++tries)); do
        [[ -n $(processes_in "$data") ]] || break
        if ((tries == 30)); then pg_end_orphans "$data"; fi
        sleep 0.1
    done
    [[ -z $(processes_in "$data") && -f $data/postmaster.pid ]] || return 0
    pid=$(head -n 1 "$data/postmaster.pid")
    if [[ -d /proc/$pid ]]; then rm -f -- "$data/postmaster.pid"; fi
}

pg_end_orphans() {
    local pid line
    local -a orphans=()
    for pid in $(processes_in "$1"); do
        [[ $(readlink -- "/proc/$pid/exe") == "$PG_BIN/postgres" ]] || continue
        line=$(tr '\0' ' ' <"/proc/$pid/cmdline") || continue
        if pg_is "$line"; then return; fi
        orphans+=("$pid")
    done
    ((${#orphans[@]} == 0)) || kill -KILL "${orphans[@]}" 2>/dev/null || true
}

pg_spawn() {
    local -a become=()
    if is_root; then become=(setpriv --reuid=postgres --regid=postgres --init-groups --); fi
    spawn pg "$(pg_workdir)" "${become[@]}" "$PG_BIN/postgres" -D "$(pg_workdir)"
}

pg_sql() {
    PGCONNECT_TIMEOUT=2 timeout 30 \
        "$PG_BIN/psql" -XqAt -v ON_ERROR_STOP=1 -d "$(pg_url postgres "$1")"
}

pg_ready() {
    [[ $(echo 'SELECT 1' | pg_sql postgres 2>/dev/null) == 1 ]] || return 1
    [[ -e $(pg_folder)/initialised ]] && return 0
    pg_initialise >>"$LOG/pg.log" 2>&1 && touch "$(pg_folder)/initialised"
}

pg_initialise() {
    pg_sql postgres <<'SQL' || return 1
SELECT 'CREATE ROLE skald_owner LOGIN CREATEROLE CREATEDB'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'skald_owner') \gexec
SELECT 'CREATE ROLE skald LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'skald') \gexec
SELECT 'CREATE DATABASE skald OWNER skald_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'skald') \gexec
SQL
}

# A killed postmaster's children would go on for a moment: as in a crash of the machine, they end
# with it. It is frozen before they are counted, so that it starts no more of them.
pg_also_kill() {
    kill -STOP "$1" 2>/dev/null || return 0
    until [[ $(ps -o state= -p "$1") != [^TZ]* ]]; do sleep 0.01; done
    pgrep -P "$1" || true
}

pg_wipe() {
    local folder
    [[ -e $VAR/pg || -L $VAR/pg ]] || return 0
    folder=$(pg_folder)
    rm -rf -- "$folder" "$VAR/pg"
}
