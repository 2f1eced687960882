// Who may call the world next. An attempt is claimed in the log only once there is room for its
// call and the world takes calls: what has to wait, waits here, in order, and costs nothing. Of one
// thread.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "eventstore/types.h"
#include "sagas/engine/react.h"

namespace skald::sagas {

class CallQueue {
  public:
    struct Wish {
        eventstore::StreamName stream;
        Effect effect;
        std::string key;
    };

    explicit CallQueue(std::size_t at_once) : at_once_(at_once) {}

    void add(World& world, Wish wish) { waiting_[&world].push_back(std::move(wish)); }
    // The next one that may claim, of each world in turn. Its place is taken until over() is told
    // of its saga.
    std::optional<Wish> next() {
        auto at = waiting_.upper_bound(served_);
        for (std::size_t i = 0; i < waiting_.size() && calling_.size() < at_once_; ++i, ++at) {
            if (at == waiting_.end()) at = waiting_.begin();
            auto& [world, wishes] = *at;
            if (wishes.empty() || !world->takes_calls()) continue;
            auto wish = std::move(wishes.front());
            wishes.pop_front();
            calling_.insert(wish.stream);
            served_ = world;
            return wish;
        }
        return std::nullopt;
    }
    void over(const eventstore::StreamName& stream) { calling_.erase(stream); }
    // Somebody waits although there is room: for a world that takes no calls now.
    bool waits_for_the_world() const {
        return calling_.size() < at_once_ &&
               std::ranges::any_of(waiting_, [](const auto& one) { return !one.second.empty(); });
    }

  private:
    const std::size_t at_once_;
    std::map<World*, std::deque<Wish>> waiting_;
    World* served_ = nullptr;  // the last one
    std::set<eventstore::StreamName> calling_;
};

}  // namespace skald::sagas
