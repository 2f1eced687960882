#include "api/serve/saga_role.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "api/serve/connections.h"
#include "diagnostics/logger.h"
#include "eventstore/follower.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "sagas/engine/step.h"
#include "sagas/known/known.h"
#include "sagas/providers/guarded_provider.h"
#include "sagas/providers/http_provider.h"
#include "sagas/providers/sandbox.h"

namespace skald::serve {
namespace {

constexpr std::chrono::seconds next_try{1};  // while another process has the ledger
constexpr std::string_view in_process = "sandbox:";
// How long a request of ours is taken by the provider (its check of our signature's time), and with
// it how long one may still arrive.
constexpr std::chrono::seconds on_the_way{300};
constexpr std::chrono::seconds in_this_process{5};
// Of an attempt: for storing its claim, before the call can begin.
constexpr std::chrono::milliseconds until_called{500};
std::unique_ptr<sagas::PaymentProvider> provider_of(const config::Config& config) {
    const auto& url = config.payment_url;
    try {
        if (url.starts_with(in_process)) {
            return std::make_unique<sagas::Sandbox>(
                sagas::SandboxSettings{.ledger = url.substr(in_process.size())});
        }
        return std::make_unique<sagas::HttpProvider>(
            sagas::HttpProviderSettings{.url = url,
                                        .secret = config.payment_secret,
                                        .idle_connections_max = config.payment_calls_max});
    } catch (const sagas::LedgerInUse&) {
        throw;
    } catch (const std::exception& error) {
        throw Unfit(std::string("SKALD_PAYMENT_URL: ") + error.what() + ".");
    }
}

sagas::GuardSettings guards(const config::Config& config) {
    return {.circuit = {.failures_to_open = config.payment_circuit_failures,
                        .open = config.payment_circuit_open,
                        .successes_to_close = config.payment_circuit_successes},
            .bulkhead = {.calls_max = static_cast<int>(config.payment_calls_max)},
            .request = config.payment_call};
}

// Cut off by its attempt's deadline, a call would be in doubt that only had to be waited for.
void check_call_time(const config::Config& config) {
    const auto longest = sagas::known_sagas().shortest_attempt() - until_called;
    if (config.payment_call <= longest) return;
    throw Unfit("SKALD_PAYMENT_CALL_MS is " + std::to_string(config.payment_call.count()) +
                ", longer than an attempt to move money has for its call. Set it to " +
                std::to_string(longest.count()) + " at most.");
}

std::chrono::seconds outwait(const config::Config& config) {
    return config.payment_url.starts_with(in_process) ? in_this_process : on_the_way;
}

}  // namespace

struct SagaRole::Parts {
    Parts(Core& core, eventstore::Executor& executor)
        : provider(provider_of(core.config)),
          guarded(*provider, guards(core.config)),
          desk{guarded, outwait(core.config), [clock = clock] { return clock->now(); }},
          registry(sagas::known_sagas(&desk)),
          leases(writer_settings(core.config, "saga leases"),
                 {.name = "sagas", .duration = core.config.lease}, core.store.partitions) {
        const auto writer = writer_settings(core.config, "saga rows");
        {
            pq::Connection connection(writer);
            sagas::check_definitions(connection, registry);
        }
        // As many threads as the provider may have requests: what has to wait is not claimed.
        driver = std::make_unique<sagas::Driver>(
            registry, executor, core.writing_logs("saga streams"), clock,
            sagas::DriverSettings{.calls_at_once = core.config.payment_calls_max});
        step = std::make_unique<sagas::SagaStep>(*driver, writer);
        follower = std::make_unique<eventstore::Follower>(
            eventstore::FollowerOptions{.name = "sagas"}, leases,
            [&core] {
                return std::make_unique<eventstore::LogSource>(core.reading_logs("sagas")(),
                                                               core.heads, core.ring());
            },
            *step, core.heads, eventstore::log_fork_check(core.reading_logs("saga check")));
    }

    std::unique_ptr<sagas::PaymentProvider> provider;
    sagas::GuardedProvider guarded;
    const std::shared_ptr<sagas::DatabaseClock> clock = std::make_shared<sagas::DatabaseClock>();
    const sagas::PaymentDesk desk;
    const sagas::Registry registry;
    eventstore::PgLeases leases;
    std::unique_ptr<sagas::Driver> driver;
    std::unique_ptr<sagas::SagaStep> step;
    std::unique_ptr<eventstore::Follower> follower;
};

SagaRole::SagaRole(Core& core, eventstore::Executor& executor) : core_(core), executor_(executor) {
    check_call_time(core.config);
    if (begin()) return;
    core_.saga_duty = routes::SagaDuty::standing_by;
    diagnostics::log_info(
        "standing by: another process has the payment sandbox's ledger and "
        "drives the sagas",
        {{"payment_url", core_.config.payment_url}});
    waiting_ = std::jthread([this](const std::stop_token& stop) { stand_by(stop); });
}

SagaRole::~SagaRole() {
    stop();
    executor_.stop();
}

bool SagaRole::begin() {
    try {
        parts_ = std::make_unique<Parts>(core_, executor_);
    } catch (const sagas::LedgerInUse&) {
        return false;
    }
    parts_->follower->start();
    core_.saga_duty = routes::SagaDuty::driving;
    return true;
}

void SagaRole::stand_by(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any pause;
    std::string told;
    while (true) {
        {
            std::unique_lock lock(mutex);
            pause.wait_for(lock, stop, next_try, [] { return false; });
        }
        if (stop.stop_requested()) return;
        try {
            if (!begin()) continue;
            diagnostics::log_info("driving the sagas from now on: the ledger was let go");
            return;
        } catch (const std::exception& error) {
            if (std::exchange(told, error.what()) != error.what())
                diagnostics::log_error("cannot take the sagas over", {{"error", error.what()}});
        }
    }
}

void SagaRole::stop() {
    waiting_.request_stop();
    if (waiting_.joinable()) waiting_.join();
    if (parts_) parts_->follower->stop();
}

}  // namespace skald::serve
