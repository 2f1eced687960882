#include "api/serve/queries.h"

#include "api/serve/checks.h"
#include "api/serve/connections.h"
#include "eventstore/postgres/secrets.h"
#include "projections/redis/cache.h"
#include "projections/redis/keys.h"

namespace skald::serve {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t log_readers = 2;

std::string secret(const Core& core, const std::string& name) {
    pq::Connection writer(writer_settings(core.config, "secrets"));
    return eventstore::shared_secret(writer, name, secret_bytes);
}

}  // namespace

struct Queries::Parts {
    explicit Parts(Core& core)
        : cursors(secret(core, "cursor_key")),
          emails(secret(core, "email_key")),
          pool(reader_settings(core.config, "queries"), core.config.workers),
          cache(redis_settings(core.config),
                projections::redis::space_of(core.config.redis_prefix, core.store),
                core.config.workers),
          waits(core.config.workers / 2, core.draining),
          reading{.pool = pool,
                  .progress = core.progress,
                  .partitions = core.store.partitions,
                  .cache = &cache,
                  .waits = &waits},
          log(core.reading_logs("log"), log_readers),
          services{.store = core.store,
                   .executor = nullptr,
                   .heads = &core.heads,
                   .log = &log,
                   .reading = &reading,
                   .email_key = &emails,
                   .cursors = &cursors,
                   .draining = &core.draining,
                   .saga_duty = &core.saga_duty,
                   .command_time_max = core.config.request,
                   .wait_default = core.config.wait} {}

    http::CursorCodec cursors;
    commands::EmailKey emails;
    projections::PgPool pool;
    projections::redis::Cache cache;
    projections::Waits waits;
    projections::Reading reading;
    routes::LogReader log;
    routes::Services services;
};

Queries::Queries(Core& core) : parts_(std::make_unique<Parts>(core)) {}

Queries::~Queries() = default;

const routes::Services& Queries::services() const { return parts_->services; }

}  // namespace skald::serve
