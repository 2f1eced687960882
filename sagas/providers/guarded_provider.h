// A provider behind a bulkhead and circuit breakers, with metrics. Calls and finds have a breaker
// each: what is unknown can still be settled while no new money is moved, and a provider that
// answers questions but does no work is not taken for a healthy one. Thread-safe.
//
// Failures are the provider's `unknown`s. One that never came as far as what was asked for
// (not_connected, not_accepted) counts whenever it is met; no_answer, provider_error and
// unreadable_answer may be of the one operation alone, and count once for each; but no answer
// within less than a request's whole time tells nothing. What the provider refuses, has never heard
// of, or cannot do under this key (key_reused) are answers.
#pragma once

#include <memory>
#include <string>

#include "sagas/providers/bulkhead.h"
#include "sagas/providers/circuit_breaker.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

struct GuardSettings {
    std::string name = "payment";  // in metrics and log lines
    CircuitSettings circuit = {};
    BulkheadSettings bulkhead = {};
    std::chrono::milliseconds request{3000};  // may take so long, or what its caller has if less
};

class GuardedProvider : public PaymentProvider {
  public:
    // `provider` must outlive it. `clock` is the breakers'.
    GuardedProvider(
        PaymentProvider& provider, GuardSettings settings,
        CircuitBreaker::Clock clock = [] { return std::chrono::steady_clock::now(); });
    ~GuardedProvider() override;

    std::size_t room() const override;
    // Besides the provider's own answers: unknown, surely not done, with code busy or circuit_open.
    // The time spent waiting for a place is taken off `timeout`.
    PaymentAnswer call(const PaymentCall& call, std::chrono::milliseconds timeout) override;
    std::optional<PaymentAnswer> find(const std::string& key,
                                      std::chrono::milliseconds timeout) override;

    CircuitState calls_circuit() const;
    CircuitState finds_circuit() const;

  private:
    class Lane;
    PaymentProvider& provider_;
    Bulkhead bulkhead_;
    std::unique_ptr<Lane> calls_;
    std::unique_ptr<Lane> finds_;
};

}  // namespace skald::sagas
