#include "api/events/event_json.h"

#include "api/json/time.h"
#include "schemas/catalogue.h"
#include "schemas/meta.h"

namespace skald::events {
namespace {

using nlohmann::ordered_json;

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 0xfU];
    }
    return text;
}

ordered_json shown(const Result<std::string, schemas::DecodeError>& json, std::string_view bytes) {
    if (json) return ordered_json::parse(*json);
    return {{"undecodable", json.error().detail}, {"hex", hex(bytes)}};
}

}  // namespace

ordered_json event_as_json(const eventstore::StoredEvent& event) {
    return {
        {"partition", event.partition.value()},
        {"position", event.position.value()},
        {"stream", event.stream.text()},
        {"version", event.version.value()},
        {"type", event.type},
        {"schema_version", event.schema_version},
        {"event_id", eventstore::to_text(event.id.value())},
        {"command_id", eventstore::to_text(event.command.value())},
        {"recorded_at", json::format_time_us(event.recorded_at.value())},
        {"meta", shown(schemas::meta_to_json(event.meta), event.meta)},
        {"data", data_as_json(event)},
    };
}

ordered_json data_as_json(const eventstore::StoredEvent& event) {
    return shown(schemas::to_json(event.type, event.schema_version, event.data), event.data);
}

}  // namespace skald::events
