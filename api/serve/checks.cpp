#include "api/serve/checks.h"

#include "api/serve/connections.h"
#include "eventstore/postgres/pg_log.h"
#include "projections/all.h"
#include "projections/engine/registry.h"

namespace skald::serve {
namespace {

using config::Role;

void check_partitions(const config::Loaded& loaded, const eventstore::StoreInfo& store) {
    if (!loaded.given("partitions") || loaded.config.partitions == store.partitions) return;
    throw Unfit("the store has " + std::to_string(store.partitions) +
                " partitions, which cannot change, but SKALD_PARTITIONS is " +
                std::to_string(loaded.config.partitions) + ". Leave it out or set it to " +
                std::to_string(store.partitions) + ".");
}

void check_read_models(pq::Connection& connection) {
    const auto problems =
        projections::installation_problems(connection, projections::all_projections());
    if (problems.empty()) return;
    std::string joined;
    for (const auto& problem : problems) joined += (joined.empty() ? "" : " ") + problem;
    throw Unfit(joined);
}

// What is missing either ends the start or, where that is allowed, is noted.
void away(const config::Config& config, const std::string& what, Checked& checked) {
    if (!config.allow_degraded) throw Unfit(what);
    checked.away.push_back(what);
}

void check_redis(const config::Config& config, Checked& checked) {
    try {
        projections::redis::Client client(redis_settings(config));
        if (const auto why = projections::redis::unfit(client)) throw Unfit(*why);
    } catch (const projections::redis::RedisAway& error) {
        away(config,
             std::string(error.what()) +
                 ". Start Redis (./dev up), correct SKALD_REDIS, or set SKALD_ALLOW_DEGRADED=true "
                 "to serve without it until it comes.",
             checked);
    } catch (const projections::redis::RedisError& error) {
        throw Unfit("Redis refuses to serve: " + std::string(error.what()) +
                    ". Correct SKALD_REDIS.");
    }
}

void check_kafka(const config::Config& config, Checked& checked) {
    try {
        eventstore::ensure_topic(kafka_settings(config),
                                 topic_settings(config, checked.store.partitions));
    } catch (const eventstore::TopicMismatch& error) {
        throw Unfit(error.what());
    } catch (const eventstore::Unavailable& error) {
        away(config,
             std::string(error.what()) +
                 ". Start Kafka (./dev up), correct SKALD_KAFKA, or set SKALD_ALLOW_DEGRADED=true "
                 "to serve without it until it comes.",
             checked);
    }
}

}  // namespace

Checked check_start(const config::Loaded& loaded) {
    const auto& config = loaded.config;
    const auto settings = writer_settings(config, "start");
    pq::Session session(settings);
    require_reachable(session, "SKALD_PG");
    require_schema(session.get());
    require_durable(session.get());
    Checked checked;
    checked.store = eventstore::PgLog(settings).store();
    check_partitions(loaded, checked.store);
    if (config.has(Role::api) || config.has(Role::projector)) {
        check_read_models(session.get());
        check_redis(config, checked);
    }
    if (config.has(Role::relay) || config.has(Role::projector)) check_kafka(config, checked);
    return checked;
}

std::vector<std::string> required_settings(const std::set<Role>& roles) {
    std::vector<std::string> required{"pg"};
    if (roles.contains(Role::api) || roles.contains(Role::projector)) required.push_back("redis");
    if (roles.contains(Role::relay) || roles.contains(Role::projector)) required.push_back("kafka");
    if (roles.contains(Role::sagas)) required.push_back("payment_url");
    return required;
}

eventstore::KafkaSettings kafka_settings(const config::Config& config) {
    return {.brokers = config.kafka, .topic = config.topic};
}

eventstore::TopicSettings topic_settings(const config::Config& config, std::int32_t partitions) {
    return {.partitions = partitions,
            .replication_factor = config.topic_replicas,
            .min_insync_replicas = config.topic_min_insync};
}

projections::redis::Settings redis_settings(const config::Config& config) {
    return {.address = config.redis.at.text(),
            .user = config.redis.user,
            .password = config.redis.password,
            .database = config.redis.database};
}

}  // namespace skald::serve
