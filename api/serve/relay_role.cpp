#include "api/serve/relay_role.h"

#include "api/serve/checks.h"
#include "api/serve/connections.h"
#include "eventstore/kafka/relay.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "eventstore/postgres/pg_relay_progress.h"
#include "schemas/meta.h"

namespace skald::serve {
namespace {

eventstore::RelayOptions options(const Core& core) {
    eventstore::RelayOptions options;
    options.kafka = kafka_settings(core.config);
    options.topic = topic_settings(core.config, core.store.partitions);
    options.format.meta_headers = schemas::meta_headers;
    options.era = core.store.era;
    options.lease = core.config.lease;
    return options;
}

}  // namespace

struct RelayRole::Parts {
    explicit Parts(Core& core)
        : progress(writer_settings(core.config, "relay progress")),
          relay(options(core), progress),
          leases(writer_settings(core.config, "relay leases"),
                 {.name = "relay", .duration = core.config.lease}, core.store.partitions),
          follower(
              {.name = "relay"}, leases,
              [&core, this] {
                  return relay.following(std::make_unique<eventstore::LogSource>(
                      core.reading_logs("relay")(), core.heads, core.ring()));
              },
              relay, core.heads, eventstore::log_fork_check(core.reading_logs("relay check"))) {}

    eventstore::PgRelayProgress progress;
    eventstore::Relay relay;
    eventstore::PgLeases leases;
    eventstore::Follower follower;
};

RelayRole::RelayRole(Core& core) : parts_(std::make_unique<Parts>(core)) {
    parts_->follower.start();
}

RelayRole::~RelayRole() = default;

const eventstore::Follower& RelayRole::follower() const { return parts_->follower; }

void RelayRole::stop() { parts_->follower.stop(); }

}  // namespace skald::serve
