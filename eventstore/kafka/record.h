// An event as a Kafka record: CloudEvents 1.0 in the binary content mode of its Kafka binding, with
// the event's place in the log beside it. The same event always makes the same bytes, so that a
// repeat can be told from anything else.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/kernel/result.h"
#include "eventstore/types.h"

namespace skald::eventstore {

// Names are literals.
using RecordHeaders = std::vector<std::pair<std::string_view, std::string>>;

// The headers that an event's `meta` (opaque here) contributes: ce_correlationid, ce_causationid
// and traceparent, where it has them. Pure.
using MetaHeaders = std::function<RecordHeaders(const std::string& meta)>;

struct RecordFormat {
    std::string source = "/skald";  // ce_source, and the start of ce_dataschema
    MetaHeaders meta_headers;
};

struct KafkaRecord {
    std::string key;    // the partition key
    std::string value;  // the stored bytes
    RecordHeaders headers;
    std::int64_t timestamp_ms = 0;
};

KafkaRecord record_of(const StoredEvent& event, Era era, const RecordFormat& format);

// What a record takes of a message's size limit, a little more than exact.
std::size_t bytes_of(const KafkaRecord& record);

// A record as a reader sees it. The views must outlive the call only.
struct RecordView {
    Partition partition;
    std::string_view key;
    std::string_view value;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
};

struct PublishedEvent {
    StoredEvent event;  // without command and meta
    Era era;
};

// The error says what is wrong with the record.
Result<PublishedEvent, std::string> event_of(const RecordView& record);

// RFC 3339 in UTC with microseconds: 2024-02-29T12:00:00.000001Z.
std::string to_rfc3339(RecordedAt at);
Result<RecordedAt, std::string> parse_rfc3339(std::string_view text);

}  // namespace skald::eventstore
