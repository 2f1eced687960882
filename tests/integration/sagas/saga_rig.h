// For tests: what runs sagas, on a real PostgreSQL and with the sandbox provider in process.
#pragma once

#include <atomic>
#include <map>
#include <memory>
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

// Passes calls on, and refuses those it was told to refuse. Thread-safe.
class StubbornProvider : public sagas::PaymentProvider {
  public:
    explicit StubbornProvider(sagas::PaymentProvider& to) : to_(to) {}

    void refuse_captures(bool refuse) { refuse_captures_ = refuse; }
    void refuse_voids(bool refuse) { refuse_voids_ = refuse; }
    sagas::PaymentAnswer call(const sagas::PaymentCall& call,
                              std::chrono::milliseconds timeout) override {
        if ((refuse_captures_ && call.operation == sagas::PaymentOperation::capture) ||
            (refuse_voids_ && call.operation == sagas::PaymentOperation::void_authorisation))
            return {.outcome = sagas::CallOutcome::refused, .code = "closed_today"};
        return to_.call(call, timeout);
    }
    std::optional<sagas::PaymentAnswer> find(const std::string& key,
                                             std::chrono::milliseconds timeout) override {
        return to_.find(key, timeout);
    }

  private:
    sagas::PaymentProvider& to_;
    std::atomic<bool> refuse_captures_{false};
    std::atomic<bool> refuse_voids_{false};
};

class SagaRig {
  public:
    // `conninfo` of a migrated database; `ledger` the sandbox's file.
    SagaRig(const std::string& conninfo, const std::string& ledger);
    ~SagaRig();

    eventstore::Executor& executor() { return executor_; }
    sagas::Sandbox& sandbox() { return sandbox_; }
    StubbornProvider& provider() { return provider_; }
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
