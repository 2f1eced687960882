// Fills a store with events as receipts of stock leave them, faster than commands do: positions and
// versions dense, a receipt for each, ids that lie anywhere and ids that rise by turns, ten events
// a stream, whose streams lie between the bench's products in the index. While nobody else writes.
#pragma once

#include <string>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "eventstore/types.h"

namespace skald::bench {

class Fill {
  public:
    // The store holds a receipt already, to be repeated.
    explicit Fill(pq::Connection& owner, int products);

    // Some thousands of events more; `heads`: where each partition stands, before and behind it.
    // How many they were.
    std::int64_t add(eventstore::Heads& heads);
    // All events that were added.
    std::int64_t events() const { return next_stream_ * events_of_stream; }

  private:
    static constexpr std::int64_t events_of_stream = 10;

    pq::Connection& owner_;
    const int products_;
    std::int32_t schema_version_ = 0;
    std::string meta_, data_;
    std::int64_t next_stream_ = 0;
};

}  // namespace skald::bench
