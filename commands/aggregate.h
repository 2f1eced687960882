// Between bytes and aggregates: folds stored events into a state, and turns what an aggregate
// decided into events to store. One Binding per aggregate names its types and functions. Pure;
// folds are immutable and shared by threads.
#pragma once

#include <any>
#include <string>

#include "commands/context.h"
#include "commands/meta.h"
#include "domain/kernel/decision.h"
#include "domain/kernel/impossible.h"
#include "domain/kernel/invariant.h"
#include "eventstore/executor.h"
#include "schemas/encoded.h"

namespace skald::commands {

// That the event cannot be, and why.
eventstore::CorruptStream corrupt(const eventstore::StoredEvent& event, const std::string& why);

// What a stored event says. Throws eventstore::CorruptStream when it cannot be read.
template <class Binding>
typename Binding::Event event_of(const eventstore::StoredEvent& event) {
    auto decoded = Binding::decode(event.type, event.schema_version, event.data);
    if (!decoded) throw corrupt(event, decoded.error().detail);
    return *std::move(decoded);
}

// apply(State&, Event) as it is found beside the state.
template <class State, class Event>
void apply_to(State& state, const Event& event) {
    apply(state, event);
}

// Binding needs: State, Event, decode(type, schema_version, data), encode(event), bytes(state);
// where snapshots are kept of its streams, snapshot_revision, to_bytes(state) and from_bytes(bytes)
// too.
template <class Binding>
class AggregateFold : public eventstore::Fold {
  public:
    using State = typename Binding::State;

    std::any initial() const override { return State{}; }

    void apply(std::any& state, const eventstore::StoredEvent& event) const override {
        auto* held = std::any_cast<State>(&state);
        INVARIANT(held != nullptr);
        try {
            apply_to(*held, event_of<Binding>(event));
        } catch (const kernel::ImpossibleEvent& impossible) {
            throw corrupt(event, impossible.what());
        }
    }

    std::size_t bytes(const std::any& state) const override {
        return Binding::bytes(*std::any_cast<State>(&state));
    }

    std::int32_t revision() const override {
        if constexpr (keeps_snapshots) return Binding::snapshot_revision;
        return 0;
    }

    std::string to_bytes(const std::any& state) const override {
        if constexpr (keeps_snapshots) return Binding::to_bytes(*std::any_cast<State>(&state));
        return {};
    }

    std::optional<std::any> from_bytes(std::string_view bytes) const override {
        if constexpr (keeps_snapshots) {
            if (auto state = Binding::from_bytes(bytes)) return std::any(*std::move(state));
        }
        return {};
    }

  private:
    static constexpr bool keeps_snapshots = requires { Binding::snapshot_revision; };
};

// Of all categories there are.
eventstore::Folds folds();

// The events as they are stored, each with that meta.
template <class Binding>
std::vector<eventstore::NewEvent> encoded(const std::vector<typename Binding::Event>& events,
                                          const std::string& meta) {
    std::vector<eventstore::NewEvent> stored;
    stored.reserve(events.size());
    for (const auto& event : events) {
        auto bytes = Binding::encode(event);
        stored.push_back({.type = std::move(bytes.type),
                          .schema_version = bytes.schema_version,
                          .data = std::move(bytes.data),
                          .meta = meta});
    }
    return stored;
}
template <class Binding>
std::vector<eventstore::NewEvent> encoded(const std::vector<typename Binding::Event>& events,
                                          const CommandContext& context) {
    return encoded<Binding>(events, meta_of(context));
}

// What the command's own stream gets (the first of the streams it named), or the refusal as
// `explain` puts it.
template <class Binding, class Decision, class Explain>
eventstore::Decided decided(const Decision& decision, const CommandContext& context,
                            Explain&& explain) {
    if (!decision) return explain(decision.error());
    return eventstore::Accepted{.events = {encoded<Binding>(*decision, context)}};
}

// A command of this context, without its streams and its decision.
eventstore::Command command_of(const CommandContext& context);

}  // namespace skald::commands
