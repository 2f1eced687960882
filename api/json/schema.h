// JSON Schema (2020-12, as OpenAPI 3.1 takes it) of described structs, rules included.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <typeindex>

#include "api/json/time.h"
#include "api/json/traits.h"
#include "api/json/value.h"

namespace skald::json {

using Schema = nlohmann::ordered_json;

// Whether a type is read from clients (closed; an optional field may be left out, but is not null)
// or written to them (open to later fields; an empty optional is null).
enum class Direction { request, answer };

// The named schemas of a document: "#/components/schemas/<name>". A type that goes both ways keeps
// the schema it was given first.
class Definitions {
  public:
    Direction direction = Direction::request;
    // True when the schema of that name is still to be made; two types of one name are a bug.
    bool begin(const std::string& name, std::type_index type);
    void set(const std::string& name, Schema schema) { schemas_[name] = std::move(schema); }
    const std::map<std::string, Schema>& schemas() const { return schemas_; }

  private:
    std::map<std::string, std::type_index> types_;
    std::map<std::string, Schema> schemas_;
};

Schema text_schema(const Rule& rule);
Schema integer_schema(const Rule& rule);
Schema choice_schema(const std::vector<std::string>& choices, const Rule& rule);
Schema list_schema(Schema items, const Rule& rule);
Schema or_null(Schema schema);
Schema record_schema(Schema properties, Schema required, Direction direction);
Schema reference(const std::string& name, const Rule& rule);

// The schema of T; those of structs go into `definitions` and are referred to.
template <class T>
Schema schema_of(Definitions& definitions, const Rule& rule = {}) {
    if constexpr (std::is_same_v<T, Value>) {
        return Schema::object();
    } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view> ||
                         std::is_same_v<T, Time>) {
        return text_schema(rule);
    } else if constexpr (std::is_same_v<T, bool>) {
        return Schema{{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<T>) {
        Rule bounded = rule;
        bounded.min = std::max<std::int64_t>(rule.min, std::numeric_limits<T>::min());
        bounded.max = std::min<std::int64_t>(rule.max, std::numeric_limits<T>::max());
        return integer_schema(bounded);
    } else if constexpr (is_choice<T>) {
        return choice_schema(choices_of<T>(), rule);
    } else if constexpr (is_named<T>) {
        return schema_of<typename T::value_type>(definitions, rule);
    } else if constexpr (is_optional<T> || is_patch<T>) {
        auto schema =
            schema_of<std::remove_cvref_t<decltype(std::declval<T>().value())>>(definitions, rule);
        const bool nullable = is_patch<T> || definitions.direction == Direction::answer;
        return nullable ? or_null(std::move(schema)) : schema;
    } else if constexpr (is_list<T>) {
        Rule of_item = rule;
        of_item.length_min = 0;
        of_item.length_max = Rule{}.length_max;
        of_item.description.clear();
        return list_schema(schema_of<typename T::value_type>(definitions, of_item), rule);
    } else if constexpr (is_map<T>) {
        return Schema{{"type", "object"},
                      {"additionalProperties", schema_of<typename T::mapped_type>(definitions)}};
    } else {
        static_assert(is_record<T>, "describe the struct with BOOST_DESCRIBE_STRUCT");
        const auto name = type_name<T>();
        if (definitions.begin(name, typeid(T))) {
            Schema properties = Schema::object();
            Schema required = Schema::array();
            boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
                using Field = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
                properties[member.name] =
                    schema_of<Field>(definitions, rule_for(rules_of<T>(), member.name));
                const bool always = definitions.direction == Direction::answer
                                        ? !is_patch<Field>
                                        : !is_optional<Field> && !is_patch<Field>;
                if (always) required.push_back(member.name);
            });
            definitions.set(name, record_schema(std::move(properties), std::move(required),
                                                definitions.direction));
        }
        return reference(name, rule);
    }
}

// A type as documentation carries it about: what writes its schema.
using Shape = std::function<Schema(Definitions&)>;

template <class T>
Shape shape() {
    return [](Definitions& definitions) { return schema_of<T>(definitions); };
}

}  // namespace skald::json
