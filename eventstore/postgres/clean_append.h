// A batch of commands as the arrays of skald.append_clean(), which takes it whole or not at all:
// the way of all batches but those that meet a conflict, a duplicate or themselves. Pure.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/postgres/pq.h"

namespace skald::eventstore {

class CleanAppend {
  public:
    static constexpr std::int64_t unknown = -1;

    // What is not to be found out by failing: receipts are looked for before anything is written,
    // or heads before events are put behind them.
    struct Expected {
        bool duplicates = false;
        bool others = false;
    };

    // The commands must stay as they are. `heads`: where each partition stood, or `unknown`, by
    // what was told over the connection that the batch is going to; others may have written since.
    CleanAppend(std::span<const AppendCommand> commands, std::span<const std::int64_t> heads,
                Expected expected);

    // False when by itself the batch holds an id twice, a chain that contradicts itself, or an
    // event that is too large.
    bool possible() const { return possible_; }
    pq::Params params();
    // Whether others wrote to a partition since its head was known.
    bool others_wrote(std::span<const std::int64_t> heads_before) const;
    // What it means that the function took the batch.
    AppendResult result(std::span<const std::int64_t> heads_before, RecordedAt recorded_at) const;

  private:
    struct Stream {
        std::string_view name;
        std::int32_t partition;
        std::int64_t expected;  // by the first command that uses it
        std::int64_t version;   // behind the commands so far
        bool seen;              // at the head that is known
    };
    struct Touched {
        bool used = false;
        bool written = false;
        std::int32_t index = 0;  // among those used, from 1
        std::int64_t events = 0;
    };

    struct Write {
        const CommandId* command;
        const StreamUse* use;
        std::int32_t partition;
        std::int32_t events_before;  // of the command
    };

    void look_at_ids();
    void look_at_streams();
    std::vector<Write> writes_by_partition() const;
    void put_partitions(pq::Params& params);
    void put_ids_to_look_for(pq::Params& params);
    void put_streams(pq::Params& params);
    void put_receipts(pq::Params& params);
    void put_events(pq::Params& params);

    std::span<const AppendCommand> commands_;
    const std::span<const std::int64_t> heads_;
    const std::int32_t partitions_;
    const Expected expected_;
    bool possible_ = true;
    std::vector<const AppendCommand*> by_id_;  // ascending
    std::vector<Stream> streams_;
    std::vector<std::uint32_t> stream_of_use_;
    std::vector<Touched> touched_;  // by partition
    std::size_t events_ = 0;
    std::size_t data_bytes_ = 0;
    std::size_t meta_bytes_ = 0;
};

}  // namespace skald::eventstore
