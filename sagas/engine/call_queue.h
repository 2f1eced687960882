// Who may call the world next. An attempt is claimed in the log only once there is room for its
// call, here and with the world: what has to wait, waits here, in order, and costs nothing. Of one
// thread.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "eventstore/types.h"
#include "sagas/engine/react.h"

namespace skald::sagas {

class CallQueue {
  public:
    struct Wish {
        eventstore::StreamName stream;
        Effect effect;  // claim
        std::string key;
        bool asked = false;  // the world was asked for it before, and has nothing so far
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
            if (wishes.empty() || calling(world->partner()) >= world->room()) continue;
            auto wish = std::move(wishes.front());
            wishes.pop_front();
            calling_.emplace(wish.stream, world->partner());
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
    std::size_t calling(const void* partner) const {
        return static_cast<std::size_t>(
            std::ranges::count(calling_, partner, &decltype(calling_)::value_type::second));
    }

    const std::size_t at_once_;
    std::map<World*, std::deque<Wish>> waiting_;
    World* served_ = nullptr;                                // the last one
    std::map<eventstore::StreamName, const void*> calling_;  // and whom
};

}  // namespace skald::sagas
