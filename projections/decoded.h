// From a stored event to the changes of the fact it holds: what the projections of all aggregates
// share. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "domain/kernel/impossible.h"
#include "eventstore/types.h"
#include "projections/engine/projection.h"
#include "schemas/catalogue.h"

namespace skald::projections {

// Whether the catalogue has this type, in this schema version or a later one.
inline bool in_catalogue(std::string_view type, std::int32_t schema_version) {
    const auto* known = schemas::find_type(type);
    return known != nullptr && schema_version <= known->schema_version;
}

// `changes(fact, event)` of the fact that `decode` (a codec of schemas) finds in the event. The
// error is why there is none, or the ImpossibleEvent that `changes` throws.
template <class Decode, class ChangesOfFact>
Result<Changes, std::string> decoded(const eventstore::StoredEvent& event, Decode decode,
                                     ChangesOfFact changes) {
    const auto fact = decode(event.type, event.schema_version, event.data);
    if (!fact) return unexpected(fact.error().detail);
    try {
        return std::visit([&](const auto& one) -> Changes { return changes(one, event); }, *fact);
    } catch (const kernel::ImpossibleEvent& impossible) {
        return unexpected(std::string(impossible.what()));
    }
}

// The facts of one kind among what came before an event, oldest first. Throws
// kernel::ImpossibleEvent where there is one that cannot be decoded.
template <class Fact, class Decode>
std::vector<Fact> facts_in(Earlier earlier, Decode decode) {
    std::vector<Fact> facts;
    for (const auto& event : earlier) {
        auto fact = decode(event.type, event.schema_version, event.data);
        kernel::possible(fact.has_value(), "what came before it cannot be decoded");
        if (auto* one = std::get_if<Fact>(&*fact)) facts.push_back(std::move(*one));
    }
    return facts;
}

}  // namespace skald::projections
