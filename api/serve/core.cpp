#include "api/serve/core.h"

#include <utility>

#include "api/serve/connections.h"
#include "eventstore/postgres/pg_log.h"
#include "projections/all.h"

namespace skald::serve {
namespace {

eventstore::LogFactory logs(pq::Settings settings) {
    return
        [settings = std::move(settings)] { return std::make_unique<eventstore::PgLog>(settings); };
}

bool commits_and_follows(const config::Config& config) {
    using config::Role;
    return config.has(Role::sagas) ||
           (config.has(Role::api) && (config.has(Role::relay) || config.has(Role::projector)));
}

}  // namespace

Core::Core(config::Config settings, const eventstore::StoreInfo& info)
    : config(std::move(settings)),
      store(info),
      heads(info.partitions),
      progress(projections::projection_names(), info.partitions),
      ring_(commits_and_follows(config) ? std::make_unique<eventstore::TailRing>(info.partitions)
                                        : nullptr),
      poller_(
          heads, [this, log = std::shared_ptr(reading_logs("heads")())] { return ask_heads(*log); },
          config.poll) {}

eventstore::Heads Core::ask_heads(eventstore::Log& log) {
    try {
        return log.heads();
    } catch (const eventstore::Refused&) {
        throw;
    } catch (const eventstore::Unavailable&) {
        if (ring_) ring_->forget();
        throw;
    }
}

eventstore::LogFactory Core::reading_logs(const std::string& name) const {
    return logs(reader_settings(config, name));
}

eventstore::LogFactory Core::writing_logs(const std::string& name) const {
    return logs(writer_settings(config, name));
}

eventstore::CommitListener Core::commits() {
    return {.committed =
                [this](const eventstore::Commit& commit) {
                    if (ring_) ring_->add(commit);
                    heads.announce(commit.result.heads);
                },
            .log_was_away =
                [this] {
                    if (ring_) ring_->forget();
                }};
}

}  // namespace skald::serve
