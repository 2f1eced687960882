// Stops calling a partner that does not work, so that callers learn it at once and the partner is
// left alone. Closed: all calls pass. Open: none. Half open: one at a time, to see. Thread-safe.
//
// A failure may be the partner's or that of one operation, which fails whenever it is tried. So
// each operation counts once until it works: one that is tried again and again opens nothing.
#pragma once

#include <boost/describe/enum.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace skald::sagas {

BOOST_DEFINE_ENUM_CLASS(CircuitState, closed, half_open, open)

struct CircuitSettings {
    int failures_to_open = 5;                // in a row
    std::chrono::milliseconds open{30'000};  // until the next look
    int successes_to_close = 3;              // in a row, while half open
};

class CircuitBreaker {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Clock = std::function<Time()>;
    // Called under the breaker's lock: must be short and must not call back.
    using Changed = std::function<void(CircuitState from, CircuitState to)>;

    // The right to make one call; to be given back with worked(), failed() or tells_nothing().
    class Permit {
        friend class CircuitBreaker;
        explicit Permit(std::uint64_t period) : period_(period) {}
        std::uint64_t period_;
    };

    explicit CircuitBreaker(
        CircuitSettings settings, Clock clock = [] { return std::chrono::steady_clock::now(); },
        Changed changed = {});

    // Nothing while the circuit is open, or half open with a call under way.
    std::optional<Permit> enter();
    // The partner answered, if only to refuse. Calls that began before the state last changed tell
    // nothing about now and do not count, whether they worked or failed.
    void worked(Permit permit, const std::string& operation = {});
    // `operation`: whose failure it may be alone. Empty: whoever came would have fared the same.
    void failed(Permit permit, const std::string& operation = {});
    void tells_nothing(Permit permit);
    // How many calls may be begun now: 0, 1 to see, or as many as there are.
    std::size_t room() const;
    // The state that the next enter() would see.
    CircuitState state() const;

  private:
    bool may_look() const;  // open, and long enough
    bool ends_a_call(Permit permit);
    bool is_news(const std::string& operation);
    void move_to(CircuitState to);

    const CircuitSettings settings_;
    const Clock clock_;
    const Changed changed_;
    mutable std::mutex mutex_;
    CircuitState state_ = CircuitState::closed;
    std::uint64_t period_ = 0;      // counts changes of state
    int in_a_row_ = 0;              // failures while closed, successes while half open
    bool looking_ = false;          // half open: a call is under way
    std::set<std::string> failed_;  // operations that did and have not worked since
    Time opened_{};
};

}  // namespace skald::sagas
