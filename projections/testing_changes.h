// Row changes as text, for the tests of change functions.
#pragma once

#include <string>
#include <vector>

#include "eventstore/types.h"
#include "projections/engine/projection.h"
#include "schemas/encoded.h"

namespace skald::projections::testing_changes {

// "put products sku=A title=Tea ...", one change a line; columns that are not named are left out.
std::string text_of(const Changes& changes);

// The changes of an encoded event, as the given version of its stream, recorded at 7 microseconds.
// `earlier`: the first events of the stream that it is told with.
std::string changes_of(const Projection& projection, const std::string& stream,
                       std::int64_t version, const schemas::Encoded& encoded,
                       const std::vector<schemas::Encoded>& earlier = {});

// An event, and what it changes in a read model.
struct ChangeCase {
    const char* why;
    const Projection& (*projection)();
    std::string stream;
    std::int64_t version;
    schemas::Encoded event;
    std::string changes;
    std::vector<schemas::Encoded> earlier = {};  // that it is told with
};

inline std::string changes_of(const ChangeCase& row) {
    return changes_of(row.projection(), row.stream, row.version, row.event, row.earlier);
}

}  // namespace skald::projections::testing_changes
