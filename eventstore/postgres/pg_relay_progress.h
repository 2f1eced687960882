// The relay's noted progress in PostgreSQL. One thread per instance.
#pragma once

#include <vector>

#include "eventstore/postgres/pq.h"
#include "eventstore/relay_progress.h"

namespace skald::eventstore {

struct RelayNote {
    Partition partition;
    Cursor at;
    RecordedAt noted_at;
};

// What was noted of each partition, ascending; partitions never published are not among them.
std::vector<RelayNote> read_relay_progress(pq::Connection& connection);

class PgRelayProgress : public RelayProgress {
  public:
    // Needs the writer's role.
    explicit PgRelayProgress(pq::Settings settings) : session_(std::move(settings)) {}

    Cursor noted(Partition partition) override;
    void note(const std::map<Partition, Cursor>& at) override;
    void forget(Partition partition) override;

  private:
    pq::Session session_;
};

}  // namespace skald::eventstore
