// The topic that carries the log to everyone else: made by the relay, never by the broker itself,
// and checked at each start, because a topic of another shape would break promises silently.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "eventstore/kafka/client.h"

namespace skald::eventstore {

struct TopicSettings {
    std::int32_t partitions = 0;          // must be the store's
    std::int32_t replication_factor = 1;  // when it is made
    std::int32_t min_insync_replicas = 1;
};

// An event of 256 KiB with its headers, and the largest batch a producer makes.
inline constexpr std::int64_t topic_message_bytes_max = 1024 * 1024;

// The topic is there, but not of the shape that is needed. One sentence with the remedy.
struct TopicMismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Makes the topic if it is not there, and checks it: partitions, retention without limit, no
// compaction, message size, min.insync.replicas. Throws TopicMismatch, KafkaUnavailable.
void ensure_topic(const KafkaSettings& kafka, const TopicSettings& wanted);

}  // namespace skald::eventstore
