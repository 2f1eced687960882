// All sagas that a program knows, in all versions that may still be under way. Built once at the
// start, read by all threads.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/kernel/invariant.h"
#include "sagas/engine/react.h"

namespace skald::sagas {

// A saga's stream, `<saga>-<subject>`.
inline eventstore::StreamName saga_stream(std::string_view saga, std::string_view subject) {
    return eventstore::StreamName::of(saga, subject);
}

// What an event means to a saga: it starts one, or one that exists hears of it.
struct Hearing {
    std::string saga;
    std::string subject;
    Input input;  // Start, Signal or Abort
};

// The sagas that an event means something to.
using Ears = std::function<std::vector<Hearing>(const eventstore::StoredEvent&)>;

class Registry {
  public:
    struct Known {
        std::shared_ptr<const Process> process;
        std::shared_ptr<World> world;  // nullptr: it makes no calls
    };

    void add(std::shared_ptr<const Process> process, std::shared_ptr<World> world = nullptr) {
        const auto& definition = process->definition();
        auto& versions = known_[std::string(definition.saga)];
        const bool fresh =
            versions.emplace(definition.version, Known{std::move(process), std::move(world)})
                .second;
        INVARIANT(fresh);
    }
    void listen(Ears ears) { ears_.push_back(std::move(ears)); }

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [name, versions] : known_) names.push_back(name);
        return names;
    }
    // Of all calls of all definitions: what an attempt of one has at least.
    milliseconds shortest_attempt() const {
        auto shortest = milliseconds::max();
        for (const auto& [name, versions] : known_)
            for (const auto& [version, known] : versions)
                for (const auto& step : known.process->definition().steps)
                    if (step.kind == StepKind::call) shortest = std::min(shortest, step.attempt);
        return shortest;
    }
    bool is_saga(std::string_view category) const { return known_.contains(category); }
    // nullptr: no such saga, or not in that version.
    const Known* find(std::string_view saga, int version) const {
        const auto versions = known_.find(saga);
        if (versions == known_.end()) return nullptr;
        const auto found = versions->second.find(version);
        return found == versions->second.end() ? nullptr : &found->second;
    }
    // The version that new ones start with. The saga must be known.
    const Known& newest(std::string_view saga) const {
        return known_.find(saga)->second.rbegin()->second;
    }
    std::vector<Hearing> hearings(const eventstore::StoredEvent& event) const {
        std::vector<Hearing> all;
        for (const auto& ears : ears_)
            for (auto& one : ears(event)) all.push_back(std::move(one));
        return all;
    }

  private:
    std::map<std::string, std::map<int, Known>, std::less<>> known_;
    std::vector<Ears> ears_;
};

}  // namespace skald::sagas
