// The follower's step that keeps sagas going: tells them what events mean to them, hands those of
// the partitions held to the driver, wakes those at rest in time, and keeps their rows, a moment
// later and together with the cursor: who takes the partition over goes on from both. One thread.
#pragma once

#include <future>
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
    void begin(eventstore::Partition partition, const eventstore::Cursor& at,
               std::span<const eventstore::StoredEvent> run) override;
    eventstore::Cursor apply(eventstore::Partition partition, const eventstore::Cursor& at,
                             std::span<const eventstore::StoredEvent> run) override;
    void close(eventstore::Partition partition) override;
    void tick() override;

  private:
    using Clock = std::chrono::steady_clock;
    using Counts = std::map<std::pair<std::string, std::string>, double>;  // by saga and phase

    struct Owned {
        eventstore::Cursor cursor;
        eventstore::Cursor stored;  // in the database
        std::int64_t revision = 0;
        Driver::Telling telling;                     // of the run that was announced
        std::map<eventstore::StreamName, Row> rows;  // newer than the database's
        Clock::time_point behind_since{};            // of the database, while it is
    };
    void look_at_the_clock();
    kernel::Timestamp horizon() const;
    void wake_the_due();
    void count();
    void see_what_was_lost();
    void store_all();
    bool too_late(const Owned& owned) const;
    void store(eventstore::Partition partition, Owned& owned);
    void keep(eventstore::Partition partition, const Owned& owned);

    Driver& driver_;
    const pq::Settings writer_;
    pq::Session session_;
    std::uint64_t connections_seen_ = 0;
    std::map<eventstore::Partition, Owned> owned_;
    std::set<eventstore::Partition> fresh_;  // opened, and not driven yet
    Clock::time_point looked_{};
    Clock::time_point stored_{};
    Clock::time_point swept_{};
    kernel::Timestamp awake_until_{};  // deadlines up to here are in the driver's memory
    Clock::time_point counted_{};
    std::future<Counts> counting_;
    Counts counts_;
};

// What deadlines go by.
kernel::Timestamp database_time(pq::Connection& connection);

// Throws std::runtime_error when sagas are under way by versions that the registry has not, naming
// them.
void check_definitions(pq::Connection& connection, const Registry& registry);

}  // namespace skald::sagas
