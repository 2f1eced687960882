// Partition keys that are held back: the event that could not be applied and all that follow it on
// the same key wait in a queue, in order, while everything else flows. Used by one thread, inside
// the caller's transaction.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/engine/projection.h"

namespace skald::projections {

// Stable words, as operators and answers see them.
inline constexpr std::string_view reason_unknown_type = "unknown_type";
inline constexpr std::string_view reason_undecodable = "undecodable";  // refused by changes_of
inline constexpr std::string_view reason_refused = "refused";          // refused by the tables

// Why an event of a key cannot be applied.
struct Poison {
    std::string reason;
    std::string detail;
};

struct ParkedKey {
    std::string key;
    std::string reason;
    std::string type;  // of the event that it waits for
    std::int32_t schema_version = 1;
};

// The queues of one version of a projection.
class Parking {
  public:
    Parking(const Projection& projection, std::int32_t version)
        : name_(projection.name), version_(version) {}

    std::vector<ParkedKey> keys(pq::Connection& connection, eventstore::Partition partition);
    // The statement that parks the keys of `first`, each with the event that stands in its way.
    pq::Statement park(eventstore::Partition partition,
                       const std::vector<std::pair<const eventstore::StoredEvent*, Poison>>& first);
    // The statement that puts the events into their keys' queues.
    pq::Statement enqueue(eventstore::Partition partition,
                          const std::vector<const eventstore::StoredEvent*>& events);
    // What waits behind a key, in order. The events carry no command and no meta.
    std::vector<eventstore::StoredEvent> queue(pq::Connection& connection,
                                               eventstore::Partition partition,
                                               const std::string& key);
    // All of the key's queue was applied: it flows again.
    void unpark(pq::Connection& connection, const std::string& key);
    // The queue was applied up to `next`, which stands in the way now.
    void repark(pq::Connection& connection, const std::string& key,
                const eventstore::StoredEvent& next, const Poison& poison);

  private:
    pq::Params named() const { return pq::Params().text(name_).int4(version_); }

    std::string name_;
    std::int32_t version_;
};

}  // namespace skald::projections
