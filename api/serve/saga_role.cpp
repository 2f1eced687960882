#include "api/serve/saga_role.h"

#include "api/serve/connections.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "sagas/engine/step.h"
#include "sagas/known/known.h"
#include "sagas/providers/guarded_provider.h"
#include "sagas/providers/http_provider.h"
#include "sagas/providers/sandbox.h"

namespace skald::serve {
namespace {

constexpr std::string_view in_process = "sandbox:";
// How long a request of ours is taken by the provider (its check of our signature's time), and with
// it how long one may still arrive.
constexpr std::chrono::seconds on_the_way{300};
constexpr std::chrono::seconds in_this_process{5};
// The breaker's default is for a provider that fails; a sandbox fails on purpose, card by card.
constexpr int sandbox_failures_to_open = 1000;

std::unique_ptr<sagas::PaymentProvider> provider_of(const config::Config& config) {
    const auto& url = config.payment_url;
    try {
        if (url.starts_with(in_process)) {
            return std::make_unique<sagas::Sandbox>(
                sagas::SandboxSettings{.ledger = url.substr(in_process.size())});
        }
        return std::make_unique<sagas::HttpProvider>(
            sagas::HttpProviderSettings{.url = url, .secret = config.payment_secret});
    } catch (const std::exception& error) {
        throw Unfit(std::string("SKALD_PAYMENT_URL: ") + error.what() + ".");
    }
}

sagas::GuardSettings guards(const config::Config& config) {
    sagas::GuardSettings settings;
    if (config.payment_url.starts_with(in_process))
        settings.circuit.failures_to_open = sandbox_failures_to_open;
    return settings;
}

std::chrono::seconds outwait(const config::Config& config) {
    return config.payment_url.starts_with(in_process) ? in_this_process : on_the_way;
}

}  // namespace

struct SagaRole::Parts {
    explicit Parts(Core& core)
        : provider(provider_of(core.config)),
          guarded(*provider, guards(core.config)),
          desk{guarded, outwait(core.config), [clock = clock] { return clock->now(); }},
          registry(sagas::known_sagas(&desk)),
          executor(core.writing_logs("sagas"), sagas::folds_with(registry),
                   {.cache_bytes_max = core.config.cache_bytes_max},
                   [&core](const eventstore::AppendResult& appended) {
                       core.heads.announce(appended.heads);
                   }),
          leases(writer_settings(core.config, "saga leases"),
                 {.name = "sagas", .duration = core.config.lease}, core.store.partitions) {
        const auto writer = writer_settings(core.config, "saga rows");
        {
            pq::Connection connection(writer);
            sagas::check_definitions(connection, registry);
        }
        driver = std::make_unique<sagas::Driver>(registry, executor,
                                                 core.writing_logs("saga streams"), clock);
        step = std::make_unique<sagas::SagaStep>(*driver, writer);
        follower = std::make_unique<eventstore::Follower>(
            eventstore::FollowerOptions{.name = "sagas"}, leases,
            [&core] {
                return std::make_unique<eventstore::LogSource>(core.reading_logs("sagas")(),
                                                               core.heads);
            },
            *step, core.heads, eventstore::log_fork_check(core.reading_logs("saga check")));
    }

    std::unique_ptr<sagas::PaymentProvider> provider;
    sagas::GuardedProvider guarded;
    const std::shared_ptr<sagas::DatabaseClock> clock = std::make_shared<sagas::DatabaseClock>();
    const sagas::PaymentDesk desk;
    const sagas::Registry registry;
    eventstore::Executor executor;
    eventstore::PgLeases leases;
    std::unique_ptr<sagas::Driver> driver;
    std::unique_ptr<sagas::SagaStep> step;
    std::unique_ptr<eventstore::Follower> follower;
};

SagaRole::SagaRole(Core& core) : parts_(std::make_unique<Parts>(core)) {
    parts_->follower->start();
}

SagaRole::~SagaRole() = default;

const eventstore::Follower& SagaRole::follower() const { return *parts_->follower; }

void SagaRole::stop() { parts_->follower->stop(); }

}  // namespace skald::serve
