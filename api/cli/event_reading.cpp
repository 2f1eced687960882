#include "api/cli/event_reading.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "api/cli/command.h"
#include "diagnostics/logger.h"

namespace skald::cli {
namespace {

using eventstore::Partition;
using eventstore::Position;

constexpr eventstore::ReadLimit page_max{500, 4 * 1024 * 1024};
constexpr std::chrono::milliseconds look_every{200};

eventstore::StreamName stream_name(const std::string& text) {
    auto name = eventstore::StreamName::parse(text);
    if (!name) throw Misused("--stream: \"" + text + "\" " + name.error());
    return *name;
}

// From `after` (which moves on) up to `upto`; false: enough.
bool read_partition(eventstore::Log& log, Partition partition, Position& after, Position upto,
                    const EventQuery& query, const TakeEvent& take) {
    while (after < upto) {
        const auto page = log.read(partition, after, page_max);
        if (page.empty()) return true;
        for (const auto& event : page) {
            if (event.position > upto) return true;
            after = event.position;
            if (matches(query, event) && !take(event)) return false;
        }
    }
    return true;
}

}  // namespace

std::vector<Partition> partitions_of(const EventQuery& query, std::int32_t partitions) {
    if (query.partition && *query.partition >= partitions) {
        throw Misused("--partition " + std::to_string(*query.partition) +
                      ": the store's partitions are 0 to " + std::to_string(partitions - 1) + ".");
    }
    std::vector<Partition> all;
    for (std::int32_t p = 0; p < partitions; ++p) {
        if (!query.partition || *query.partition == p) all.emplace_back(p);
    }
    if (!query.stream) return all;
    const auto key = stream_name(*query.stream);
    const auto home = eventstore::partition_of(key.partition_key(), partitions);
    std::erase_if(all, [&](Partition partition) { return partition != home; });
    return all;
}

bool matches(const EventQuery& query, const eventstore::StoredEvent& event) {
    return (query.types.empty() || query.types.contains(event.type)) &&
           (!query.stream || event.stream.text() == *query.stream);
}

void read_events(eventstore::Log& log, const EventQuery& query, const TakeEvent& take) {
    const auto heads = log.heads();
    for (const auto partition : partitions_of(query, static_cast<std::int32_t>(heads.size()))) {
        const auto head = heads[static_cast<std::size_t>(partition.value())];
        if (query.stream) {
            bool enough = false;
            read_stream(log, stream_name(*query.stream), [&](const auto& event) {
                if (event.position > head) return false;
                if (event.position.value() > query.after && matches(query, event)) {
                    enough = !take(event);
                }
                return !enough;
            });
            if (enough) return;
            continue;
        }
        Position after(query.after);
        if (!read_partition(log, partition, after, head, query, take)) return;
    }
}

void read_stream(eventstore::Log& log, const eventstore::StreamName& stream,
                 const TakeEvent& take) {
    eventstore::StreamFrom from{stream, eventstore::Version(0)};
    while (true) {
        const auto page = log.read_streams(std::span(&from, 1), page_max.events_max);
        for (const auto& event : page) {
            if (!take(event)) return;
            from.after = event.version;
        }
        if (page.size() < static_cast<std::size_t>(page_max.events_max)) return;
    }
}

void tail_events(eventstore::Log& log, const EventQuery& query, bool from_start,
                 const TakeEvent& take) {
    auto heads = log.heads();
    const auto partitions = partitions_of(query, static_cast<std::int32_t>(heads.size()));
    auto after = from_start ? eventstore::Heads(heads.size(), Position(query.after)) : heads;
    bool told = false;
    while (true) {
        try {
            heads = log.heads();
            told = false;
            for (const auto partition : partitions) {
                const auto p = static_cast<std::size_t>(partition.value());
                if (!read_partition(log, partition, after[p], heads[p], query, take)) return;
            }
        } catch (const eventstore::Unavailable& error) {
            if (!told) diagnostics::log_warning("waiting", {{"why", error.what()}});
            told = true;
        }
        // sleep: another process's events announce themselves to nobody here
        std::this_thread::sleep_for(look_every);
    }
}

}  // namespace skald::cli
