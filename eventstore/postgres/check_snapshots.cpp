#include "eventstore/postgres/check_snapshots.h"

#include <algorithm>

#include "eventstore/folding.h"
#include "eventstore/postgres/sql.h"

namespace skald::eventstore {
namespace {

constexpr std::int32_t page_events = 5000;

// The stream's state at that version as bytes, by its events alone.
std::string replayed(Log& log, const Fold& fold, const StreamName& stream, Version upto) {
    CachedState state{.state = fold.initial()};
    while (state.version < upto) {
        const auto left =
            static_cast<std::int32_t>(std::min<std::int64_t>(page_events, upto - state.version));
        const StreamFrom from{stream, state.version};
        const auto events = log.read_streams(std::span(&from, 1), left);
        if (events.empty() || !fold_on(state, fold, events))
            throw CorruptStream(stream.text() + " has holes in its versions");
    }
    return fold.to_bytes(state.state);
}

// What is wrong with it, and what to do, or nothing.
std::string fault_of(Log& log, const Fold& fold, const StreamName& stream, Version version,
                     const std::string& state) {
    try {
        if (replayed(log, fold, stream, version) == state) return {};
    } catch (const CorruptStream& error) {
        return std::string(error.what()) + ": its state is not known";
    }
    return stream.text() + " at version " + std::to_string(version.value()) +
           " is not what its events come to; stop the processes that take commands, delete its row "
           "in skald.snapshots, start them again";
}

}  // namespace

SnapshotsFound check_snapshots(pq::Connection& reader, Log& log, const Folds& folds) {
    SnapshotsFound found;
    std::int32_t partition = -1;
    std::string stream;
    for (;;) {
        const auto rows = reader.query(eventstore_postgres::sql::check_snapshots,
                                       pq::Params().int4(partition).text(stream));
        if (rows.empty()) return found;
        partition = rows.int4(0, 0);
        stream = rows.text(0, 1);
        ++found.snapshots;
        const auto name = StreamName::parse(stream);
        const auto fold = name ? folds.find(name->category()) : folds.end();
        if (fold == folds.end() || fold->second->revision() != rows.int4(0, 3) ||
            !rows.boolean(0, 5)) {
            ++found.unused;
            continue;
        }
        const Version version(rows.int8(0, 2));
        const auto fault = fault_of(log, *fold->second, *name, version, rows.bytea(0, 4));
        if (fault.empty()) continue;
        ++found.different;
        if (found.first.empty()) found.first = fault;
    }
}

}  // namespace skald::eventstore
