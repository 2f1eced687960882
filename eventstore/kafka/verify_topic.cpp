#include "eventstore/kafka/verify_topic.h"

#include <charconv>
#include <optional>
#include <vector>

#include "eventstore/kafka/consumer.h"

namespace skald::eventstore {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// A partition of the topic, read from its beginning.
class TopicReader {
  public:
    explicit TopicReader(const TopicToVerify& what)
        : consumer_({.brokers = what.brokers, .topic = what.topic, .timeout = what.answer},
                    milliseconds(10)) {}
    ~TopicReader() { close(); }
    TopicReader(const TopicReader&) = delete;
    TopicReader& operator=(const TopicReader&) = delete;

    // The offset behind the last record that stands there now.
    std::int64_t open(Partition partition) {
        close();
        const auto [low, high] = consumer_.watermarks(partition);
        consumer_.start(partition, low);
        open_ = partition;
        return low == high ? 0 : high;
    }

    // The next record; nothing when none came within a tenth of a second.
    KafkaMessage next() {
        auto message = consumer_.next(milliseconds(100));
        if (!message || message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return message;
        // Lost brokers are looked for again by the client itself; patience has its own end.
        const bool may_pass = message->err == RD_KAFKA_RESP_ERR__TRANSPORT ||
                              message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
        if (!may_pass) throw KafkaUnavailable(explain("Kafka: reading stopped", message->err));
        return nullptr;
    }

  private:
    void close() {
        if (open_) consumer_.stop(*open_);
        open_.reset();
    }

    KafkaConsumer consumer_;
    std::optional<Partition> open_;
};

std::string_view header(const rd_kafka_message_t& record, const char* name) {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_message_headers(&record, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return {};
    }
    return {static_cast<const char*>(value), size};
}

std::int64_t number(std::string_view text) {
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

std::string_view bytes(const void* data, std::size_t size) {
    return data == nullptr ? std::string_view()
                           : std::string_view(static_cast<const char*>(data), size);
}

bool is_record_of(const rd_kafka_message_t& record, const StoredEvent& event) {
    return bytes(record.key, record.key_len) == event.stream.partition_key() &&
           bytes(record.payload, record.len) == event.data &&
           header(record, "ce_id") == to_text(event.id.value()) &&
           header(record, "ce_type") == event.type &&
           header(record, "ce_subject") == event.stream.text() &&
           number(header(record, "skald_version")) == event.version.value();
}

// The log's events of one partition, a page at a time, for a reader that mostly goes forward.
class LogPages {
  public:
    LogPages(Log& log, Partition partition) : log_(log), partition_(partition) {}

    // nullptr: the log has no such position.
    const StoredEvent* at(std::int64_t position) {
        if (position < 1) return nullptr;
        if (page_.empty() || position < page_.front().position.value() ||
            position > page_.back().position.value()) {
            page_ = log_.read(partition_, Position(position - 1), {500, 4 * 1024 * 1024});
        }
        if (page_.empty()) return nullptr;
        const auto index = position - page_.front().position.value();
        if (index < 0 || index >= static_cast<std::int64_t>(page_.size())) return nullptr;
        return &page_[static_cast<std::size_t>(index)];
    }

  private:
    Log& log_;
    Partition partition_;
    std::vector<StoredEvent> page_;
};

class PartitionComparison {
  public:
    PartitionComparison(Log& log, std::int32_t partition, Position upto, TopicComparison& into)
        : partition_(partition),
          upto_(upto.value()),
          pages_(log, Partition(partition)),
          into_(into) {}

    void take(const rd_kafka_message_t& record) {
        ++into_.records;
        const auto position = number(header(record, "skald_position"));
        const auto* event = pages_.at(position);
        const auto place =
            "at offset " + std::to_string(record.offset) + ", position " + std::to_string(position);
        const bool again = position >= 1 && is_seen(position);
        if (event == nullptr) {
            note(into_.phantom, "a record " + place + " that the log does not hold");
        } else if (!is_record_of(record, *event)) {
            note(again ? into_.duplicate : into_.phantom,
                 "a record " + place + " that differs from the log's event");
        } else if (again) {
            ++into_.repeats;
        } else {
            if (position < highest_) note(into_.reordered, "a record " + place + " out of order");
            mark_seen(position);
        }
    }

    bool complete() const { return seen_upto_ >= upto_; }

    void finish() {
        if (complete()) return;
        for (std::int64_t position = 1; position <= upto_; ++position) {
            if (!is_seen(position)) {
                note(into_.missing, "no record of position " + std::to_string(position));
            }
        }
    }

  private:
    bool is_seen(std::int64_t position) const {
        const auto index = static_cast<std::size_t>(position - 1);
        return index < seen_.size() && seen_[index];
    }
    void mark_seen(std::int64_t position) {
        const auto index = static_cast<std::size_t>(position - 1);
        if (index >= seen_.size()) seen_.resize(index + 1);
        seen_[index] = true;
        highest_ = std::max(highest_, position);
        if (position <= upto_) ++seen_upto_;
    }
    void note(std::int64_t& count, const std::string& what) {
        ++count;
        if (into_.first.empty()) {
            into_.first = "partition " + std::to_string(partition_) + ": " + what;
        }
    }

    std::int32_t partition_;
    std::int64_t upto_;
    LogPages pages_;
    TopicComparison& into_;
    std::vector<bool> seen_;  // by position - 1
    std::int64_t highest_ = 0;
    std::int64_t seen_upto_ = 0;
};

}  // namespace

// How long to wait for records that the broker has: much longer than for what may never come.
constexpr std::chrono::milliseconds patience_with_more{20'000};

TopicComparison verify_topic(const TopicToVerify& what, Log& log, const Heads& upto) {
    TopicComparison all;
    TopicReader reader(what);
    for (std::size_t p = 0; p < upto.size(); ++p) {
        const auto partition = static_cast<std::int32_t>(p);
        PartitionComparison comparison(log, partition, upto[p], all);
        const auto end = reader.open(Partition(partition));
        std::int64_t next_offset = 0;
        auto heard = SteadyClock::now();
        while (next_offset < end || !comparison.complete()) {
            if (const auto record = reader.next()) {
                comparison.take(*record);
                next_offset = record->offset + 1;
                heard = SteadyClock::now();
            } else if (next_offset >= end) {
                if (SteadyClock::now() - heard > what.patience) break;
            } else if (SteadyClock::now() - heard > std::max(what.patience, patience_with_more)) {
                throw KafkaUnavailable("Kafka: partition " + std::to_string(p) + " of " +
                                       what.topic +
                                       ": records stopped coming, though there are more");
            }
        }
        comparison.finish();
    }
    return all;
}

}  // namespace skald::eventstore
