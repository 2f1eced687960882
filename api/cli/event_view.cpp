#include "api/cli/event_view.h"

#include <array>
#include <iomanip>

#include "api/cli/table.h"
#include "api/json/time.h"
#include "schemas/catalogue.h"
#include "schemas/meta.h"

namespace skald::cli {
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
        {"data", shown(schemas::to_json(event.type, event.schema_version, event.data), event.data)},
    };
}

void EventPrinter::print(const eventstore::StoredEvent& event) {
    ++printed_;
    if (json_) {
        out_ << event_as_json(event).dump() << '\n';
        return;
    }
    // Rows come one by one, so the widths are those that names usually have.
    const auto row = [&](const std::array<std::string, 7>& cells) {
        out_ << std::right << std::setw(9) << cells[0] << "  " << std::setw(9) << cells[1] << "  "
             << std::left << std::setw(44) << cells[2] << "  " << std::right << std::setw(7)
             << cells[3] << "  " << std::left << std::setw(22) << cells[4] << "  " << cells[5]
             << "  " << cells[6] << '\n';
    };
    if (printed_ == 1) {
        row({"PARTITION", "POSITION", "STREAM", "VERSION", "TYPE", "RECORDED                   ",
             "DATA"});
    }
    const auto data =
        shown(schemas::to_json(event.type, event.schema_version, event.data), event.data);
    row({std::to_string(event.partition.value()), std::to_string(event.position.value()),
         event.stream.text(), std::to_string(event.version.value()), printable(event.type),
         json::format_time_us(event.recorded_at.value()), data.dump()});
}

}  // namespace skald::cli
