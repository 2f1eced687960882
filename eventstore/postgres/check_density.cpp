#include "eventstore/postgres/check_density.h"

#include "eventstore/postgres/sql.h"

namespace skald::eventstore {
namespace {

void note(Density& density, const std::string& what) {
    if (density.first.empty()) density.first = what;
}

}  // namespace

Density check_density(pq::Connection& reader, const Heads& upto) {
    Density density;
    for (std::size_t p = 0; p < upto.size(); ++p) {
        const auto name = std::to_string(p);
        const auto params = [&] {
            return pq::Params().int4(static_cast<std::int32_t>(p)).int8(upto[p].value());
        };
        const auto positions = reader.query(eventstore_postgres::sql::check_positions, params());
        density.events += positions.int8(0, 0);
        if (const auto missing = upto[p].value() - positions.int8(0, 0); missing != 0) {
            density.missing_positions += missing;
            note(density, "partition " + name + " has no event at position " +
                              std::to_string(positions.int8(0, 1)));
        }
        const auto streams = reader.query(eventstore_postgres::sql::check_versions, params());
        density.streams += streams.int8(0, 0);
        if (const auto missing = streams.int8(0, 1); missing != 0) {
            density.missing_versions += missing;
            note(density, "stream " + streams.text(0, 2) + " has holes in its versions");
        }
    }
    return density;
}

}  // namespace skald::eventstore
