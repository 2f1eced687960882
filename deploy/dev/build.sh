# ./dev build: one preset into build/PRESET. A lock keeps two builds from sharing the processors.

PRESETS=(dev release asan tsan coverage)

# build PRESET [TARGET...]
build() {
    [[ " ${PRESETS[*]} " == *" $1 "* ]] ||
        misuse "there is no preset \"$1\"; there are: ${PRESETS[*]}"
    command -v ninja >/dev/null && command -v cmake >/dev/null || setup_packages
    locked "$BUILD/.build.lock" build_locked "$@"
}

build_locked() {
    local preset=$1 folder=$BUILD/$1 log=$BUILD/$1.configure.log
    shift
    if [[ ! -f $folder/build.ninja || CMakePresets.json -nt $folder/build.ninja ]]; then
        say "configuring $(shown "$folder")"
        if ! cmake --preset "$preset" >"$log" 2>&1; then
            tail -n 30 "$log" >&2
            die "CMake failed; all it said is in $(shown "$log")"
        fi
    fi
    ninja -C "$folder" "$@" || die "the $preset build failed; the compiler's message is above"
}
