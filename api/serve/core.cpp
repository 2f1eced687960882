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

}  // namespace

Core::Core(config::Config settings, const eventstore::StoreInfo& info)
    : config(std::move(settings)),
      store(info),
      heads(info.partitions),
      progress(projections::projection_names(), info.partitions),
      poller_(
          heads, [log = std::shared_ptr(reading_logs("heads")())] { return log->heads(); },
          config.poll) {}

eventstore::LogFactory Core::reading_logs(const std::string& name) const {
    return logs(reader_settings(config, name));
}

eventstore::LogFactory Core::writing_logs(const std::string& name) const {
    return logs(writer_settings(config, name));
}

eventstore::CommitListener Core::commits() {
    return {.committed = [this](const eventstore::Commit& commit) {
        heads.announce(commit.result.heads);
    }};
}

}  // namespace skald::serve
