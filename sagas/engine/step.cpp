#include "sagas/engine/step.h"

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"
#include "domain/kernel/enum_name.h"
#include "sagas/engine/sql.h"

namespace skald::sagas {
namespace {

namespace sql = sagas_engine::sql;
using diagnostics::crash_point;
using eventstore::Cursor;
using eventstore::Partition;
using eventstore::Position;
using eventstore::StoredEvent;

constexpr std::chrono::seconds clock_period{10};
constexpr std::chrono::seconds count_period{15};
constexpr std::chrono::milliseconds store_period{100};
// Of the time that the driver keeps sagas awake, so that no deadline falls between: how long before
// they pass deadlines are looked up, how often, and how late the rows may be that tell of them.
constexpr int look_ahead = 3;
constexpr int sweep_period = 30;
constexpr int store_at_last = 6;

}  // namespace

SagaStep::SagaStep(Driver& driver, pq::Settings writer)
    : driver_(driver), writer_(std::move(writer)), session_(writer_) {}

Cursor SagaStep::open(Partition partition) {
    look_at_the_clock();
    auto& connection = session_.get();
    const auto taken =
        connection.prepared(sql::take_partition, pq::Params().int4(partition.value()));
    const Cursor cursor{Position(taken.int8(0, 0)), eventstore::EventId(taken.uuid(0, 1))};
    const auto rows = connection.prepared(
        sql::read_live, pq::Params().int4(partition.value()).timestamp(horizon().value()));
    std::vector<eventstore::StreamName> live;
    for (int i = 0; i < rows.size(); ++i)
        live.push_back(*eventstore::StreamName::parse(rows.text_view(i, 0)));
    driver_.release(partition);  // what an attempt that failed left
    driver_.adopt(partition, std::move(live));
    auto& owned = owned_[partition];
    owned.cursor = owned.stored = cursor;
    owned.revision = taken.int8(0, 2);
    fresh_.insert(partition);
    counted_ = {};
    return cursor;
}

void SagaStep::begin(Partition partition, const Cursor&, std::span<const StoredEvent> run) {
    if (const auto owned = owned_.find(partition); owned != owned_.end())
        owned->second.telling = driver_.begin_to_tell(run);
}

Cursor SagaStep::apply(Partition partition, const Cursor& at, std::span<const StoredEvent> run) {
    const auto found = owned_.find(partition);
    if (found == owned_.end() || found->second.cursor != at)
        throw eventstore::Fenced("the partition was not opened at this cursor");
    auto& owned = found->second;
    driver_.hear(std::exchange(owned.telling, {}));
    auto rows = driver_.observe(partition, run);
    driver_.tell_parents(rows);
    if (owned.cursor == owned.stored) owned.behind_since = Clock::now();
    for (auto& row : rows) owned.rows.insert_or_assign(row.stream, std::move(row));
    owned.cursor = eventstore::cursor_at(run.back());
    if (too_late(owned)) store(partition, owned);
    return owned.cursor;
}

// PostgreSQL was away, and may have lost what it was to flush later: then all of the partition is
// taken anew from where the cursor stands.
void SagaStep::see_what_was_lost() {
    auto& connection = session_.get();
    if (connections_seen_ == session_.connections_made()) return;
    std::vector<std::int32_t> partitions;
    for (const auto& [partition, owned] : owned_) partitions.push_back(partition.value());
    const auto rows = connection.prepared(sql::read_cursors, pq::Params().int4_array(partitions));
    std::vector<Partition> lost;
    for (int i = 0; i < rows.size(); ++i) {
        const Partition partition(rows.int4(i, 0));
        const auto& owned = owned_.at(partition);
        if (rows.int8(i, 1) != owned.stored.position.value() || rows.int8(i, 2) != owned.revision)
            lost.push_back(partition);
    }
    connections_seen_ = session_.connections_made();
    if (!lost.empty())
        throw eventstore::PartitionsFenced(std::move(lost), "the sagas' rows are not as they were");
}

// Of all partitions. One that fails is tried again, and must succeed in the end.
void SagaStep::store_all() {
    std::vector<Partition> fenced;
    std::string why;
    for (auto& [partition, owned] : owned_) {
        if (owned.cursor == owned.stored) continue;
        try {
            store(partition, owned);
        } catch (const std::exception& error) {
            why = error.what();
            if (dynamic_cast<const eventstore::Fenced*>(&error) != nullptr || too_late(owned))
                fenced.push_back(partition);
        }
    }
    if (!fenced.empty()) throw eventstore::PartitionsFenced(std::move(fenced), why);
    if (!why.empty()) throw eventstore::Unavailable(why);
}

bool SagaStep::too_late(const Owned& owned) const {
    return Clock::now() - owned.behind_since > driver_.stays_awake() / store_at_last;
}

void SagaStep::store(Partition partition, Owned& owned) {
    crash_point("sagas.before_commit");
    auto& connection = session_.get();
    pq::Transaction transaction(connection);
    connection.prepared(sql::commit_later);
    if (!owned.rows.empty()) keep(partition, owned);
    const auto moved =
        connection.prepared(sql::move_cursor, pq::Params()
                                                  .int4(partition.value())
                                                  .int8(owned.cursor.position.value())
                                                  .uuid(owned.cursor.event.value())
                                                  .int8(owned.stored.position.value())
                                                  .int8(owned.revision));
    if (moved.affected() != 1)
        throw eventstore::Fenced("somebody else drives the sagas of this partition");
    transaction.commit();
    crash_point("sagas.after_commit");
    owned.stored = owned.cursor;
    // The sweep may have passed them by while they were not there to be seen.
    std::vector<eventstore::StreamName> due;
    for (const auto& [stream, row] : owned.rows)
        if (row.at_rest && row.due && *row.due <= awake_until_) due.push_back(stream);
    owned.rows.clear();
    if (!due.empty()) driver_.wake(partition, due);
}

void SagaStep::keep(Partition partition, const Owned& owned) {
    std::vector<std::string> streams, sagas, subjects, phases, steps, codes;
    std::vector<std::int32_t> definitions;
    std::vector<std::int64_t> versions, started, since, due;
    std::vector<bool> undo, at_rest;
    for (const auto& [stream, row] : owned.rows) {
        const auto& state = row.state;
        streams.push_back(stream.text());
        sagas.push_back(state.saga);
        subjects.push_back(state.subject);
        definitions.push_back(state.definition);
        phases.emplace_back(kernel::name_of(state.phase));
        steps.push_back(state.current ? state.current->step : "");
        undo.push_back(state.current && state.current->undo);
        codes.push_back(state.code);
        versions.push_back(row.version.value());
        started.push_back(state.started_at.value());
        since.push_back(state.since.value());
        due.push_back(row.due ? row.due->value() : 0);
        at_rest.push_back(row.at_rest);
    }
    session_.get().prepared(sql::keep_sagas, pq::Params()
                                                 .int4(partition.value())
                                                 .text_array(std::span<const std::string>(streams))
                                                 .text_array(std::span<const std::string>(sagas))
                                                 .text_array(std::span<const std::string>(subjects))
                                                 .int4_array(definitions)
                                                 .text_array(std::span<const std::string>(phases))
                                                 .text_array(std::span<const std::string>(steps))
                                                 .bool_array(undo)
                                                 .text_array(std::span<const std::string>(codes))
                                                 .int8_array(versions)
                                                 .timestamp_array(started)
                                                 .timestamp_array(since)
                                                 .timestamp_array(due)
                                                 .bool_array(at_rest));
}

void SagaStep::close(Partition partition) {
    fresh_.erase(partition);
    const auto owned = owned_.find(partition);
    if (owned == owned_.end()) return;
    try {
        if (owned->second.cursor != owned->second.stored) store(partition, owned->second);
    } catch (const std::exception& error) {  // the events behind the cursor are taken once more
        diagnostics::log_debug("rows of sagas were not stored",
                               {{"partition", partition.value()}, {"error", error.what()}});
    }
    owned_.erase(owned);
    driver_.release(partition);
    counted_ = {};
}

void SagaStep::tick() {
    // Only now: between open() and here the follower looks whether the log is what it was.
    for (const auto partition : std::exchange(fresh_, {})) driver_.resume(partition);
    const auto now = Clock::now();
    see_what_was_lost();
    if (now - looked_ >= clock_period) look_at_the_clock();
    if (now - stored_ >= store_period) {
        stored_ = now;
        store_all();
    }
    if (now - swept_ >= driver_.stays_awake() / sweep_period) wake_the_due();
    count();
}

kernel::Timestamp SagaStep::horizon() const {
    return driver_.clock().now() +
           std::chrono::microseconds(driver_.stays_awake() / look_ahead).count();
}

// The clock may have gone back meanwhile: then what lies between is looked up once more.
void SagaStep::wake_the_due() {
    const auto until = horizon();
    std::vector<std::int32_t> partitions;
    for (const auto& [partition, owned] : owned_) partitions.push_back(partition.value());
    const auto rows = session_.get().prepared(sql::read_due, pq::Params()
                                                                 .int4_array(partitions)
                                                                 .timestamp(awake_until_.value())
                                                                 .timestamp(until.value()));
    std::map<Partition, std::vector<eventstore::StreamName>> due;
    for (int i = 0; i < rows.size(); ++i)
        due[Partition(rows.int4(i, 0))].push_back(
            *eventstore::StreamName::parse(rows.text_view(i, 1)));
    for (const auto& [partition, streams] : due) driver_.wake(partition, streams);
    awake_until_ = until;
    swept_ = Clock::now();
}

// Each process tells of its own partitions, so that the sum over all is what there is. Counting
// many takes a while: on a thread of its own.
void SagaStep::count() {
    if (counting_.valid()) {
        if (counting_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
        for (auto& [labels, sagas] : counts_) sagas = 0;
        for (const auto& [labels, sagas] : counting_.get()) counts_[labels] = sagas;
        for (const auto& [labels, sagas] : counts_)
            diagnostics::gauge("skald_sagas", "Sagas that have not ended, of the partitions held",
                               {{"saga", labels.first}, {"phase", labels.second}})
                .Set(sagas);
    }
    if (Clock::now() - counted_ < count_period) return;
    counted_ = Clock::now();
    std::vector<std::int32_t> partitions;
    for (const auto& [partition, owned] : owned_) partitions.push_back(partition.value());
    counting_ = std::async(std::launch::async, [partitions, writer = writer_] {
        Counts counts;
        pq::Connection connection(writer);
        const auto rows = connection.query(sql::count_live, pq::Params().int4_array(partitions));
        for (int i = 0; i < rows.size(); ++i)
            counts[{rows.text(i, 0), rows.text(i, 1)}] = static_cast<double>(rows.int8(i, 2));
        return counts;
    });
}

// Deadlines go by the database's clock, which all runners share.
void SagaStep::look_at_the_clock() {
    const auto before = std::chrono::system_clock::now();
    const auto there = database_time(session_.get()).value();
    const auto here = before + (std::chrono::system_clock::now() - before) / 2;
    driver_.clock().set_offset(
        std::chrono::microseconds(there) -
        std::chrono::duration_cast<std::chrono::microseconds>(here.time_since_epoch()));
    looked_ = std::chrono::steady_clock::now();
}

kernel::Timestamp database_time(pq::Connection& connection) {
    return kernel::Timestamp(connection.prepared(sql::read_time).timestamp(0, 0));
}

void check_definitions(pq::Connection& connection, const Registry& registry) {
    const auto rows = connection.query(sql::read_definitions);
    std::string missing;
    for (int i = 0; i < rows.size(); ++i) {
        if (registry.find(rows.text_view(i, 0), rows.int4(i, 1)) != nullptr) continue;
        missing += (missing.empty() ? "" : ", ") + rows.text(i, 0) + " version " +
                   std::to_string(rows.int4(i, 1)) + " (" + std::to_string(rows.int8(i, 2)) +
                   " under way)";
    }
    if (!missing.empty())
        throw std::runtime_error("this program does not know sagas that are under way: " + missing +
                                 ". Run the program that started them until they have ended.");
}

}  // namespace skald::sagas
