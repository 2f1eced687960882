#include "bench/program/kafka/control_producer.h"

#include "eventstore/kafka/topic.h"

namespace skald::bench {
namespace {

using namespace eventstore;

std::unique_ptr<rd_kafka_headers_t, KafkaDestroy<rd_kafka_headers_destroy>> headers_of(
    const KafkaRecord& record) {
    std::unique_ptr<rd_kafka_headers_t, KafkaDestroy<rd_kafka_headers_destroy>> headers(
        rd_kafka_headers_new(record.headers.size()));
    for (const auto& [name, value] : record.headers) {
        rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                            value.data(), static_cast<ssize_t>(value.size()));
    }
    return headers;
}

void* untyped(const std::string& bytes) {
    return const_cast<char*>(bytes.data());  // librdkafka only copies from it
}

}  // namespace

ControlProducer::ControlProducer(const KafkaSettings& settings)
    : client_(make_client(settings)), topic_(open_topic(client_, settings.topic)) {}

KafkaHandle ControlProducer::make_client(const KafkaSettings& settings) {
    KafkaConfig config(settings);
    config.set("enable.idempotence", "true")
        .set("acks", "all")
        .set("enable.gapless.guarantee", "true")
        .set("message.timeout.ms", "0")  // only an error or its owner's patience ends an attempt
        .set("linger.ms", "0")
        .set("message.max.bytes", std::to_string(topic_message_bytes_max));
    rd_kafka_conf_set_opaque(config.raw(), this);
    rd_kafka_conf_set_dr_msg_cb(config.raw(), on_delivery);
    return std::move(config).make(RD_KAFKA_PRODUCER);
}

ControlProducer::~ControlProducer() {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
}

void ControlProducer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    auto& producer = *static_cast<ControlProducer*>(self);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++producer.acknowledged_[Partition(message->partition)];
    } else if (producer.failure_.empty()) {
        producer.failure_ = explain("Kafka did not take a record", message->err);
    }
}

void ControlProducer::produce(Partition partition, const KafkaRecord& record) {
    auto headers = headers_of(record);
    rd_kafka_vu_t arguments[7];
    arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
    arguments[0].u.rkt = topic_.get();
    arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    arguments[1].u.i32 = partition.value();
    arguments[2].vtype = RD_KAFKA_VTYPE_KEY;
    arguments[2].u.mem = {untyped(record.key), record.key.size()};
    arguments[3].vtype = RD_KAFKA_VTYPE_VALUE;
    arguments[3].u.mem = {untyped(record.value), record.value.size()};
    arguments[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    arguments[4].u.i64 = record.timestamp_ms;
    arguments[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    arguments[5].u.i = RD_KAFKA_MSG_F_COPY;
    arguments[6].vtype = RD_KAFKA_VTYPE_HEADERS;
    arguments[6].u.headers = headers.get();
    const std::unique_ptr<rd_kafka_error_t, KafkaDestroy<rd_kafka_error_destroy>> error(
        rd_kafka_produceva(client_.get(), arguments, std::size(arguments)));
    if (error) {
        throw KafkaUnavailable(std::string("cannot produce: ") +
                               rd_kafka_error_string(error.get()));
    }
    static_cast<void>(headers.release());  // the message owns them now
}

void ControlProducer::serve(std::chrono::milliseconds wait) {
    rd_kafka_poll(client_.get(), as_timeout(wait));
    if (!failure_.empty()) throw KafkaUnavailable(failure_);
}

std::int64_t ControlProducer::acknowledged(Partition partition) const {
    const auto found = acknowledged_.find(partition);
    return found == acknowledged_.end() ? 0 : found->second;
}

}  // namespace skald::bench
