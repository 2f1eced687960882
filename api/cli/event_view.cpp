#include "api/cli/event_view.h"

#include <array>
#include <iomanip>

#include "api/cli/table.h"
#include "api/events/event_json.h"
#include "api/json/time.h"

namespace skald::cli {
void EventPrinter::print(const eventstore::StoredEvent& event) {
    ++printed_;
    if (json_) {
        out_ << events::event_as_json(event).dump() << '\n';
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
    row({std::to_string(event.partition.value()), std::to_string(event.position.value()),
         event.stream.text(), std::to_string(event.version.value()), printable(event.type),
         json::format_time_us(event.recorded_at.value()), events::data_as_json(event).dump()});
}

}  // namespace skald::cli
