#include "eventstore/kafka/tail.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

using Clock = std::chrono::steady_clock;

std::string text(Position position) { return std::to_string(position.value()); }

// Starts a partition and stops it again, whatever happens in between.
class Reading {
  public:
    Reading(KafkaConsumer& consumer, Partition partition, std::int64_t from)
        : consumer_(consumer), partition_(partition) {
        consumer_.start(partition, from);
    }
    ~Reading() { consumer_.stop(partition_); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

  private:
    KafkaConsumer& consumer_;
    Partition partition_;
};

// Up to the known end: waiting for "no more" would cost the broker's full wait.
TailScan scan(KafkaConsumer& consumer, Partition partition, std::int64_t from, std::int64_t to,
              const KafkaSettings& kafka) {
    TailScan found;
    if (from >= to) return found;
    const Reading reading(consumer, partition, from);
    auto deadline = Clock::now() + kafka.timeout;
    for (std::int64_t offset = from; offset < to;) {
        const auto message = consumer.next(std::chrono::milliseconds(50));
        if (!message) {
            if (Clock::now() < deadline) continue;
            throw KafkaUnavailable("the end of the topic could not be read back in time");
        }
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw KafkaUnavailable(
                explain("the end of the topic could not be read back", message->err));
        }
        deadline = Clock::now() + kafka.timeout;
        offset = message->offset + 1;
        if (const auto record = event_of(*message)) {
            found.add(*record);
        } else {
            diagnostics::log_warning("a record of the topic is not ours",
                                     {{"partition", partition.value()},
                                      {"offset", message->offset},
                                      {"problem", record.error()}});
        }
    }
    return found;
}

}  // namespace

void TailScan::add(const PublishedEvent& record) {
    era_ = std::max(era_, record.era);
    const auto& event = record.event;
    if (hole_) return;
    if (!last_ || event.position == last_->position + 1) {
        last_ = cursor_at(event);
    } else if (event.position > last_->position) {
        hole_ = true;
    }
}

Tail read_tail(KafkaConsumer& consumer, Partition partition, const KafkaSettings& kafka,
               Position noted, std::int64_t window) {
    const auto [low, high] = consumer.watermarks(partition);
    for (;; window *= 8) {
        const auto from = std::max(low, high - window);
        const auto found = scan(consumer, partition, from, high, kafka);
        const bool sure = found.last() && !found.hole() && found.last()->position >= noted;
        if (from == low || sure) {
            return {low, high, found.last(), found.hole(), found.era()};
        }
    }
}

Result<RelayStart, std::string> relay_start(const Tail& tail, const Cursor& noted, Era era,
                                            bool republish) {
    if (tail.era > era) {
        return unexpected("the topic holds records of era " + std::to_string(tail.era.value()) +
                          ", but this store is in era " + std::to_string(era.value()) +
                          ": it is an older copy");
    }
    if (tail.last) {
        RelayStart start{*tail.last, ""};
        if (tail.hole) {
            start.alarm = "the topic has a hole behind position " + text(start.at.position) +
                          "; publishing again from there";
        } else if (noted.position > start.at.position) {
            start.alarm = "the topic lost what it had acknowledged: it ends at " +
                          text(start.at.position) + ", published was up to " +
                          text(noted.position) + "; publishing again from there";
        }
        return start;
    }
    if (tail.low < tail.high) {
        return unexpected(
            std::string("the topic holds records, but none of them is ours: name another topic in "
                        "SKALD_TOPIC"));
    }
    if (noted.position == Position(0)) return RelayStart{{}, ""};
    if (tail.high > 0) {
        return RelayStart{noted, "the topic was truncated; going on behind position " +
                                     text(noted.position) + ", which was published last"};
    }
    if (republish) return RelayStart{{}, "the topic was made anew; publishing all again"};
    return unexpected("the topic is new and empty, but events up to position " +
                      text(noted.position) +
                      " were published before: restore it, or command to publish all again");
}

}  // namespace skald::eventstore
