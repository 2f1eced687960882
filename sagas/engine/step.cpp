#include "sagas/engine/step.h"

#include "diagnostics/crash_point.h"
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

}  // namespace

SagaStep::SagaStep(Driver& driver, pq::Settings writer)
    : driver_(driver), session_(std::move(writer)) {}

Cursor SagaStep::open(Partition partition) {
    look_at_the_clock();
    auto& connection = session_.get();
    const auto taken =
        connection.prepared(sql::take_partition, pq::Params().int4(partition.value()));
    const Cursor cursor{Position(taken.int8(0, 0)), eventstore::EventId(taken.uuid(0, 1))};
    const auto rows = connection.prepared(sql::read_live, pq::Params().int4(partition.value()));
    std::vector<eventstore::StreamName> live;
    for (int i = 0; i < rows.size(); ++i)
        live.push_back(*eventstore::StreamName::parse(rows.text_view(i, 0)));
    driver_.adopt(partition, std::move(live));
    owned_[partition] = {cursor, taken.int8(0, 2)};
    fresh_.insert(partition);
    counted_ = {};
    return cursor;
}

Cursor SagaStep::apply(Partition partition, const Cursor& at, std::span<const StoredEvent> run) {
    const auto owned = owned_.find(partition);
    if (owned == owned_.end() || owned->second.cursor != at)
        throw eventstore::Fenced("the partition was not opened at this cursor");
    driver_.hear(run);
    const auto rows = driver_.observe(partition, run);
    driver_.tell_parents(rows);
    const auto next = eventstore::cursor_at(run.back());
    crash_point("sagas.before_commit");
    auto& connection = session_.get();
    pq::Transaction transaction(connection);
    connection.prepared(sql::commit_later);
    if (!rows.empty()) keep(partition, rows);
    const auto moved = connection.prepared(sql::move_cursor, pq::Params()
                                                                 .int4(partition.value())
                                                                 .int8(next.position.value())
                                                                 .uuid(next.event.value())
                                                                 .int8(at.position.value())
                                                                 .int8(owned->second.revision));
    if (moved.affected() != 1)
        throw eventstore::Fenced("somebody else drives the sagas of this partition");
    transaction.commit();
    crash_point("sagas.after_commit");
    owned->second.cursor = next;
    return next;
}

void SagaStep::keep(Partition partition, std::span<const Row> rows) {
    std::vector<std::string> streams, sagas, subjects, phases, steps, codes;
    std::vector<std::int32_t> definitions;
    std::vector<std::int64_t> versions, started, since, due;
    std::vector<bool> undo;
    for (const auto& row : rows) {
        const auto& state = row.state;
        streams.push_back(row.stream.text());
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
                                                 .timestamp_array(due));
}

void SagaStep::close(Partition partition) {
    fresh_.erase(partition);
    if (owned_.erase(partition) > 0) driver_.release(partition);
    counted_ = {};
}

void SagaStep::tick() {
    // Only now: between open() and here the follower looks whether the log is what it was.
    for (const auto partition : std::exchange(fresh_, {})) driver_.resume(partition);
    if (std::chrono::steady_clock::now() - looked_ >= clock_period) look_at_the_clock();
    if (std::chrono::steady_clock::now() - counted_ >= count_period) count();
}

// Each process tells of its own partitions, so that the sum over all is what there is.
void SagaStep::count() {
    std::vector<std::int32_t> partitions;
    for (const auto& [partition, owned] : owned_) partitions.push_back(partition.value());
    const auto rows = session_.get().prepared(sql::count_live, pq::Params().int4_array(partitions));
    for (auto& [labels, sagas] : counts_) sagas = 0;
    for (int i = 0; i < rows.size(); ++i)
        counts_[{rows.text(i, 0), rows.text(i, 1)}] = static_cast<double>(rows.int8(i, 2));
    for (const auto& [labels, sagas] : counts_)
        diagnostics::gauge("skald_sagas", "Sagas that have not ended, of the partitions held",
                           {{"saga", labels.first}, {"phase", labels.second}})
            .Set(sagas);
    counted_ = std::chrono::steady_clock::now();
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
