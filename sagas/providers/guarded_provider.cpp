#include "sagas/providers/guarded_provider.h"

#include <algorithm>
#include <map>

#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"
#include "domain/kernel/enum_name.h"
#include "sagas/providers/wire.h"

namespace skald::sagas {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

PaymentAnswer turned_away(std::string code, std::string detail) {
    return {.code = std::move(code), .detail = std::move(detail), .surely_not_done = true};
}

bool is_failure(const std::optional<PaymentAnswer>& answer) {
    return answer && answer->outcome == CallOutcome::unknown && answer->code != key_reused;
}

// Whatever was asked for: it was not looked at.
bool is_failure_of_all(const PaymentAnswer& answer) {
    return answer.code == not_connected || answer.code == not_accepted;
}

}  // namespace

// One kind of request to the provider: its breaker and its figures.
class GuardedProvider::Lane {
  public:
    Lane(std::string provider, std::string kind, const CircuitSettings& settings,
         milliseconds request_max, CircuitBreaker::Clock clock)
        : request_max_(request_max),
          labels_{{"provider", std::move(provider)}, {"kind", std::move(kind)}},
          breaker(settings, std::move(clock),
                  [this](CircuitState from, CircuitState to) { changed(from, to); }) {
        circuit_.Set(0);
    }

    // Makes the request about the operation with that key, if it may be made. `request(remaining)`
    // gives an optional<PaymentAnswer>.
    template <class Request>
    std::optional<PaymentAnswer> pass(Bulkhead& bulkhead, const std::string& key,
                                      milliseconds timeout, const Request& request) {
        const auto begun = Steady::now();
        auto answer = guarded(bulkhead, key, timeout, begun, request);
        seconds_.Observe(std::chrono::duration<double>(Steady::now() - begun).count());
        count(answer);
        return answer;
    }

  private:
    template <class Request>
    std::optional<PaymentAnswer> guarded(Bulkhead& bulkhead, const std::string& key,
                                         milliseconds timeout, Steady::time_point begun,
                                         const Request& request) {
        const auto is_open = [] {
            return turned_away("circuit_open", "the provider did not work lately; not asked");
        };
        if (breaker.room() == 0) return is_open();
        const auto place = bulkhead.enter(timeout);
        if (!place) return turned_away("busy", "as many calls are under way as there may be");
        const auto waited = std::chrono::duration_cast<milliseconds>(Steady::now() - begun);
        if (waited >= timeout) return turned_away("busy", "no time was left when its turn came");
        const auto permit = breaker.enter();
        if (!permit) return is_open();
        const auto left = std::min(timeout - waited, request_max_);
        try {
            auto answer = request(left);
            if (!is_failure(answer)) {
                breaker.worked(*permit, key);
            } else if (left < request_max_ && answer->code == no_answer) {
                breaker.tells_nothing(*permit);  // it had not the time that it is given
            } else {
                breaker.failed(*permit, is_failure_of_all(*answer) ? std::string() : key);
            }
            return answer;
        } catch (...) {
            breaker.failed(*permit);
            throw;
        }
    }

    void count(const std::optional<PaymentAnswer>& answer) {
        auto labels = labels_;
        labels["outcome"] = answer ? std::string(kernel::name_of(answer->outcome)) : "not_found";
        labels["code"] = answer && answer->outcome == CallOutcome::unknown ? answer->code : "";
        diagnostics::counter("skald_payment_requests_total", "Requests to the payment provider",
                             labels)
            .Increment();
    }

    void changed(CircuitState from, CircuitState to) {
        circuit_.Set(static_cast<double>(to));
        diagnostics::log(
            to == CircuitState::open ? diagnostics::Level::warning : diagnostics::Level::info,
            "payment circuit changed",
            {{"provider", labels_.at("provider")},
             {"kind", labels_.at("kind")},
             {"from", kernel::name_of(from)},
             {"to", kernel::name_of(to)}});
    }

    const milliseconds request_max_;
    diagnostics::Labels labels_;
    prometheus::Gauge& circuit_ =
        diagnostics::gauge("skald_payment_circuit", "0 closed, 1 half open, 2 open", labels_);
    prometheus::Histogram& seconds_ = diagnostics::duration_histogram(
        "skald_payment_request_seconds", "From the wish to call the provider to the answer",
        labels_);

  public:
    CircuitBreaker breaker;
};

GuardedProvider::GuardedProvider(PaymentProvider& provider, GuardSettings settings,
                                 CircuitBreaker::Clock clock)
    : provider_(provider),
      bulkhead_(settings.bulkhead),
      calls_(
          std::make_unique<Lane>(settings.name, "call", settings.circuit, settings.request, clock)),
      finds_(std::make_unique<Lane>(settings.name, "find", settings.circuit, settings.request,
                                    clock)) {}

GuardedProvider::~GuardedProvider() = default;

PaymentAnswer GuardedProvider::call(const PaymentCall& call, milliseconds timeout) {
    return *calls_->pass(bulkhead_, call.key, timeout, [&](milliseconds left) {
        return std::optional(provider_.call(call, left));
    });
}

std::optional<PaymentAnswer> GuardedProvider::find(const std::string& key, milliseconds timeout) {
    auto answer = finds_->pass(bulkhead_, key, timeout,
                               [&](milliseconds left) { return provider_.find(key, left); });
    // Not having been asked says nothing of what was asked about.
    if (answer) answer->surely_not_done = false;
    return answer;
}

std::size_t GuardedProvider::room() const { return calls_->breaker.room(); }

CircuitState GuardedProvider::calls_circuit() const { return calls_->breaker.state(); }

CircuitState GuardedProvider::finds_circuit() const { return finds_->breaker.state(); }

}  // namespace skald::sagas
