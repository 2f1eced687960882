#include "sagas/providers/circuit_breaker.h"

#include <utility>

#include "domain/kernel/invariant.h"

namespace skald::sagas {

CircuitBreaker::CircuitBreaker(CircuitSettings settings, Clock clock, Changed changed)
    : settings_(settings), clock_(std::move(clock)), changed_(std::move(changed)) {
    INVARIANT(settings_.failures_to_open > 0 && settings_.successes_to_close > 0);
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::enter() {
    const std::lock_guard lock(mutex_);
    if (may_look()) move_to(CircuitState::half_open);
    if (state_ == CircuitState::open) return std::nullopt;
    if (state_ == CircuitState::half_open && std::exchange(looking_, true)) return std::nullopt;
    return Permit(period_);
}

void CircuitBreaker::finish(Permit permit, bool worked) {
    const std::lock_guard lock(mutex_);
    if (permit.period_ != period_) return;
    looking_ = false;
    if (state_ == CircuitState::closed) {
        in_a_row_ = worked ? 0 : in_a_row_ + 1;
        if (in_a_row_ >= settings_.failures_to_open) move_to(CircuitState::open);
    } else if (!worked) {
        move_to(CircuitState::open);
    } else if (++in_a_row_ >= settings_.successes_to_close) {
        move_to(CircuitState::closed);
    }
}

bool CircuitBreaker::admits() const {
    const std::lock_guard lock(mutex_);
    return state_ == CircuitState::closed || may_look() ||
           (state_ == CircuitState::half_open && !looking_);
}

CircuitState CircuitBreaker::state() const {
    const std::lock_guard lock(mutex_);
    return may_look() ? CircuitState::half_open : state_;
}

bool CircuitBreaker::may_look() const {
    return state_ == CircuitState::open && clock_() - opened_ >= settings_.open;
}

void CircuitBreaker::move_to(CircuitState to) {
    const auto from = std::exchange(state_, to);
    ++period_;
    in_a_row_ = 0;
    looking_ = false;
    if (to == CircuitState::open) opened_ = clock_();
    if (changed_) changed_(from, to);
}

}  // namespace skald::sagas
