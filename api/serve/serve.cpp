#include "api/serve/serve.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "api/ops/repair_shop.h"
#include "api/ops/routes.h"
#include "api/serve/api_role.h"
#include "api/serve/checks.h"
#include "api/serve/descriptors.h"
#include "api/serve/listener.h"
#include "api/serve/projector_role.h"
#include "api/serve/relay_role.h"
#include "api/serve/saga_role.h"
#include "api/serve/stop_signal.h"
#include "diagnostics/logger.h"
#include "sagas/known/known.h"

namespace skald::serve {
namespace {

using config::Role;

constexpr std::size_t ops_workers = 2;
constexpr std::size_t ops_queue_max = 64;
// What ending may take beyond the requests in flight: statements that a stalled server never
// answers are not waited for, since nothing acknowledged depends on them.
constexpr std::chrono::seconds end_patience{4};

http::ServerOptions ops_options(const config::Config& config, std::size_t connections_max) {
    http::ServerOptions options;
    options.name = "ops";
    options.listen = config.ops_listen.text();
    options.setting = "SKALD_OPS_LISTEN";
    options.limits.connections_max = connections_max;
    options.limits.in_flight_max = ops_queue_max;
    return options;
}

// Ends the process, orderly or not, once ending has taken too long.
class EndByForce {
  public:
    explicit EndByForce(std::chrono::milliseconds after)
        : thread_([after](const std::stop_token& done) {
              std::mutex mutex;
              std::unique_lock lock(mutex);
              std::condition_variable_any over;
              if (over.wait_for(lock, done, after, [&] { return done.stop_requested(); })) return;
              if (done.stop_requested()) return;
              diagnostics::log_warning("ended without waiting any longer",
                                       {{"waited_ms", after.count()}});
              std::_Exit(0);
          }) {}

  private:
    std::jthread thread_;
};

// The one executor of all that this process's clients and sagas do, if it has either: two would
// write to the same partitions, and each would have to look at what the other did.
std::unique_ptr<eventstore::Executor> executor_of(Core& core) {
    const auto& config = core.config;
    if (!config.has(Role::api) && !config.has(Role::sagas)) return nullptr;
    return std::make_unique<eventstore::Executor>(core.writing_logs("executor"),
                                                  sagas::folds_with(sagas::known_sagas()),
                                                  executor_limits(config), core.commits());
}

// The roles of this process, in the order they begin; they end the other way round.
class Process {
  public:
    Process(const config::Config& config, const eventstore::StoreInfo& store,
            const Connections& connections)
        : core_(config, store),
          queries_(core_),
          executor_(executor_of(core_)),
          api_(config.has(Role::api)
                   ? std::make_unique<ApiRole>(core_, queries_, *executor_, connections.api)
                   : nullptr),
          repairs_(core_.writing_logs("repairs"), core_.commits()),
          ops_(ops_options(config, connections.ops), ops::ops_router(queries_.services(), repairs_),
               ops_workers, ops_queue_max) {
        if (config.has(Role::relay)) relay_.emplace(core_);
        if (config.has(Role::projector)) projector_.emplace(core_, queries_);
        if (config.has(Role::sagas)) sagas_.emplace(core_, *executor_);
    }

    Urls urls() const { return {api_ ? api_->url() : "", ops_.url()}; }

    void stop() {
        core_.draining = true;
        if (api_) api_->stop(core_.config.drain);
        {
            std::jthread relay([this] {
                if (relay_) relay_->stop();
            });
            const std::jthread sagas([this] {
                if (sagas_) sagas_->stop();
            });
            if (projector_) projector_->stop();
        }
        if (executor_) executor_->stop();
        ops_.stop(std::chrono::milliseconds(0));
    }

  private:
    Core core_;
    Queries queries_;
    std::unique_ptr<eventstore::Executor> executor_;
    std::unique_ptr<ApiRole> api_;
    ops::RepairShop repairs_;
    Listener ops_;  // behind the API: who asks here whether it is ready may call there
    std::optional<RelayRole> relay_;
    std::optional<ProjectorRole> projector_;
    std::optional<SagaRole> sagas_;
};

void log_start(const config::Config& config, const Checked& checked, const Urls& urls) {
    auto roles = nlohmann::json::array();
    for (const auto role : config.roles) roles.push_back(config::name_of(role));
    diagnostics::log_info("serving", {{"roles", roles},
                                      {"api", urls.api},
                                      {"ops", urls.ops},
                                      {"store", eventstore::to_text(checked.store.id)},
                                      {"era", checked.store.era.value()},
                                      {"partitions", checked.store.partitions},
                                      {"topic", config.topic}});
}

// What a shop has to know before its first order.
void warn_of_payments(const config::Loaded& loaded) {
    const auto& config = loaded.config;
    if (!config.has(Role::sagas) && !loaded.given("roles")) {
        diagnostics::log_warning(
            "orders stay pending: set SKALD_PAYMENT_URL to the payment provider's address, or to "
            "sandbox:FILE to pretend");
    }
    if (config.has(Role::sagas) && config.sandbox_payments()) {
        diagnostics::log_warning("payments go to a sandbox: no money moves",
                                 {{"payment_url", config.payment_url}});
    }
}

}  // namespace

void serve(const config::Loaded& loaded, const std::function<void(const Urls&)>& ready) {
    StopSignal signal;
    const auto descriptors = raise_descriptor_limit();
    const auto connections = share_descriptors(loaded.config, descriptors);
    const auto checked = check_start(loaded);
    if (connections.api < static_cast<std::size_t>(loaded.config.connections_max)) {
        diagnostics::log_warning("fewer connections than SKALD_CONNECTIONS_MAX",
                                 {{"connections", connections.api}, {"open_files", descriptors}});
    }
    for (const auto& what : checked.away) diagnostics::log_warning("away", {{"what", what}});
    warn_of_payments(loaded);
    std::optional<EndByForce> watchdog;  // outlives the process's parts, whose end it bounds
    Process process(loaded.config, checked.store, connections);
    log_start(loaded.config, checked, process.urls());
    ready(process.urls());
    const int number = signal.wait();
    diagnostics::log_info("stopping", {{"signal", number}});
    watchdog.emplace(loaded.config.drain + end_patience);
    process.stop();
    diagnostics::log_info("stopped");
}

}  // namespace skald::serve
