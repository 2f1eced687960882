# ./dev format, tidy, cov: what keeps the tree in shape.

sources() { git ls-files --cached --others --exclude-standard -- '*.cpp' '*.h'; }

format() { sources | xargs -r clang-format -i; }

# House rules on everything; layout and clang-tidy on what differs from the last commit on main (or
# from HEAD on main itself).
tidy() {
    local base changed status=0
    "$PYTHON" tests/tidy/tidy.py || status=1
    base=$(git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
    changed=$({
        git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.h'
        git ls-files --others --exclude-standard -- '*.cpp' '*.h'
    } | sort -u)
    if [[ -n $changed ]]; then
        xargs -r clang-format --dry-run -Werror <<<"$changed" || {
            say "remedy: ./dev format"
            status=1
        }
        build dev  # clang-tidy needs the generated headers too
        { grep '\.cpp$' <<<"$changed" || true; } |
            xargs -r -n 1 -P "$(nproc)" clang-tidy -p "$BUILD/dev" --quiet || status=1
    fi
    return "$status"
}

# Lines executed by all tests that need no server, per folder and file.
cov() {
    command -v gcovr >/dev/null ||
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q gcovr
    build coverage tests_inprocess
    find "$BUILD/coverage" -name '*.gcda' -delete
    ctest --test-dir "$BUILD/coverage" -L '^inprocess$' -j "$(nproc)" --output-on-failure
    gcovr --root "$ROOT" --object-directory "$BUILD/coverage" --print-summary \
        --exclude 'build/' --exclude '.*_test\.cpp'
}

demo() {
    [[ -x bench/retail/demo ]] ||
        die "the demo is not in this tree yet; it will be bench/retail/demo"
    exec bench/retail/demo "$@"
}

bench() { exec bench/run "$@"; }
