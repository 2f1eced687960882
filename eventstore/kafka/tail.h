// Where a partition of the topic ends, found by reading its last records back; and where the relay
// goes on from there. Repeats may stand anywhere among the records: a relay that was replaced, or
// a late request of a producer given up, leaves them.
#pragma once

#include <optional>
#include <string>

#include "eventstore/kafka/consumer.h"
#include "eventstore/step.h"

namespace skald::eventstore {

// Walks records in offset order and keeps the end of their contiguous run.
class TailScan {
  public:
    void add(const PublishedEvent& record);

    const std::optional<Cursor>& last() const { return last_; }
    // A position was missing behind the run. Either the topic has a hole, or the walk began inside
    // repeats.
    bool hole() const { return hole_; }
    Era era() const { return era_; }  // the highest seen

  private:
    std::optional<Cursor> last_;
    bool hole_ = false;
    Era era_{0};
};

struct Tail {
    std::int64_t low = 0;   // offset of the first record kept
    std::int64_t high = 0;  // offset after the last record
    std::optional<Cursor> last;
    bool hole = false;
    Era era{0};
};

// Reads back as few records as tell the end of the contiguous run: `window` of them, or more when
// those begin inside repeats or are nothing but repeats, which end before the position `noted`.
// Throws KafkaUnavailable.
Tail read_tail(KafkaConsumer& consumer, Partition partition, const KafkaSettings& kafka,
               Position noted, std::int64_t window = 256);

struct RelayStart {
    Cursor at;
    std::string alarm;  // what an operator should know, or empty
};

// Where to go on publishing: from the topic's own end; from the noted progress when the topic lost
// all of its records. The error says why the relay must not go on by itself: a topic that is newly
// made although much was published before is filled again only on command (`republish`).
Result<RelayStart, std::string> relay_start(const Tail& tail, const Cursor& noted, Era era,
                                            bool republish);

}  // namespace skald::eventstore
