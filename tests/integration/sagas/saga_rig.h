// For tests: what runs sagas, on a real PostgreSQL and with the sandbox provider in process.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "eventstore/follower.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "eventstore/postgres/pg_log.h"
#include "sagas/checkout/checkout.h"
#include "sagas/engine/step.h"
#include "sagas/known/known.h"
#include "sagas/providers/sandbox.h"

namespace skald::tests {

inline constexpr std::int32_t saga_partitions = 4;

// Passes calls on, and refuses those it was told to refuse: their keys it refuses for ever.
// Thread-safe.
class StubbornProvider : public sagas::PaymentProvider {
  public:
    explicit StubbornProvider(sagas::PaymentProvider& to) : to_(to) {}

    void refuse_captures(bool whether) { refuse(sagas::PaymentOperation::capture, whether); }
    void refuse_voids(bool whether) {
        refuse(sagas::PaymentOperation::void_authorisation, whether);
    }
    void refuse(sagas::PaymentOperation operation, bool whether) {
        std::lock_guard lock(mutex_);
        whether ? void(refusing_.insert(operation)) : void(refusing_.erase(operation));
    }
    sagas::PaymentAnswer call(const sagas::PaymentCall& call,
                              std::chrono::milliseconds timeout) override {
        if (refuses(call)) return refusal();
        return to_.call(call, timeout);
    }
    std::optional<sagas::PaymentAnswer> find(const std::string& key,
                                             std::chrono::milliseconds timeout) override {
        {
            std::lock_guard lock(mutex_);
            if (refused_.contains(key)) return refusal();
        }
        return to_.find(key, timeout);
    }

  private:
    static sagas::PaymentAnswer refusal() {
        return {.outcome = sagas::CallOutcome::refused, .code = "closed_today"};
    }
    bool refuses(const sagas::PaymentCall& call) {
        std::lock_guard lock(mutex_);
        if (refusing_.contains(call.operation)) refused_.insert(call.key);
        return refused_.contains(call.key);
    }

    sagas::PaymentProvider& to_;
    std::mutex mutex_;
    std::set<sagas::PaymentOperation> refusing_;
    std::set<std::string> refused_;  // keys
};

class SagaRig {
  public:
    // `conninfo` of a migrated database; `ledger` the sandbox's file.
    SagaRig(const std::string& conninfo, const std::string& ledger);
    ~SagaRig();

    eventstore::Executor& executor() { return executor_; }
    sagas::Sandbox& sandbox() { return sandbox_; }
    StubbornProvider& provider() { return provider_; }
    // Lets the sandbox's clock be so far ahead.
    void provider_ahead(std::chrono::hours hours) {
        provider_ahead_us_ = std::chrono::microseconds(hours).count();
    }
    // Begins to drive sagas, as one of those that share the partitions.
    void start();

    // Somebody who buys (account `ann`), and so many units of each product, at 2.50 EUR.
    void stock_up(const std::map<std::string, std::int64_t>& units,
                  const std::set<std::string>& downloads = {});

    static commands::CommandContext context();
    eventstore::CommandId place(const std::vector<std::pair<std::string, std::int64_t>>& lines,
                                const std::string& method);
    eventstore::Answer cancel(const std::string& order);

    // The state that a stream's events fold to.
    template <class Binding>
    typename Binding::State state(const std::string& stream) {
        eventstore::PgLog log(writer_);
        const eventstore::StreamFrom from{*eventstore::StreamName::parse(stream),
                                          eventstore::Version(0)};
        const commands::AggregateFold<Binding> fold;
        auto state = fold.initial();
        for (const auto& event : log.read_streams(std::span(&from, 1), 10'000))
            fold.apply(state, event);
        return std::any_cast<typename Binding::State>(state);
    }

  private:
    eventstore::LogFactory logs();

    pq::Settings writer_;
    const std::shared_ptr<sagas::DatabaseClock> clock_ = std::make_shared<sagas::DatabaseClock>();
    std::atomic<std::int64_t> provider_ahead_us_{0};
    sagas::Sandbox sandbox_;
    StubbornProvider provider_{sandbox_};
    const sagas::PaymentDesk desk_{provider_, std::chrono::seconds(1),
                                   [clock = clock_] { return clock->now(); }};
    const sagas::Registry registry_;
    eventstore::HeadWatch heads_{saga_partitions};
    eventstore::Executor executor_;
    std::unique_ptr<eventstore::HeadPoller> poller_;
    std::unique_ptr<sagas::Driver> driver_;
    std::unique_ptr<sagas::SagaStep> step_;
    std::unique_ptr<eventstore::PgLeases> leases_;
    std::unique_ptr<eventstore::Follower> follower_;
};

}  // namespace skald::tests
