# The private Apache Kafka: one KRaft node that is broker and controller, from the jars that ./dev
# setup fetched.

kafka_workdir() { printf '%s/kafka' "$VAR"; }
kafka_address() { printf '127.0.0.1:%s' "$(port kafka)"; }
kafka_is() { [[ $1 == *"java "*kafka.Kafka* ]]; }
KAFKA_STOP_SIGNALS="TERM"
KAFKA_LOGGING=-Dlog4j2.configurationFile=$ROOT/deploy/kafka/log4j2.properties

kafka_prepare() {
    local folder=$VAR/kafka
    [[ -f $KAFKA_LIBS/.stamp ]] || setup
    mkdir -p "$folder"
    cat >"$folder/server.properties" <<TEXT
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$(port kafka_controller)
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$(port kafka),CONTROLLER://127.0.0.1:$(port kafka_controller)
advertised.listeners=PLAINTEXT://127.0.0.1:$(port kafka)
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
TEXT
    [[ -f $folder/data/meta.properties ]] || kafka_format "$folder" >>"$LOG/kafka.log" 2>&1
}

kafka_format() {
    local folder=$1 id
    rm -rf -- "$folder/data"
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
    kafka_java "-Xmx128m -XX:TieredStopAtLevel=1" kafka.tools.StorageTool format \
        --cluster-id "${id/#-/x}" --config "$folder/server.properties"
}

# kafka_java "JVM OPTIONS" CLASS ARGUMENT...: a class of the broker's jars.
kafka_java() {
    local options=$1
    shift
    # shellcheck disable=SC2086
    java $options "$KAFKA_LOGGING" -cp "$KAFKA_LIBS/*" "$@"
}

# A large young generation, whose survivors are copied once: under load the broker stands still for
# 6 ms once a second, with the JVM's own choice it did for 9 ms twice as often.
kafka_spawn() {
    spawn kafka "$(kafka_workdir)" \
        java -Xmx512m -Xmn224m -XX:MaxTenuringThreshold=1 -XX:+UseSerialGC \
        -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
        "$KAFKA_LOGGING" -cp "$KAFKA_LIBS/*" kafka.Kafka "$(kafka_workdir)/server.properties"
}

# Asks for the cluster's metadata (request 3, version 4, no topics): ready when the answer names a
# broker. The answer starts with size, correlation id, throttle time and the number of brokers, four
# bytes each.
kafka_ready() {
    local answer
    answer=$(
        exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$(port kafka)" || exit 1
        printf '\0\0\0\x0f\0\x03\0\x04\0\0\0\x01\xff\xff\0\0\0\0\0' >&3
        timeout 2 head -c 16 <&3 | od -An -v -tu1 | tr -d '\n'
    ) || return 1
    [[ $answer =~ (\ +[0-9]+){15}\ +([0-9]+)$ ]] && ((BASH_REMATCH[2] >= 1))
}

kafka_also_kill() { :; }

kafka_wipe() { rm -rf -- "$VAR/kafka"; }
