#include "api/cli/event_view.h"

#include <gtest/gtest.h>

#include <sstream>

#include "api/events/event_json.h"
#include "schemas/catalogue.h"
#include "schemas/meta.h"
#include "schemas/product/codec.h"

namespace skald::cli {
namespace {

using events::event_as_json;
using eventstore::StoredEvent;

StoredEvent priced_event() {
    const auto encoded =
        schemas::product::encode(product::PriceSet{{1999, kernel::Currency::make("EUR").value()}});
    StoredEvent event;
    event.partition = eventstore::Partition(3);
    event.position = eventstore::Position(41);
    event.stream = eventstore::StreamName::of("product", "SKU1");
    event.version = eventstore::Version(2);
    event.type = encoded.type;
    event.schema_version = encoded.schema_version;
    event.command =
        eventstore::CommandId(*eventstore::parse_uuid("0190b5c0-0000-7000-8000-000000000001"));
    event.command_seq = 1;
    event.id = eventstore::event_id(event.command, 1);
    event.recorded_at = eventstore::RecordedAt(1'700'000'000'000'001);
    event.meta = schemas::encode_meta({.principal = "anonymous"});
    event.data = encoded.data;
    return event;
}

TEST(EventAsJson, HoldsTheFieldsOperatorsRelyOnInTheirOrder) {
    const auto event = priced_event();
    EXPECT_EQ(event_as_json(event).dump(),
              R"({"partition":3,"position":41,"stream":"product-SKU1","version":2,)"
              R"("type":"product.price_set","schema_version":2,"event_id":")" +
                  eventstore::to_text(event.id.value()) +
                  R"(","command_id":"0190b5c0-0000-7000-8000-000000000001",)"
                  R"("recorded_at":"2023-11-14T22:13:20.000001Z",)"
                  R"("meta":{"principal":"anonymous","correlation_id":"","causation_id":"",)"
                  R"("traceparent":""},"data":{"price":{"amount":"1999","currency":"EUR"}}})");
}

TEST(EventAsJson, ShowsTheBytesOfWhatCannotBeDecoded) {
    auto event = priced_event();
    event.type = "product.exploded";
    event.data = std::string("\x01\xff", 2);
    event.meta = "\xff";
    const auto shown = event_as_json(event);
    EXPECT_EQ(shown["data"]["hex"], "01ff");
    EXPECT_NE(shown["data"]["undecodable"].get<std::string>().find("product.exploded"),
              std::string::npos);
    EXPECT_EQ(shown["meta"]["hex"], "ff");
}

TEST(EventPrinter, PutsOneEventOnALine) {
    std::ostringstream json;
    EventPrinter lines(json, true);
    lines.print(priced_event());
    lines.print(priced_event());
    const auto text = json.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
    EXPECT_EQ(nlohmann::json::parse(text.substr(0, text.find('\n')))["position"], 41);

    std::ostringstream columns;
    EventPrinter table(columns, false);
    table.print(priced_event());
    table.print(priced_event());
    EXPECT_EQ(table.printed(), 2);
    EXPECT_EQ(columns.str().find("PARTITION"), 0U);
    EXPECT_NE(columns.str().find("product-SKU1"), std::string::npos);
}

}  // namespace
}  // namespace skald::cli
