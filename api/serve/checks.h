// What has to be true before the program serves: each check that fails ends the start with one
// sentence and the remedy.
#pragma once

#include <string>
#include <vector>

#include "api/config/load.h"
#include "eventstore/kafka/client.h"
#include "eventstore/kafka/topic.h"
#include "eventstore/log.h"
#include "projections/redis/client.h"

namespace skald::serve {

struct Checked {
    eventstore::StoreInfo store;
    // What is away, one sentence each; not empty only where SKALD_ALLOW_DEGRADED lets that pass.
    std::vector<std::string> away;
};

// In this order: PostgreSQL reachable, its schema, fsync, the store's partitions, the read models
// (roles api and projector), Redis reachable and noeviction (the same), Kafka reachable and the
// topic as it must be (roles relay and projector; made if it is not there). Throws Unfit.
Checked check_start(const config::Loaded& loaded);

// The settings without which these roles cannot run.
std::vector<std::string> required_settings(const std::set<config::Role>& roles);

eventstore::KafkaSettings kafka_settings(const config::Config& config);
// The topic as it must be, for a store of so many partitions.
eventstore::TopicSettings topic_settings(const config::Config& config, std::int32_t partitions);
projections::redis::Settings redis_settings(const config::Config& config);

}  // namespace skald::serve
