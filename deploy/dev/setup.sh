# ./dev setup: what a bare Debian 12 lacks. Everything is checked first, so that it is quick when
# all is there.

PACKAGES=(
    g++ cmake ninja-build ccache mold pkg-config git ca-certificates curl procps
    libpq-dev librdkafka-dev libprotobuf-dev protobuf-compiler libboost1.81-dev
    libspdlog-dev nlohmann-json3-dev libexpected-dev libcli11-dev libhiredis-dev libssl-dev
    prometheus-cpp-dev libtcmalloc-minimal4
    libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
    postgresql-15 postgresql-client-15 redis-server openjdk-17-jre-headless maven
    python3 python3-venv python3-pip python3-protobuf jq clang-format clang-tidy
)
KAFKA_LIBS=$BUILD/kafka-libs
PYTHON=/usr/bin/python3
VENV=$BUILD/venv

setup() {
    setup_packages
    locked "$BUILD/.setup.lock" setup_broker
}

setup_packages() {
    local missing
    missing=$(missing_packages)
    [[ -n $missing ]] || return 0
    command -v apt-get >/dev/null || die "this is not a Debian; install these by hand:" $missing
    say "installing packages:" $missing
    prevent_system_services
    retry 4 as_root apt-get update -q || die "apt-get update failed; is there a network?"
    # shellcheck disable=SC2086
    retry 3 as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends -o Dpkg::Options::=--force-confold $missing ||
        die "apt-get install failed; its own message is above"
    if [[ " $missing " == *" redis-server "* && -d /run/systemd/system ]]; then
        as_root systemctl disable --now redis-server || true
    fi
    missing=$(missing_packages)
    [[ -z $missing ]] || die "still missing after apt-get install:" $missing
}

# One line of package names. A package that dpkg has never heard of prints nothing, hence the
# comparison of two lists.
missing_packages() {
    comm -23 <(printf '%s\n' "${PACKAGES[@]}" | sort) \
        <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${PACKAGES[@]}" 2>/dev/null |
            sed -n 's/^installed //p' | sort -u) | paste -sd' '
}

# Skald starts servers of its own: Debian's packages need not start theirs.
prevent_system_services() {
    local settings=/etc/postgresql-common/createcluster.conf
    [[ -e $settings ]] && return 0
    as_root mkdir -p "${settings%/*}"
    echo 'create_main_cluster = false' | as_root tee "$settings" >/dev/null
}

# The broker's jars, in the exact versions of deploy/kafka/pom.xml; the stamp is that file's hash.
setup_broker() {
    local stamp fresh=$KAFKA_LIBS.new
    stamp=$(sha256sum <deploy/kafka/pom.xml)
    [[ -f $KAFKA_LIBS/.stamp && $(<"$KAFKA_LIBS/.stamp") == "$stamp" ]] && return 0
    say "fetching the Kafka broker's jars"
    rm -rf -- "$fresh"
    retry 5 mvn -q -B -Dstyle.color=never -f deploy/kafka/pom.xml dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$fresh" ||
        die "Maven could not fetch the broker's jars; its own message is above"
    echo "$stamp" >"$fresh/.stamp"
    rm -rf -- "$KAFKA_LIBS"
    mv -- "$fresh" "$KAFKA_LIBS"
}

# python_env DIR...: build/venv with what each DIR/requirements.txt names (exact versions), made
# when first needed. Debian's own python packages (protobuf) stay visible in it.
python_env() { locked "$BUILD/.venv.lock" make_python_env "$@"; }

make_python_env() {
    local folder stamp
    [[ -x $VENV/bin/python ]] || "$PYTHON" -m venv --system-site-packages "$VENV"
    mkdir -p "$VENV/.stamps"
    for folder in "$@"; do
        [[ -f $folder/requirements.txt ]] || die "$folder has no requirements.txt"
        stamp=$VENV/.stamps/$(sha256sum <"$folder/requirements.txt" | cut -c1-16)
        [[ -e $stamp ]] && continue
        say "installing $folder/requirements.txt into $(shown "$VENV")"
        retry 4 "$VENV/bin/python" -m pip install -q --disable-pip-version-check \
            -r "$folder/requirements.txt" ||
            die "pip could not install $folder/requirements.txt; its own message is above"
        touch "$stamp"
    done
}
