#include "projections/engine/rebuild.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "projections/engine/partition_writer.h"
#include "projections/engine/registry.h"
#include "projections/engine/sql.h"
#include "projections/engine/step.h"
#include "projections/engine/table_sql.h"

namespace skald::projections {
namespace {

namespace sql = projections_engine::sql;
using diagnostics::crash_point;
using eventstore::Heads;
using eventstore::Partition;
using eventstore::Position;

// So few events left that the live version may be stopped for them.
constexpr std::int64_t close_enough = 2000;

// The owner's work takes its time, but what waits for it must not wait for ever.
pq::Settings patient(pq::Settings settings) {
    settings.application_name = "skald rebuild";
    settings.answer_timeout = std::chrono::minutes(10);
    settings.statement_timeout = std::chrono::minutes(9);
    settings.lock_timeout = std::chrono::seconds(30);
    settings.idle_in_transaction_timeout = std::chrono::minutes(1);
    return settings;
}

// Fills the tables of one version from the log.
class Builder {
  public:
    Builder(const Projection& projection, std::int32_t version, const pq::Settings& owner,
            eventstore::Log& log, const std::function<void(const RebuildProgress&)>& progress)
        : connection_(patient(owner)),
          writer_(projection, version),
          log_(log),
          progress_(progress) {
        pin_plans(connection_);
        // What a crash loses here is thrown away anyway; the switch's own commit makes all durable.
        connection_.script("SET synchronous_commit = off");
    }

    // Takes every partition to its position in `heads` at least; returns how many events that took.
    std::int64_t catch_up(const Heads& heads) {
        const auto before = taken_;
        total_ = 0;
        for (const auto& head : heads) total_ += head.value();
        for (std::size_t i = 0; i < heads.size(); ++i)
            catch_up(Partition(static_cast<std::int32_t>(i)), heads[i]);
        return taken_ - before;
    }

  private:
    void catch_up(Partition partition, Position head) {
        auto place = places_.find(partition);
        if (place == places_.end())
            place = places_.emplace(partition, writer_.open(connection_, partition)).first;
        while (place->second.cursor.position < head) {
            const auto events = log_.read(partition, place->second.cursor.position, {});
            if (events.empty()) throw RebuildRefused("the log is shorter than its head");
            place->second = writer_.apply(connection_, partition, place->second, events);
            taken_ += static_cast<std::int64_t>(events.size());
            if (progress_) progress_({taken_, std::max(taken_, total_)});
        }
    }

    pq::Connection connection_;
    PartitionWriter writer_;
    eventstore::Log& log_;
    const std::function<void(const RebuildProgress&)>& progress_;
    std::map<Partition, Place> places_;
    std::int64_t taken_ = 0;
    std::int64_t total_ = 0;
};

pq::Params named(const Projection& projection, std::int32_t version) {
    return pq::Params().text(projection.name).int4(version);
}

void create_new_version(pq::Connection& owner, const Projection& projection, std::int32_t version) {
    pq::Transaction transaction(owner);
    owner.query(sql::lock_registry, pq::Params().text(projection.name));
    for (const auto& old : versions(owner, projection.name))
        if (old.state == "building") drop_version(owner, projection, old.version);
    create_version(owner, projection, version, "building");
    transaction.commit();
}

// The live version's owners wait at their cursors until this commits, and find themselves fenced.
void switch_over(pq::Connection& owner, const Projection& projection, const RebuildPlan& plan,
                 eventstore::Log& log, Builder& builder) {
    pq::Transaction transaction(owner);
    const auto cursors = owner.query(sql::lock_live_cursors, named(projection, plan.live_version));
    // What the live version has shown, the new one shows too: as far as the log still holds it,
    // which it may not after it was restored to an earlier state.
    Heads reach = log.heads();
    for (int i = 0; i < cursors.size(); ++i) {
        auto& head = reach.at(static_cast<std::size_t>(i));
        head = std::min(head, Position(cursors.int8(i, 1)));
    }
    builder.catch_up(reach);
    const auto switched =
        owner.query(sql::switch_live, named(projection, plan.live_version).int4(plan.new_version));
    if (switched.affected() != 1)
        throw RebuildRefused("projection " + projection.name +
                             " was switched by somebody else meanwhile: run the rebuild again");
    owner.query(sql::set_version_state, named(projection, plan.live_version).text("previous"));
    owner.query(sql::set_version_state, named(projection, plan.new_version).text("live"));
    owner.query(sql::fence_version, named(projection, plan.live_version));
    crash_point("rebuild.before_switch");
    transaction.commit();
    crash_point("rebuild.after_switch");
}

// All but the live version and the one before it.
void drop_older(pq::Connection& owner, const Projection& projection, const RebuildPlan& plan) {
    for (const auto& old : versions(owner, projection.name)) {
        if (old.state != "previous" || old.version == plan.live_version) continue;
        pq::Transaction transaction(owner);
        drop_version(owner, projection, old.version);
        transaction.commit();
    }
}

// PostgreSQL needs a moment to see that a rebuild which held the lock was killed.
bool lock_rebuild(pq::Connection& connection, const std::string& projection) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    for (;;) {
        if (connection.query(sql::try_lock_rebuild, pq::Params().text(projection)).boolean(0, 0))
            return true;
        if (std::chrono::steady_clock::now() > give_up) return false;
        // sleep: nobody tells when a session's lock is free, and a waiting statement would keep
        // what the other rebuild drops from being dropped
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace

RebuildPlan plan_rebuild(pq::Connection& connection, const Projection& projection,
                         eventstore::Log& log) {
    const auto live = live_version(connection, projection.name);
    if (!live)
        throw RebuildRefused("projection " + projection.name +
                             " has no tables: run skald migrate up");
    RebuildPlan plan{live->version, 1, 0};
    for (const auto& one : versions(connection, projection.name))
        plan.new_version = std::max(plan.new_version, one.version + 1);
    for (const auto& head : log.heads()) plan.events += head.value();
    return plan;
}

RebuildPlan rebuild(const Projection& projection, const pq::Settings& owner, eventstore::Log& log,
                    const std::function<void(const RebuildProgress&)>& progress) {
    pq::Connection connection(patient(owner));
    if (!lock_rebuild(connection, projection.name)) {
        throw RebuildRefused("projection " + projection.name +
                             " is being rebuilt already: wait for that one to end");
    }
    const auto plan = plan_rebuild(connection, projection, log);
    create_new_version(connection, projection, plan.new_version);
    Builder builder(projection, plan.new_version, owner, log, progress);
    while (builder.catch_up(log.heads()) > close_enough) {
    }
    for (const auto* table : projection.tables)
        connection.script(
            at_version("ANALYZE skald_read." + std::string(table->name) + "_vN", plan.new_version));
    builder.catch_up(log.heads());
    switch_over(connection, projection, plan, log, builder);
    diagnostics::log_info("projection rebuilt", {{"projection", projection.name},
                                                 {"from_version", plan.live_version},
                                                 {"to_version", plan.new_version}});
    drop_older(connection, projection, plan);
    return plan;
}

}  // namespace skald::projections
