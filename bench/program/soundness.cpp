#include "bench/program/soundness.h"

#include <stdexcept>

#include "api/serve/connections.h"
#include "bench/program/sql.h"
#include "eventstore/postgres/check_density.h"
#include "eventstore/postgres/pg_log.h"

namespace skald::bench {

void require_sound(const config::Config& config, pq::Connection& owner,
                   const std::map<std::string, std::int64_t>& answered) {
    for (const auto& [type, count] : answered) {
        const auto rows = owner.query(sql::count_events, pq::Params().text(type));
        if (rows.int8(0, 0) != count) {
            throw std::runtime_error("the log holds " + std::to_string(rows.int8(0, 0)) + " " +
                                     type + ", but " + std::to_string(count) + " were answered");
        }
    }
    const auto heads = eventstore::PgLog(serve::reader_settings(config, "bench")).heads();
    const auto density = eventstore::check_density(owner, heads);
    if (!density.first.empty()) throw std::runtime_error("the log has holes: " + density.first);
}

}  // namespace skald::bench
