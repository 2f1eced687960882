// How an aggregate answers a command: with the events that now happen (none: nothing is left to
// do), or with a refusal. Pure; used by every aggregate's decide().
#pragma once

#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "domain/kernel/result.h"

namespace skald::kernel {

template <class Event, class Refusal>
using Decision = Result<std::vector<Event>, Refusal>;

namespace detail {
template <class... Facts>
struct Accepted {
    std::tuple<Facts...> facts;

    template <class Event, class Refusal>
    operator Result<std::vector<Event>, Refusal>() && {  // NOLINT: it is a decision
        std::vector<Event> events;
        events.reserve(sizeof...(Facts));
        std::apply([&](auto&&... fact) { (events.emplace_back(std::move(fact)), ...); },
                   std::move(facts));
        return events;
    }
};
}  // namespace detail

// These facts now happen, in this order.
template <class... Facts>
detail::Accepted<Facts...> accept(Facts... facts) {
    return {{std::move(facts)...}};
}

// The command's aim is reached already: no event, and not an error.
inline detail::Accepted<> already_done() { return {}; }

template <class Refusal>
unexpected<Refusal> refuse(Refusal reason) {
    return unexpected<Refusal>(std::move(reason));
}

// `state` after `events`, in order, by the aggregate's own apply(State&, const Event&).
template <class State, class Event>
State fold(State state, std::span<const Event> events) {
    for (const Event& event : events) apply(state, event);
    return state;
}
template <class State, class Event>
State fold(State state, const std::vector<Event>& events) {
    return fold(std::move(state), std::span<const Event>(events));
}

}  // namespace skald::kernel
