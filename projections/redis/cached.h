// Asks Redis for a single thing before PostgreSQL is asked. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "diagnostics/logger.h"
#include "projections/reading/reading.h"
#include "projections/redis/cache.h"

namespace skald::projections::redis {

// The thing of this key as Redis has it, if that is new enough for the request. `parse` turns the
// value that the mirror wrote into the thing.
template <class Thing, class Parse>
std::optional<Answer<std::optional<Thing>>> cached(Reading& reading, const Projection& projection,
                                                   const std::string& key,
                                                   const ReadRequest& request, Parse parse) {
    if (reading.cache == nullptr) return std::nullopt;
    const auto partition = eventstore::partition_of(key, reading.partitions);
    const auto own = static_cast<std::size_t>(partition.value());
    const Position wanted = own < request.wanted.size() ? request.wanted[own] : Position(0);
    auto found = reading.cache->row(projection, partition, key, wanted);
    if (!found) return std::nullopt;
    Answer<std::optional<Thing>> answer;
    try {
        answer.value = parse(found->value);
    } catch (const std::exception&) {
        diagnostics::log_warning("Redis holds what nobody can read",
                                 {{"projection", projection.name}, {"key", key}});
        return std::nullopt;
    }
    answer.heads.resize(static_cast<std::size_t>(reading.partitions));
    answer.heads[own] = found->position;
    answer.parked = std::move(found->parked);
    return answer;
}

}  // namespace skald::projections::redis
