#include "eventstore/postgres/pg_leases.h"

#include <unistd.h>

#include <algorithm>

#include "eventstore/postgres/sql.h"

namespace skald::eventstore {
namespace sql = eventstore_postgres::sql;

namespace {

pq::Settings hurried(pq::Settings settings, std::chrono::milliseconds lease) {
    const auto limit = lease / 2;
    settings.connect_timeout = std::min(settings.connect_timeout, limit);
    settings.answer_timeout = std::min(settings.answer_timeout, limit);
    settings.statement_timeout = std::min(settings.statement_timeout, limit);
    settings.lock_timeout = std::min(settings.lock_timeout, limit);
    return settings;
}

}  // namespace

std::string make_lease_owner() {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    const auto random = to_text(fresh_command_id().value());
    return std::string(host) + ":" + std::to_string(getpid()) + ":" +
           random.substr(random.size() - 8);
}

PgLeases::PgLeases(pq::Settings settings, LeaseOptions options, std::int32_t partitions)
    : session_(hurried(std::move(settings), options.duration)),
      options_(std::move(options)),
      partitions_(partitions) {}

std::vector<Partition> PgLeases::renew() {
    const auto rows = session_.get().prepared(
        sql::renew_leases, pq::Params()
                               .text(options_.name)
                               .text(options_.owner)
                               .int4(partitions_)
                               .float8(static_cast<double>(options_.duration.count())));
    std::vector<Partition> held;
    for (int i = 0; i < rows.size(); ++i) held.emplace_back(rows.int4(i, 0));
    return held;
}

void PgLeases::release_all() {
    // Renewing touches the same rows in another order.
    auto& connection = session_.get();
    pq::Transaction transaction(connection);
    connection.query(sql::lock_leases, pq::Params().text(options_.name));
    connection.query(sql::release_leases, pq::Params().text(options_.name).text(options_.owner));
    transaction.commit();
}

std::vector<LeaseSeen> read_leases(pq::Connection& connection) {
    const auto rows = connection.query(sql::read_leases);
    std::vector<LeaseSeen> leases;
    for (int i = 0; i < rows.size(); ++i) {
        leases.push_back({rows.text(i, 0), Partition(rows.int4(i, 1)), rows.text(i, 2),
                          rows.int8(i, 3), std::chrono::milliseconds(rows.int8(i, 4))});
    }
    return leases;
}

}  // namespace skald::eventstore
