// Requests of one route that wait to be answered together: what comes while others of the route are
// being answered is the next to be answered at once. Thread-safe.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

namespace skald::http {

class Pending;

class Gathering {
  public:
    using Pendings = std::vector<std::shared_ptr<Pending>>;

    // True: the caller has to see to it that somebody take()s, until there is nothing left.
    bool add(std::shared_ptr<Pending> pending) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(pending));
        if (hands_ == hands_max) return false;
        ++hands_;
        return true;
    }
    // The oldest of those that wait. Nothing: they are somebody else's from now on.
    Pendings take() {
        const std::lock_guard lock(mutex_);
        const auto count = std::min(waiting_.size(), together_max);
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
        Pendings taken(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
        waiting_.erase(waiting_.begin(), end);
        if (taken.empty()) --hands_;
        return taken;
    }

  private:
    // One asks while the other writes down what it was told.
    static constexpr int hands_max = 2;
    // So many rows cost one statement far less than a round trip each, and no one much time.
    static constexpr std::size_t together_max = 64;

    std::mutex mutex_;
    Pendings waiting_;
    int hands_ = 0;
};

}  // namespace skald::http
