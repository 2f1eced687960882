// For tests: what runs sagas, on a real PostgreSQL and with the sandbox provider in process.
#pragma once

#include <memory>
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

class SagaRig {
  public:
    // `conninfo` of a migrated database; `ledger` the sandbox's file.
    SagaRig(const std::string& conninfo, const std::string& ledger);
    ~SagaRig();

    eventstore::Executor& executor() { return executor_; }
    sagas::Sandbox& sandbox() { return sandbox_; }
    // Begins to drive sagas, as one of those that share the partitions.
    void start();

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
    const sagas::PaymentDesk desk_{sandbox_, std::chrono::seconds(1),
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
