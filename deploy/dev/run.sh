# ./dev run: from a bare machine to a serving shop. Ctrl-C (or SIGTERM) ends what this command
# started, and only that.

run_started=()

run() {
    local listen=${SKALD_LISTEN:-127.0.0.1:8080} ops=${SKALD_OPS_LISTEN:-127.0.0.1:8081} name
    require_free_port "$listen" SKALD_LISTEN
    require_free_port "$ops" SKALD_OPS_LISTEN
    setup
    build release skald
    for name in "${SERVICES[@]}"; do
        pid_of "$name" >/dev/null || run_started+=("$name")
    done
    finish_with finish_run
    supervised up
    # shellcheck source=/dev/null
    source "$VAR/env"
    supervised "$BUILD/release/skald" migrate up || die "the migration failed; its message is above"

    supervise env SKALD_LISTEN="$listen" SKALD_OPS_LISTEN="$ops" "$BUILD/release/skald" serve
    wait_serving "$listen"
    print_welcome "$listen" "$ops"
    local status=0
    wait "$SUPERVISED" || status=$?
    SUPERVISED=""
    die "skald ended by itself with exit code $status; its own lines are above"
}

require_free_port() {
    local address=$1 key=$2
    [[ $address =~ :([0-9]+)$ ]] || misuse "$key must be HOST:PORT, not \"$address\""
    if port_in_use "${BASH_REMATCH[1]}"; then
        die "port ${BASH_REMATCH[1]} is in use. Stop the program that uses it, or choose" \
            "another port: $key=127.0.0.1:$((BASH_REMATCH[1] + 1000)) ./dev run"
    fi
}

wait_serving() {
    local deadline=$((SECONDS + 60))
    until curl -fsS -o /dev/null --max-time 2 "http://$1/health/ready" 2>/dev/null; do
        kill -0 "$SUPERVISED" 2>/dev/null ||
            die "skald serve ended while it was starting; its own lines are above"
        ((SECONDS < deadline)) ||
            die "skald serve was not ready after 60 s; its own lines are above"
        sleep 0.1
    done
}

# The keys make the lines repeatable: the same request with the same key is done once and answered
# the same.
print_welcome() {
    local api=http://$1 ops=http://$2
    local key="-H 'Idempotency-Key: try-" line="curl -sSw '\\n'"
    local place="-o /dev/stderr -w '%{stderr}\\n%{stdout}"
    place+="%header{location}?token=%header{skald-token}'"
    local product='{"sku":"TEA-1","title":"Green tea","department":"Tea",'
    product+='"price":{"amount":399,"currency":"EUR"}}'
    local order='{account_id: .id, lines: [{sku: "TEA-1", quantity: 2}], '
    order+='payment: {method: "card-ok"}}'
    cat <<TEXT

Skald serves. Ctrl-C stops it and the services that were started with it; data stays in
$(shown "$VAR").

  API      $api/v1    described in $api/openapi.json
  Ops      $ops/ops    metrics in $ops/metrics
  Services source $(shown "$VAR/env")

Try, in another terminal: put tea on the shelf, order it as a new customer, see what became of the
order (payments go to a sandbox; as method it also takes card-declined, card-slow, card-flaky).

$line ${key}1' $api/v1/products --json '$product' \
--next -sSw '\\n' ${key}2' $api/v1/stock/TEA-1/receipts --json '{"quantity":12}'
order=\$(curl -sS ${key}3' $api/v1/accounts --json '{"email":"ann@example.org","name":"Ann"}' | \
jq '$order' | curl -sS $place ${key}4' -H 'Prefer: wait=5' $api/v1/orders --json @-)
curl -sS "$api\$order" | jq

TEXT
}

finish_run() {
    say
    say "stopping"
    end_supervised 30
    if ((${#run_started[@]} > 0)); then down "${run_started[@]}"; fi
}
