#include "projections/testing_changes.h"

#include "domain/kernel/invariant.h"

namespace skald::projections::testing_changes {
namespace {

std::string_view name_of(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::put:
            return "put";
        case ChangeKind::merge:
            return "merge";
        case ChangeKind::update:
            return "update";
        case ChangeKind::remove:
            return "remove";
    }
    return "?";
}

std::string text_of(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    return "null";
}

eventstore::StoredEvent stored(const std::string& stream, std::int64_t version,
                               const schemas::Encoded& encoded) {
    eventstore::StoredEvent event;
    auto name = eventstore::StreamName::parse(stream);
    INVARIANT(name.has_value());
    event.stream = std::move(*name);
    event.version = eventstore::Version(version);
    event.position = eventstore::Position(100);
    event.type = encoded.type;
    event.schema_version = encoded.schema_version;
    event.recorded_at = eventstore::RecordedAt(7);
    event.data = encoded.data;
    return event;
}

}  // namespace

std::string text_of(const Changes& changes) {
    std::string text;
    for (const auto& change : changes) {
        text += std::string(name_of(change.kind)) + " " + std::string(change.table->name);
        for (std::size_t i = 0; i < change.values.size(); ++i) {
            if (change.values[i])
                text += " " + std::string(change.table->columns[i].name) + "=" +
                        text_of(*change.values[i]);
        }
        text += "\n";
    }
    return text;
}

std::string changes_of(const Projection& projection, const std::string& stream,
                       std::int64_t version, const schemas::Encoded& encoded,
                       const std::vector<schemas::Encoded>& earlier) {
    const auto event = stored(stream, version, encoded);
    INVARIANT(projection.subscribes_to(event.type));
    INVARIANT(projection.knows(event.type, event.schema_version));
    std::vector<eventstore::StoredEvent> before;
    for (const auto& one : earlier)
        before.push_back(stored(stream, static_cast<std::int64_t>(before.size()) + 1, one));
    const auto changes = projection.changes_of(event, before);
    return changes ? text_of(*changes) : "error: " + changes.error();
}

}  // namespace skald::projections::testing_changes
