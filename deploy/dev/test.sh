# ./dev test: everything is built and run; services, data and logs are the run's own. What needs
# services runs as released; programs labelled inprocess run with the address and
# undefined-behaviour sanitizers (with --long as released too), those labelled threads again with
# the thread sanitizer.

TEST_HOME=""

# test_all [--long] [ARGUMENTS FOR CTEST...]
test_all() {
    local -a selection=() runs=()
    while (($# > 0)); do
        case $1 in
            --long) export SKALD_TEST_LONG=1 ;;
            *) selection+=("$1") ;;
        esac
        shift
    done
    setup
    build release skald tests_released
    rm -rf -- "$BUILD/test-logs" "$BUILD"/*/test-results
    mkdir -p -- "$BUILD/test-logs"
    finish_with finish_tests

    start_test_services
    test_build release "others" -LE '^inprocess$' -j "$(nproc)" "${selection[@]}"
    stop_test_services

    built asan tests_inprocess '^inprocess$' "${selection[@]}"
    built tsan tests_threads '^threads$' "${selection[@]}"
    if [[ -n ${SKALD_TEST_LONG:-} ]]; then
        built release tests_inprocess '^inprocess$' "${selection[@]}"
    fi

    say
    say "logs: $(shown "$BUILD/test-logs"); results: build/*/test-results"
    "$PYTHON" deploy/dev/count_tests.py "${runs[@]}"
}

# test_build PRESET NAME CTEST-ARGUMENTS...: appends to `runs` of the caller what count_tests.py
# needs.
test_build() {
    local preset=$1 name=$2 junit=$BUILD/test-logs/$1.$2.xml
    shift 2
    say
    say "testing: $preset, $name"
    ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
        supervised ctest --test-dir "$BUILD/$preset" --output-on-failure --no-tests=ignore \
        --output-log "$BUILD/test-logs/$preset.$name.log" --output-junit "$junit" \
        --test-output-size-passed 1000000 --test-output-size-failed 1000000 "$@" || true
    runs+=("$preset=$junit")
}

# built PRESET TARGET LABEL CTEST-ARGUMENTS...: and run.
built() {
    local preset=$1 target=$2 label=$3
    shift 3
    say
    say "building: $preset, $target"
    if supervised build "$preset" "$target"; then
        test_build "$preset" "$target" -L "$label" -j "$(nproc)" "$@"
    else
        runs+=("$preset=missing")
    fi
}

start_test_services() {
    TEST_HOME=$(mktemp -d "${TMPDIR:-/tmp}/skald-test.XXXXXX")
    chmod 755 "$TEST_HOME"
    use_var "$TEST_HOME/var"
    up
    SKALD_TEST_PG=$(pg_url skald_owner skald)
    SKALD_TEST_REDIS=$(redis_address)
    SKALD_TEST_KAFKA=$(kafka_address)
    SKALD_TEST_VAR=$VAR
    export SKALD_TEST_PG SKALD_TEST_REDIS SKALD_TEST_KAFKA SKALD_TEST_VAR
}

stop_test_services() {
    [[ -n $TEST_HOME ]] || return 0
    cp -- "$LOG"/*.log "$BUILD/test-logs/" 2>/dev/null || true
    reset >/dev/null || true
    rm -rf -- "$TEST_HOME"
    TEST_HOME=""
}

finish_tests() {
    end_supervised 30
    stop_test_services
}
