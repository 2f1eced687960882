#include "api/serve/api_role.h"

#include "api/routes/public.h"
#include "api/serve/listener.h"

namespace skald::serve {
namespace {

http::ServerOptions options(const config::Config& config, std::size_t connections_max) {
    http::ServerOptions options;
    options.listen = config.listen.text();
    options.limits.connections_max = connections_max;
    options.limits.in_flight_max = config.http_queue_max;
    options.limits.waiting_max = config.waiting_max;
    options.limits.header_time_max = config.header;
    options.limits.body_time_max = config.body;
    options.limits.idle_time_max = config.idle;
    options.limits.write_time_max = config.write;
    return options;
}

routes::Services with(routes::Services services, eventstore::Executor& executor) {
    services.executor = &executor;
    return services;
}

}  // namespace

eventstore::ExecutorLimits executor_limits(const config::Config& config) {
    eventstore::ExecutorLimits limits;
    limits.queue_max = config.queue_max;
    limits.cache_bytes_max = config.cache_bytes_max;
    return limits;
}

struct ApiRole::Parts {
    Parts(Core& core, const Queries& queries, eventstore::Executor& commands,
          std::size_t connections_max)
        : executor(commands),
          services(with(queries.services(), executor)),
          listener(options(core.config, connections_max), routes::public_router(services),
                   core.config.workers, core.config.http_queue_max) {}

    eventstore::Executor& executor;
    routes::Services services;
    Listener listener;
};

ApiRole::ApiRole(Core& core, const Queries& queries, eventstore::Executor& executor,
                 std::size_t connections_max)
    : parts_(std::make_unique<Parts>(core, queries, executor, connections_max)) {}

ApiRole::~ApiRole() {
    stop(std::chrono::milliseconds(0));
    parts_->executor.stop();
}

std::string ApiRole::url() const { return parts_->listener.url(); }

void ApiRole::stop(std::chrono::milliseconds patience) { parts_->listener.stop(patience); }

}  // namespace skald::serve
