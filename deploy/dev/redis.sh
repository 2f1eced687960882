# The private Redis 7: append-only file, and an error rather than a silent eviction when memory is
# full.

redis_workdir() { printf '%s/redis' "$VAR"; }
redis_address() { printf '127.0.0.1:%s' "$(port redis)"; }
redis_is() { [[ $1 == *redis-server* ]]; }
REDIS_STOP_SIGNALS="TERM"

redis_prepare() { mkdir -p "$VAR/redis"; }

redis_spawn() {
    spawn redis "$(redis_workdir)" \
        redis-server --bind 127.0.0.1 --port "$(port redis)" --dir "$(redis_workdir)" \
        --appendonly yes --maxmemory-policy noeviction --daemonize no --save ''
}

redis_ready() {
    [[ $(timeout 2 redis-cli -h 127.0.0.1 -p "$(port redis)" ping 2>/dev/null) == PONG ]]
}

redis_also_kill() { pgrep -P "$1" || true; }

redis_wipe() { rm -rf -- "$VAR/redis"; }
