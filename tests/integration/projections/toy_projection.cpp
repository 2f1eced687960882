#include "tests/integration/projections/toy_projection.h"

#include <charconv>

namespace skald::tests {

using namespace projections;
using eventstore::StoredEvent;

namespace {

const Table boxes{.name = "boxes",
                  .create = R"(CREATE TABLE skald_read.boxes_vN (
        box text COLLATE "C" PRIMARY KEY, label text, content bigint NOT NULL CHECK (content >= 0),
        filled_at timestamptz NOT NULL, light boolean NOT NULL, day date NOT NULL,
        partition integer NOT NULL, position bigint NOT NULL, revision bigint NOT NULL))",
                  .key_columns = 1,
                  .key_has_partition = false,
                  .columns = {{"box", ColumnType::text, Merge::replace},
                              {"label", ColumnType::text, Merge::replace},
                              {"content", ColumnType::int8, Merge::sum},
                              {"filled_at", ColumnType::timestamp, Merge::replace},
                              {"light", ColumnType::boolean, Merge::replace},
                              {"day", ColumnType::day, Merge::replace}}};

const Table totals{.name = "totals",
                   .create = R"(CREATE TABLE skald_read.totals_vN (
        partition integer, kind text, filled bigint NOT NULL, fillings bigint NOT NULL,
        position bigint NOT NULL, revision bigint NOT NULL, PRIMARY KEY (partition, kind)))",
                   .key_columns = 1,
                   .key_has_partition = true,
                   .columns = {{"kind", ColumnType::text, Merge::replace},
                               {"filled", ColumnType::int8, Merge::sum},
                               {"fillings", ColumnType::int8, Merge::sum}}};

Result<Changes, std::string> changes_of(const StoredEvent& event, Earlier) {
    const std::string box(event.stream.id());
    const auto at = event.recorded_at.value();
    if (event.type == "toy.opened")
        return Changes{
            put(boxes,
                {{"box", box},
                 {"label", nullable(event.data.empty() ? std::nullopt : std::optional(event.data))},
                 {"content", std::int64_t{0}},
                 {"filled_at", at},
                 {"light", true},
                 {"day", at / 86'400'000'000}})};
    if (event.type == "toy.filled") {
        std::int64_t n = 0;
        std::from_chars(event.data.data(), event.data.data() + event.data.size(), n);
        return Changes{
            update(boxes, {{"box", box}, {"content", n}, {"filled_at", at}, {"light", n < 100}}),
            merge(totals, {{"kind", "all"}, {"filled", n}, {"fillings", std::int64_t{1}}})};
    }
    if (event.type == "toy.labelled")
        return Changes{update(boxes, {{"box", box}, {"label", event.data}})};
    if (event.type == "toy.dropped") return Changes{remove(boxes, {{"box", box}})};
    if (event.type == "toy.later") return Changes{};
    return unexpected(std::string("not a toy"));
}

}  // namespace

Projection toy_projection(bool knows_later) {
    return {.name = "toys",
            .definition = 1,
            .event_types = {"toy.opened", "toy.filled", "toy.labelled", "toy.dropped", "toy.broken",
                            "toy.later"},
            .tables = {&boxes, &totals},
            .changes_of = changes_of,
            .knows = [knows_later](std::string_view type, std::int32_t schema_version) {
                if (type == "toy.later") return knows_later;
                return type.starts_with("toy.") && schema_version == 1;
            }};
}

ToyLog& ToyLog::add(const std::string& box, const std::string& type, const std::string& data) {
    StoredEvent event;
    event.partition = partition_;
    event.position = eventstore::Position(static_cast<std::int64_t>(events_.size()) + 1);
    event.stream = eventstore::StreamName::of("toy", box);
    event.version = eventstore::Version(1);
    event.type = type;
    event.id = eventstore::event_id(eventstore::fresh_command_id(), 1);
    event.recorded_at = eventstore::RecordedAt(1'700'000'000'000'000 + event.position.value());
    event.data = data;
    events_.push_back(std::move(event));
    return *this;
}

}  // namespace skald::tests
