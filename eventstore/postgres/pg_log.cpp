#include "eventstore/postgres/pg_log.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "diagnostics/crash_point.h"
#include "domain/kernel/invariant.h"
#include "eventstore/postgres/append_batch.h"
#include "eventstore/postgres/clean_append.h"
#include "eventstore/postgres/snapshot_rows.h"
#include "eventstore/postgres/sql.h"

namespace skald::eventstore {
namespace {

namespace sql = eventstore_postgres::sql;

// Two batches may race for one command id; the loser finds the winner's receipt when it is sent
// again.
constexpr std::string_view unique_violation = "23505";
constexpr int resends_max = 3;
// Who retries is seldom alone: for so many appends behind a duplicate, receipts are looked for
// first. For so many behind what another process wrote, heads are looked at.
constexpr int wary_appends = 100;
constexpr std::string_view program_limit_exceeded = "54000";
constexpr std::string_view lock_not_available = "55P03";
constexpr auto unknown = CleanAppend::unknown;

// Class 22 (data exception), 23 (integrity) and 54 (program limit) speak about the data that was
// sent. Anything else is about the server, and says nothing of what becomes of the same batch
// later.
bool speaks_of_the_data(std::string_view sqlstate) {
    return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54");
}

void throw_if_too_large(std::span<const AppendCommand> batch) {
    for (const auto& command : batch) {
        for (const auto& use : command.uses) {
            for (const auto& event : use.events) {
                const auto bytes = event.meta.size() + event.data.size();
                if (bytes <= event_bytes_max) continue;
                throw pq::Error(std::string(program_limit_exceeded),
                                "an event " + event.type + " has " + std::to_string(bytes) +
                                    " bytes, and " + std::to_string(event_bytes_max) +
                                    " are allowed");
            }
        }
    }
}

Receipt receipt_of_row(const pq::Rows& rows, int row) {
    Receipt receipt;
    receipt.id = CommandId(rows.uuid(row, 0));
    const auto fingerprint = rows.bytea(row, 1);
    std::copy(fingerprint.begin(), fingerprint.end(), receipt.fingerprint.begin());
    receipt.verdict = static_cast<Verdict>(rows.int2(row, 2));
    if (!rows.is_null(row, 3)) receipt.stream = *StreamName::parse(rows.text_view(row, 3));
    if (!rows.is_null(row, 4)) receipt.first_version = Version(rows.int8(row, 4));
    receipt.count = rows.int4(row, 5);
    return receipt;
}

std::vector<StoredEvent> events_of(const pq::Rows& rows) {
    std::vector<StoredEvent> events;
    events.reserve(static_cast<std::size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) events.push_back(event_of_row(rows, i));
    return events;
}

}  // namespace

StoredEvent event_of_row(const pq::Rows& rows, int row) {
    StoredEvent event;
    event.partition = Partition(rows.int4(row, 0));
    event.position = Position(rows.int8(row, 1));
    auto stream = StreamName::parse(rows.text_view(row, 2));
    if (!stream)
        throw std::runtime_error("the log holds a stream name that is none: " + rows.text(row, 2));
    event.stream = std::move(*stream);
    event.version = Version(rows.int8(row, 3));
    event.type = rows.text(row, 4);
    event.schema_version = rows.int4(row, 5);
    event.command = CommandId(rows.uuid(row, 6));
    event.command_seq = rows.int4(row, 7);
    event.id = event_id(event.command, event.command_seq);
    event.recorded_at = RecordedAt(rows.timestamp(row, 8));
    event.meta = rows.bytea(row, 9);
    event.data = rows.bytea(row, 10);
    return event;
}

PgLog::PgLog(pq::Settings settings, std::chrono::milliseconds lock_wait)
    : session_([&] {
          settings.lock_timeout = lock_wait;
          return std::move(settings);
      }()) {}

pq::Connection& PgLog::connection() {
    auto& live = session_.get();
    if (pinned_ != session_.connections_made()) {
        live.query(sql::pin_to_indexes);
        pinned_ = session_.connections_made();
    }
    return live;
}

template <class Call>
auto PgLog::answered(Call call) {
    try {
        return call(connection());
    } catch (const pq::Error& error) {
        if (speaks_of_the_data(error.sqlstate)) throw;
        if (error.sqlstate == lock_not_available)
            throw Busy(std::string("PostgreSQL: ") + error.what(), {}, partitions_.value_or(0));
        // A timeout, a cancelled statement, a missing right, a full disk: no answer to the
        // question, but sure to have had no effect.
        throw Refused(std::string("PostgreSQL: ") + error.what());
    }
}

StoreInfo PgLog::store() {
    return answered([](pq::Connection& connection) {
        const auto rows = connection.prepared(sql::read_store);
        if (rows.empty())
            throw std::runtime_error("the database holds no store; run `skald migrate up`");
        if (rows.text(0, 3) != "on") {
            throw std::runtime_error(
                "PostgreSQL runs with fsync=off and would lose acknowledged commands; turn it on");
        }
        return StoreInfo{rows.uuid(0, 0), Era(rows.int8(0, 1)), rows.int4(0, 2)};
    });
}

AppendResult PgLog::append(std::span<const AppendCommand> batch) {
    if (!partitions_) partitions_ = store().partitions;
    heads_.resize(static_cast<std::size_t>(*partitions_), unknown);
    AppendResult result;
    try {
        if (!batch.empty()) append_bisecting(batch, result);
        result.partitions = *partitions_;
        forget_heads_of_before();
        result.connection = heads_told_over_ = session_.connections_made();
        for (const auto& [partition, position] : result.heads)
            heads_.at(static_cast<std::size_t>(partition.value())) = position.value();
    } catch (const NotSent& error) {
        // The first part of a divided batch may be in already.
        if (!result.outcomes.empty()) throw Unavailable(error.what());
        if (dynamic_cast<const Busy*>(&error) == nullptr) throw;
        throw Busy(error.what(), locked_of(batch), *partitions_);
    }
    return result;
}

bool PgLog::tell_before_waiting(std::function<void()> call) {
    session_.tell_before_waiting(std::move(call));
    return true;
}

// Those that others hold at this moment; none when that cannot be told.
std::vector<Partition> PgLog::locked_of(std::span<const AppendCommand> batch) {
    std::set<std::int32_t> touched;
    for (const auto& command : batch) {
        for (const auto& use : command.uses)
            touched.insert(partition_of(use.stream.partition_key(), *partitions_).value());
    }
    std::vector<Partition> locked;
    try {
        const auto rows = session_.get().prepared(
            sql::locked_partitions,
            pq::Params().int4_array(std::vector(touched.begin(), touched.end())));
        for (int i = 0; i < rows.size(); ++i) locked.emplace_back(rows.int4(i, 0));
    } catch (const std::exception&) {  // the next append meets the same, and says so
        locked.clear();
    }
    return locked;
}

bool PgLog::is_free(Partition partition) {
    try {
        answered([&](pq::Connection& connection) {
            return connection.prepared(sql::wait_for_partition,
                                       pq::Params().int4(partition.value()));
        });
        return true;
    } catch (const Busy&) {
        return false;
    }
}

// Over another connection, or while a batch is divided, they say nothing.
void PgLog::forget_heads_of_before() {
    if (heads_told_over_ != session_.connections_made()) std::ranges::fill(heads_, unknown);
}

std::optional<AppendResult> PgLog::append_clean(pq::Connection& connection,
                                                std::span<const AppendCommand> batch) {
    forget_heads_of_before();
    CleanAppend clean(batch, heads_, {.duplicates = wary_ > 0, .others = others_write_ > 0});
    if (!clean.possible()) return std::nullopt;
    wary_ = std::max(0, wary_ - 1);
    others_write_ = std::max(0, others_write_ - 1);
    try {
        const auto rows = connection.prepared(sql::append_clean, clean.params());
        if (rows.is_null(0, 0)) return std::nullopt;
        const auto heads_before = rows.int8_array(0, 0);
        if (clean.others_wrote(heads_before)) others_write_ = wary_appends;
        return clean.result(heads_before, RecordedAt(rows.timestamp(0, 1)));
    } catch (const pq::Error& error) {
        if (error.sqlstate != unique_violation) throw;
        others_write_ = wary_appends;
        return std::nullopt;
    }
}

AppendResult PgLog::append_once(std::span<const AppendCommand> batch) {
    auto& connection = session_.get();
    diagnostics::crash_point("log.before_commit");
    if (auto result = append_clean(connection, batch)) {
        diagnostics::crash_point("log.after_commit");
        return std::move(*result);
    }
    throw_if_too_large(batch);
    const AppendBatch careful(batch, *partitions_);
    const auto rows = connection.prepared(sql::append, careful.params());
    diagnostics::crash_point("log.after_commit");
    auto answer = careful.answer(rows.int2_array(0, 0), rows.int8_array(0, 1),
                                 RecordedAt(rows.timestamp(0, 2)));
    if (!answer.duplicates.empty()) {
        wary_ = wary_appends;
        fetch_receipts(connection, batch, answer);
    }
    return std::move(answer.result);
}

void PgLog::fetch_receipts(pq::Connection& connection, std::span<const AppendCommand> batch,
                           AppendBatch::Answer& answer) {
    std::vector<Uuid> ids;
    for (const auto i : answer.duplicates) ids.push_back(batch[i].id.value());
    const auto found = connection.prepared(sql::read_receipts, pq::Params().uuid_array(ids));
    std::unordered_map<CommandId, Receipt> receipts;
    for (int i = 0; i < found.size(); ++i) {
        auto receipt = receipt_of_row(found, i);
        receipts.emplace(receipt.id, std::move(receipt));
    }
    for (const auto i : answer.duplicates)
        answer.result.outcomes[i].receipt = receipts.at(batch[i].id);
}

void PgLog::append_bisecting(std::span<const AppendCommand> batch, AppendResult& into) {
    std::string reason;
    for (int sent = 0; sent <= resends_max; ++sent) {
        try {
            auto part = answered([&](pq::Connection&) { return append_once(batch); });
            std::ranges::move(part.outcomes, std::back_inserter(into.outcomes));
            std::ranges::move(part.parts, std::back_inserter(into.parts));
            for (const auto& [partition, position] : part.heads) {
                const auto known =
                    std::ranges::find(into.heads, partition, [](const auto& h) { return h.first; });
                if (known == into.heads.end()) {
                    into.heads.emplace_back(partition, position);
                } else {
                    known->second = std::max(known->second, position);
                }
            }
            return;
        } catch (const pq::Error& error) {
            reason = error.what();
            if (error.sqlstate != unique_violation) break;
        }
    }
    if (batch.size() == 1) {
        into.outcomes.push_back({OutcomeKind::invalid, receipt_of(batch[0]), reason});
        into.parts.push_back({.commands = 1});
        return;
    }
    // What the commands saw, they saw with the whole batch before them.
    heads_told_over_ = 0;
    append_bisecting(batch.first(batch.size() / 2), into);
    append_bisecting(batch.subspan(batch.size() / 2), into);
}

std::vector<StoredEvent> PgLog::read(Partition partition, Position after, const ReadLimit& limit) {
    return answered([&](pq::Connection& connection) {
        return events_of(connection.prepared(sql::read_partition, pq::Params()
                                                                      .int4(partition.value())
                                                                      .int8(after.value())
                                                                      .int8(limit.events_max)
                                                                      .int8(limit.bytes_max)));
    });
}

std::vector<StoredEvent> PgLog::read_partitions(std::span<const PartitionFrom> partitions,
                                                const ReadLimit& of_each, std::int64_t bytes_max) {
    std::vector<std::int32_t> numbers;
    std::vector<std::int64_t> after;
    for (const auto& from : partitions) {
        numbers.push_back(from.partition.value());
        after.push_back(from.after.value());
    }
    return answered([&](pq::Connection& connection) {
        return events_of(connection.prepared(sql::read_partitions, pq::Params()
                                                                       .int4_array(numbers)
                                                                       .int8_array(after)
                                                                       .int8(of_each.events_max)
                                                                       .int8(of_each.bytes_max)
                                                                       .int8(bytes_max)));
    });
}

std::vector<StoredEvent> PgLog::read_streams(std::span<const StreamFrom> streams,
                                             std::int32_t events_max, std::int64_t bytes_max) {
    if (!partitions_) partitions_ = store().partitions;
    std::vector<std::int32_t> partitions;
    std::vector<std::string> names;
    std::vector<std::int64_t> after;
    for (const auto& from : streams) {
        partitions.push_back(partition_of(from.stream.partition_key(), *partitions_).value());
        names.push_back(from.stream.text());
        after.push_back(from.after.value());
    }
    return answered([&](pq::Connection& connection) {
        return events_of(connection.prepared(sql::read_streams, pq::Params()
                                                                    .int4_array(partitions)
                                                                    .text_array(names)
                                                                    .int8_array(after)
                                                                    .int8(events_max)
                                                                    .int8(bytes_max)));
    });
}

std::vector<Snapshot> PgLog::snapshots(std::span<const SnapshotWanted> wanted) {
    if (!partitions_) partitions_ = store().partitions;
    return answered([&](pq::Connection& connection) {
        return snapshots_of(
            connection.prepared(sql::read_snapshots, params_of(wanted, *partitions_)));
    });
}

void PgLog::keep(std::span<const Snapshot> snapshots) {
    if (!partitions_) partitions_ = store().partitions;
    answered([&](pq::Connection& connection) {
        return connection.prepared(sql::keep_snapshots, params_of(snapshots, *partitions_));
    });
}

Heads PgLog::heads() {
    if (!partitions_) partitions_ = store().partitions;
    return answered([&](pq::Connection& connection) {
        const auto rows = connection.prepared(sql::read_heads, pq::Params().int4(*partitions_));
        Heads heads;
        for (int i = 0; i < rows.size(); ++i) heads.push_back(Position(rows.int8(i, 1)));
        return heads;
    });
}

std::optional<Receipt> PgLog::receipt(const CommandId& id) {
    return answered([&](pq::Connection& connection) -> std::optional<Receipt> {
        const Uuid ids[] = {id.value()};
        const auto rows = connection.prepared(sql::read_receipts, pq::Params().uuid_array(ids));
        if (rows.empty()) return std::nullopt;
        return receipt_of_row(rows, 0);
    });
}

}  // namespace skald::eventstore
