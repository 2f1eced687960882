// Asks Redis for things before PostgreSQL is asked. Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "diagnostics/logger.h"
#include "projections/reading/snapshot.h"
#include "projections/redis/cache.h"

namespace skald::projections::redis {

// The things of these keys as far as Redis has them, and new enough for their requests. `parse`
// turns the value that the mirror wrote into the thing.
template <class Thing, class Parse>
Together<Thing> cached_together(Reading& reading, const Projection& projection,
                                std::span<const AskedThing> asked, Parse parse) {
    Together<Thing> answers(asked.size());
    if (reading.cache == nullptr) return answers;
    std::vector<Cache::Row> rows;
    for (const auto& [key, request] : asked) {
        const auto partition = eventstore::partition_of(key, reading.partitions);
        const auto own = static_cast<std::size_t>(partition.value());
        rows.push_back(
            {partition, key, own < request.wanted.size() ? request.wanted[own] : Position(0)});
    }
    auto found = reading.cache->rows(projection, rows);
    for (std::size_t i = 0; i < asked.size(); ++i) {
        if (!found[i]) continue;
        Answer<std::optional<Thing>> answer;
        try {
            answer.value = parse(found[i]->value);
        } catch (const std::exception&) {
            diagnostics::log_warning("Redis holds what nobody can read",
                                     {{"projection", projection.name}, {"key", asked[i].key}});
            continue;
        }
        answer.heads.resize(static_cast<std::size_t>(reading.partitions));
        answer.heads[static_cast<std::size_t>(rows[i].partition.value())] = found[i]->position;
        answer.parked = std::move(found[i]->parked);
        answers[i] = std::move(answer);
    }
    return answers;
}

// The thing of this key as Redis has it, if that is new enough for the request.
template <class Thing, class Parse>
std::optional<Answer<std::optional<Thing>>> cached(Reading& reading, const Projection& projection,
                                                   const std::string& key,
                                                   const ReadRequest& request, Parse parse) {
    const AskedThing asked{key, request};
    return cached_together<Thing>(reading, projection, {&asked, 1}, parse).front();
}

}  // namespace skald::projections::redis
