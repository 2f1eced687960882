// What the decider knows of the partitions' heads from the answers to its own appends, and so of
// which states nobody else can have changed. Belongs to the decider.
#pragma once

#include <optional>
#include <vector>

#include "eventstore/log.h"

namespace skald::eventstore {

// What others wrote to a partition: the events with position > after, up to `until`.
struct Foreign {
    Partition partition;
    Position after;
    Position until;
};

class KnownHeads {
  public:
    // Takes in what an append said. False when it came over another connection than the one before:
    // the log may have gone back in time, and what was known is forgotten.
    bool hear(const AppendResult& result);
    // Nothing was heard yet.
    bool empty() const { return heads_.empty(); }

    // What others wrote before the append that was heard of last, and behind this process's own
    // last one.
    const std::vector<Foreign>& foreign() const { return foreign_; }

    // The present head of the stream's partition, where a state that was complete when that head
    // was at `complete_at` is still: nobody else has written to the partition since.
    std::optional<Position> seen_at(const StreamName& stream,
                                    std::optional<Position> complete_at) const;
    // Where the stream's partition stood when this process last appended to it, if it did.
    std::optional<Position> at(const StreamName& stream) const;
    // Where the stream's partition stood behind this append, of which all was one transaction;
    // nothing where it was more.
    std::optional<Position> behind(const AppendResult& result, const StreamName& stream) const;

  private:
    struct Head {
        std::optional<Position> at;
        Position others{0};  // somebody else may have written up to here
    };

    const Head* head_of(const StreamName& stream) const;  // null while nothing is known

    std::vector<Head> heads_;  // by partition
    std::vector<Foreign> foreign_;
    std::uint64_t connection_ = 0;
};

}  // namespace skald::eventstore
