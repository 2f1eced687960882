// The follower's step that keeps sagas going: tells them what events mean to them, hands those of
// the partitions held to the driver, and keeps their rows. One thread.
#pragma once

#include <map>
#include <set>

#include "eventstore/postgres/pq.h"
#include "eventstore/step.h"
#include "sagas/engine/driver.h"

namespace skald::sagas {

class SagaStep : public eventstore::Step {
  public:
    // `writer` connects as the writer's role. The driver outlives the step.
    SagaStep(Driver& driver, pq::Settings writer);

    eventstore::Cursor open(eventstore::Partition partition) override;
    eventstore::Cursor apply(eventstore::Partition partition, const eventstore::Cursor& at,
                             std::span<const eventstore::StoredEvent> run) override;
    void close(eventstore::Partition partition) override;
    void tick() override;

  private:
    struct Owned {
        eventstore::Cursor cursor;
        std::int64_t revision = 0;
    };
    void look_at_the_clock();
    void count();
    void keep(eventstore::Partition partition, std::span<const Row> rows);

    Driver& driver_;
    pq::Session session_;
    std::map<eventstore::Partition, Owned> owned_;
    std::set<eventstore::Partition> fresh_;  // opened, and not driven yet
    std::chrono::steady_clock::time_point looked_{};
    std::chrono::steady_clock::time_point counted_{};
    std::map<std::pair<std::string, std::string>, double> counts_;  // by saga and phase
};

// What deadlines go by.
kernel::Timestamp database_time(pq::Connection& connection);

// Throws std::runtime_error when sagas are under way by versions that the registry has not, naming
// them.
void check_definitions(pq::Connection& connection, const Registry& registry);

}  // namespace skald::sagas
