#include "eventstore/kafka/client.h"

#include <stdexcept>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

void write_log_line(const rd_kafka_t*, int level, const char* facility, const char* text) {
    diagnostics::log_debug("librdkafka",
                           {{"level", level}, {"facility", facility}, {"text", text}});
}

}  // namespace

KafkaConfig::KafkaConfig(const KafkaSettings& settings) : conf_(rd_kafka_conf_new()) {
    rd_kafka_conf_set_log_cb(conf_.get(), write_log_line);
    set("bootstrap.servers", settings.brokers);
    set("client.id", "skald");
    set("socket.nagle.disable", "true");
    set("reconnect.backoff.ms", "50");
    set("reconnect.backoff.max.ms", "1000");
}

KafkaConfig& KafkaConfig::set(const char* name, const std::string& value) {
    char why[512];
    if (rd_kafka_conf_set(conf_.get(), name, value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
        throw std::logic_error(std::string("librdkafka refuses ") + name + ": " + why);
    }
    return *this;
}

KafkaHandle KafkaConfig::make(rd_kafka_type_t type) && {
    char why[512];
    KafkaHandle client(rd_kafka_new(type, conf_.get(), why, sizeof why));
    if (!client) throw KafkaUnavailable(std::string("librdkafka cannot make a client: ") + why);
    static_cast<void>(conf_.release());  // the client owns it now
    return client;
}

KafkaTopic open_topic(const KafkaHandle& client, const std::string& name) {
    KafkaTopic topic(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    if (!topic) throw KafkaUnavailable(explain("cannot open topic " + name, rd_kafka_last_error()));
    return topic;
}

std::string explain(const std::string& doing, rd_kafka_resp_err_t error) {
    return doing + ": " + rd_kafka_err2str(error);
}

}  // namespace skald::eventstore
