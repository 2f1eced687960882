#include "projections/engine/partition_writer.h"

#include <algorithm>

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "domain/kernel/invariant.h"
#include "projections/engine/registry.h"
#include "projections/engine/sql.h"

namespace skald::projections {

namespace sql = projections_engine::sql;
using diagnostics::crash_point;
using eventstore::Partition;
using eventstore::StoredEvent;

constexpr std::string_view statement_cancelled = "57014";
// What a new owner or an operator raises a revision by: more than the rounds that a crash of
// PostgreSQL can lose, so that no revision ever stands for two things. Such a transaction waits for
// the disk: were it lost as well, the next would come to the same revisions.
constexpr std::int64_t revision_jump = 1'000'000;
constexpr std::string_view not_all_moved = "22012";  // see move_all_cursors.sql

// What a run comes to: rows to write, keys to park, events to put into queues.
struct PartitionWriter::Plan {
    NetChanges changes;
    std::vector<std::pair<const StoredEvent*, Poison>> newly_parked;
    std::vector<const StoredEvent*> queued;
};

PartitionWriter::PartitionWriter(const Projection& projection, std::int32_t version)
    : projection_(projection),
      version_(version),
      parking_(projection, version),
      tables_(projection, version) {}

Place PartitionWriter::open(pq::Connection& connection, Partition partition) {
    for (const auto& parked : parking_.keys(connection, partition)) {
        if (parked.reason == reason_unknown_type &&
            projection_.knows(parked.type, parked.schema_version)) {
            release(connection, partition, parked.key);
        }
    }
    pq::Transaction transaction(connection, {{sql::commit_now},
                                             {sql::take_partition, pq::Params()
                                                                       .text(projection_.name)
                                                                       .int4(version_)
                                                                       .int4(partition.value())
                                                                       .int8(revision_jump)}});
    const auto& rows = transaction.answers()[1];
    if (rows.empty())
        throw eventstore::Fenced("version " + std::to_string(version_) + " of projection " +
                                 projection_.name + " is not there any more");
    const Place place{{eventstore::Position(rows.int8(0, 0)), eventstore::EventId(rows.uuid(0, 1))},
                      rows.int8(0, 2)};
    auto& parked = parked_[partition];
    parked.clear();
    for (auto& key : parking_.keys(connection, partition)) parked.insert(std::move(key.key));
    transaction.commit();
    return place;
}

bool PartitionWriter::only_moves(std::span<const StoredEvent> run) const {
    const StoredEvent* before = nullptr;
    for (const auto& event : run) {
        // Most events are of the type of the one before.
        const bool alike = before != nullptr && before->type == event.type &&
                           before->schema_version == event.schema_version;
        if (!alike && !skips(event)) return false;
        before = &event;
    }
    return true;
}

std::map<Partition, std::int64_t> PartitionWriter::move(pq::Connection& connection,
                                                        const std::map<Partition, Move>& moves) {
    std::vector<std::int32_t> partitions;
    std::vector<std::int64_t> from, revisions, to;
    std::vector<eventstore::Uuid> events;
    for (const auto& [partition, move] : moves) {
        partitions.push_back(partition.value());
        from.push_back(move.from.cursor.position.value());
        revisions.push_back(move.from.revision);
        to.push_back(move.to.position.value());
        events.push_back(move.to.event.value());
    }
    const auto moved = connection.prepared(sql::move_cursors, pq::Params()
                                                                  .text(projection_.name)
                                                                  .int4(version_)
                                                                  .int4_array(partitions)
                                                                  .int8_array(from)
                                                                  .int8_array(revisions)
                                                                  .int8_array(to)
                                                                  .uuid_array(events));
    std::map<Partition, std::int64_t> now;
    for (int i = 0; i < moved.size(); ++i) now[Partition(moved.int4(i, 0))] = moved.int8(i, 1);
    return now;
}

Place PartitionWriter::apply(pq::Connection& connection, Partition partition, const Place& at,
                             std::span<const StoredEvent> run) {
    INVARIANT(!run.empty() && run.front().position > at.cursor.position);
    const Share all{partition, at, eventstore::cursor_at(run.back()), run};
    const Place next{all.to, at.revision + 1};
    try {
        commit(connection, {&all, 1}, std::nullopt);
        return next;
    } catch (const ChangesRefused& refused) {
        if (run.size() == 1) {
            commit(connection, {&all, 1}, Poison{std::string(reason_refused), refused.what()});
            return next;
        }
    } catch (const pq::Error& error) {
        // Too much for one statement's time; of one event that says nothing about the event.
        if (error.sqlstate != statement_cancelled || run.size() == 1) throw;
    }
    const auto half = run.size() / 2;
    const Place middle = apply(connection, partition, at, run.first(half));
    return apply(connection, partition, middle, run.subspan(half));
}

// Such transactions never wait for each other in a circle: each locks its cursors before all else,
// in the order of partitions, as a rebuild does (a release locks one), and a row is written only
// under the lock on the cursor of its partition. Nothing is written where a cursor could not be
// moved. Partitions whose events made the same row would be an exception, which the names of
// streams rule out; PostgreSQL would end one of the two transactions, and its partitions would be
// done one by one.
void PartitionWriter::commit(pq::Connection& connection, std::span<const Share> shares,
                             const std::optional<Poison>& refused) {
    LookBacks look_backs(connection, projection_);
    for (const auto& share : shares) look_backs.expect(share.partition, share.run);
    std::vector<Plan> plans;
    plans.reserve(shares.size());
    std::vector<PartitionChanges> changes;
    for (const auto& share : shares) {
        plans.push_back(planned(share, look_backs, refused));
        changes.push_back({&plans.back().changes, share.partition, share.at.revision + 1});
    }
    auto writes = tables_.writes(changes);
    std::vector<pq::Statement> statements{moved(shares)};
    std::ranges::move(writes.statements, std::back_inserter(statements));
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto partition = shares[i].partition;
        if (!plans[i].newly_parked.empty())
            statements.push_back(parking_.park(partition, plans[i].newly_parked));
        if (!plans[i].queued.empty())
            statements.push_back(parking_.enqueue(partition, plans[i].queued));
    }
    try {
        pq::Transaction transaction(connection, std::move(statements));
        writes.check(transaction.answers().subspan(1));
        crash_point("projection.before_commit");
        transaction.commit();
    } catch (const pq::Error& error) {
        if (error.statement == 0 && error.sqlstate == not_all_moved)
            throw eventstore::Fenced(
                "the cursor of projection " + projection_.name + ", partition " +
                std::to_string(shares.front().partition.value()) + ", was moved by another owner");
        writes.refuse(error, error.statement - 1);
    }
    crash_point("projection.after_commit");
    for (std::size_t i = 0; i < shares.size(); ++i) note_parked(shares[i].partition, plans[i]);
}

