#include "api/json/schema.h"

namespace skald::json {
namespace {

Schema described(Schema schema, const Rule& rule) {
    if (!rule.description.empty()) schema["description"] = rule.description;
    return schema;
}

std::string_view format_of(Form form) {
    switch (form) {
        case Form::email:
            return "email";
        case Form::date:
            return "date";
        case Form::uuid:
            return "uuid";
        default:
            return "";
    }
}

}  // namespace

bool Definitions::begin(const std::string& name, std::type_index type) {
    const auto [known, fresh] = types_.emplace(name, type);
    INVARIANT(known->second == type);
    return fresh;
}

Schema text_schema(const Rule& rule) {
    Schema schema{{"type", "string"}};
    if (rule.length_min > 0) schema["minLength"] = rule.length_min;
    if (rule.length_max != Rule{}.length_max) schema["maxLength"] = rule.length_max;
    if (!pattern_of(rule.form).empty()) schema["pattern"] = pattern_of(rule.form);
    if (!format_of(rule.form).empty()) schema["format"] = format_of(rule.form);
    if (!rule.choices.empty()) schema["enum"] = rule.choices;
    return described(std::move(schema), rule);
}

Schema integer_schema(const Rule& rule) {
    Schema schema{{"type", "integer"}, {"format", "int64"}};
    if (rule.min != std::numeric_limits<std::int64_t>::min()) schema["minimum"] = rule.min;
    if (rule.max != std::numeric_limits<std::int64_t>::max()) schema["maximum"] = rule.max;
    return described(std::move(schema), rule);
}

Schema choice_schema(const std::vector<std::string>& choices, const Rule& rule) {
    return described(Schema{{"type", "string"}, {"enum", choices}}, rule);
}

Schema list_schema(Schema items, const Rule& rule) {
    Schema schema{{"type", "array"}, {"items", std::move(items)}};
    if (rule.length_min > 0) schema["minItems"] = rule.length_min;
    if (rule.length_max != Rule{}.length_max) schema["maxItems"] = rule.length_max;
    return described(std::move(schema), rule);
}

Schema or_null(Schema schema) {
    if (schema.contains("type") && schema["type"].is_string() && !schema.contains("enum")) {
        schema["type"] = Schema::array({schema["type"], "null"});
        return schema;
    }
    return Schema{{"oneOf", Schema::array({std::move(schema), Schema{{"type", "null"}}})}};
}

Schema record_schema(Schema properties, Schema required, Direction direction) {
    Schema schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    if (direction == Direction::request) schema["additionalProperties"] = false;
    return schema;
}

Schema reference(const std::string& name, const Rule& rule) {
    Schema schema{{"$ref", "#/components/schemas/" + name}};
    // Bounds on a Money are bounds on its amount; siblings of $ref add to it.
    Schema bounds = Schema::object();
    if (rule.min != std::numeric_limits<std::int64_t>::min()) bounds["minimum"] = rule.min;
    if (rule.max != std::numeric_limits<std::int64_t>::max()) bounds["maximum"] = rule.max;
    if (!bounds.empty()) schema["properties"]["amount"] = std::move(bounds);
    return described(std::move(schema), rule);
}

}  // namespace skald::json
