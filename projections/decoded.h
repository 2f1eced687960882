// From a stored event to the changes of the fact it holds: what the projections of all aggregates
// share. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "eventstore/types.h"
#include "projections/engine/projection.h"
#include "schemas/catalogue.h"

namespace skald::projections {

// Whether the catalogue has this type, in this schema version or a later one.
inline bool in_catalogue(std::string_view type, std::int32_t schema_version) {
    const auto* known = schemas::find_type(type);
    return known != nullptr && schema_version <= known->schema_version;
}

// `changes(fact, event)` of the fact that `decode` (a codec of schemas) finds in the event.
template <class Decode, class ChangesOfFact>
Result<Changes, std::string> decoded(const eventstore::StoredEvent& event, Decode decode,
                                     ChangesOfFact changes) {
    const auto fact = decode(event.type, event.schema_version, event.data);
    if (!fact) return unexpected(fact.error().detail);
    return std::visit([&](const auto& one) -> Changes { return changes(one, event); }, *fact);
}

}  // namespace skald::projections