pq::Statement PartitionWriter::moved(std::span<const Share> shares) const {
    std::vector<std::int32_t> partitions;
    std::vector<std::int64_t> from, revisions, to;
    std::vector<eventstore::Uuid> events;
    for (const auto& share : shares) {
        partitions.push_back(share.partition.value());
        from.push_back(share.at.cursor.position.value());
        revisions.push_back(share.at.revision);
        to.push_back(share.to.position.value());
        events.push_back(share.to.event.value());
    }
    return {sql::move_all_cursors, pq::Params()
                                       .text(projection_.name)
                                       .int4(version_)
                                       .int4_array(partitions)
                                       .int8_array(from)
                                       .int8_array(revisions)
                                       .int8_array(to)
                                       .uuid_array(events)};
}

void PartitionWriter::note_parked(Partition partition, const Plan& plan) {
    for (const auto& [event, poison] : plan.newly_parked) {
        parked_[partition].emplace(event->stream.partition_key());
        diagnostics::log_warning("partition key parked",
                                 {{"projection", projection_.name},
                                  {"key", std::string(event->stream.partition_key())},
                                  {"partition", partition.value()},
                                  {"position", event->position.value()},
                                  {"type", event->type},
                                  {"reason", poison.reason},
                                  {"detail", poison.detail}});
    }
}

