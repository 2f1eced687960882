#include "api/json/schema.h"

#include <gtest/gtest.h>

#include "api/json/money.h"

namespace shop {
using namespace skald;
BOOST_DEFINE_ENUM_CLASS(Kind, small, large)
struct Item {
    std::string sku;
    std::optional<std::int64_t> size;
    json::Patch<std::string> note;
    json::Money price;
    std::vector<Kind> kinds;
};
BOOST_DESCRIBE_STRUCT(Item, (), (sku, size, note, price, kinds))
inline json::Rules rules_for(json::Tag<Item>) {
    return {{"sku", json::sku().about("its number")},
            {"size", json::integer(1, 9)},
            {"price", json::money(1)},
            {"kinds", json::list(1, 5)}};
}
template <class T>
struct Box {
    std::vector<T> data;
    BOOST_DESCRIBE_CLASS(Box, (), (data), (), ())
};
}  // namespace shop

namespace skald::json {
namespace {

TEST(Schema, of_a_request_is_closed_and_states_its_rules) {
    Definitions definitions;
    EXPECT_EQ(schema_of<shop::Item>(definitions).dump(), R"({"$ref":"#/components/schemas/Item"})");
    EXPECT_EQ(definitions.schemas().at("Item"), Schema::parse(R"({
        "type": "object",
        "properties": {
            "sku": {"type": "string", "minLength": 1, "maxLength": 64,
                    "pattern": "^[A-Za-z0-9_-]*$", "description": "its number"},
            "size": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 9},
            "note": {"type": ["string", "null"]},
            "price": {"$ref": "#/components/schemas/Money",
                      "properties": {"amount": {"minimum": 1}}},
            "kinds": {"type": "array", "items": {"type": "string", "enum": ["small", "large"]},
                      "minItems": 1, "maxItems": 5}
        },
        "required": ["sku", "price", "kinds"],
        "additionalProperties": false})"));
    EXPECT_EQ(definitions.schemas().at("Money")["required"], Schema::parse(R"(["amount",
        "currency"])"));
}

TEST(Schema, of_an_answer_is_open_and_writes_empty_optionals_as_null) {
    Definitions definitions;
    definitions.direction = Direction::answer;
    schema_of<shop::Item>(definitions);
    const auto& item = definitions.schemas().at("Item");
    EXPECT_FALSE(item.contains("additionalProperties"));
    EXPECT_EQ(item["properties"]["size"]["type"], Schema::parse(R"(["integer", "null"])"));
    EXPECT_EQ(item["required"], Schema::parse(R"(["sku", "size", "price", "kinds"])"));
}

TEST(Schema, of_a_template_is_named_after_what_it_holds) {
    Definitions definitions;
    EXPECT_EQ(schema_of<shop::Box<shop::Item>>(definitions)["$ref"],
              "#/components/schemas/BoxOfItem");
    EXPECT_TRUE(definitions.schemas().contains("Item"));
}

}  // namespace
}  // namespace skald::json
