#include "sagas/engine/saga_command.h"

#include <algorithm>
#include <iterator>

#include "commands/aggregate.h"
#include "schemas/meta.h"
#include "schemas/saga/codec.h"

namespace skald::sagas {
namespace {

struct SagaBinding {
    using State = saga::State;
    using Event = saga::Event;
    static constexpr auto decode = schemas::saga::decode;
    static constexpr auto encode = schemas::saga::encode;
    static std::size_t bytes(const State& state) {
        std::size_t bytes = sizeof(State) + state.input.capacity();
        for (const auto& step : state.steps) bytes += sizeof(step) + step.items.capacity();
        return bytes;
    }
};

eventstore::Decided decide(const Registry& registry, const std::string& name, const Input& input,
                           kernel::Timestamp at, const std::string& meta,
                           const eventstore::States& states, Told& told) {
    told.events.clear();
    const auto& state = states.get<saga::State>(0);
    if (!std::holds_alternative<Start>(input) && !state.exists)
        return eventstore::Refusal{"unknown_saga", "There is no such saga.", ""};
    // To its end a saga goes by the version it started with.
    const auto* known =
        state.exists ? registry.find(name, state.definition) : &registry.newest(name);
    if (known == nullptr)
        return eventstore::Refusal{"unknown_definition",
                                   "This program does not know the version the saga goes by.", ""};
    const auto& process = *known->process;
    const auto companions = process.companions(states, 1);
    auto reaction = react(process, state, input, *companions, at);
    if (!reaction)
        return eventstore::Refusal{reaction.error(), "The saga does not allow it now.", ""};
    eventstore::Accepted accepted;
    if (reaction->empty()) return accepted;
    accepted.events.push_back(commands::encoded<SagaBinding>(*reaction, meta));
    std::ranges::move(companions->events(meta), std::back_inserter(accepted.events));
    told.events = *std::move(reaction);
    return accepted;
}

}  // namespace

std::string correlation_of(const eventstore::StoredEvent& event) {
    const auto meta = schemas::decode_meta(event.meta);
    return meta && !meta->correlation_id.empty() ? meta->correlation_id
                                                 : eventstore::to_text(event.command.value());
}

std::string meta_of(const Tracing& tracing) {
    return schemas::encode_meta({.principal = "saga",
                                 .correlation_id = tracing.correlation_id,
                                 .causation_id = tracing.causation_id,
                                 .traceparent = {}});
}

eventstore::CommandId telling_id(const eventstore::StreamName& stream,
                                 std::string_view discriminator) {
    return eventstore::derived_command_id({"saga", stream.text(), discriminator});
}

eventstore::Command tell(const Registry& registry, const eventstore::StreamName& stream,
                         Input input, kernel::Timestamp at, const std::string& discriminator,
                         const Tracing& tracing, std::shared_ptr<Told> told) {
    const std::string name(stream.category());
    eventstore::Command command;
    command.id = telling_id(stream, discriminator);
    command.first = true;
    command.streams = {stream};
    for (auto& companion :
         registry.newest(name).process->companion_streams(std::string(stream.id())))
        command.streams.push_back(std::move(companion));
    // A timer that fired has fired, also when it changed nothing.
    command.id_from_outside = std::holds_alternative<Due>(input);
    auto meta = meta_of(tracing);
    command.decide =
        [&registry, name, input = std::move(input), at, meta = std::move(meta),
         told = std::move(told)](const eventstore::States& states) -> eventstore::Decided {
        try {
            return decide(registry, name, input, at, meta, states, *told);
        } catch (const std::exception& error) {
            // One saga that cannot be thought about must not take the decider along.
            return eventstore::Refusal{"saga_unreadable", error.what(), ""};
        }
    };
    return command;
}

std::shared_ptr<const eventstore::Fold> saga_fold() {
    return std::make_shared<commands::AggregateFold<SagaBinding>>();
}

saga::Event decoded(const eventstore::StoredEvent& event) {
    return commands::event_of<SagaBinding>(event);
}

}  // namespace skald::sagas
