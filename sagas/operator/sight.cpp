#include "sagas/operator/sight.h"

#include "sagas/engine/saga_command.h"

namespace skald::sagas {
namespace {

using eventstore::Refusal;
using eventstore::StreamName;
using eventstore::Version;

constexpr std::int32_t page_events = 1000;

Refusal unknown_saga(const Registry& registry, const StreamName& stream) {
    if (registry.is_saga(stream.category()))
        return {"unknown_saga", "There is no saga " + stream.text() + ".", ""};
    std::string names;
    for (const auto& name : registry.names()) names += (names.empty() ? "" : ", ") + name;
    return {"unknown_saga",
            stream.text() +
                " is no saga's stream: those are named <saga>-<subject>, and there are " + names +
                ".",
            ""};
}

void take(Sight& sight, const eventstore::StoredEvent& event, const eventstore::Folds& folds) {
    for (auto& rest : sight.rests) {
        if (rest.stream != event.stream) continue;
        folds.find(event.stream.category())->second->apply(rest.state, event);
        rest.version = event.version;
    }
    if (event.stream != sight.stream()) return;
    if (sight.history.empty()) sight.correlation_id = correlation_of(event);
    sight.history.push_back(
        {event.version, kernel::Timestamp(event.recorded_at.value()), decoded(event)});
}

}  // namespace

Result<Sight, Refusal> look(eventstore::Log& log, const Registry& registry,
                            const eventstore::Folds& folds, const StreamName& stream) {
    const std::string name(stream.category());
    if (!registry.is_saga(name)) return unexpected(unknown_saga(registry, stream));
    // Of a name that anybody made up, the streams beside it need not be names at all.
    const eventstore::StreamFrom start{stream, Version(0)};
    if (log.read_streams(std::span(&start, 1), 1).empty())
        return unexpected(unknown_saga(registry, stream));
    Sight sight;
    auto streams = registry.newest(name).process->companion_streams(std::string(stream.id()));
    streams.insert(streams.begin(), stream);
    for (auto& one : streams) {
        auto state = folds.find(one.category())->second->initial();
        sight.rests.push_back({std::move(one), Version(0), std::move(state)});
    }
    try {
        for (bool more = true; more;) {
            std::vector<eventstore::StreamFrom> from;
            for (const auto& rest : sight.rests) from.push_back({rest.stream, rest.version});
            const auto page = log.read_streams(from, page_events);
            for (const auto& event : page) take(sight, event, folds);
            more = page.size() == static_cast<std::size_t>(page_events);
        }
    } catch (const eventstore::CorruptStream& corrupt) {
        return unexpected(Refusal{"saga_unreadable", corrupt.what(), ""});
    }
    sight.state = *std::any_cast<saga::State>(&sight.rests.front().state);
    const auto* known = registry.find(name, sight.state.definition);
    if (known == nullptr)
        return unexpected(Refusal{"unknown_definition",
                                  "This program does not know version " +
                                      std::to_string(sight.state.definition) + " of the saga " +
                                      name + ", which " + stream.text() + " goes by.",
                                  ""});
    sight.process = known->process;
    return sight;
}

}  // namespace skald::sagas
