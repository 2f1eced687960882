#include "eventstore/kafka/consumer.h"

#include <thread>

namespace skald::eventstore {
namespace {

KafkaHandle make_client(const KafkaSettings& settings, std::chrono::milliseconds fetch_wait) {
    KafkaConfig config(settings);
    config.set("fetch.wait.max.ms", std::to_string(fetch_wait.count()))
        .set("fetch.error.backoff.ms", "50")
        .set("auto.offset.reset", "error")
        .set("auto.commit.enable", "false")
        .set("enable.auto.offset.store", "false")
        // How much to read ahead, of all partitions together, as they share a queue. When it is
        // reached, librdkafka 2.0.2 fetches nothing for a second: so it should last as long.
        .set("queued.min.messages", "100000")
        .set("queued.max.messages.kbytes", "32768")
        .set("fetch.message.max.bytes", "524288");
    return std::move(config).make(RD_KAFKA_CONSUMER);
}

}  // namespace

KafkaConsumer::KafkaConsumer(const KafkaSettings& settings, std::chrono::milliseconds fetch_wait)
    : settings_(settings),
      client_(make_client(settings, fetch_wait)),
      topic_(open_topic(client_, settings.topic)),
      queue_(rd_kafka_queue_new(client_.get())) {}

KafkaConsumer::~KafkaConsumer() {
    while (!started_.empty()) stop(*started_.begin());
}

void KafkaConsumer::start(Partition partition, std::int64_t offset) {
    stop(partition);
    if (rd_kafka_consume_start_queue(topic_.get(), partition.value(), offset, queue_.get()) != 0) {
        throw KafkaUnavailable(explain("cannot read from Kafka", rd_kafka_last_error()));
    }
    started_.insert(partition);
}

void KafkaConsumer::stop(Partition partition) {
    if (started_.erase(partition) == 0) return;
    rd_kafka_consume_stop(topic_.get(), partition.value());
}

KafkaMessage KafkaConsumer::next(std::chrono::milliseconds wait) {
    rd_kafka_poll(client_.get(), 0);
    return KafkaMessage(rd_kafka_consume_queue(queue_.get(), as_timeout(wait)));
}

std::vector<KafkaMessage> KafkaConsumer::take(std::chrono::milliseconds wait,
                                              std::size_t messages_max) {
    std::vector<KafkaMessage> messages;
    auto first = next(wait);
    if (!first) return messages;
    messages.push_back(std::move(first));
    std::vector<rd_kafka_message_t*> more(messages_max - 1);
    const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, more.data(), more.size());
    for (ssize_t i = 0; i < count; ++i) messages.emplace_back(more[static_cast<std::size_t>(i)]);
    return messages;
}

KafkaConsumer::Watermarks KafkaConsumer::watermarks(Partition partition) {
    Watermarks marks{};
    // A leader that was just elected does not know it at once.
    const auto deadline = std::chrono::steady_clock::now() + settings_.timeout;
    for (;;) {
        const auto error = rd_kafka_query_watermark_offsets(
            client_.get(), settings_.topic.c_str(), partition.value(), &marks.low, &marks.high,
            as_timeout(settings_.timeout));
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return marks;
        if (error != RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
            std::chrono::steady_clock::now() > deadline) {
            throw KafkaUnavailable(explain("cannot ask Kafka where the topic ends", error));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the broker tells nobody when
    }
}

Result<PublishedEvent, std::string> event_of(const rd_kafka_message_t& message) {
    constexpr std::size_t headers_usual = 16;
    const auto view = [](const void* bytes, std::size_t size) {
        return std::string_view(size == 0 ? "" : static_cast<const char*>(bytes), size);
    };
    RecordView record{Partition(message.partition),
                      view(message.key, message.key_len),
                      view(message.payload, message.len),
                      {}};
    record.headers.reserve(headers_usual);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                                RD_KAFKA_RESP_ERR_NO_ERROR;
             ++i) {
            record.headers.emplace_back(name, view(value, size));
        }
    }
    return event_of(record);
}

}  // namespace skald::eventstore
