// Requests of one route that wait for one of its TogetherHandlers: what comes while others of them
// are being answered is the next to be answered at once. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "api/http/message.h"

namespace skald::http {

class Pending;

class Gathering {
  public:
    using Pendings = std::vector<std::shared_ptr<Pending>>;

    // `step`: which of the route's handlers.
    explicit Gathering(std::size_t step) : step_(step) {}
    std::size_t step() const { return step_; }

    // True: the caller is a hand now. It take()s, until it does not go_on() or leave()s.
    bool add(std::shared_ptr<Pending> pending);
    // The oldest of those that wait and were not answered meanwhile.
    Pendings take();
    // False: nobody waits; who comes from now on is somebody else's.
    bool go_on();
    // The hand goes although somebody may wait: those whom no other hand will take.
    Pendings leave();

  private:
    void forget_answered();

    // One asks while the other writes down what it was told.
    static constexpr int hands_max = 2;
    // So many have to wait that one hand more is worth it: few at a time cost more each.
    static constexpr std::size_t hand_worth = 20;
    // Unless the hand that there is has been away for long: its server may not answer at all.
    static constexpr std::chrono::milliseconds slow_batch{10};
    // So many rows cost one statement far less than a round trip each, and no one much time.
    static constexpr std::size_t together_max = 64;

    const std::size_t step_;
    std::mutex mutex_;
    Pendings waiting_;
    std::size_t forget_at_ = together_max;  // this many waiting
    int hands_ = 0;
    Clock::time_point batch_began_{};  // the last one
};

}  // namespace skald::http
