// Who waits, and how many hands there are for them. Those that were answered otherwise, at their
// deadline, have given their places back: they must not pile up here.
#include "api/http/gathering.h"

#include <algorithm>
#include <utility>

#include "api/http/dispatch.h"

namespace skald::http {

bool Gathering::add(std::shared_ptr<Pending> pending) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= forget_at_) {
        forget_answered();
        forget_at_ = std::max(together_max, 2 * waiting_.size());
    }
    waiting_.push_back(std::move(pending));
    if (hands_ == hands_max) return false;
    const bool slow = Clock::now() - batch_began_ > slow_batch;
    if (hands_ > 0 && waiting_.size() < hand_worth && !slow) return false;
    ++hands_;
    return true;
}

Gathering::Pendings Gathering::take() {
    const std::lock_guard lock(mutex_);
    forget_answered();
    batch_began_ = Clock::now();
    const auto count = std::min(waiting_.size(), together_max);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    Pendings taken(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return taken;
}

bool Gathering::go_on() {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= (hands_ > 1 ? hand_worth : 1)) return true;
    --hands_;
    return false;
}

Gathering::Pendings Gathering::leave() {
    const std::lock_guard lock(mutex_);
    if (--hands_ > 0) return {};
    return std::exchange(waiting_, {});
}

void Gathering::forget_answered() {
    std::erase_if(waiting_, [](const auto& pending) { return pending->is_answered(); });
}

}  // namespace skald::http