PartitionWriter::Plan PartitionWriter::planned(const Share& share, LookBacks& look_backs,
                                               const std::optional<Poison>& refused) const {
    Plan plan;
    std::set<std::string, std::less<>> newly;
    const auto known = parked_.find(share.partition);
    for (const auto& event : share.run) {
        if (skips(event)) continue;
        const auto key = event.stream.partition_key();
        if (newly.contains(key) || (known != parked_.end() && known->second.contains(key))) {
            plan.queued.push_back(&event);
            continue;
        }
        auto changes =
            refused ? Result<Changes, Poison>(unexpected(*refused)) : changes_of(event, look_backs);
        if (changes) {
            for (auto& change : *changes) plan.changes.add(std::move(change), event.position);
            continue;
        }
        newly.emplace(key);
        plan.newly_parked.emplace_back(&event, changes.error());
        plan.queued.push_back(&event);
    }
    return plan;
}

bool PartitionWriter::skips(const StoredEvent& event) const {
    return !projection_.subscribes_to(event.type) &&
           projection_.knows(event.type, event.schema_version);
}

Result<Changes, Poison> PartitionWriter::changes_of(const StoredEvent& event,
                                                    LookBacks& look_backs) const {
    if (!projection_.knows(event.type, event.schema_version)) {
        return unexpected(
            Poison{std::string(reason_unknown_type), event.type + ", schema version " +
                                                         std::to_string(event.schema_version) +
                                                         ", is not known to this program"});
    }
    auto changes = projection_.changes_of(event, look_backs.of(event));
    if (!changes)
        return unexpected(Poison{std::string(reason_undecodable), std::move(changes.error())});
    return std::move(*changes);
}

Released PartitionWriter::release(pq::Connection& connection, Partition partition,
                                  const std::string& key) {
    pq::Transaction transaction(
        connection, {{sql::commit_now},
                     {sql::lock_cursor,
                      pq::Params().text(projection_.name).int4(version_).int4(partition.value())}});
    const auto& place = transaction.answers()[1];
    // Only now that the cursor is locked no rebuild can switch versions under this release.
    const auto live = live_version(connection, projection_.name);
    if (!live || live->version != version_)
        throw eventstore::Fenced("version " + std::to_string(version_) + " of projection " +
                                 projection_.name + " is not the live one any more");
    const auto queue = parking_.queue(connection, partition, key);
    if (place.empty() || queue.empty()) return {};
    const auto revision = place.int8(0, 2);
    const auto raised = revision + revision_jump;

    // One by one: what stands in the way is named exactly, and nothing makes up for it.
    Released released{true, 0, std::nullopt};
    for (const auto& event : queue) {
        released.still_parked = try_write(connection, partition, event, raised);
        if (released.still_parked) break;
        ++released.applied;
    }
    if (released.still_parked) {
        parking_.repark(connection, key, queue[static_cast<std::size_t>(released.applied)],
                        *released.still_parked);
    } else {
        parking_.unpark(connection, key);
    }
    connection.prepared(sql::raise_revision, pq::Params()
                                                 .text(projection_.name)
                                                 .int4(version_)
                                                 .int4(partition.value())
                                                 .int8(revision)
                                                 .int8(raised));
    crash_point("projection.before_commit");
    transaction.commit();
    crash_point("projection.after_commit");
    diagnostics::log_info("parked key released", {{"projection", projection_.name},
                                                  {"key", key},
                                                  {"applied", released.applied},
                                                  {"still_parked", !!released.still_parked}});
    return released;
}

std::optional<Poison> PartitionWriter::try_write(pq::Connection& connection, Partition partition,
                                                 const StoredEvent& event, std::int64_t revision) {
    if (skips(event)) return std::nullopt;  // subscribed to when it was queued, and no longer
    LookBacks look_backs(connection, projection_);
    look_backs.expect(partition, {&event, 1});
    auto changes = changes_of(event, look_backs);
    if (!changes) return changes.error();
    connection.script("SAVEPOINT queue");
    try {
        NetChanges net;
        for (auto& change : *changes) net.add(std::move(change), event.position);
        tables_.write(connection, {&net, partition, revision});
    } catch (const ChangesRefused& refused) {
        connection.script("ROLLBACK TO SAVEPOINT queue");
        return Poison{std::string(reason_refused), refused.what()};
    }
    connection.script("RELEASE SAVEPOINT queue");
    return std::nullopt;
}

std::size_t PartitionWriter::parked_keys() const {
    std::size_t count = 0;
    for (const auto& [partition, keys] : parked_) count += keys.size();
    return count;
}

}  // namespace skald::projections
