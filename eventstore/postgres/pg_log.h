// The durable log in PostgreSQL. Every append is one statement that locks the partitions it touches
// until commit, so that the order of commits in a partition is the order of positions and readers
// cannot miss an event. One instance = one connection = one thread at a time.
#pragma once

#include "eventstore/log.h"
#include "eventstore/postgres/append_batch.h"
#include "eventstore/postgres/pq.h"

namespace skald::eventstore {

// Many times what an append takes, and little beside a caller's patience.
inline constexpr std::chrono::milliseconds append_lock_wait{300};

class PgLog : public Log {
  public:
    // Connects on first use. `settings.role` should be the writer's (or, for followers that only
    // read, the reader's).
    // An append waits `lock_wait` at most for each partition: it may hold others meanwhile.
    explicit PgLog(pq::Settings settings, std::chrono::milliseconds lock_wait = append_lock_wait);

    StoreInfo store() override;
    AppendResult append(std::span<const AppendCommand> batch) override;
    bool tell_before_waiting(std::function<void()> call) override;
    bool is_free(Partition partition) override;
    std::vector<StoredEvent> read(Partition partition, Position after,
                                  const ReadLimit& limit) override;
    std::vector<StoredEvent> read_partitions(std::span<const PartitionFrom> partitions,
                                             const ReadLimit& of_each,
                                             std::int64_t bytes_max) override;
    std::vector<StoredEvent> read_streams(std::span<const StreamFrom> streams,
                                          std::int32_t events_max,
                                          std::int64_t bytes_max = any_bytes) override;
    std::vector<Snapshot> snapshots(std::span<const SnapshotWanted> wanted) override;
    void keep(std::span<const Snapshot> snapshots) override;
    Heads heads() override;
    std::optional<Receipt> receipt(const CommandId& id) override;

  private:
    pq::Connection& connection();
    // Runs `call` on the live connection; server errors that do not speak of the data become
    // Unavailable.
    template <class Call>
    auto answered(Call call);
    std::vector<Partition> locked_of(std::span<const AppendCommand> batch);
    void forget_heads_of_before();
    // Nothing when the batch cannot be taken whole: then nothing of it was.
    std::optional<AppendResult> append_clean(pq::Connection& connection,
                                             std::span<const AppendCommand> batch);
    AppendResult append_once(std::span<const AppendCommand> batch);
    static void fetch_receipts(pq::Connection& connection, std::span<const AppendCommand> batch,
                               AppendBatch::Answer& answer);
    void append_bisecting(std::span<const AppendCommand> batch, AppendResult& into);

    pq::Session session_;
    std::uint64_t pinned_ = 0;  // the connection (by number) whose plans are pinned to the indexes
    std::optional<std::int32_t> partitions_;
    std::uint64_t heads_told_over_ =
        0;                             // the connection of the last append that was answered whole
    std::vector<std::int64_t> heads_;  // by partition, as told over that connection
    int wary_ = 0;                     // appends before which receipts are still to be looked for
    int others_write_ = 0;             // appends before which heads are still to be looked at
};

// The event in a row of columns partition, position, stream, version, type, schema_version,
// command_id, command_seq, recorded_at, meta, data (in that order, from column 0).
StoredEvent event_of_row(const pq::Rows& rows, int row);

}  // namespace skald::eventstore
