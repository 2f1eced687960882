#include "api/serve/projector_role.h"

#include <thread>

#include "api/serve/checks.h"
#include "api/serve/connections.h"
#include "eventstore/kafka/tail_first_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "projections/all.h"
#include "projections/engine/step.h"
#include "projections/redis/feed.h"
#include "projections/redis/keys.h"

namespace skald::serve {
namespace {

std::unique_ptr<eventstore::Source> source_of(Core& core, eventstore::SharedTopicFeed& feed,
                                              const std::string& name) {
    eventstore::KafkaSourceOptions kafka{.follower = "projection." + name};
    if (core.ring() == nullptr) {
        return std::make_unique<eventstore::KafkaSource>(std::move(kafka), feed.get(),
                                                         core.reading_logs(name)(), core.heads);
    }
    return std::make_unique<eventstore::TailFirstSource>(
        eventstore::TailFirstOptions{.kafka = std::move(kafka)}, feed, core.reading_logs(name),
        core.heads, *core.ring());
}

// What is committed within this time of the round before goes into one transaction.
constexpr std::chrono::milliseconds gather{5};
// Cursors that only pass over what does not concern a projection move so often. Whoever waits for
// them in another process waits that much longer.
constexpr std::chrono::milliseconds skipped_within{20};

}  // namespace

struct ProjectorRole::Projector {
    Projector(Core& core, eventstore::SharedTopicFeed& feed,
              const projections::Projection& projection)
        : step(projection, writer_settings(core.config, projection.name),
               [&progress = core.progress, name = projection.name](eventstore::Partition partition,
                                                                   eventstore::Position position) {
                   progress.announce(name, partition, position);
               },
               {.pause = skipped_within,
                .awaited = [&watch =
                                core.progress.of(projection.name)] { return watch.awaited(); }}),
          leases(writer_settings(core.config, projection.name + " leases"),
                 {.name = "projection." + projection.name, .duration = core.config.lease},
                 core.store.partitions),
          follower(
              {.name = "projection." + projection.name, .gather = gather}, leases,
              [&core, &feed, name = projection.name] { return source_of(core, feed, name); }, step,
              core.heads,
              eventstore::log_fork_check(core.reading_logs(projection.name + " check"))) {}

    projections::ProjectionStep step;
    eventstore::PgLeases leases;
    eventstore::Follower follower;
};

struct ProjectorRole::Redis {
    Redis(Core& core, const Queries& queries)
        : feeder(redis_settings(core.config), core.progress,
                 projections::redis_feeds(
                     *queries.services().reading, reader_settings(core.config, "redis"),
                     projections::redis::space_of(core.config.redis_prefix, core.store))) {}

    projections::redis::Feeder feeder;
};

ProjectorRole::ProjectorRole(Core& core, const Queries& queries)
    : feed_(std::make_unique<eventstore::SharedTopicFeed>(kafka_settings(core.config))) {
    for (const auto* projection : projections::all_projections()) {
        projectors_.push_back(std::make_unique<Projector>(core, *feed_, *projection));
    }
    for (auto& projector : projectors_) projector->follower.start();
    redis_ = std::make_unique<Redis>(core, queries);
}

ProjectorRole::~ProjectorRole() = default;

std::vector<const eventstore::Follower*> ProjectorRole::followers() const {
    std::vector<const eventstore::Follower*> all;
    for (const auto& projector : projectors_) all.push_back(&projector->follower);
    return all;
}

void ProjectorRole::stop() {
    std::vector<std::jthread> ending;
    for (auto& projector : projectors_) {
        ending.emplace_back([&follower = projector->follower] { follower.stop(); });
    }
    redis_.reset();
}

}  // namespace skald::serve
