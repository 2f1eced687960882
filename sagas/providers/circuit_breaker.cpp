#include "sagas/providers/circuit_breaker.h"

#include <limits>
#include <utility>

#include "domain/kernel/invariant.h"

namespace skald::sagas {
namespace {

// Forgotten beyond that: then each counts once more.
constexpr std::size_t failed_max = 10'000;

}  // namespace

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

void CircuitBreaker::worked(Permit permit, const std::string& operation) {
    const std::lock_guard lock(mutex_);
    failed_.erase(operation);
    if (!ends_a_call(permit)) return;
    if (state_ == CircuitState::closed) {
        in_a_row_ = 0;
    } else if (++in_a_row_ >= settings_.successes_to_close) {
        move_to(CircuitState::closed);
    }
}

void CircuitBreaker::failed(Permit permit, const std::string& operation) {
    const std::lock_guard lock(mutex_);
    const bool news = is_news(operation);
    if (!ends_a_call(permit) || !news) return;
    if (state_ == CircuitState::half_open || ++in_a_row_ >= settings_.failures_to_open)
        move_to(CircuitState::open);
}

void CircuitBreaker::tells_nothing(Permit permit) {
    const std::lock_guard lock(mutex_);
    ends_a_call(permit);
}

// False: it began before the state changed.
bool CircuitBreaker::ends_a_call(Permit permit) {
    if (permit.period_ != period_) return false;
    looking_ = false;
    return true;
}

bool CircuitBreaker::is_news(const std::string& operation) {
    if (operation.empty()) return true;
    if (failed_.size() >= failed_max) failed_.clear();
    return failed_.insert(operation).second;
}

std::size_t CircuitBreaker::room() const {
    const std::lock_guard lock(mutex_);
    if (state_ == CircuitState::closed) return std::numeric_limits<std::size_t>::max();
    return may_look() || (state_ == CircuitState::half_open && !looking_) ? 1 : 0;
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
